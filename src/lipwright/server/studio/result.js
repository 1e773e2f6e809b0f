// A finished video: its player, and the buttons that take it away.

import { h, icon } from "./dom.js";
import { date, t } from "./i18n.js";
import { toast } from "./messages.js";

const contentOf = (video) => video.links?.content ?? `/v1/videos/${video.id}/content`;
export const posterOf = (video) => video.links?.poster ?? `/v1/videos/${video.id}/poster`;

/** Return what a person knows the video by: its script's beginning, or when it was made. */
export function titleOf(video) {
  const text = (video.text ?? "").trim();
  if (text) return text.length > 90 ? `${text.slice(0, 88).trimEnd()}…` : text;
  return t("video.recorded", { date: date(video.created) });
}

/** Make a player. */
export function player(video, attributes = {}) {
  return h("video", {
    controls: true, playsinline: true, preload: "auto", src: contentOf(video),
    "aria-label": t("video.label", { title: titleOf(video) }), ...attributes,
  });
}

function fileName(video) {
  const begin = (video.text ?? "").trim().split(/\s+/).slice(0, 5).join("-");
  const plain = begin.replace(/[^\p{L}\p{M}\p{N}-]+/gu, "").slice(0, 40);
  return `${plain || "lipwright"}.mp4`;
}

/** Make the link that saves the video as a file. */
export function downloadLink(video, quiet = false) {
  const address = `${contentOf(video)}?download=1`;
  const label = t("video.download");
  if (!quiet) return h("a", { class: "button", href: address, download: fileName(video) }, icon("download"), label);
  const name = t("video.downloadOf", { title: titleOf(video) });
  return h("a", { class: "button quiet icon", href: address, download: fileName(video), "aria-label": name, title: label }, icon("download"));
}

/** Make the button that hands the video to other programs, or null where there is no such way. */
export function shareButton(video) {
  if (!navigator.share || !navigator.canShare) return null;
  const share = async () => {
    try {
      const blob = await (await fetch(contentOf(video))).blob();
      const file = new File([blob], fileName(video), { type: blob.type || "video/mp4" });
      if (!navigator.canShare({ files: [file] })) throw new Error(t("video.noShare"));
      await navigator.share({ files: [file] });
    } catch (error) {
      if (error.name !== "AbortError") toast(error.message);
    }
  };
  return h("button", { type: "button", onclick: share }, icon("share"), t("video.share"));
}
