// What is said: a typed script, a recording, or a sound file.

import * as api from "../api.js";
import { find, h, icon, refill, segments, whileBusy } from "../dom.js";
import { clock, number, t } from "../i18n.js";
import { showError } from "../messages.js";
import { choose, store } from "../state.js";

/** Wire the three ways to say something. */
export function setUpSpeech() {
  setUpScript();
  const file = h("input", { type: "file", class: "unseen", id: "sound-file", accept: "audio/*,video/*", tabindex: "-1", "aria-hidden": "true" });
  find("make-form").append(file);
  file.addEventListener("change", () => {
    if (file.files[0]) takeSound(file.files[0]);
    file.value = "";
  });
  find("view-create").addEventListener("sound", (event) => takeSound(event.detail));

  store.watch(["speech", "language"], ({ speech }) => {
    const choice = (value) => ({ value, text: t(`speech.${value}`) });
    const row = segments({
      name: "speech", label: t("speech.how"), value: speech,
      choices: ["text", "recording", "upload"].map(choice),
      onchange: (wanted) => choose({ speech: wanted }),
    });
    refill(find("speech-kind"), row);
    find("pane-text").hidden = speech !== "text";
    find("voice-field").hidden = speech !== "text";
    find("pane-record").hidden = speech !== "recording";
    find("pane-upload").hidden = speech !== "upload";
    showError("speech-error", null);
  });
  store.watch(["recording", "speech", "language"], ({ recording }) => {
    const pane = find("pane-record");
    if (!recording) return showRecorder(pane);
    const again = () => choose({ recording: null });
    pane.replaceChildren(soundCard(recording, t("record.again"), again));
  });
  store.watch(["upload", "language"], ({ upload }) => {
    const pick = () => file.click();
    const button = h("button", { type: "button", id: "choose-sound", onclick: pick }, icon("upload"), t("upload.choose"));
    const empty = h("div", { class: "recorder" }, button, h("p", { class: "hint" }, t("upload.hint")));
    find("pane-upload").replaceChildren(upload ? soundCard(upload, t("upload.change"), pick) : empty);
  });
}

function setUpScript() {
  const script = find("script");
  script.addEventListener("input", () => {
    choose({ text: script.value });
    showError("speech-error", null);
  });
  store.watch(["text", "info", "language"], ({ text, info }) => {
    if (script.value !== text) script.value = text;
    const limit = info?.limits?.text_characters;
    const letters = [...text].length;
    const count = find("script-count");
    count.hidden = letters === 0;
    count.classList.toggle("over", Boolean(limit) && letters > limit);
    const over = Boolean(limit) && letters > 0.8 * limit;
    count.textContent = t(over ? "script.of" : "script.count", { n: number(letters), limit: number(limit ?? 0) });
  });
}

async function showRecorder(pane) {
  pane.replaceChildren();
  if (store.get().speech !== "recording") return;
  const { recorder } = await import("./recorder.js");
  pane.replaceChildren(recorder(takeRecording));
}

async function takeRecording(blob) {
  showError("speech-error", null);
  try {
    choose({ recording: await api.upload(blob, "recording.wav") });
  } catch (error) {
    showError("speech-error", error);
  }
}

async function takeSound(file) {
  showError("speech-error", null);
  await whileBusy(find("pane-upload"), async () => {
    try {
      const upload = await api.upload(file);
      if (upload.kind === "image") throw new Error(t("upload.not"));
      choose({ upload, speech: "upload" });
    } catch (error) {
      store.set({ speech: "upload" });
      showError("speech-error", error);
    }
  });
}

function soundCard(asset, label, act) {
  const name = asset.name === "recording.wav" ? t("record.done") : asset.name;
  return h(
    "div",
    { class: "sound" },
    h("audio", { controls: true, preload: "metadata", src: api.contentOf(asset), "aria-label": name }),
    h("div", { class: "row" }, h("span", { class: "hint" }, `${name} · ${clock(asset.duration)}`),
      h("button", { type: "button", class: "quiet", onclick: act }, label)),
  );
}
