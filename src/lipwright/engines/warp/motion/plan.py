"""The motion of head, shoulders, eyes and brows over a whole speech.

Everything is a function of the time, the seed and the voice up to `FORESIGHT` later, computed on
demand: a speech can be animated before its end is known, and any moment without those before it.
"""

from __future__ import annotations

from math import inf

import numpy as np

from lipwright.core.validation import MOTIONS
from lipwright.engines.warp.motion.blinks import Blinks
from lipwright.engines.warp.motion.breath import Breath
from lipwright.engines.warp.motion.brows import Brows
from lipwright.engines.warp.motion.gaze import Gaze
from lipwright.engines.warp.motion.gestures import Gestures
from lipwright.engines.warp.motion.levels import (
    CARRIED_BY_ROLL,
    LEVELS,
    SHIFT_LIMIT,
    SHIFT_OF_PITCH,
    Level,
)
from lipwright.engines.warp.motion.posture import BLOCK, Postures
from lipwright.engines.warp.motion.shapes import ease, limited
from lipwright.engines.warp.motion.state import MotionState
from lipwright.engines.warp.motion.voice import FORESIGHT, HEARING_TIME, VoiceMoments

__all__ = ["FORESIGHT", "HINDSIGHT", "MotionPlan", "plan_motion"]

HINDSIGHT = 3 * BLOCK + HEARING_TIME + 2.0
"""Seconds: nothing before them decides what is done in a moment."""
EASE_IN, EASE_OUT = 0.5, 0.5  # s
RISE_OF_BREATH, LIFT_OF_BREATH = 0.004, 0.3  # face widths and degrees that a breath lifts the head
SHOULDER_DELAY, SHOULDER_STRETCH = 0.15, 1.4
SHOULDER_SHARE = 0.4  # of the postures; of all that a head does it is less
SHOULDER_LIMIT = 0.03  # face widths


class MotionPlan:
    """The motion over a whole speech; make it with `plan_motion`."""

    def __init__(
        self, voice: VoiceMoments, seed: int, level: Level | None, end: float = inf
    ) -> None:
        """level: None keeps everything still. end: s, where all is neutral again."""
        self._level, self._voice, self._end = level, voice, end
        if level is None:
            return
        self._postures = Postures(voice, seed, level)
        self._gestures = Gestures(voice, seed, level)
        self._brows, self._breath = Brows(voice, seed, level), Breath(voice, seed)
        self._blinks = Blinks(voice, self._postures, seed, level.blinks)
        self._gaze = Gaze(voice, self._postures, seed, level.gaze)

    def at(self, time: float) -> MotionState:
        """Return the state at `time` seconds; neutral at 0 and before, and from the end on."""
        level = self._level
        if level is None or time <= 0 or time >= self._end:
            return MotionState()
        leaving = ease((self._end - time) / EASE_OUT)
        eased = ease(time / EASE_IN) * leaving
        posture, drift = self._postures.at(time), self._postures.drift_at(time)
        parts = zip(posture, self._postures.accents_at(time), drift, strict=True)
        yaw, pitch, roll, x, y = (eased * sum(part) for part in parts)
        shake, nod = self._gestures.at(time)
        breath = eased * self._breath.at(time)
        yaw = limited(yaw + eased * shake, level.limits[0])
        pitch = limited(pitch + eased * nod - LIFT_OF_BREATH * breath, level.limits[1])
        y += SHIFT_OF_PITCH * pitch - RISE_OF_BREATH * breath
        gaze_x, gaze_y = self._gaze.at(time, yaw, pitch, eased)
        _, _, lean, aside, height = self._postures.at(time, SHOULDER_DELAY, SHOULDER_STRETCH)
        carried = aside + CARRIED_BY_ROLL * lean
        return MotionState(
            yaw=yaw,
            pitch=pitch,
            roll=limited(roll, level.limits[2]),
            x=limited(x, SHIFT_LIMIT),
            y=limited(y, SHIFT_LIMIT),
            blink=leaving * self._blinks.at(time),
            gaze_x=gaze_x,
            gaze_y=gaze_y,
            brow=eased * self._brows.at(time),
            shoulder_x=limited(eased * SHOULDER_SHARE * carried, SHOULDER_LIMIT),
            shoulder_y=limited(eased * SHOULDER_SHARE * height, SHOULDER_LIMIT),
            breath=breath,
        )


def plan_motion(
    activity: np.ndarray | None,
    rate: float,
    seed: int,
    motion: str = "natural",
    first: int = 0,
    end: float = inf,
) -> MotionPlan:
    """Plan how somebody moves while the mouth speaks.

    activity: of the mouth, jaw and lips together, float32 (n,) in mouth widths at `rate` Hz, or
    None where unknown. motion: one of MOTIONS; ValueError otherwise. first: the number of the
    first of the values, where those before are not known any more; the plan then holds from
    `HINDSIGHT` seconds after it on. It holds up to `FORESIGHT` before the last of the values, and
    to the end and beyond where the speech is whole. end: s, where head and eyes are to be as at the
    beginning, so that something else may follow.
    """
    if motion not in MOTIONS:
        raise ValueError(f"motion {motion!r} is none of {', '.join(MOTIONS)}.")
    voice = VoiceMoments()
    if activity is not None and motion != "still":
        voice = VoiceMoments.of(activity, rate, first)
    return MotionPlan(voice, seed, LEVELS.get(motion), end)
