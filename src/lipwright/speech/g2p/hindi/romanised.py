"""Hindi words in Latin letters, found by lists, and told from English by the words near them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources


def spell_in_devanagari(words: Sequence[str], hindi: bool = False) -> list[str | None]:
    """Return, for each word of a sentence, its spelling in Devanagari; None for English ones.

    ``hindi``: the sentence is Hindi. Otherwise it is taken for Hindi when at least half of its
    words, and two, can be nothing else; then "main", "is" and "to" are Hindi words too.
    """
    sure, shared = _read_list("hindi_words.txt"), _read_list("hindi_words_shared.txt")
    keys = [word.lower() for word in words]
    certain = [_is_devanagari(key) or key in sure for key in keys]
    possible = [here or key in shared for here, key in zip(certain, keys, strict=True)]
    if not hindi:
        hindi = sum(certain) >= 2 and 2 * sum(possible) >= len(keys)
    return [_spell(key, sure, shared if hindi else {}) for key in keys]


def _spell(key: str, sure: Mapping[str, str], shared: Mapping[str, str]) -> str | None:
    if _is_devanagari(key):
        return key
    return sure.get(key) or shared.get(key)


def _is_devanagari(word: str) -> bool:
    return "\u0900" <= word[0] <= "\u097f"


@cache
def _read_list(name: str) -> dict[str, str]:
    text = resources.files("lipwright.speech").joinpath("assets", name).read_text("utf-8")
    lines = [line.split() for line in text.splitlines() if line and not line.startswith("#")]
    return {latin: devanagari for latin, devanagari in lines}
