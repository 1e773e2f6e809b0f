"""Curves of a speech as far as it is heard, before its end is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from math import inf
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lipwright.articulation import articulate, from_phones
from lipwright.articulation.curves import CHANNELS, Articulation
from lipwright.articulation.phone_segments import is_pause, is_stressed
from lipwright.media.audio.blocks import fixed_blocks

if TYPE_CHECKING:
    from lipwright.articulation.ear import WindowShape
    from lipwright.speech.speech import Phone, Speech

REACH = 1.0
"""Seconds before the end of the last phone from which on what follows may still change the lips."""
CONTEXT = 2.0
"""Seconds of phones before the first new row that are looked at again."""
KEPT = 90.0
"""Seconds of rows before the new ones that stay known."""
SOUND_BLOCK = 1600
"""Samples at 16 kHz (0.1 s) that are listened to at a time."""


class PartialCurves(NamedTuple):
    """What the lips do, as far as it is known."""

    articulation: Articulation
    """The rows that are new, and those of 90 s before them."""
    stable_until: float
    """Seconds up to which no more speech will change it; infinite for a speech that is whole."""
    duration: float
    """Seconds of speech so far."""


def articulate_prefixes(speech: Speech) -> Iterator[PartialCurves]:
    """Yield curves for as much of `speech` as is known, again whenever there is more of it.

    Those of a speech that is whole when it is asked for are `articulate`'s, sound alone 10 s at a
    time (but for rounding). Otherwise phones give the same, row for row, and sound alone is
    followed as it comes, 1.0 to 1.3 s behind it (see `from_stream`); what is stable never changes.
    """
    from lipwright.articulation.ear import LIVE, SAMPLE_RATE, WHOLE

    stages = speech.prefixes()
    known, whole = next(stages)
    if known.phones is None:
        sound = (known if whole else speech).blocks(SAMPLE_RATE)
        pieces, shape = (sound, WHOLE) if whole else (fixed_blocks(sound, SOUND_BLOCK), LIVE)
        yield from _from_sound(pieces, shape, speech)
    elif whole:
        yield PartialCurves(articulate(known), inf, known.duration)
    else:
        yield from _from_phones(chain([(known, whole)], stages))


class _RecentRows:
    """The last rows of curves that grow."""

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._rows: np.ndarray = np.zeros((0, len(CHANNELS)), np.float32)
        self._first = 0

    @property
    def count(self) -> int:
        """How many rows there were in all."""
        return self._first + len(self._rows)

    def add(self, rows: np.ndarray) -> None:
        spare = max(0, len(self._rows) - round(KEPT * self._rate))
        self._rows, self._first = self._rows[spare:], self._first + spare
        self._rows = np.concatenate([self._rows, rows])

    def known(self, duration: float, whole: bool) -> PartialCurves:
        stable_until = inf if whole else max(0.0, (self.count - 1) / self._rate)
        articulation = Articulation(self._rate, self._rows, self._first)
        return PartialCurves(articulation, stable_until, duration)


def _from_sound(
    pieces: Iterable[np.ndarray], shape: WindowShape, speech: Speech
) -> Iterator[PartialCurves]:
    """Curves of pieces of sound, again whenever there are more of them."""
    from lipwright.articulation.columns import RATE
    from lipwright.articulation.ear import SAMPLE_RATE
    from lipwright.articulation.from_stream import StreamArticulator

    articulator, curves, heard = StreamArticulator(shape), _RecentRows(RATE), 0
    for piece in pieces:
        heard += len(piece)
        curves.add(articulator.push(piece))
        yield curves.known(heard / SAMPLE_RATE, False)
    curves.add(articulator.finish(speech.duration))
    yield curves.known(speech.duration, True)


def _from_phones(stages: Iterator[tuple[Speech, bool]]) -> Iterator[PartialCurves]:
    curves, stressed = _RecentRows(from_phones.RATE), False
    for known, whole in stages:
        if whole and not curves.count:
            yield PartialCurves(articulate(known), inf, known.duration)
            return
        phones = known.phones or ()
        stressed = stressed or is_stressed(phones)
        fresh = rows_from(curves.count, phones, known.duration, stressed)
        if not whole:
            end = max((p.end for p in phones[-200:] if not is_pause(p)), default=0.0)
            fresh = fresh[: max(0, int((end - REACH) * from_phones.RATE) - curves.count)]
        curves.add(fresh)
        yield curves.known(known.duration, whole)


def rows_from(first: int, phones: tuple[Phone, ...], duration: float, stressed: bool) -> np.ndarray:
    """Return rows at 100 Hz from number `first` on, from the phones around them.

    phones: of the speech from its beginning on, in order. duration: of the speech, s. stressed: as
    for `articulate_phones`. Gives float32 (N, 9).
    """
    rate = from_phones.RATE
    skipped = max(0, first - round(CONTEXT * rate))
    start = skipped / rate
    near = len(phones)
    while near and phones[near - 1].end > start:
        near -= 1
    moved = [p._replace(start=p.start - start, end=p.end - start) for p in phones[near:]]
    found = from_phones.articulate_phones(moved, duration - start, stressed)
    return found.curves[first - skipped :]
