"""A script cut where plain text cannot say what it wants, and what is spoken joined again.

A service that takes plain text knows no pause of a certain length and no change of speed. So the
script is cut there; each line is spoken by itself, and the silence between is ours.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from lipwright.speech.script.segments import Pause, Segment, Text
from lipwright.speech.speech import Speech, Word

if TYPE_CHECKING:
    from lipwright.speech.script.script import Script


log = logging.getLogger("lipwright")


@dataclass(frozen=True)
class Line:
    """What is spoken in one go, and the silence after it."""

    text: str
    """Plain text; empty where the script begins with a pause."""
    rate: float = 1.0
    """Times the speed of the whole."""
    silence: float = 0.0
    """Seconds."""


@dataclass(frozen=True)
class Spoken:
    """The sound of a line, or of a part of it."""

    samples: np.ndarray
    """Mono float32 (n,)."""
    words: Sequence[Word] | None
    """Times count from its own start."""
    silence: float = 0.0
    """Seconds of rest after it."""


def cut_into_lines(
    script: Script,
    shortest_pause: float,
    longest_text: int,
    measure: Callable[[str], int] = len,
) -> list[Line]:
    """Cut a script at pauses from `shortest_pause` s on, where its speed changes, and at sentences.

    longest_text: the most that `measure` may give for a line. Raises VoiceError for a word that is
    longer.
    """
    if any(isinstance(segment, Text) and segment.phonemes for segment in script.segments):
        log.warning("This voice takes no pronunciations: it says all words as they are written.")
    lines: list[Line] = []
    for segments, rate, silence in _cut_into_stretches(script, shortest_pause):
        part = script.with_segments(segments)
        texts = [p.plain for p in part.split(longest_text, lambda p: measure(p.plain))]
        texts = [text for text in texts if re.search(r"\w", text)]
        if texts:
            lines += [Line(text, rate) for text in texts[:-1]]
            lines.append(Line(texts[-1], rate, silence))
        elif lines:
            lines[-1] = replace(lines[-1], silence=lines[-1].silence + silence)
        elif silence:
            lines.append(Line("", rate, silence))
    return lines


def _cut_into_stretches(
    script: Script, shortest_pause: float
) -> Iterator[tuple[list[Segment], float, float]]:
    """Yields segments of one rate, that rate, and the silence after them (s)."""
    gathered: list[Segment] = []
    rate = 1.0
    for segment in script.segments:
        if isinstance(segment, Pause) and segment.seconds >= shortest_pause:
            yield gathered, rate, segment.seconds
            gathered = []
            continue
        if isinstance(segment, Text) and segment.text.strip() and segment.rate != rate:
            yield gathered, rate, 0.0
            gathered, rate = [], segment.rate
        gathered.append(segment)
    yield gathered, rate, 0.0


def join_spoken(pieces: Sequence[Spoken], rate: int, transcript: str) -> Speech:
    """Join the pieces, in order. The speech has words if every piece that sounds has them."""
    blocks: list[np.ndarray] = []
    words: list[Word] = []
    length = 0
    for piece in pieces:
        start = length / rate
        words += [
            Word(start + word.start, start + word.end, word.text) for word in piece.words or ()
        ]
        rest = np.zeros(round(piece.silence * rate), np.float32)
        blocks += [piece.samples, rest]
        length += piece.samples.size + rest.size
    timed = all(piece.words is not None for piece in pieces if piece.samples.size)
    return Speech.from_samples(
        np.concatenate(blocks), rate, transcript=transcript, words=words if timed else None
    )
