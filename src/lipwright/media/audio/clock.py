"""Keep sound on its container's clock: what is missing becomes silence, what comes twice is cut.

The place of each piece is reckoned from the samples so far and compared with its time stamp, so
that many small holes cannot add up. Time stamps are rounded, and jitter by some milliseconds: a
difference counts only where all pieces of the next moment agree about it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

TOLERANCE = 0.01
"""Seconds by which sound may be off its clock before something is done about it."""
LOOK_AHEAD = 0.2
"""Seconds of sound that have to agree that there is a hole or an overlap."""
MAX_GAP, MAX_OVERLAP = 10.0, 0.5
"""Seconds; larger ones are taken for broken time stamps, or a clock that starts again."""
PIECE = 4096  # samples of a silence at a time


class Piece(NamedTuple):
    """A piece of decoded sound."""

    samples: np.ndarray
    """float32 (channels, n), finite."""
    rate: int
    time: float | None
    """When it is heard by the container's clock, s; None where it does not say."""
    layout: Any
    """av's, of the channels."""

    @property
    def length(self) -> int:
        """Samples."""
        return int(self.samples.shape[1])

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return self.length / self.rate


def keep_time(
    pieces: Iterable[Piece], begin: float | None = None, latest: float = MAX_GAP
) -> Iterator[Piece]:
    """Yield sound with silence where there is a hole in time, and without what overlaps.

    Args:
        pieces: in order.
        begin: where the sound shall begin, s of its container's clock, however late or early the
            first piece is; None for the first piece.
        latest: seconds between `begin` and the first piece that are believed.
    """
    for piece, gap in find_gaps(pieces, begin, latest):
        for start in range(0, gap, PIECE):
            shape = len(piece.samples), min(PIECE, gap - start)
            yield piece._replace(samples=np.zeros(shape, np.float32), time=None)
        kept = piece if gap >= 0 else piece._replace(samples=piece.samples[:, -gap:])
        if kept.length:
            yield kept


def find_gaps(
    pieces: Iterable[Piece], begin: float | None = None, latest: float = MAX_GAP
) -> Iterator[tuple[Piece, int]]:
    """Yield pieces with the samples missing before each, negative where it begins too early.

    Arguments as for `keep_time`.
    """
    clock, held, ahead = _Clock(begin, latest), deque[Piece](), 0.0
    for piece in pieces:
        held.append(piece)
        ahead += piece.seconds
        while ahead >= LOOK_AHEAD and len(held) > 1:
            gap = clock.take(held)
            ahead -= held[0].seconds
            yield held.popleft(), gap
    while held:
        gap = clock.take(held)
        yield held.popleft(), gap


class _Clock:
    """Where the sound so far ends."""

    def __init__(self, begin: float | None, latest: float) -> None:
        self._end, self._latest = begin, latest
        self._started = False

    def take(self, coming: Sequence[Piece]) -> int:
        """Return the samples missing before the first of what is coming, and count it."""
        sound = coming[0]
        seconds = self._missing(coming) if self._started else self._late(sound)
        gap = round(seconds * sound.rate)
        if self._end is not None:
            self._end += max(0, sound.length + gap) / sound.rate
        self._started = self._started or sound.length + gap > 0
        return gap

    def _late(self, sound: Piece) -> float:
        """Seconds by which the very first sound is late."""
        if self._end is None:
            self._end = sound.time
        late = 0.0 if sound.time is None or self._end is None else sound.time - self._end
        if abs(late) <= self._latest:
            return late
        self._end = sound.time
        return 0.0

    def _missing(self, coming: Sequence[Piece]) -> float:
        """Seconds that all that is coming agrees to be missing; negative for an overlap."""
        time, end = coming[0].time, self._end
        if end is None or (time is not None and not -MAX_OVERLAP < time - end < MAX_GAP):
            self._end = time
            return 0.0
        if time is not None and abs(time - end) <= TOLERANCE:
            return 0.0
        off = []
        for sound in coming:
            if sound.time is not None:
                off.append(sound.time - end)
            end += sound.seconds
        least = min(off, key=abs, default=0.0)
        agreed = all(one * least > 0 for one in off)
        return least if agreed and abs(least) > TOLERANCE else 0.0
