"""A voice made up of phrases, pauses and stresses, and what a plan makes of it."""

from __future__ import annotations

from functools import cache

import numpy as np

from lipwright.engines.warp.motion.plan import MotionPlan, plan_motion

FPS = 25
COLUMNS = (
    "yaw", "pitch", "roll", "x", "y", "blink", "gaze_x", "gaze_y", "brow",
    "shoulder_x", "shoulder_y", "breath",
)  # fmt: skip


def spoken(seconds: float, seed: int = 0, rate: float = 50) -> np.ndarray:
    """Four syllables a second of any height, in phrases of 1.5 to 5 s between pauses."""
    random = np.random.default_rng(seed)
    times = np.arange(round(seconds * rate)) / rate
    heights = 0.14 + 0.26 * random.random(round(5 * seconds) + 2)
    syllables = np.interp(4 * times, np.arange(len(heights)), heights)
    activity = syllables * (0.6 + 0.4 * np.sin(2 * np.pi * 4 * times))
    start = 0.0
    while start < seconds:
        end = start + random.uniform(1.5, 5.0)
        pause = random.uniform(0.3, 0.9)
        activity[(times >= end) & (times < end + pause)] = 0
        start = end + pause
    return activity.astype(np.float32)


def tracked(plan: MotionPlan, seconds: float, fps: float = FPS) -> dict[str, np.ndarray]:
    """Every field of the state over time, one value a frame."""
    rows = [plan.at(frame / fps) for frame in range(round(seconds * fps))]
    return {name: np.array([getattr(row, name) for row in rows]) for name in COLUMNS}


@cache
def minute(speaks: bool, seed: int, motion: str) -> dict[str, np.ndarray]:
    """What is `tracked` of a minute of `spoken`, or of who says nothing; not to be changed."""
    return tracked(plan_motion(spoken(60) if speaks else None, 50, seed, motion), 60)


def blink_starts(plan: MotionPlan, seconds: float) -> list[float]:
    """When the lids begin to close, s, in a plan without an end."""
    blinks = plan._blinks  # for all else that a state has is not asked here
    closures = np.array([blinks.at(frame / 50) for frame in range(round(50 * seconds))])
    return [frame / 50 for frame in np.flatnonzero((closures[1:] > 0) & (closures[:-1] == 0))]
