// The face: chosen, dropped, pasted or photographed; the picture on the stage and the faces in it.

import * as api from "../api.js";
import { find, h, icon, refill } from "../dom.js";
import { t } from "../i18n.js";
import { announce, showError } from "../messages.js";
import { choose, store } from "../state.js";
import { faceBoxes } from "./face_boxes.js";
import { createPreview } from "./preview.js";

let uploading = null; // what ends the upload under way

/** Take a picture or a film as the face; errors are shown in `errorPlace`. */
export async function takeFace(file, errorPlace = "face-error") {
  uploading?.abort();
  const mine = (uploading = new AbortController());
  showError(errorPlace, null);
  waiting(t("face.reading"));
  try {
    const source = await api.upload(file, file.name, mine.signal);
    if (source.kind === "audio") throw new Error(t("face.not"));
    const faces = await api.faces(source.id, mine.signal);
    const first = faces.faces.find((face) => face.usable) ?? faces.faces[0];
    choose({ source, faces, speaker: first?.number ?? 0 });
    store.set({ job: null });
    announce(t(faces.faces.length === 1 ? "face.found1" : "face.found", { n: faces.faces.length }));
  } catch (error) {
    if (error.name !== "AbortError") showError(errorPlace, error);
  } finally {
    if (uploading === mine) {
      uploading = null;
      waiting(null);
    }
  }
}

function waiting(text) {
  const place = find("stage-empty");
  place.querySelector(".waiting")?.remove();
  find("stage").setAttribute("aria-busy", String(Boolean(text)));
  if (!text) return;
  const sign = h("p", { class: "waiting", role: "status" }, h("span", { class: "spinner" }), text);
  if (store.get().source) find("face-tools").prepend(sign);
  else place.append(sign);
  if (store.get().source) place.hidden = true;
}

/** Wire everything that gives a face. */
export function setUpFace() {
  const file = find("face-file");
  const camera = find("face-camera");
  for (const input of [file, camera]) {
    input.addEventListener("change", () => {
      if (input.files[0]) takeFace(input.files[0]);
      input.value = "";
    });
  }
  const takePhoto = async () =>
    (await import("./camera.js")).photograph((photo) => takeFace(photo), camera);
  find("choose-face").addEventListener("click", () => file.click());
  find("photograph").addEventListener("click", takePhoto);
  acceptDrops(find("view-create"));
  document.addEventListener("paste", (event) => {
    const pasted = [...(event.clipboardData?.files ?? [])].find(isPicture);
    if (pasted && !find("view-create").hidden) takeFace(pasted);
  });

  const preview = createPreview();
  store.watch(["source", "faces", "job", "language"], ({ source, faces, job }, before) => {
    const onStage = Boolean(source) || Boolean(job);
    find("stage-empty").hidden = onStage;
    find("stage").classList.toggle("vacant", !onStage);
    find("face-tools").hidden = !source || Boolean(job);
    if (source && !job) {
      if (before.source !== source || before.faces !== faces || before.job || !preview.shown(source)) {
        preview.show(source);
      }
      const change = h("button", { type: "button", id: "change-face", onclick: () => file.click() }, t("face.change"));
      const photo = h(
        "button",
        { type: "button", id: "photograph-again", class: "icon", "aria-label": t("face.photograph"), title: t("face.photograph"), onclick: takePhoto },
        icon("camera"),
      );
      refill(find("face-tools"), preview.choices(), h("div", { class: "row" }, photo, change));
    } else if (!job) {
      preview.clear();
    }
  });
  store.watch(["source", "faces", "speaker", "job", "language"], ({ source, faces, speaker, job }) => {
    const frame = find("stage-frame");
    frame.querySelector(".faces")?.remove();
    if (!source || job || !faces) return;
    frame.append(faceBoxes(faces, speaker, (wanted) => choose({ speaker: wanted })));
    const problem = faces.faces.length === 0 ? t("face.none") : null;
    if (problem) showError("face-error", problem);
  });
}

const isPicture = (file) => /^(image|video)\//.test(file.type);

function acceptDrops(area) {
  const stage = find("stage");
  area.addEventListener("dragover", (event) => {
    if (![...event.dataTransfer.items].some((item) => item.kind === "file")) return;
    event.preventDefault();
    stage.classList.add("dropping");
  });
  area.addEventListener("dragleave", (event) => {
    if (!area.contains(event.relatedTarget)) stage.classList.remove("dropping");
  });
  area.addEventListener("drop", (event) => {
    const [file] = event.dataTransfer.files;
    if (!file) return;
    event.preventDefault();
    stage.classList.remove("dropping");
    if (file.type.startsWith("audio/")) area.dispatchEvent(new CustomEvent("sound", { detail: file }));
    else takeFace(file); // the server says what is wrong with anything else
  });
}
