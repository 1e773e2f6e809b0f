"""Sentences of a text that comes in pieces, each as soon as it is whole."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

LONGEST = 2000
"""Characters after which a text without an end of a sentence is cut at a space."""

_END = re.compile(
    r"""
    (?:
        (?<!\b\w) (?<!\b(?:Mr|Ms|Dr|St|Rs|No|vs|Sr|Jr)) (?<!\b(?:Mrs|Smt|Shr|Inc|Ltd|etc))
        (?<!\b(?:Shri|Prof|Capt)) \. | [!?…।॥]
    )
    [.!?…।॥]* ["”’')\]]* (?=\s) | \n\s*\n
    """,
    re.VERBOSE,
)
"""The end of a sentence, known once a space follows; no point after a title or an initial."""


def whole_sentences(pieces: Iterable[str]) -> Iterator[str]:
    """Yield the sentences of a text that is cut anywhere; the last one at its end."""
    waiting, looked = "", 0
    for piece in pieces:
        waiting += piece
        while True:
            found = _END.search(waiting, looked)
            cut = found.end() if found else _forced_cut(waiting)
            if not cut:
                break
            sentence, waiting, looked = waiting[:cut], waiting[cut:], 0
            if sentence.strip():
                yield sentence.strip()
        looked = max(0, len(waiting) - 40)  # longer than any end: what was looked at stays so
    if waiting.strip():
        yield waiting.strip()


def _forced_cut(waiting: str) -> int:
    """Where a text that is too long is cut; 0 for nowhere."""
    if len(waiting) <= LONGEST:
        return 0
    return waiting.rfind(" ", 0, LONGEST) + 1 or LONGEST
