// Voices as a person reads them, and a list to choose one from.

import { h } from "./dom.js";
import { has, t } from "./i18n.js";

const word = (kind, value) => (has(`${kind}.${value}`) ? t(`${kind}.${value}`) : value);

/** Return a voice's own name: "Anika" of "kokoro:anika", "Neerja" of "edge:en-IN-NeerjaNeural". */
export function voiceName(voice) {
  const own = voice.name.split(":").at(-1).replace(/^[a-z]{2}_/, "");
  const last = own.replace(/^[a-z]{2}-[A-Z]{2}-/, "").replace(/Neural$/, "");
  return last.charAt(0).toUpperCase() + last.slice(1);
}

/** Fill a list with voices: those that need no network first, then by accent. */
export function fillVoices(list, voices, chosen) {
  const groups = new Map();
  for (const voice of [...voices].sort((a, b) => Number(a.online) - Number(b.online))) {
    const accent = word("accent", voice.accent);
    const group = voice.online ? `${accent} (${t("voice.online")})` : accent;
    if (!groups.has(group)) groups.set(group, []);
    groups.get(group).push(voice);
  }
  const option = (voice) =>
    h("option", { value: voice.name, selected: voice.name === chosen },
      voice.gender ? `${voiceName(voice)}, ${word("gender", voice.gender)}` : voiceName(voice));
  list.replaceChildren(
    ...[...groups].map(([label, members]) => h("optgroup", { label }, ...members.map(option))),
  );
}
