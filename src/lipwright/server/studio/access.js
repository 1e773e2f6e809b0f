// The token that a server beyond this machine asks for.

import { login } from "./api.js";
import { closeDialog, openDialog } from "./dialog.js";
import { h } from "./dom.js";
import { t } from "./i18n.js";
import { sentence } from "./messages.js";

let asking = null;

/** Ask for the token until one is accepted; several requests wait for the same answer. */
export function askForToken() {
  asking ??= ask().finally(() => (asking = null));
  return asking;
}

async function ask() {
  let accepted = false;
  while (!accepted) {
    const field = h("input", {
      type: "password", id: "token", autocomplete: "current-password", required: true, autofocus: true,
      "aria-describedby": "token-error",
    });
    const problem = h("p", { class: "error", id: "token-error", role: "alert", hidden: true });
    const submit = async (event) => {
      event.preventDefault();
      try {
        await login(field.value.trim());
        accepted = true;
        closeDialog();
      } catch (error) {
        problem.textContent = sentence(error);
        problem.hidden = false;
        field.select();
      }
    };
    const form = h(
      "form",
      { class: "field", onsubmit: submit },
      h("p", { class: "hint" }, t("token.why")),
      h("label", { for: "token" }, t("token.label")),
      field,
      problem,
      h("button", { type: "submit", class: "primary" }, t("token.enter")),
    );
    await openDialog({ title: t("token.title"), body: [form], narrow: true });
  }
}
