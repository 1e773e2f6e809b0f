// The voice: which one, and how it sounds.

import * as api from "../api.js";
import { find, h, icon, refill, whileBusy } from "../dom.js";
import { t } from "../i18n.js";
import { showError } from "../messages.js";
import { choose, store } from "../state.js";
import { fillVoices } from "../voices.js";

const player = new Audio();
let heard = { key: null, url: null };

/** Wire the list of voices and the button that lets one speak. */
export function setUpVoice() {
  const list = find("voice");
  list.addEventListener("change", () => choose({ voice: list.value }));
  store.watch(["voices", "language"], ({ voices, voice }) => fillVoices(list, voices, voice));
  store.watch(["voice", "voices", "language"], ({ voice, voices }) => {
    if (list.value !== voice) list.value = voice;
    const one = voices.find((each) => each.name === voice);
    const note = find("voice-note");
    note.hidden = !one?.online;
    note.textContent = one?.online ? t("voice.leaves") : "";
    player.pause();
    showError("voice-error", null);
  });
  const button = find("hear");
  const label = () => {
    const playing = !player.paused;
    refill(button, icon(playing ? "stop" : "play"), h("span", {}, t(playing ? "voice.stop" : "voice.hear")));
  };
  button.addEventListener("click", () => (player.paused ? whileBusy(button, hear) : player.pause()));
  for (const event of ["play", "pause", "ended"]) player.addEventListener(event, label);
  store.watch(["language"], label);
}

/** The script's beginning, up to a sentence's end: long enough to judge a voice. */
function sample(text) {
  const begin = text.trim().slice(0, 240);
  const sentence = begin.match(/^[\s\S]{20,}?[.!?।](?=\s|$)/);
  return sentence?.[0] ?? begin;
}

async function hear() {
  const { text, voice, rate } = store.get();
  const said = sample(text) || t("voice.sample");
  const key = JSON.stringify([said, voice, rate]);
  showError("voice-error", null);
  try {
    if (heard.key !== key) {
      const sound = await api.speech(said, voice, rate);
      if (heard.url) URL.revokeObjectURL(heard.url);
      heard = { key, url: URL.createObjectURL(sound) };
      player.src = heard.url;
    }
    player.currentTime = 0;
    await player.play();
  } catch (error) {
    if (error.name !== "AbortError") showError("voice-error", error);
  }
}
