"""Frame numbers at the video's rate and at the rate at which an engine draws."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import floor


@dataclass(frozen=True)
class FrameRates:
    """The two rates of a run."""

    video: Fraction
    """Frames per second of the video."""
    engine: Fraction
    """Frames per second that the engine draws."""

    @classmethod
    def of(cls, video: Fraction, native: Fraction | None) -> FrameRates:
        """Return both rates; native: the engine's only rate, None draws at the video's."""
        return cls(video, video if native is None else native)

    def drawn(self, number: int) -> int:
        """Return the engine's frame that a frame of the video shows: the nearest in time."""
        return floor(number * self.engine / self.video + Fraction(1, 2))
