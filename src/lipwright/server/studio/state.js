// What the studio knows, what of it can be undone, and what outlives a reload.

import { History } from "./history.js";
import { createStore } from "./store.js";

/** What a person chose: undo goes through these. */
export const CHOICES = [
  "source", "faces", "speaker", "speech", "text", "recording", "upload", "voice", "rate",
  "quality", "motion", "captions",
];

const KEY = "lipwright.draft";
const defaults = {
  language: document.documentElement.lang,
  info: null, // what /v1/info says
  options: [], // what /v1/options says
  voices: [], // what /v1/voices says
  source: null, // the asset with the face
  faces: null, // {width, height, faces} of it
  speaker: 0,
  speech: "text", // or "recording", "upload"
  text: "",
  recording: null, // the asset of a recording
  upload: null, // the asset of an uploaded sound
  voice: "",
  rate: 1,
  quality: "high",
  motion: "natural",
  captions: "none",
  job: null, // the video on the stage
};

function draft() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    return Object.fromEntries(CHOICES.filter((key) => key in kept).map((key) => [key, kept[key]]));
  } catch {
    return {};
  }
}

export const store = createStore({ ...defaults, ...draft() });
export const history = new History(store, CHOICES, "text");

store.watch(CHOICES, (state) => {
  try {
    const kept = Object.fromEntries(CHOICES.map((key) => [key, state[key]]));
    localStorage.setItem(KEY, JSON.stringify(kept));
  } catch {
    // private windows may store nothing: the draft ends with the page
  }
});

/** Change choices, so that it can be undone. */
export function choose(changes) {
  history.remember(changes);
  store.set(changes);
}

/** Return what the studio starts with. */
export const initial = (key) => defaults[key];
