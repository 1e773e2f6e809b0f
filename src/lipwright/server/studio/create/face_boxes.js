// The faces found in a picture, as radio buttons that lie on it.

import { h } from "../dom.js";
import { t } from "../i18n.js";

/**
 * Make the boxes.
 * @param {{width: number, height: number, faces: {number: number, box: number[], usable: boolean}[]}} found
 * @param {number} speaker the number of the chosen one
 * @param {(number: number) => void} onchange
 */
export function faceBoxes(found, speaker, onchange) {
  const percent = (value, whole) => `${(100 * value) / whole}%`;
  const boxes = found.faces.map((face, index) => {
    const [x0, y0, x1, y1] = face.box;
    const name = t(face.usable ? "face.box" : "face.unusable", { n: index + 1, of: found.faces.length });
    const input = h("input", {
      type: "radio", name: "speaker", value: face.number, checked: face.number === speaker,
      disabled: !face.usable, "aria-label": name, title: name, onchange: () => onchange(face.number),
    });
    const box = h("label", { class: "face-box" }, input, h("span"));
    box.style.left = percent(x0, found.width);
    box.style.top = percent(y0, found.height);
    box.style.width = percent(x1 - x0, found.width);
    box.style.height = percent(y1 - y0, found.height);
    return box;
  });
  return h("div", { class: "faces", role: "radiogroup", "aria-label": t("face.which") }, ...boxes);
}
