// The one dialog of the page, filled anew for each use.

import { find, h, icon } from "./dom.js";
import { t } from "./i18n.js";

/**
 * Open the dialog; resolves when it is closed.
 * @param {{title: string, body: Node[], narrow?: boolean}} content
 */
export function openDialog({ title, body, narrow = false }) {
  const dialog = find("dialog");
  dialog.classList.toggle("narrow", narrow);
  const close = h(
    "button",
    { type: "button", class: "quiet icon", "aria-label": t("dialog.close"), onclick: () => dialog.close() },
    icon("close"),
  );
  const head = h("div", { class: "dialog-head" }, h("h2", { id: "dialog-title" }, title), close);
  dialog.replaceChildren(h("div", { class: "dialog-body" }, head, ...body));
  dialog.onclick = (event) => {
    if (event.target === dialog) dialog.close();
  };
  dialog.showModal();
  return new Promise((resolve) =>
    dialog.addEventListener("close", () => (dialog.replaceChildren(), resolve()), { once: true }),
  );
}

/** Close it, if it is open. */
export const closeDialog = () => find("dialog").close();
