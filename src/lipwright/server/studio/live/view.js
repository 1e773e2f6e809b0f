// The live tab.

import { takeFace } from "../create/face.js";
import * as api from "../api.js";
import { find, h, icon, refill } from "../dom.js";
import { t, translate } from "../i18n.js";
import { announce, showError } from "../messages.js";
import { choose, store } from "../state.js";
import { fillVoices } from "../voices.js";
import { end, interrupt, lacking, live, say, start, counts, switchMicrophone, unmute, wasOn } from "./session.js";

let built = false;

/** Show the live tab; after a reload during a session it goes on. */
export function openLive() {
  if (built) return;
  built = true;
  build();
  store.watch(["language"], () => translate(find("live-bench")));
  store.watch(["voices", "language", "voice"], ({ voices, voice }) => fillVoices(find("live-voice"), voices, voice));
  store.watch(["source", "language"], showFace);
  store.watch(["language"], () => show(live.get()));
  live.watch(["phase", "state", "muted", "microphone", "error", "said", "width", "height"], show);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !find("view-live").hidden && !find("dialog").open) interrupt();
  });
  setInterval(measure, 500);
  if (wasOn() && store.get().source) begin();
}

function build() {
  const file = h("input", { type: "file", id: "live-file", class: "unseen", accept: "image/*,video/*", tabindex: "-1", "aria-hidden": "true" });
  file.addEventListener("change", () => {
    if (file.files[0]) takeFace(file.files[0], "live-error");
    file.value = "";
  });
  const empty = h("div", { class: "empty", id: "live-empty" },
    h("button", { type: "button", class: "primary", "data-t": "face.choose", onclick: () => file.click() }));
  const stage = h("div", { class: "stage", id: "live-stage" },
    empty,
    h("div", { class: "frame", id: "live-frame", hidden: true },
      h("img", { id: "live-photo", alt: "" }),
      h("canvas", { id: "live-canvas", role: "img", "data-t-label": "live.picture", hidden: true })),
    h("p", { class: "live-state", id: "live-state", role: "status", hidden: true }));
  const tools = h("div", { class: "under-stage", id: "live-under" },
    h("button", { type: "button", class: "quiet", id: "live-change", "data-t": "face.change", onclick: () => file.click() }),
    h("button", { type: "button", id: "live-unmute", hidden: true, onclick: unmute }, icon("sound"), h("span", { "data-t": "live.unmute" })));
  find("live-bench").append(
    h("div", { class: "stage-column" }, stage, h("p", { class: "error", id: "live-error", role: "alert", hidden: true }), tools, file),
    h("div", { class: "panel" }, before(), during()),
  );
}

function before() {
  const list = h("select", { id: "live-voice", onchange: () => choose({ voice: list.value }) });
  return h("div", { id: "live-before", class: "pane" },
    h("div", { class: "field" }, h("label", { for: "live-voice", "data-t": "voice.label" }), list),
    h("p", { class: "hint", "data-t": "live.how" }),
    h("button", { type: "button", class: "primary large", id: "live-start", onclick: begin }, h("span", { "data-t": "live.start" })));
}

function during() {
  const text = h("textarea", { id: "say-text", rows: 3, "data-t-placeholder": "live.placeholder" });
  const speak = () => {
    if (text.value.trim()) say(text.value.trim());
    text.value = "";
    text.focus();
  };
  text.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    speak();
  });
  const button = (id, symbol, key, act, more = {}) =>
    h("button", { type: "button", id, onclick: act, ...more }, icon(symbol), h("span", { "data-t": key }));
  return h("div", { id: "live-during", class: "pane", hidden: true },
    h("ul", { class: "said", id: "said", role: "log", tabindex: "0", "data-t-label": "live.said" }),
    h("label", { class: "unseen", for: "say-text", "data-t": "live.text" }), text,
    h("div", { class: "live-tools" },
      button("live-say", "send", "live.say", speak, { class: "primary" }),
      button("live-microphone", "microphone", "live.microphone", microphone, { "aria-pressed": "false" }),
      button("live-interrupt", "stop", "live.interrupt", interrupt, { "aria-keyshortcuts": "Escape" })),
    h("p", { class: "hint", "data-t": "live.escape" }),
    h("button", { type: "button", class: "quiet", id: "live-end", "data-t": "live.end", onclick: finish }));
}

async function begin() {
  const { source, voice, motion, speaker } = store.get();
  const problem = lacking() ?? (source ? null : t("make.noFace"));
  if (problem) return live.set({ error: problem });
  await start(find("live-canvas"), { source: source.id, voice, motion, speaker: String(speaker) });
  if (!matchMedia("(pointer: coarse)").matches) find("say-text").focus(); // no keyboard over the face
}

async function finish() {
  await end();
  find("live-start").focus();
}

async function microphone() {
  try {
    await switchMicrophone();
    live.set({ error: null });
  } catch (error) {
    live.set({ error: error.message });
  }
}

function showFace({ source }) {
  find("live-empty").hidden = Boolean(source);
  find("live-stage").classList.toggle("vacant", !source);
  find("live-change").hidden = !source || live.get().phase !== "off";
  find("live-frame").hidden = !source;
  if (!source) return;
  find("live-frame").style.setProperty("--ratio", (source.width || 1) / (source.height || 1));
  find("live-photo").src = source.kind === "video" ? "" : api.contentOf(source);
  find("live-photo").alt = t("face.alt");
}

function show(state, old = state) {
  const on = state.phase === "on" || state.phase === "again";
  find("view-live").classList.toggle("running", on);
  find("live-before").hidden = on;
  find("live-during").hidden = !on;
  find("live-change").hidden = state.phase !== "off" || !store.get().source;
  find("live-canvas").hidden = !on;
  find("live-photo").hidden = on;
  find("live-unmute").hidden = !(on && state.muted);
  if (on) find("live-frame").style.setProperty("--ratio", state.width / state.height);
  else showFace(store.get());
  const pill = find("live-state");
  pill.hidden = !on;
  pill.dataset.state = state.phase === "on" ? state.state : "again";
  const words = t(state.phase === "on" ? `live.${state.state}` : "live.again");
  if (pill.textContent !== words) pill.textContent = words;
  find("live-start").setAttribute("aria-busy", String(state.phase === "connecting"));
  find("live-start").firstElementChild.textContent = t(state.phase === "connecting" ? "live.connecting" : "live.start");
  find("live-microphone").setAttribute("aria-pressed", String(state.microphone));
  find("live-interrupt").disabled = state.state !== "speaking";
  showError("live-error", state.error);
  if (state.said !== old.said || state === old) showSaid(state.said);
  if (old.phase !== state.phase && state.phase === "on") announce(t("live.ready"));
}

function showSaid(said) {
  const line = ({ text, stopped }) => h("li", { class: stopped ? "stopped" : null }, text);
  const hint = h("li", { class: "hint" }, t("live.first"));
  const list = find("said");
  refill(list, ...(said.length > 0 ? said.map(line) : [hint]));
  list.scrollTop = list.scrollHeight;
}

/** What is shown, readable from outside: the tests and the benchmark look here. */
function measure() {
  const { shown = 0, dropped = 0, behind = 0, queued = 0 } = counts();
  Object.assign(find("live-canvas").dataset, { shown, dropped, behind: behind.toFixed(3), queued: queued.toFixed(3) });
}
