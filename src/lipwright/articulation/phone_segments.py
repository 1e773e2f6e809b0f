"""Phones as a synthesiser reports them, tidied into the segments that the mouth makes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lipwright.articulation.viseme_targets import (
    EXPANSIONS,
    FIRST_SHARE,
    NEUTRAL,
    SILENCE,
    TARGETS,
    VOWELS,
)

if TYPE_CHECKING:
    from lipwright.speech.speech import Phone

_STRESS_GAIN = {"ˈ": 1.18, "ˌ": 1.08}
_UNSTRESSED_GAIN = 0.88
_LENGTH_GAIN = 1.08
# A vowel shorter than this (s) is left before it is reached, at the least by this share.
_FULL_VOWEL, _SHORTEST_GAIN = 0.075, 0.75
_GREATEST_GAIN = 1.3
_PAUSES = frozenset(",.!:…?;—–-|‖_")
# Their time belongs to the sound before them.
_EXTENDING = frozenset(" \t\n\"“”«»()[]'’ʰʲʷˠˤᵝⁿ̩̯̥̃͡↓→↗↘˥˦˧˨˩.ˑ‿")
_LENGTHENING = frozenset("ːˑ")
_SHORTEST_PAUSE = 0.12
_EDGE_SILENCE = 0.5


@dataclass(slots=True)
class Segment:
    """One target of the mouth: start and end in seconds, a symbol of the target table, a gain."""

    start: float
    end: float
    symbol: str
    gain: float = 1.0


def _expand(symbol: str) -> str:
    """The target-table symbols that a phone's symbol stands for (never empty)."""
    expanded = ""
    for character in symbol:
        expanded += EXPANSIONS.get(character, character)
    known = "".join(character for character in expanded if character in TARGETS.index)
    return known or NEUTRAL


def _append_split(
    segments: list[Segment], start: float, end: float, symbols: str, gain: float
) -> None:
    """Share the time of one phone among its parts; of two parts, the first is the longer."""
    count = len(symbols)
    edges = [start + (end - start) * part / count for part in range(count + 1)]
    if count == 2:
        edges[1] = start + (end - start) * FIRST_SHARE
    for part, symbol in enumerate(symbols):
        segments.append(
            Segment(edges[part], edges[part + 1], symbol, gain if symbol in VOWELS else 1.0)
        )


def is_pause(phone: Phone) -> bool:
    """Return whether a phone is silence: punctuation, or nothing but a space."""
    symbol = phone.symbol.strip()
    return all(character in _PAUSES for character in symbol)


def is_stressed(phones: Sequence[Phone]) -> bool:
    """Return whether the phones say which syllables are stressed."""
    return any(phone.symbol in _STRESS_GAIN for phone in phones)


def build_segments(
    phones: Sequence[Phone], duration: float, stressed: bool | None = None
) -> list[Segment]:
    """Return segments that cover the speech without holes, silence at both ends.

    A stress mark's time goes to the sound after it (given to the consonant before, p and m
    swallowed the vowel of "payment"); a length mark's and a space's go to the sound before;
    punctuation is silence, and so is a hole of more than 0.12 s. An unknown symbol is taken for
    a neutral vowel. stressed: whether the speech marks stress at all; None looks for marks here.
    """
    stressed = is_stressed(phones) if stressed is None else stressed
    unstressed = _UNSTRESSED_GAIN if stressed else 1.0
    spoken: list[Segment] = []
    gain = 1.0
    held_start: float | None = None
    for phone in phones:
        symbol = phone.symbol.strip() or " "
        if symbol in _STRESS_GAIN:
            gain = _STRESS_GAIN[symbol]
            held_start = phone.start if held_start is None else held_start
            continue
        if all(character in _PAUSES for character in symbol):
            spoken.append(Segment(phone.start, phone.end, SILENCE))
            held_start = None
            continue
        if all(character in _EXTENDING or character in _LENGTHENING for character in symbol):
            if spoken:
                spoken[-1].end = max(spoken[-1].end, phone.end)
                if symbol[0] in _LENGTHENING:
                    spoken[-1].gain = min(spoken[-1].gain * _LENGTH_GAIN, _GREATEST_GAIN)
            continue
        start, held_start = (phone.start if held_start is None else held_start), None
        expanded = _expand(symbol)
        _append_split(spoken, start, phone.end, expanded, gain)
        if any(character in VOWELS for character in expanded):
            gain = unstressed
    _undershoot(spoken)
    return _fill_holes(spoken, duration)


def _undershoot(spoken: list[Segment]) -> None:
    """Lower the gain of vowels too short to be reached; vowels in a row count together."""
    index = 0
    while index < len(spoken):
        last = index
        while last + 1 < len(spoken) and {spoken[last].symbol, spoken[last + 1].symbol} <= VOWELS:
            last += 1
        haste = min(1.0, (spoken[last].end - spoken[index].start) / _FULL_VOWEL)
        for segment in spoken[index : last + 1]:
            if segment.symbol in VOWELS:
                segment.gain *= _SHORTEST_GAIN + (1 - _SHORTEST_GAIN) * max(0.0, haste)
        index = last + 1


def _fill_holes(spoken: list[Segment], duration: float) -> list[Segment]:
    first = min((segment.start for segment in spoken), default=0.0)
    covered = [Segment(min(0.0, first) - _EDGE_SILENCE, first, SILENCE)]
    for segment in spoken:
        segment.end = max(segment.end, segment.start)
        previous = covered[-1]
        if segment.start - previous.end > _SHORTEST_PAUSE:
            covered.append(Segment(previous.end, segment.start, SILENCE))
            previous = covered[-1]
        if segment.symbol == SILENCE and previous.symbol == SILENCE:
            previous.end = max(previous.end, segment.end)
        else:
            covered.append(segment)
    last = covered[-1].end
    until = max(last, duration) + _EDGE_SILENCE
    if covered[-1].symbol == SILENCE:
        covered[-1].end = until
    else:
        covered.append(Segment(last, until, SILENCE))
    return covered
