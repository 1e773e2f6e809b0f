"""Which pictures of the bank serve in consecutive frames: a steady choice instead of the nearest.

Each frame could take the pictures nearest to its own wanted mouth, but neighbouring frames would
then show other teeth all the time. The choice is a path through the bank: whatever a picture costs
by being unlike the wanted mouths, and a price for each change to another one (Video Rewrite,
Bregler, Covell and Slaney 1997, joins clips so). The path is followed frame by frame, with a view
of what comes (the Viterbi algorithm over a short window), so that a film is never held as a whole.
Around a change the old picture fades into the new one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Generic, NamedTuple, TypeVar

import numpy as np

from lipwright.engines.warp.mouth_bank import Candidates, Chosen, MouthBank

T = TypeVar("T")
CHANGE = 4e-4  # mw² s: the price of another picture, for costs in mw² of each frame
HORIZON, FADE = 0.12, 0.04  # s that are looked ahead for the path, and half of a fade's length
MOST_AHEAD = 8  # frames, each of which is held in memory


class Wanted(NamedTuple):
    """What the bank has for the wanted mouth of a frame."""

    shot: int
    bank: MouthBank
    candidates: Candidates


def with_choices(
    frames: Iterable[tuple[T, Wanted | None]], fps: float
) -> Iterator[tuple[T, Chosen | None]]:
    """Yield each frame with what is chosen for it; None where nothing is wanted.

    A path begins anew in each shot, and where frames without a mouth lie between.
    """
    fade = min(max(round(FADE * fps), 1), MOST_AHEAD // 2)
    horizon = min(round(HORIZON * fps), MOST_AHEAD - fade)
    path: _Path[T] | None = None
    for frame, wanted in frames:
        if path is not None and (wanted is None or not path.goes_on(wanted)):
            yield from path.ready(0)
            path = None
        if wanted is None:
            yield frame, None
            continue
        path = path or _Path(wanted.bank, wanted.shot, CHANGE * fps, horizon, fade)
        path.add(frame, wanted.candidates)
        yield from path.ready(fade + horizon)
    if path is not None:
        yield from path.ready(0)


class _Step(NamedTuple, Generic[T]):
    frame: T
    candidates: Candidates


class _Path(Generic[T]):
    """The pictures that serve in the frames of one shot, without gaps."""

    def __init__(self, bank: MouthBank, shot: int, change: float, horizon: int, fade: int) -> None:
        """change: the price of another picture, mw²; horizon, fade: frames."""
        self._bank, self._shot, self._change = bank, shot, change
        self._horizon, self._fade = horizon, fade
        self._steps: deque[_Step[T]] = deque()
        """Those that are to come, and as many before them as a fade reaches back."""
        self._picked: deque[int] = deque()
        """Numbers of pictures in the first of the steps."""
        self._past = 0

    def goes_on(self, wanted: Wanted) -> bool:
        """Return whether a frame belongs to it."""
        return wanted.bank is self._bank and wanted.shot == self._shot

    def add(self, frame: T, candidates: Candidates) -> None:
        """Add the next frame."""
        self._steps.append(_Step(frame, candidates))

    def ready(self, ahead: int) -> Iterator[tuple[T, Chosen]]:
        """Yield the frames after which so many more are known."""
        while len(self._steps) > self._past + ahead:
            while len(self._picked) < min(self._past + self._fade + 1, len(self._steps)):
                self._picked.append(self._next())
            yield self._steps[self._past].frame, self._chosen()
            self._past += 1
            if self._past > self._fade:
                self._steps.popleft()
                self._picked.popleft()
                self._past -= 1

    def _next(self) -> int:
        """Return the picture of the first frame that has none yet."""
        place = len(self._picked)
        coming = [step.candidates.costs for step in islice(self._steps, place, None)]
        if not len(coming[0]):
            return 0  # nothing is lent
        onwards: np.ndarray = np.zeros(len(coming[0]))
        for costs in coming[self._horizon : 0 : -1]:
            onwards = onwards + costs
            onwards = np.minimum(onwards, onwards.min() + self._change)
        onwards = onwards + coming[0]
        if self._picked:
            onwards[self._picked[-1]] -= self._change
        return int(onwards.argmin())

    def _chosen(self) -> Chosen:
        first = max(self._past - self._fade, 0)
        around = range(first, min(self._past + self._fade + 1, len(self._steps)))
        taps = np.array([self._fade + 1.0 - abs(place - self._past) for place in around])
        taps /= taps.sum()
        shares: dict[int, float] = {}
        for place, tap in zip(around, taps.tolist(), strict=True):
            number = self._picked[place]
            shares[number] = shares.get(number, 0.0) + tap
        forms = [self._steps[place].candidates.form for place in around]
        form = np.tensordot(taps, forms, 1)
        return self._bank.chosen(self._steps[self._past].candidates, shares, form)
