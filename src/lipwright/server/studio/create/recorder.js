// A recording by the microphone, as a WAV: every server reads it, and no browser's codec matters.

import { h, icon } from "../dom.js";
import { clock, t } from "../i18n.js";
import { announce, showError } from "../messages.js";
import { openMicrophone } from "../microphone.js";
import { wav } from "./wav.js";

const MOST_SECONDS = 600;

/**
 * Make the recorder.
 * @param {(blob: Blob) => Promise<void>} take gets the finished recording
 */
export function recorder(take) {
  const time = h("time", { role: "timer" }, "0:00");
  const level = h("meter", { min: 0, max: 0.4, value: 0, "aria-label": t("record.level"), hidden: true });
  const hint = h("p", { class: "hint" }, t("record.hint"));
  const button = h("button", { type: "button", class: "shutter", id: "record", "aria-label": t("record.start"), onclick: press }, icon("microphone"));
  const root = h("div", { class: "recorder" }, button, time, level, hint);
  let microphone = null;
  let blocks = [];
  let samples = 0;
  let starting = false;

  async function press() {
    if (starting) return;
    if (microphone) return finish();
    starting = true;
    showError("speech-error", null);
    blocks = [];
    samples = 0;
    try {
      microphone = await openMicrophone(keep);
      look(true);
      announce(t("record.running"));
    } catch (error) {
      showError("speech-error", error);
    }
    starting = false;
  }

  function keep(block, loudness) {
    blocks.push(block);
    samples += block.length;
    level.value = loudness;
    const seconds = samples / microphone.rate;
    const shown = clock(Math.floor(seconds));
    if (time.textContent !== shown) time.textContent = shown;
    // The pane was replaced, such as by undo: nobody sees that it still records.
    if (!root.isConnected) abandon();
    else if (seconds >= MOST_SECONDS) finish();
  }

  function abandon() {
    microphone?.stop();
    microphone = null;
  }

  async function finish() {
    const { rate } = microphone;
    const closing = microphone.stop();
    microphone = null;
    look(false);
    await closing;
    button.disabled = true;
    hint.textContent = t("record.keeping");
    await take(wav(blocks, rate));
    button.disabled = false;
    hint.textContent = t("record.hint");
  }

  function look(running) {
    root.classList.toggle("recording", running);
    level.hidden = !running;
    button.setAttribute("aria-label", t(running ? "record.stop" : "record.start"));
    button.replaceChildren(icon(running ? "stop" : "microphone"));
    hint.textContent = t(running ? "record.running" : "record.hint");
  }

  return root;
}
