"""A script cut into smaller ones, for services that take only so much at once."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from lipwright.core.errors import VoiceError
from lipwright.speech.script.segments import Pause, Segment, Text

if TYPE_CHECKING:
    from lipwright.speech.script.script import Script

_SENTENCES = re.compile(r"(?s).+?(?:[.!?।]+[\"”')\]]*(?=\s)\s*|\n\s*\n|\Z)")
_WORDS = re.compile(r"\s*\S+\s*")


def split_script(script: Script, limit: int, measure: Callable[[Script], int]) -> list[Script]:
    """Cut a script so that ``measure`` of every part is at most ``limit``; see ``Script.split``."""
    if measure(script) <= limit:
        return [script]
    parts: list[list[Segment]] = [[]]
    for piece in _cut_finer(script, limit, measure):
        if parts[-1] and measure(script.with_segments([*parts[-1], piece])) > limit:
            parts.append([])
        parts[-1].append(piece)
    return [script.with_segments(part) for part in parts if any(map(_has_words, part))]


def _cut_finer(script: Script, limit: int, measure: Callable[[Script], int]) -> list[Segment]:
    """Cut segments into sentences, and the sentences that are too long into words."""
    pieces: list[Segment] = []
    for segment in script.segments:
        if isinstance(segment, Pause) or segment.say_as or segment.phonemes:
            pieces.append(segment)
            continue
        for sentence in _cut(segment, _SENTENCES):
            fits = measure(script.with_segments([sentence])) <= limit
            pieces += [sentence] if fits else _cut(sentence, _WORDS)
    for piece in pieces:
        if measure(script.with_segments([piece])) > limit:
            shown = getattr(piece, "text", "")[:30].strip()
            raise VoiceError(
                f'"{shown}..." is too long for this voice to say in one go: write it in sentences.'
            )
    return pieces


def _cut(segment: Text, pattern: re.Pattern[str]) -> list[Text]:
    return [replace(segment, text=match[0]) for match in pattern.finditer(segment.text)]


def _has_words(segment: Segment) -> bool:
    return isinstance(segment, Text) and bool(segment.text.strip())
