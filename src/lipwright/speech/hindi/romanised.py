"""Hindi words in Latin letters, found by a list."""

from __future__ import annotations

from collections.abc import Sequence


def spell_in_devanagari(words: Sequence[str], hindi: bool = False) -> list[str | None]:
    """Return, for each word, its spelling in Devanagari; None for words that are English."""
    return [word if "\u0900" <= word[0] <= "\u097f" else None for word in words]
