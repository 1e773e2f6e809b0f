"""Cut a long text into pieces, each of which is read by itself: time grows with the text only."""

from __future__ import annotations

import re
from collections.abc import Iterator

LONGEST_PIECE = 1500
"""Characters."""
LONGEST_TOKEN = 200
"""Characters between two spaces; a longer run is no word, number or address, and is cut."""

_LONG_TOKEN = re.compile(rf"\S{{{LONGEST_TOKEN}}}(?=\S)")
_LONG_SPACE = re.compile(r"([^\S\n]){40,}+")
_EMPTY_LINES = re.compile(r"\n{40,}+")
_PLACES = (
    re.compile(r"\n\s{0,40}\n\s{0,40}"),
    re.compile(r"(?:[!?।…][\"”’')\]]{0,3}|[a-z]{3}\.[\"”’')\]]{0,3})\s+(?=[^\sa-z])|\n"),
    re.compile(r"[,;:.]\s+|(?<=[^\W\d]{3})\s+(?=[^\W\d]{3})"),
    re.compile(r"\s+"),
)
"""Where to cut, best first: paragraphs, sentences, clauses or between two words, at any space."""


def cut_text(text: str, longest: int = LONGEST_PIECE) -> Iterator[str]:
    """Yield a text in pieces of at most ``longest`` characters, at the ends of sentences if it can.

    Joined they are the text, but that runs of more than ``LONGEST_TOKEN`` characters without a
    space are cut, and very long runs of spaces and empty lines are shortened.
    """
    if len(text) > LONGEST_TOKEN:
        text = _LONG_TOKEN.sub(r"\g<0> ", text)
        text = _EMPTY_LINES.sub("\n\n", _LONG_SPACE.sub(r"\1", text))
    start = 0
    while len(text) - start > longest:
        end = _find_cut(text, start, start + longest)
        yield text[start:end]
        start = end
    yield text[start:]


def _find_cut(text: str, start: int, end: int) -> int:
    middle = start + (end - start) // 2
    for place in _PLACES:
        last = 0
        for match in place.finditer(text, middle, end):
            last = match.end()
        if last:
            return last
    return end
