// Starts the studio: languages, theme, the three views, and what the server offers.

import * as api from "./api.js";
import { setUpFace } from "./create/face.js";
import { setUpMake } from "./create/make.js";
import { setUpSettings } from "./create/settings.js";
import { setUpSpeech } from "./create/speech.js";
import { setUpVoice } from "./create/voice.js";
import { find, icon } from "./dom.js";
import { LANGUAGES, speak, t } from "./i18n.js";
import { announce, showError } from "./messages.js";
import { CHOICES, history, initial, store } from "./state.js";

const VIEWS = ["create", "live", "library"];

async function start() {
  api.onTokenNeeded(async () => (await import("./access.js")).askForToken());
  api.onReach((reached) => (find("offline").hidden = reached));
  await speak(document.documentElement.lang);
  setUpTools();
  setUpUndo();
  setUpFace();
  setUpSpeech();
  setUpVoice();
  setUpSettings();
  addEventListener("hashchange", () => openView(true));
  openView(false);
  await learn();
  setUpMake();
  await forgetWhatIsGone();
  if ("serviceWorker" in navigator) navigator.serviceWorker.register("service_worker.js").catch(() => {});
}

function setUpTools() {
  const language = find("language");
  store.watch(["language"], (state) => {
    const other = state.language === "hi" ? "en" : "hi";
    language.textContent = LANGUAGES[other];
    language.lang = other;
    language.onclick = () => speak(other);
    nameTab();
  });
  const root = document.documentElement;
  const theme = find("theme");
  const show = () => {
    const dark = root.dataset.theme === "dark";
    theme.setAttribute("aria-pressed", String(dark));
    theme.replaceChildren(icon(dark ? "sun" : "moon"));
  };
  theme.addEventListener("click", () => {
    try {
      localStorage.setItem("lipwright.theme", root.dataset.theme === "dark" ? "light" : "dark");
    } catch {
      return; // a browser that stores nothing follows the system
    }
    root.dispatchEvent(new Event("themewanted"));
  });
  root.addEventListener("themechange", show);
  show();
}

function setUpUndo() {
  const undo = () => history.canUndo && (history.undo(), announce(t("edit.undone")));
  const redo = () => history.canRedo && (history.redo(), announce(t("edit.redone")));
  find("undo").addEventListener("click", undo);
  find("redo").addEventListener("click", redo);
  history.watch(() => {
    find("undo").disabled = !history.canUndo;
    find("redo").disabled = !history.canRedo;
  });
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || find("view-create").hidden) return;
    const key = event.key.toLowerCase();
    if (key === "z" && !event.shiftKey) undo();
    else if (key === "y" || (key === "z" && event.shiftKey)) redo();
    else return;
    event.preventDefault();
  });
}

function nameTab() {
  const view = VIEWS.find((name) => !find(`view-${name}`).hidden) ?? "create";
  document.title = `${t(`nav.${view}`)} · Lipwright`;
}

async function openView(moved) {
  const wanted = location.hash.slice(1);
  if (wanted === "main") return;
  const view = VIEWS.includes(wanted) ? wanted : "create";
  for (const name of VIEWS) find(`view-${name}`).hidden = name !== view;
  for (const link of document.querySelectorAll(".tabs a")) {
    if (link.hash === `#${view}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  nameTab();
  if (moved) {
    scrollTo(0, 0);
    announce(t(`nav.${view}`));
  }
  // Loaded when first wanted: what is needed to make a video comes first.
  if (view === "library") (await import("./library/library.js")).openLibrary();
  if (view === "live") (await import("./live/view.js")).openLive();
}

/** Ask the server what it offers. */
async function learn() {
  try {
    const info = await api.info();
    const [options, voices] = await Promise.all([api.options(), api.voices()]);
    store.set({ info, options, voices });
  } catch (error) {
    showError("make-error", error);
    return;
  }
  const { options, voices } = store.get();
  const changes = {};
  if (!voices.some((voice) => voice.name === store.get().voice)) changes.voice = voices[0]?.name ?? "";
  for (const key of ["quality", "motion"]) {
    const option = options.find((one) => one.name === key);
    if (option?.choices && !option.choices.includes(store.get()[key])) changes[key] = option.default;
  }
  store.set(changes);
}

/** A draft may name files that the server no longer has. */
async function forgetWhatIsGone() {
  for (const key of ["source", "recording", "upload"]) {
    const kept = store.get()[key];
    if (!kept) continue;
    try {
      await api.asset(kept.id);
    } catch (error) {
      if (error.status !== 404) continue;
      store.set(key === "source" ? { source: null, faces: null, speaker: 0 } : { [key]: null });
    }
  }
  for (const key of CHOICES) if (store.get()[key] === undefined) store.set({ [key]: initial(key) });
}

start();
