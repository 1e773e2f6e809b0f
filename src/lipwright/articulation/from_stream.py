"""From sound that is still arriving to articulator curves: row by row, in constant memory."""

from __future__ import annotations

import numpy as np

from lipwright.articulation.columns import COLUMNS
from lipwright.articulation.curves import CHANNELS
from lipwright.articulation.ear import LIVE
from lipwright.articulation.from_audio import AudioArticulator, fit_rows
from lipwright.articulation.shaping import shape_rows

REACH_ROWS = 36
"""So many rows (0.72 s) after one can still change its shape: 0.24 s that tell speech from a click,
0.28 s that tell a rest from a short pause, 0.2 s in which the fastest lips close."""
CONTEXT_ROWS = 60
"""So many rows (1.2 s) before the first new one are shaped again: nothing before them shows."""


class StreamArticulator:
    """Samples at 16 kHz in, rows of the nine curves out that no later sound changes.

    The rows are those of `shape_rows` over the whole; how the sound is cut into pieces shows in
    rounding errors alone.
    """

    def __init__(self) -> None:
        self._articulator = AudioArticulator(LIVE)
        self._rows: np.ndarray = np.zeros((0, COLUMNS), np.float32)
        self._first = 0  # number of the first row that is held
        self._given = 0

    def push(self, samples: np.ndarray) -> np.ndarray:
        """Return the rows at 50 Hz that are certain by now: float32 (N, 9)."""
        self._rows = np.concatenate([self._rows, self._articulator.push(samples)])
        return self._give(self._first + len(self._rows) - REACH_ROWS)

    def finish(self, duration: float) -> np.ndarray:
        """Return the rest of the rows of a sound that lasts `duration` seconds: float32 (N, 9)."""
        rows = np.concatenate([self._rows, self._articulator.finish()])
        self._rows = fit_rows(rows, duration, self._first)
        return self._give(self._first + len(self._rows))

    def _give(self, stop: int) -> np.ndarray:
        """The rows up to number `stop` that were not given before."""
        if stop <= self._given:
            return np.zeros((0, len(CHANNELS)), np.float32)
        shaped = shape_rows(self._rows, self._first)[self._given - self._first : stop - self._first]
        self._given = stop
        spare = max(0, stop - CONTEXT_ROWS - self._first)
        self._rows, self._first = self._rows[spare:].copy(), self._first + spare
        return shaped.astype(np.float32)
