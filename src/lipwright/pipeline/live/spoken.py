"""A speech in pieces of sound and curves, each as soon as it is there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lipwright.articulation import articulate
from lipwright.articulation.from_phones import RATE
from lipwright.articulation.phone_segments import is_stressed
from lipwright.articulation.streaming import REACH, rows_from
from lipwright.media.audio.resample import resample_pieces

if TYPE_CHECKING:
    from lipwright.speech.speech import Speech


class SpokenPiece(NamedTuple):
    """Some more of a speech."""

    samples: np.ndarray
    """Mono float32 (n,) that follow those before."""
    rows: np.ndarray
    """float32 (T, 9) from row `first` on, to the end of what is known; they replace those that were
    given for the same times when less of the speech was known."""
    first: int
    """The number of the first row; row i stands at i / rate seconds of the speech."""
    rate: float
    """Rows per second."""


def spoken_pieces(speech: Speech, rate: int) -> Iterator[SpokenPiece]:
    """Yield a speech as it is spoken, its sound resampled to `rate` (Hz).

    Where phones are not known, the speech is heard as a whole first.
    """
    sound = _ResampledSound(speech, rate)
    before = 0.0
    for known, whole in speech.prefixes():
        if known.phones is None and not whole:
            continue
        samples = sound.until(known.duration, whole)
        if known.phones is None:
            curves = articulate(known)
            yield SpokenPiece(samples, curves.curves, 0, curves.rate)
        elif known.duration > before or samples.size:
            first = max(0, int((before - REACH) * RATE))
            stressed = is_stressed(known.phones)
            rows = rows_from(first, known.phones, known.duration, stressed)
            yield SpokenPiece(samples, rows.astype(np.float32), first, RATE)
        before = known.duration


class _ResampledSound:
    """The sound of a speech up to any time, once."""

    def __init__(self, speech: Speech, rate: int) -> None:
        self._rate, self._taken = speech.rate, 0
        self._own = speech.blocks(speech.rate)
        self._resampled = resample_pieces(self._until_wanted(), speech.rate, rate)
        self._wanted: int | None = 0

    def until(self, seconds: float, whole: bool) -> np.ndarray:
        """Return the samples up to there that were not returned before: float32 (n,)."""
        self._wanted = None if whole else round(seconds * self._rate)
        found: list[np.ndarray] = []
        while whole or self._taken < (self._wanted or 0):
            piece = next(self._resampled, None)
            if piece is None:
                break
            found.append(piece)
        return np.concatenate([np.zeros(0, np.float32), *found])

    def _until_wanted(self) -> Iterator[np.ndarray]:
        for block in self._own:
            self._taken += len(block)
            yield block
