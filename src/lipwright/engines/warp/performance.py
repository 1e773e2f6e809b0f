"""What mouth and head do in each frame, from the speech."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, partial
from math import ceil, floor, inf
from typing import TYPE_CHECKING

import numpy as np

from lipwright.articulation.curves import CHANNELS, Articulation
from lipwright.articulation.streaming import PartialCurves, articulate_prefixes
from lipwright.engines.warp.motion.plan import FORESIGHT, HINDSIGHT, plan_motion
from lipwright.engines.warp.motion.state import MotionState
from lipwright.engines.warp.mouth_warp import Mouth
from lipwright.media.video.frame_schedule import frame_count

if TYPE_CHECKING:
    from lipwright.engines.warp.motion.plan import MotionPlan
    from lipwright.speech.speech import Speech

BATCH = 250  # frames whose articulation is looked up at once


@dataclass(frozen=True, eq=False)
class Moment:
    """One frame of a performance."""

    mouth: Mouth
    time: float
    """Seconds."""
    followed: bool
    """Whether the next frame, or the end, is known already: nobody waits for it."""
    _stage: _KnownSpeech

    @property
    def motion(self) -> MotionState:
        """What head, shoulders, eyes and brows do."""
        return self._stage.plan.at(self.time)


@dataclass(frozen=True, eq=False)
class PerformanceFeatures:
    """The `AudioFeatures` of the warp engine."""

    motion: str = "natural"
    """How much head, shoulders, eyes and brows move."""
    articulation: Articulation | None = None
    """What the lips do, where it is known; None works it out of the speech."""
    pinned: bool = False
    """Whether head and eyes end as they begin, so that another such video may follow. The speech
    must be whole."""
    name = "articulation"

    def read(self, speech: Speech, fps: Fraction, first: int, seed: int) -> PerformanceReader:
        """Open the performance of a speech."""
        if self.articulation is None:
            stages: Callable[[], Iterator[PartialCurves]] = partial(articulate_prefixes, speech)
        else:
            known = PartialCurves(self.articulation, inf, speech.duration)
            stages = partial(_once, known)
        end = speech.duration if self.pinned else inf
        return PerformanceReader(stages, fps, seed, self.motion, end)


class PerformanceReader:
    """The performance of one speech, as far as it is known."""

    def __init__(
        self,
        open_stages: Callable[[], Iterator[PartialCurves]],
        fps: Fraction,
        seed: int,
        motion: str,
        end: float = inf,
    ) -> None:
        """Open it.

        open_stages: gives curves of more and more of the speech. fps: frames per second. end: s,
        where head and eyes shall be as at the beginning.
        """
        self._end = end
        self._open_stages, self._stages = open_stages, open_stages()
        self._fps, self._seed, self._motion = fps, seed, motion
        self._stage: _KnownSpeech | None = None
        self._rows: np.ndarray = np.zeros((0, len(CHANNELS)), np.float32)
        self._first_row = 0

    def at(self, number: int) -> Moment:
        """Return what mouth and head do in a frame; waits until no more speech can change it."""
        if self._stage is not None and number < self._stage.first:
            self._stages, self._stage = self._open_stages(), None
        while self._stage is None or (number >= self._stage.count and not self._stage.is_whole):
            curves = next(self._stages)
            self._stage = _KnownSpeech(curves, self._fps, self._seed, self._motion, self._end)
            self._rows = self._rows[:0]
        followed = self._stage.is_whole or number + 1 < self._stage.count
        time = float(number / self._fps)
        return Moment(self._mouth(number, self._stage), time, followed, self._stage)

    def _mouth(self, number: int, stage: _KnownSpeech) -> Mouth:
        if not 0 <= number - self._first_row < len(self._rows):
            stop = max(number + 1, min(number + BATCH, stage.count))
            times = np.array([float(index / self._fps) for index in range(number, stop)])
            self._first_row, self._rows = number, stage.curves.articulation.at(times)
        return Mouth.of(self._rows[number - self._first_row])


class _KnownSpeech:
    """How far the speech is known."""

    def __init__(
        self, curves: PartialCurves, fps: Fraction, seed: int, motion: str, end: float
    ) -> None:
        self.curves, self._seed, self._motion, self._end = curves, seed, motion, end
        self.is_whole = curves.stable_until == inf
        self.count = frame_count(curves.duration, fps)
        """Frames that no more speech can change."""
        if not self.is_whole:
            foresight = 0.0 if motion == "still" else FORESIGHT
            self.count = min(self.count, floor((curves.stable_until - foresight) * fps))
        lips = curves.articulation
        self.first = ceil((lips.first / lips.rate + HINDSIGHT) * fps) if lips.first else 0
        """The first frame of which all is still known."""

    @cached_property
    def plan(self) -> MotionPlan:
        """What head, shoulders, eyes and brows do."""
        lips = self.curves.articulation
        activity = _activity(lips)
        return plan_motion(activity, lips.rate, self._seed, self._motion, lips.first, self._end)


def _once(known: PartialCurves) -> Iterator[PartialCurves]:
    yield known


def _activity(articulation: Articulation) -> np.ndarray:
    """How much the mouth does over time, which the head moves with: (T,) float32."""
    jaw, gap = (articulation.curves[:, CHANNELS.index(name)] for name in ("jaw", "gap"))
    result: np.ndarray = jaw + gap
    return result
