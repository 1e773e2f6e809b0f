// Elements made by hand: data becomes text and attributes, never markup.

const SVG = "http://www.w3.org/2000/svg";

/** Return the element with this id. */
export const find = (id) => document.getElementById(id);

/**
 * Make an element.
 * @param {string} tag
 * @param {object} attributes `onclick` and the like become listeners; true an empty attribute;
 *   false, null and undefined none.
 * @param {...(Node|string|null)} children
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** Draw a symbol of icons/sprite.svg. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const use = document.createElementNS(SVG, "use");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `icons/sprite.svg#${name}`);
  svg.append(use);
  return svg;
}

/**
 * Make a row of choices of which one is taken (radio buttons).
 * @param {{name: string, label: string, value: string, onchange: (value: string) => void,
 *   choices: {value: string, text: string, label?: string}[]}} options
 */
export function segments({ name, label, value, choices, onchange }) {
  const make = (choice) =>
    h(
      "label",
      {},
      h("input", {
        type: "radio",
        name,
        value: choice.value,
        checked: choice.value === value,
        "aria-label": choice.label,
        onchange: () => onchange(choice.value),
      }),
      h("span", {}, choice.text),
    );
  return h("fieldset", { class: "segments", role: "radiogroup", "aria-label": label }, ...choices.map(make));
}

/** Put the same element's children in the place of the old ones, and keep the focus where it was. */
export function refill(parent, ...children) {
  const held = parent.contains(document.activeElement) ? document.activeElement : null;
  const key = held && (held.id || (held.name ? `${held.name}=${held.value}` : ""));
  parent.replaceChildren(...children);
  if (!key) return;
  const same = [...parent.querySelectorAll("button, input, a, select, textarea")].find(
    (element) => key === (element.id || (element.name ? `${element.name}=${element.value}` : "")),
  );
  same?.focus();
}

/** Mark a button as busy while a promise is under way; a second press meanwhile does nothing. */
export async function whileBusy(button, work) {
  if (button.getAttribute("aria-busy") === "true") return undefined;
  button.setAttribute("aria-busy", "true");
  try {
    return await work();
  } finally {
    button.removeAttribute("aria-busy");
  }
}
