"""Which of Whisper's states, 50 in a second, each frame hears: ten steps around its moment."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor

from lipwright.core.errors import EngineError
from lipwright.engines.shared_options import TimingName
from lipwright.engines.whisper import RATE, STEPS_PER_SECOND

STEPS = 10
"""Steps that a frame hears."""
LEAD = 4
"""Steps by which a window begins before its frame's moment: as trained, at 25 frames per second."""


def first_step(number: int, fps: Fraction, timing: TimingName = "exact") -> int:
    """Return the step with which the window of a frame begins; those before 0 are zeros.

    Args:
        number: of the frame.
        fps: frames per second.
        timing: "exact" keeps the lead of 25 frames per second at any rate. "official" counts whole
            frames per second, and its lead is twice the steps of a frame, rounded up: at 24 frames
            per second mouths come 40 ms later than at 25.

    Raises:
        EngineError: the authors' program has no windows at this rate.
    """
    if timing == "exact":
        return floor(number * STEPS_PER_SECOND / fps) - LEAD
    whole = official_fps(fps)
    lead = 2 * ceil(Fraction(STEPS_PER_SECOND, whole))
    return number * STEPS_PER_SECOND // whole - lead


def step_count(samples: int) -> int:
    """Return how many steps a sound of so many samples at 16 kHz has."""
    return samples * STEPS_PER_SECOND // RATE


def official_count(samples: int, fps: Fraction) -> int:
    """Return for how many frames the authors' program makes windows. Raises as `first_step`."""
    return samples * official_fps(fps) // RATE


def official_fps(fps: Fraction) -> int:
    """Return the frames per second that the authors' program counts: 29 for 29.97.

    Raises EngineError for less than 1, and for 50 and more, where it runs out of windows.
    """
    whole = int(fps)
    if not 1 <= whole < STEPS_PER_SECOND:
        raise EngineError(
            f"The authors' program of MuseTalk has no windows of sound at {float(fps):.6g} frames "
            "per second: choose the timing exact, or a rate from 1 to below 50."
        )
    return whole
