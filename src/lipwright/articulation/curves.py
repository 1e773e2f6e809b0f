"""What the lips do over time: the one value that every engine understands."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

CHANNELS = ("jaw", "gap", "spread", "round", "raise", "drop", "press", "tuck", "tip")
"""The columns of `Articulation.curves`; lengths are in widths of the resting mouth.

jaw     how far the chin has dropped
gap     opening between the lips at the middle of the mouth, zero when they touch
spread  corners pulled outwards, as in "ee"
round   corners pulled inwards and lips pushed forward, as in "oo" and "sh"
raise   share of the gap made by the upper lip moving up (never more than the gap)
drop    opening added by the lower lip alone, which bares the lower teeth
press   lips pressed together, 0 to 1, as in m, b, p
tuck    lower lip under the upper teeth, 0 to 1, as in f, v
tip     tongue tip seen at the upper teeth, 0 to 1.5 (beyond 1: between the teeth, as in "th")

The lips are `gap + drop` apart whatever the jaw does.
"""


@dataclass(frozen=True)
class Articulation:
    """Articulator curves at a fixed rate.

    `curves` is float32 of shape (T, 9), one column per entry of `CHANNELS`; row i stands at
    (first + i) / rate seconds.
    """

    rate: float
    curves: np.ndarray
    first: int = 0
    """How many rows before these are not known any more."""

    def __post_init__(self) -> None:
        if self.curves.ndim != 2 or self.curves.shape[1] != len(CHANNELS):
            raise TypeError(f"curves must be (T, {len(CHANNELS)}), not {self.curves.shape}")
        if self.rate <= 0:
            raise TypeError(f"rate must be positive, not {self.rate}")

    @property
    def duration(self) -> float:
        """Seconds from the first row to the last."""
        return max(0, len(self.curves) - 1) / self.rate

    def at(self, times: np.ndarray | float) -> np.ndarray:
        """Return curves at `times` (seconds, any shape flattened to N): float32 (N, 9).

        Linear between rows; zero, that is closed and at rest, outside the curves.
        """
        wanted = np.atleast_1d(np.asarray(times, np.float64)).ravel()
        result = np.zeros((len(wanted), len(CHANNELS)), np.float32)
        if not len(self.curves):
            return result
        position = wanted * self.rate - self.first
        inside = (position >= -1e-9) & (position <= len(self.curves) - 1 + 1e-9)
        position = np.clip(position[inside], 0, len(self.curves) - 1)
        below = np.floor(position).astype(np.int64)
        above = np.minimum(below + 1, len(self.curves) - 1)
        weight = (position - below)[:, None]
        result[inside] = self.curves[below] * (1 - weight) + self.curves[above] * weight
        return result

    def channel(self, name: str) -> np.ndarray:
        """Return one column by name, float32 (T,)."""
        return self.curves[:, CHANNELS.index(name)]
