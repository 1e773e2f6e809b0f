"""Which pictures of the bank serve in consecutive frames: a steady choice instead of the nearest.

Each frame could take the pictures nearest to its own wanted mouth, but neighbouring frames would
then show other teeth all the time. The choice is a path through the bank: whatever a picture costs
by being unlike the wanted mouths, and a price for each change to another one (Video Rewrite,
Bregler, Covell and Slaney 1997, joins clips so), which is high where teeth are seen that stand
still. The path is followed frame by frame, with a view of what comes (the Viterbi algorithm over a
short window), so that a film is never held as a whole. Around a change the old picture fades into
the new one where the lips are closed. In an open mouth two rows of teeth would be seen through each
other: there it takes its place at once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Generic, NamedTuple, TypeVar

import numpy as np

from lipwright.engines.warp.face_frame import smoothstep_of
from lipwright.engines.warp.mouth_bank import Candidates, Chosen, MouthBank

T = TypeVar("T")
CHANGE = 4e-4  # mw² s: the price of another picture, for costs in mw² of each frame
IN_OPEN = 4.0  # times as much in an open mouth
OPEN = 0.02, 0.09  # mw between which a wanted mouth shows what is in it
MOVING = 0.6, 2.4  # mw/s of opening or closing between which nobody sees a change
HORIZON, FADE = 0.28, 0.04  # s that are looked ahead for the path, and half of a fade's length
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
        path = path or _Path(wanted.bank, wanted.shot, fps, horizon, fade)
        path.add(frame, wanted.candidates)
        yield from path.ready(fade + horizon)
    if path is not None:
        yield from path.ready(0)


class _Step(NamedTuple, Generic[T]):
    frame: T
    candidates: Candidates
    opened: float
    """How much of the inside of the mouth is to be seen, [0, 1]."""
    change: float
    """The price of another picture from this frame on, mw²."""


class _Path(Generic[T]):
    """The pictures that serve in the frames of one shot, without gaps."""

    def __init__(self, bank: MouthBank, shot: int, fps: float, horizon: int, fade: int) -> None:
        """horizon, fade: frames."""
        self._bank, self._shot, self._fps = bank, shot, fps
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
        gap = candidates.drawn.gap
        before = self._steps[-1].candidates.drawn.gap if self._steps else gap
        opened = smoothstep_of(*OPEN, gap)
        still = 1 - smoothstep_of(*MOVING, abs(gap - before) * self._fps)
        change = CHANGE * self._fps * (1 + (IN_OPEN - 1) * opened * still)
        self._steps.append(_Step(frame, candidates, opened, change))

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
        first, *coming = islice(self._steps, place, place + self._horizon + 1)
        if not len(first.candidates.costs):
            return 0  # nothing is lent
        onwards: np.ndarray = np.zeros(len(first.candidates.costs))
        for step in reversed(coming):
            onwards = onwards + step.candidates.costs
            onwards = np.minimum(onwards, onwards.min() + step.change)
        onwards = onwards + first.candidates.costs
        if self._picked:
            onwards[self._picked[-1]] -= first.change
        return int(onwards.argmin())

    def _chosen(self) -> Chosen:
        first = max(self._past - self._fade, 0)
        around = range(first, min(self._past + self._fade + 1, len(self._steps)))
        taps = np.array([self._fade + 1.0 - abs(place - self._past) for place in around])
        taps /= taps.sum()
        step = self._steps[self._past]
        alone = np.array([float(place == self._past) for place in around])
        mixed = alone * step.opened + taps * (1 - step.opened)
        shares: dict[int, float] = {}
        for place, tap in zip(around, mixed.tolist(), strict=True):
            if not tap:
                continue
            number = self._picked[place]
            shares[number] = shares.get(number, 0.0) + tap
        forms = [self._steps[place].candidates.form for place in around]
        form = np.tensordot(taps, forms, 1)
        return self._bank.chosen(step.candidates, shares, form)
