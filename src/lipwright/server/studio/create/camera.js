// A photograph by the computer's camera, or the phone's own camera program.

import { closeDialog, openDialog } from "../dialog.js";
import { h, icon } from "../dom.js";
import { t } from "../i18n.js";
import { showError } from "../messages.js";

/**
 * Take a photograph.
 * @param {(file: File) => void} take gets it
 * @param {HTMLInputElement} input opens a phone's own camera program, which needs no HTTPS
 */
export async function photograph(take, input) {
  const phone = matchMedia("(pointer: coarse)").matches;
  if (phone) return input.click();
  if (!navigator.mediaDevices?.getUserMedia) return showError("face-error", t("needs.https.camera"));
  showError("face-error", null);
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({
      video: { facingMode: "user", width: { ideal: 1920 }, height: { ideal: 1080 } },
    });
  } catch (error) {
    return showError("face-error", t(error.name === "NotAllowedError" ? "needs.camera.allowed" : "needs.camera"));
  }
  const view = h("video", { class: "mirrored", autoplay: true, playsinline: true, "aria-label": t("camera.view") });
  view.muted = true;
  view.srcObject = stream;
  const shoot = async () => {
    const file = await still(view);
    closeDialog();
    take(file);
  };
  const button = h("button", { type: "button", class: "shutter", "aria-label": t("camera.shoot"), onclick: shoot }, icon("camera"));
  const row = h("div", { class: "recorder" }, button, h("p", { class: "hint" }, t("camera.hint")));
  const open = openDialog({ title: t("camera.title"), body: [view, row] });
  button.focus();
  await open;
  for (const track of stream.getTracks()) track.stop();
}

async function still(view) {
  const canvas = h("canvas", { width: view.videoWidth, height: view.videoHeight });
  canvas.getContext("2d").drawImage(view, 0, 0);
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.95));
  return new File([blob], "photo.jpg", { type: "image/jpeg" });
}
