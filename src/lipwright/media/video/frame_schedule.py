"""How many frames the output has, and which frame of the input video each of them shows."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import ceil, floor


def frame_count(duration: float, fps: Fraction) -> int:
    """Return how many frames cover `duration` seconds, at least 1."""
    return max(1, ceil(duration * fps - 1e-6))


def frames_of(length: str, speech: float, video: float, fps: Fraction) -> int:
    """Return how many frames the output has, at least 1.

    speech and video: seconds. "cut" ends with the shorter of the two, all others with the speech.
    """
    return frame_count(min(speech, video) if length == "cut" else speech, fps)


def picture_order(
    length: str, pictures: int, rate: Fraction, frames: int, fps: Fraction, first: int = 0
) -> Iterator[int]:
    """Yield the number of the input frame that each output frame shows, from number `first` on.

    pictures, rate: of the input video, frames and frames/s. frames, fps: of the output. "bounce"
    plays to the end and back, "loop" from the start again, "cut" and "freeze" once, "remap" once
    and as fast as fills the output.
    """
    step = Fraction(rate) / Fraction(fps)
    if length == "remap":
        step = Fraction(max(pictures - 1, 1), max(frames - 1, 1))
    for frame in range(first, frames):
        position = floor(frame * step + Fraction(1, 1000))
        if length == "bounce" and pictures > 1:
            turn = 2 * (pictures - 1)
            position = position % turn
            yield min(position, turn - position)
        elif length == "loop":
            yield position % pictures
        else:
            yield min(position, pictures - 1)
