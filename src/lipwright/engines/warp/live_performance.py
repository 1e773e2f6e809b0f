"""What mouth and head do in each frame of a face that speaks right now."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from lipwright.articulation.curves import CHANNELS
from lipwright.engines.warp.motion.plan import FORESIGHT, HINDSIGHT, plan_motion
from lipwright.engines.warp.mouth_warp import Mouth

if TYPE_CHECKING:
    from lipwright.engines.warp.motion.state import MotionState
    from lipwright.speech.speech import Speech

RATE = 50
"""Rows per second of the mouth's activity."""
_JAW, _GAP = CHANNELS.index("jaw"), CHANNELS.index("gap")
_KEPT = round((HINDSIGHT + 8.0) * RATE)


@dataclass(frozen=True, eq=False)
class LiveMoment:
    """One frame: see `performance.Moment`."""

    mouth: Mouth
    motion: MotionState
    followed: bool = False
    """Nobody knows the next frame."""


class LivePerformance:
    """The `AudioFeatures` of a live session: whoever keeps the clock says what the mouth does.

    Head, shoulders, eyes and brows follow the voice `FORESIGHT` seconds late, because they move
    with what is said up to that much after them.
    """

    name = "articulation"

    def __init__(self, motion: str = "natural", seed: int = 0) -> None:
        """motion: one of MOTIONS. seed: same seed, same movements."""
        self._motion, self._seed = motion, seed
        self._activity = np.zeros(0, np.float32)
        self._first = 0  # number of the first value that is held
        self._moment = LiveMoment(Mouth(), plan_motion(None, RATE, seed, motion).at(0.0))

    @property
    def held(self) -> int:
        """How many rows of the past are known."""
        return len(self._activity)

    def advance(self, time: float, mouth: np.ndarray, rows: np.ndarray) -> None:
        """Set what the next frame shows.

        Args:
            time: of the frame, s from the beginning.
            mouth: float32 (9,), as `articulation.CHANNELS` has them.
            rows: float32 (n, 9): those at `RATE` that were added up to this time.
        """
        self._activity = np.concatenate([self._activity, rows[:, _JAW] + rows[:, _GAP]])
        spare = len(self._activity) - 2 * _KEPT
        if spare > 0:
            self._activity = self._activity[_KEPT:].copy()
            self._first += _KEPT
        plan = plan_motion(self._activity, RATE, self._seed, self._motion, self._first)
        self._moment = LiveMoment(Mouth.of(mouth), plan.at(time - FORESIGHT))

    def read(self, speech: Speech, fps: Fraction, first: int, seed: int) -> LivePerformance:
        """Return itself: there is one clock."""
        return self

    def at(self, number: int) -> LiveMoment:
        """Return what was set last, whatever the number."""
        return self._moment
