"""misaki's American and British pronunciation dictionaries, searched in their JSON files."""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path

from lipwright.core.errors import MissingExtraError
from lipwright.speech.g2p.accents import Accent, find_accent
from lipwright.speech.g2p.spelling_variants import other_spellings
from lipwright.speech.g2p.word_table import WordTable

_Entry = str | dict[str, str | None]

# Suffix, what may stand in its place in the stem, and its sound ("" = see _attach).
_SUFFIXES: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("'s", ("",), "z"),
    ("s'", ("s",), ""),
    ("ies", ("y",), "z"),
    ("es", ("e", ""), "z"),
    ("s", ("",), "z"),
    ("ied", ("y",), "d"),
    ("ed", ("e", ""), "d"),
    ("iest", ("y",), "ᵻst"),
    ("est", ("", "e"), "ᵻst"),
    ("ier", ("y",), "əɹ"),
    ("ing", ("", "e"), "ɪŋ"),
    ("ings", ("", "e"), "ɪŋz"),
    ("er", ("", "e"), "əɹ"),
    ("ers", ("", "e"), "əɹz"),
    ("ly", ("",), "li"),
    ("ness", ("",), "nəs"),
    ("less", ("",), "ləs"),
    ("ful", ("",), "fəl"),
    ("ment", ("",), "mənt"),
    ("able", ("", "e"), "əbəl"),
)
_PREFIXES = {
    "un": "ʌn", "re": "ɹi", "non": "nɑn", "pre": "pɹi", "mis": "mɪs", "dis": "dɪs",
    "over": "Ovəɹ", "under": "ʌndəɹ", "co": "kO", "anti": "ænti", "multi": "mʌlti",
    "micro": "mIkɹO", "auto": "ɔTO", "super": "supəɹ", "inter": "ɪntəɹ", "pro": "pɹO",
}  # fmt: skip


LONGEST_WORD = 50
"""Letters: there is no longer word."""


class Dictionary:
    """Words to phonemes of an accent.

    Raises:
        MissingExtraError: misaki is not installed.
    """

    def __init__(self, accent: Accent | None = None) -> None:
        self._accent = accent or find_accent("en-IN")
        self._common, self._american, self._british = _tables()

    def look_up(self, word: str, tag: str | None = None) -> str | None:
        """Return the phonemes of a word or an inflected form (three endings at most), or None.

        ``tag`` chooses between the sounds of one spelling: VERB, NOUN, ADJ, VBD, VBN.
        """
        found = self._find(word, tag) if len(word) <= LONGEST_WORD else None
        return self._accent.from_dictionary(*found) if found else None

    def has_variants(self, word: str) -> bool:
        """Tell whether the word's sound depends on its part of speech."""
        return any(
            isinstance(self._american.get(stem), dict)
            for stem in (word, word.removesuffix("s"), word.removesuffix("d"))
        )

    def split_compound(self, word: str) -> tuple[str, str] | None:
        """Cut a word nobody lists into two common ones: cashback, netbanking, signup.

        A capitalised word may well be a name (Hemant is not hem and ant), so it needs longer parts.
        """
        if len(word) > LONGEST_WORD:
            return None
        longer = 5 if word[0].isupper() else 3
        lower = word.lower()
        for cut in range(len(lower) - 2, 2, -1):
            parts = lower[:cut], lower[cut:]
            particle = parts[1] in ("up", "in", "on", "out", "off") and longer == 3
            long_enough = len(parts[1]) >= 3 and max(map(len, parts)) >= longer
            if (particle or long_enough) and all(part in self._common for part in parts):
                return parts
        return None

    def _find(self, word: str, tag: str | None, endings: int = 3) -> tuple[str, str | None] | None:
        for form in (word.lower(), word, word.capitalize()):
            american = _choose(self._american.get(form), tag)
            british = _choose(self._british.get(form), tag)
            american = american or self._find_spelled_otherwise(form, self._american, tag)
            if american:
                british = british or self._find_spelled_otherwise(form, self._british, tag)
                return american, british
        return self._find_derived(word.lower(), tag, endings) if endings else None

    def _find_spelled_otherwise(self, word: str, entries: _Tables, tag: str | None) -> str | None:
        """Find a word that only one of the dictionaries has under its other spelling."""
        for spelling in other_spellings(word):
            if sounds := _choose(entries.get(spelling), tag):
                return sounds
        return None

    def _find_derived(self, word: str, tag: str | None, most: int) -> tuple[str, str | None] | None:
        for suffix, endings, sound in _SUFFIXES:
            if not word.endswith(suffix) or len(word) - len(suffix) < 2:
                continue
            root = word.removesuffix(suffix)
            stems = [root + ending for ending in endings]
            if len(root) > 3 and root[-1] == root[-2]:
                stems.append(root[:-1])
            for stem in stems:
                found = self._find(stem, tag, most - 1)
                if found:
                    american, british = found
                    return _attach(american, sound), british and _attach(british, sound)
        for prefix, sound in _PREFIXES.items():
            stem = word.removeprefix(prefix)
            if stem != word and len(stem) > 3:
                rest = _choose(self._american.get(stem), tag)
                if rest:
                    return sound + rest, None
        return None


def _attach(stem: str, sound: str) -> str:
    """Add a suffix's sound to a stem; the endings -s and -ed follow the sound before them."""
    last = stem[-1]
    if sound == "z":
        if last in "szʃʒʧʤ":
            return stem + "ᵻz"
        return stem + ("s" if last in "ptkfθT" else "z")
    if sound == "d":
        if last in "tdT":
            return stem + "ᵻd"
        return stem + ("t" if last in "pkfθsʃʧ" else "d")
    return stem + sound


def _choose(entry: _Entry | None, tag: str | None) -> str | None:
    if isinstance(entry, dict):
        return entry.get(tag or "DEFAULT") or entry.get("DEFAULT")
    return entry


class _Tables:
    """Tables of which the first that has a word counts."""

    def __init__(self, *tables: WordTable) -> None:
        self._tables = tables

    def get(self, word: str) -> _Entry | None:
        for table in self._tables:
            entry: _Entry | None = table.get(word)
            if entry is not None:
                return entry
        return None


@cache
def _tables() -> tuple[WordTable, _Tables, _Tables]:
    """The common words, and all of American and British English: read once, never changed."""
    common = _read("us_gold")
    american = _Tables(common, _read("us_silver"))
    return common, american, _Tables(_read("gb_gold"), _read("gb_silver"))


def _read(name: str) -> WordTable:
    spec = importlib.util.find_spec("misaki")
    if spec is None or spec.origin is None:
        raise MissingExtraError("The offline voice", "voice")
    return WordTable((Path(spec.origin).parent / "data" / f"{name}.json").read_bytes())
