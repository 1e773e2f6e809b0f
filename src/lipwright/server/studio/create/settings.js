// Quality, motion, captions and pace: what the server offers, and nothing else.

import { find, h, refill, segments } from "../dom.js";
import { has, t } from "../i18n.js";
import { choose, store } from "../state.js";

const word = (key, value) => (has(`${key}.${value}`) ? t(`${key}.${value}`) : value);

/** Return the choices of an option, as the server lists them. */
function offered(options, name) {
  if (name === "captions") {
    const names = new Set(options.map((option) => option.name));
    const kinds = { burned: "burn_captions", track: "subtitles" };
    return ["none", ...Object.keys(kinds).filter((kind) => names.has(kinds[kind]))];
  }
  return options.find((option) => option.name === name)?.choices ?? [];
}

/** Return the options of a video, by the names of the server. */
export function renderOptions({ options, quality, motion, captions, speaker, faces }) {
  const names = new Set(options.map((option) => option.name));
  const wanted = { quality, motion };
  if (captions === "burned") wanted.burn_captions = true;
  if (captions === "track") wanted.subtitles = true;
  if (faces?.faces.length > 1) wanted.speaker = speaker;
  return Object.fromEntries(
    Object.entries(wanted).filter(([name]) => names.has(name) || name === "speaker"),
  );
}

/** Wire the settings. */
export function setUpSettings() {
  const keys = ["options", "quality", "motion", "captions", "rate", "speech", "language"];
  store.watch(keys, (state) => {
    const rows = ["quality", "motion", "captions"]
      .map((key) => ({ key, choices: offered(state.options, key) }))
      .filter(({ choices }) => choices.length > 1)
      .map(({ key, choices }) => choiceRow(key, choices, state[key]));
    if (state.speech === "text") rows.push(paceRow(state.rate));
    refill(find("settings-body"), ...rows);
    const said = [word("quality", state.quality), word("motion", state.motion)];
    if (state.captions !== "none") said.push(t(`captions.${state.captions}.short`));
    find("settings-summary").textContent = said.join(" · ");
  });
}

function choiceRow(key, choices, value) {
  const row = segments({
    name: key, label: t(`${key}.label`), value,
    choices: choices.map((choice) => ({ value: choice, text: word(key, choice) })),
    onchange: (wanted) => choose({ [key]: wanted }),
  });
  return h("div", { class: "field" }, h("span", { class: "label", "aria-hidden": "true" }, t(`${key}.label`)), row);
}

function paceRow(rate) {
  const shown = (value) => `${Number(value).toFixed(2)}×`;
  const output = h("span", { class: "hint" }, shown(rate));
  const slider = h("input", {
    type: "range", id: "pace", name: "pace", min: 0.7, max: 1.3, step: 0.05, value: rate,
    oninput: () => (output.textContent = shown(slider.value)),
    onchange: () => choose({ rate: Number(slider.value) }),
  });
  const head = h("div", { class: "progress-line" }, h("label", { for: "pace" }, t("pace.label")), output);
  return h("div", { class: "field" }, head, slider);
}
