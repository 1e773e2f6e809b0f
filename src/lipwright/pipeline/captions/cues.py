"""Group timed words into captions of one or two short lines, each on screen long enough to read.

The limits are those that broadcasters agree on: 42 characters a line, two lines, 17 characters a
second for adults (Netflix, English Timed Text Style Guide; BBC Subtitle Guidelines 1.2).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import NamedTuple

from lipwright.pipeline.captions.line_breaking import break_cost, ends_sentence, text_width
from lipwright.speech.speech import Word

LINE_LENGTH = 42
SHORTEST, LONGEST = 1.0, 6.0
"""Seconds on screen."""
READING_SPEED = 17.0
"""Characters a second."""
LINGER = 0.3
"""Seconds a caption stays after its last word, where the next one leaves it time."""
GAP = 0.04
"""Seconds without a caption between two, so that the change is seen."""

_EACH_CUE = 2.0
_SENTENCE_INSIDE = 3.0
_PAUSE_SECONDS, _PAUSE_COST = 0.8, 8.0
_TOO_SHORT, _TOO_FAST, _WRAPPED, _UNEVEN = 6.0, 0.3, 0.5, 2.0


class Cue(NamedTuple):
    """One caption."""

    start: float
    """Seconds from the start of the speech."""
    end: float
    """Seconds."""
    lines: tuple[str, ...]
    """One or two lines of text."""

    @property
    def text(self) -> str:
        """The lines, one below the other."""
        return "\n".join(self.lines)


def make_cues(
    words: Sequence[Word], line_length: int = LINE_LENGTH, duration: float | None = None
) -> list[Cue]:
    """Return the captions of timed words, in order and without overlap.

    words: in order. line_length: characters in a line at most. duration: of the speech, s; no
    caption ends later.

    The breaks are those that cost least over the whole text: at the ends of sentences and clauses
    and at pauses, never inside an amount, a date or a name with its title unless it is longer than
    a caption. Words longer than a line are cut.
    """
    fitting = _fitting(words, line_length)
    layout = _Layout(fitting, line_length)
    groups = [(fitting[first:end], layout.lines(first, end)) for first, end in layout.groups()]
    return _time(groups, duration)


def _fitting(words: Sequence[Word], line_length: int) -> list[Word]:
    """Return the words without white space in them and none wider than a line."""
    fitting: list[Word] = []
    for word in words:
        for part in word.text.split():
            pieces = [part[i : i + line_length] for i in range(0, len(part), line_length)]
            if text_width(part) <= line_length:
                pieces = [part]
            step = (word.end - word.start) / len(pieces)
            fitting += [
                Word(word.start + i * step, word.start + (i + 1) * step, piece)
                for i, piece in enumerate(pieces)
            ]
    return fitting


class _Layout:
    """Words with the widths and costs of breaks."""

    def __init__(self, words: list[Word], line_length: int) -> None:
        self.words, self.line_length = words, line_length
        following = [word.text for word in words[1:]]
        self.breaks = [
            break_cost(word.text, after) for word, after in zip(words, following, strict=False)
        ]
        ends = itertools.accumulate(text_width(word.text) + 1 for word in words)
        self.offsets = [0, *ends]

    def groups(self) -> list[tuple[int, int]]:
        """Return the captions as (first word, last word + 1).

        Found by dynamic programming over their ends.
        """
        words = self.words
        best = [0.0] + [math.inf] * len(words)
        came_from = [0] * (len(words) + 1)
        for first in range(len(words)):
            inside = 0.0
            for last in range(first, len(words)):
                if last > first:
                    inside += _cost_inside(words[last - 1], words[last])
                    too_long = words[last].end - words[first].start > LONGEST
                    if too_long or self.width(first, last + 1) > 2 * self.line_length + 1:
                        break
                cost = best[first] + inside + self._cue_cost(first, last)
                if cost < best[last + 1]:
                    best[last + 1], came_from[last + 1] = cost, first
        found = []
        end = len(words)
        while end > 0:
            found.append((came_from[end], end))
            end = came_from[end]
        return found[::-1]

    def width(self, first: int, end: int) -> int:
        """Return the characters of the words from first to before end, with spaces between them."""
        return self.offsets[end] - self.offsets[first] - 1

    def lines(self, first: int, end: int) -> tuple[str, ...]:
        """Return the lines of one caption."""
        middle = self._wrap(first, end)[1]
        parts = (first, end) if middle is None else (first, middle, end)
        return tuple(
            " ".join(word.text for word in self.words[start:stop])
            for start, stop in itertools.pairwise(parts)
        )

    def _cue_cost(self, first: int, last: int) -> float:
        """Return the cost of one caption: its lines, its time on screen and the break after it."""
        cost = _EACH_CUE + _WRAPPED * self._wrap(first, last + 1)[0]
        seconds = LONGEST
        if last + 1 < len(self.words):
            cost += self.breaks[last]
            seconds = self.words[last + 1].start - self.words[first].start
        cost += _TOO_SHORT * max(0.0, SHORTEST - seconds)
        speed = self.width(first, last + 1) / max(seconds, 0.1)
        return cost + _TOO_FAST * max(0.0, speed - READING_SPEED)

    def _wrap(self, first: int, end: int) -> tuple[float, int | None]:
        """Return the cost and place of the best second line; (inf, None) if two are too few."""
        if self.width(first, end) <= self.line_length:
            return 0.0, None
        best: tuple[float, int | None] = (math.inf, None)
        for middle in range(first + 1, end):
            above, below = self.width(first, middle), self.width(middle, end)
            if above > self.line_length:
                break
            if below <= self.line_length:
                cost = self.breaks[middle - 1] + _UNEVEN * abs(above - below) / above
                if cost < best[0]:
                    best = cost, middle
        return best


def _cost_inside(before: Word, after: Word) -> float:
    """Return the cost of two words sharing a caption."""
    pause = _PAUSE_COST if after.start - before.end > _PAUSE_SECONDS else 0.0
    return pause + (_SENTENCE_INSIDE if ends_sentence(before.text) else 0.0)


def _time(groups: list[tuple[list[Word], tuple[str, ...]]], duration: float | None) -> list[Cue]:
    """Let every caption stay long enough to be read, as far as the next one allows."""
    cues: list[Cue] = []
    for number, (words, lines) in enumerate(groups):
        start = words[0].start
        following = groups[number + 1][0][0].start if number + 1 < len(groups) else math.inf
        latest = min(following - GAP, math.inf if duration is None else duration)
        reading = sum(map(text_width, lines)) / READING_SPEED
        wanted = max(words[-1].end + LINGER, start + max(SHORTEST, reading))
        end = max(min(wanted, latest, max(start + LONGEST, words[-1].end)), start + GAP)
        if latest - end < LINGER and latest - start <= LONGEST:
            end = max(end, latest)
        if end - start < SHORTEST:
            start = max(end - SHORTEST, cues[-1].end + GAP if cues else 0.0)
            start = min(start, words[0].start)
        cues.append(Cue(start, min(end, following), lines))
    return cues
