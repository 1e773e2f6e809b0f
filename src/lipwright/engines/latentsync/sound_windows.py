"""Which of the sound encoder's states, 50 a second, a frame hears: 10 of them around its moment."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor

from lipwright.engines.shared_options import TimingName
from lipwright.engines.whisper import PIECE_COLUMNS, PIECE_STEPS, STEPS_PER_SECOND

STEPS = 10
BEFORE = 4
"""How many of them come before the one with which the frame begins."""


def window_start(number: int, fps: Fraction, timing: TimingName) -> int:
    """Return the first state that a frame hears; before 0 there is none, the first is repeated.

    "official" begins with the state in which the frame begins, rounded down; "exact" has the
    frame's middle in the window's middle.
    """
    place = number * STEPS_PER_SECOND / fps
    if timing == "official":
        return floor(place) - BEFORE
    middle = place + Fraction(STEPS_PER_SECOND, 2) / fps
    return floor(middle + Fraction(1, 2)) - STEPS // 2


def official_count(steps: int, fps: Fraction) -> int:
    """Return how many frames the authors' program makes of a sound of so many states."""
    beyond = ceil((steps + 1) * fps / STEPS_PER_SECOND)  # the first frame that begins after them
    return beyond + 1


def state_count(columns: int, timing: TimingName) -> int:
    """Return how many states of a sound are used, of its mel spectrogram's columns, 100 a second.

    "official" leaves out half a state at the end, "exact" takes it.
    """
    whole, rest = divmod(columns, PIECE_COLUMNS)
    return whole * PIECE_STEPS + (rest + (timing == "exact")) // 2
