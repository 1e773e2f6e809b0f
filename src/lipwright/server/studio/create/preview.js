// The picture on the stage: as it is, or a still with the mouth at one of three sounds.

import * as api from "../api.js";
import { find, h, segments } from "../dom.js";
import { t } from "../i18n.js";
import { showError } from "../messages.js";
import { store } from "../state.js";

/** Make the picture on the stage and what chooses between its looks. */
export function createPreview() {
  const frame = find("stage-frame");
  let source = null;
  let look = "photo";
  let fetching = null;
  let drawn = null; // URL of the still that is shown

  function show(asset) {
    clear();
    source = asset;
    look = "photo";
    const media = picture(asset);
    frame.style.setProperty("--ratio", (asset.width || 1) / (asset.height || 1));
    frame.replaceChildren(media);
    frame.hidden = false;
  }

  function clear() {
    fetching?.abort();
    if (drawn) URL.revokeObjectURL(drawn);
    drawn = null;
    source = null;
    frame.replaceChildren();
    frame.hidden = true;
  }

  async function change(wanted) {
    look = wanted;
    fetching?.abort();
    showError("face-error", null);
    if (wanted === "photo") return place(picture(source));
    const mine = (fetching = new AbortController());
    frame.setAttribute("aria-busy", "true");
    const sign = h("p", { class: "waiting", role: "status" }, h("span", { class: "spinner" }), t("preview.drawing"));
    find("face-tools").append(sign);
    try {
      const still = await api.preview(source.id, wanted, store.get().speaker, mine.signal);
      if (drawn) URL.revokeObjectURL(drawn);
      drawn = URL.createObjectURL(still);
      place(h("img", { src: drawn, alt: t("preview.still") }));
    } catch (error) {
      if (error.name !== "AbortError") showError("face-error", error);
    } finally {
      sign.remove();
      frame.removeAttribute("aria-busy");
    }
  }

  function place(media) {
    frame.querySelector(":scope > img, :scope > video")?.remove();
    frame.prepend(media);
    frame.classList.toggle("still", look !== "photo");
  }

  function choices() {
    const choice = (value, text) => ({ value, text, label: t(`preview.${value}`) });
    const row = segments({
      name: "preview",
      label: t("preview.label"),
      value: look,
      onchange: change,
      choices: [choice("photo", t("preview.short")), ...["rest", "open", "round"].map((sound) => choice(sound, t(`preview.${sound}.short`)))],
    });
    row.classList.add("preview");
    return row;
  }

  store.watch(["speaker"], () => {
    if (source && look !== "photo") change(look);
  });
  return { show, clear, choices, shown: (asset) => source === asset };
}

function picture(asset) {
  const address = api.contentOf(asset);
  if (asset.kind !== "video") return h("img", { src: address, alt: t("face.alt") });
  const film = h("video", { src: `${address}#t=0.01`, muted: true, playsinline: true, preload: "metadata", "aria-label": t("face.alt") });
  film.muted = true;
  return film;
}
