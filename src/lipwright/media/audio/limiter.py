"""A look-ahead peak limiter, slow enough to be inaudible; nothing is clipped.

The gain is found per 64 samples, held over its neighbours and smoothed over about 7 ms.
"""

from __future__ import annotations

import numpy as np

STEP, REACH = 64, 3
CONTEXT = (2 * REACH + 3) * STEP
"""Samples on both sides that a sample's gain depends on, rounded up."""


def limiting_gain(samples: np.ndarray, ceiling: float) -> np.ndarray:
    """Return the gain, float64 (n,), that keeps samples, float32 (channels, n), below `ceiling`."""
    count = samples.shape[1]
    padded = np.pad(np.abs(samples).max(axis=0), (0, -count % STEP))
    peaks = padded.reshape(-1, STEP).max(axis=1)
    gain = np.minimum(1.0, ceiling / np.maximum(peaks, 1e-9))
    # A minimum over REACH + 1 neighbours, then a mean over REACH: every averaged value, and every
    # point of the line between two of them, still respects its own block.
    held = _neighbours(gain, REACH + 1).min(axis=1)
    smooth = _neighbours(held, REACH).mean(axis=1)
    centres = (np.arange(gain.size) + 0.5) * STEP
    curve: np.ndarray = np.interp(np.arange(count), centres, smooth)
    return curve


class Limiter:
    """Limits streamed sound as `limiting_gain` limits it in one piece."""

    def __init__(self, ceiling: float) -> None:
        self._ceiling = ceiling
        self._held = np.zeros((0, 0), np.float32)
        self._done = 0  # samples of what is held that were given out already

    def push(self, piece: np.ndarray) -> np.ndarray:
        """Take float32 (channels, n) and return limited samples of that kind, some 10 ms late."""
        self._held = np.concatenate([self._held, piece], axis=1) if self._held.size else piece
        count = self._held.shape[1]
        ready = max(self._done, count - count % STEP - CONTEXT)
        given = self._limited(ready)
        dropped = max(0, ready - ready % STEP - CONTEXT)
        self._held, self._done = self._held[:, dropped:], ready - dropped
        return given

    def finish(self) -> np.ndarray:
        """Return the samples still held, float32 (channels, n)."""
        return self._limited(self._held.shape[1])

    def _limited(self, ready: int) -> np.ndarray:
        part = self._held[:, self._done : ready]
        if not part.size or np.abs(self._held).max() <= self._ceiling:
            return part
        curve = limiting_gain(self._held, self._ceiling)[self._done : ready]
        limited = (part * curve).astype(np.float32)
        clipped: np.ndarray = np.clip(limited, -self._ceiling, self._ceiling)  # rounding alone
        return clipped


def _neighbours(values: np.ndarray, reach: int) -> np.ndarray:
    """Return each value among those around it, (n, 2 * reach + 1); the outermost are repeated."""
    padded = np.pad(values, reach, mode="edge")
    return np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1)
