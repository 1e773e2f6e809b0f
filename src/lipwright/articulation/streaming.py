"""Curves of a speech whose end is not spoken yet: the same, row for row, as those of the whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lipwright.articulation import articulate
from lipwright.articulation.curves import CHANNELS, Articulation
from lipwright.articulation.from_phones import RATE, articulate_phones
from lipwright.articulation.phone_segments import is_pause, is_stressed

if TYPE_CHECKING:
    from lipwright.speech.speech import Phone, Speech

REACH = 1.0
"""Seconds before the end of the last sound from which on what follows may still change the lips."""
CONTEXT = 2.0
"""Seconds of speech before the first new row that are looked at again."""


class PartialCurves(NamedTuple):
    """What the lips do, as far as it is known."""

    articulation: Articulation
    stable_until: float
    """Seconds up to which no more speech will change it; infinite for a speech that is whole."""
    duration: float
    """Seconds of speech so far."""


def articulate_prefixes(speech: Speech) -> Iterator[PartialCurves]:
    """Curves for as much of `speech` as is known, again whenever there is more of it."""
    curves: np.ndarray = np.zeros((0, len(CHANNELS)), np.float32)
    stressed = False
    for known, whole in speech.prefixes():
        if whole and not len(curves):
            yield PartialCurves(articulate(known), float("inf"), known.duration)
            return
        phones = known.phones or ()
        stressed = stressed or is_stressed(phones)
        fresh = _rows_from(len(curves), phones, known.duration, stressed)
        if not whole:
            end = max((p.end for p in phones[-200:] if not is_pause(p)), default=0.0)
            fresh = fresh[: max(0, int((end - REACH) * RATE) - len(curves))]
        curves = np.concatenate([curves, fresh])
        stable_until = float("inf") if whole else max(0.0, (len(curves) - 1) / RATE)
        yield PartialCurves(Articulation(RATE, curves), stable_until, known.duration)


def _rows_from(
    first: int, phones: tuple[Phone, ...], duration: float, stressed: bool
) -> np.ndarray:
    """Rows from number `first` on, from the phones around them."""
    skipped = max(0, first - round(CONTEXT * RATE))
    start = skipped / RATE
    near = len(phones)
    while near and phones[near - 1].end > start:
        near -= 1
    moved = [p._replace(start=p.start - start, end=p.end - start) for p in phones[near:]]
    found = articulate_phones(moved, duration - start, stressed)
    return found.curves[first - skipped :]
