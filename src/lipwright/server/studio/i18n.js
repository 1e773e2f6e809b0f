// The languages of the page: one file of strings each, loaded when wanted.

import { store } from "./state.js";

/** What can be chosen, by its tag, each by its own name. */
export const LANGUAGES = { en: "English", hi: "हिन्दी" };

let strings = {};
let fallback = {};

/**
 * Return a string in the page's language.
 * @param {string} key
 * @param {Record<string, string|number>} values fill {name}
 */
export function t(key, values = {}) {
  const text = strings[key] ?? fallback[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** Return whether there is such a string. */
export const has = (key) => key in strings;

/** Load a language and write the page in it. */
export async function speak(language) {
  const known = language in LANGUAGES ? language : "en";
  strings = (await import(`./strings/${known}.js`)).default;
  if (known !== "en") fallback = (await import("./strings/en.js")).default;
  document.documentElement.lang = known;
  try {
    localStorage.setItem("lipwright.language", known);
  } catch {
    // chosen for this page only
  }
  translate(document);
  store.set({ language: known });
}

/** Write the strings that `data-t...` attributes name. */
export function translate(root) {
  for (const element of root.querySelectorAll("[data-t]")) element.textContent = t(element.dataset.t);
  for (const element of root.querySelectorAll("[data-t-label]")) {
    element.setAttribute("aria-label", t(element.dataset.tLabel));
    if (element.matches("button.icon")) element.title = t(element.dataset.tLabel);
  }
  for (const element of root.querySelectorAll("[data-t-placeholder]")) {
    element.placeholder = t(element.dataset.tPlaceholder);
  }
}

/** Return a length of time as minutes and seconds. */
export function clock(seconds) {
  const whole = Math.max(0, Math.round(seconds || 0));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** Return a number as the language writes it. */
export const number = (value) => new Intl.NumberFormat(store.get().language).format(value);

/** Return a point in time, of an ISO text or of seconds since 1970. */
export function date(value) {
  const point = new Date(typeof value === "number" ? value * 1000 : value);
  if (Number.isNaN(point.getTime())) return "";
  const style = { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" };
  return new Intl.DateTimeFormat(store.get().language, style).format(point);
}
