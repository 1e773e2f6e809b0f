// Words to the person: errors beside what they concern, short notices, what screen readers say.

import { find, h } from "./dom.js";
import { t } from "./i18n.js";

/** Show an error in its place, or nothing where `error` is null. */
export function showError(id, error) {
  const place = find(id);
  place.hidden = !error;
  place.textContent = error ? sentence(error) : "";
}

/** Return what an error says to a person. */
export function sentence(error) {
  if (typeof error === "string") return error;
  return error.status === 0 ? t("error.offline") : error.message || String(error);
}

/** Let screen readers say something, without showing it. */
export function announce(text) {
  const place = find("announcer");
  place.textContent = "";
  requestAnimationFrame(() => (place.textContent = text));
}

/**
 * Show a notice at the foot of the page for a while.
 * @param {string} text
 * @param {{label?: string, act?: () => void, end?: () => void, seconds?: number}} options `act` is
 *   what its button does; `end` is called if it was not pressed.
 */
export function toast(text, { label, act, end, seconds = 6 } = {}) {
  const timer = setTimeout(() => close(true), seconds * 1000);
  const close = (over) => {
    clearTimeout(timer);
    notice.remove();
    if (over) end?.();
  };
  const button = label && h("button", { type: "button", onclick: () => (close(false), act()) }, label);
  const notice = h("div", { class: "toast" }, h("span", {}, text), button ?? null);
  find("toasts").append(notice);
  announce(label ? `${text} ${label}` : text);
  return close;
}
