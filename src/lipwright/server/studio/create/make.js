// "Make video", and what becomes of it on the stage: progress, then the video itself.

import * as api from "../api.js";
import { find, h, icon, refill, whileBusy } from "../dom.js";
import { number, t } from "../i18n.js";
import { follow, isOver } from "../jobs.js";
import { announce, showError, toast } from "../messages.js";
import { downloadLink, player, shareButton } from "../result.js";
import { store } from "../state.js";
import { renderOptions } from "./settings.js";

const KEY = "lipwright.job"; // of the session's storage: a reload goes on following
let stop = null; // ends the following of the video on the stage
let attempt = { wanted: "", key: "" };

/** Wire the button and the stage. */
export function setUpMake() {
  find("make-form").addEventListener("submit", (event) => {
    event.preventDefault();
    whileBusy(find("make"), make);
  });
  store.watch(["job", "language"], showJob);
  resume();
}

async function make() {
  const state = store.get();
  for (const place of ["face-error", "speech-error", "make-error"]) showError(place, null);
  const lack = lacking(state);
  if (lack) {
    showError(lack.place, t(lack.text));
    find(lack.focus)?.focus();
    return;
  }
  const wanted = { source: state.source.id, options: renderOptions(state) };
  if (state.speech === "text") Object.assign(wanted, { text: state.text, voice: state.voice, rate: state.rate });
  else wanted.audio = state[state.speech].id;
  // Pressed again after a lost answer, the same wish has the same key: nothing is made twice.
  const text = JSON.stringify(wanted);
  if (attempt.wanted !== text) attempt = { wanted: text, key: api.uniqueKey() };
  try {
    const job = await api.createVideo(wanted, attempt.key);
    attempt = { wanted: "", key: "" };
    take(job);
    announce(t("make.begun"));
    find("stage").scrollIntoView({ block: "nearest", behavior: "smooth" });
  } catch (error) {
    showError(placeOf(error.option), error);
  }
}

function lacking(state) {
  if (!state.source) return { place: "face-error", text: "make.noFace", focus: "choose-face" };
  if (state.speech === "text" && !state.text.trim()) return { place: "speech-error", text: "make.noText", focus: "script" };
  if (state.speech === "recording" && !state.recording) return { place: "speech-error", text: "make.noRecording", focus: "record" };
  if (state.speech === "upload" && !state.upload) return { place: "speech-error", text: "make.noSound", focus: "choose-sound" };
  return null;
}

function placeOf(option) {
  const places = { text: "speech-error", audio: "speech-error", voice: "voice-error", source: "face-error", speaker: "face-error", image: "face-error" };
  return places[option] ?? "make-error";
}

function take(job) {
  stop?.();
  try {
    sessionStorage.setItem(KEY, job.id);
  } catch {
    // a reload will not know of it; the library does
  }
  store.set({ job });
  stop = follow(job, (now) => {
    const onStage = store.get().job?.id === now.id;
    if (onStage) store.set({ job: now });
    if (now.state === "done" && (!onStage || find("view-create").hidden)) {
      toast(t("make.finished"), { label: t("make.watch"), act: () => (location.hash = onStage ? "#create" : "#library") });
    }
  });
}

async function resume() {
  let id = null;
  try {
    id = sessionStorage.getItem(KEY);
  } catch {
    return;
  }
  if (!id) return;
  try {
    const job = await api.video(id);
    if (!isOver(job) || job.state === "done") take(job);
  } catch {
    leave(); // deleted meanwhile
  }
}

/** Take the video off the stage; it stays in the library. */
function leave() {
  try {
    sessionStorage.removeItem(KEY);
  } catch {
    // nothing was stored
  }
  store.set({ job: null });
}

function showJob({ job }, before) {
  const busy = Boolean(job) && !isOver(job);
  find("make").disabled = busy;
  find("make").firstElementChild.textContent = t(busy ? "make.making" : "make.button");
  find("stage-progress").hidden = !busy;
  find("result-tools").hidden = job?.state !== "done";
  if (!job) return;
  if (busy) return showProgress(job, before.job);
  find("stage-progress").replaceChildren();
  if (job.state === "done") return showResult(job, before.job);
  if (job.state === "failed") showError("make-error", job.error ?? t("make.failed"));
  leave();
}

function showProgress(job, before) {
  const place = find("stage-progress");
  if (!find("stage-frame").firstChild) {
    find("stage-frame").hidden = true;
  }
  const percent = Math.floor(100 * (job.progress ?? 0));
  if (!place.firstChild || before?.id !== job.id || before.language) place.replaceChildren(progressCard());
  place.querySelector(".stage-name").textContent = stageName(job);
  place.querySelector("strong").textContent = t("percent", { n: number(percent) });
  const bar = place.querySelector("progress");
  if (job.state === "queued" || !job.progress) bar.removeAttribute("value");
  else bar.value = job.progress ?? 0;
  place.querySelector(".frames").textContent = job.frames
    ? t("make.frames", { done: number(job.frames_done ?? 0), all: number(job.frames) })
    : "";
  const quarter = (one) => Math.floor(4 * (one?.progress ?? 0));
  if (before?.id === job.id && quarter(job) > quarter(before)) announce(t("percent", { n: number(percent) }));
}

function stageName(job) {
  if (job.state === "queued") return t("make.queued");
  return t(job.stage === "speech" ? "make.speaking" : "make.drawing");
}

function progressCard() {
  const cancel = async () => {
    const { job } = store.get();
    try {
      await api.cancelVideo(job.id);
      leave();
      stop?.();
      announce(t("make.cancelled"));
    } catch (error) {
      showError("make-error", error);
    }
  };
  return h(
    "div",
    { class: "progress-card" },
    h("div", { class: "progress-line" }, h("span", { class: "stage-name" }), h("strong")),
    h("progress", { max: 1, "aria-label": t("make.progress") }),
    h("div", { class: "progress-line" }, h("span", { class: "hint frames" }),
      h("button", { type: "button", id: "cancel", class: "quiet", onclick: cancel }, t("make.cancel"))),
  );
}

function showResult(job, before) {
  const frame = find("stage-frame");
  const ready = before?.id === job.id && before.state === "done" && frame.querySelector("#result");
  if (!ready) {
    const film = player(job, { id: "result" });
    frame.style.setProperty("--ratio", (job.width || 1) / (job.height || 1));
    frame.replaceChildren(film);
    frame.hidden = false;
    if (before?.id === job.id) {
      announce(t("make.finished"));
      film.play().catch(() => {}); // a browser that wants a press first: its controls are there
    }
  }
  const another = h("button", { type: "button", class: "quiet", id: "another", onclick: leave }, icon("undo"), t("make.another"));
  refill(find("result-tools"), another, h("div", { class: "row" }, ...[shareButton(job), downloadLink(job)].filter(Boolean)));
}
