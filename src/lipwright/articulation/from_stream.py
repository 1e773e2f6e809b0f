"""From sound to articulator curves as it comes: row by row, in constant memory."""

from __future__ import annotations

import numpy as np

from lipwright.articulation.ear import LIVE, WindowShape
from lipwright.articulation.from_audio import AudioArticulator, fit_rows
from lipwright.articulation.row_window import RowWindow

REACH_ROWS = 36
"""So many rows (0.72 s) after one can still change its shape: 0.24 s that tell speech from a click,
0.28 s that tell a rest from a short pause, 0.2 s in which the fastest lips close."""


class StreamArticulator:
    """Samples at 16 kHz in, rows of the nine curves out that no later sound changes.

    The rows are those of `shape_rows` over the whole; how the sound is cut into pieces shows in
    rounding errors alone.
    """

    def __init__(self, shape: WindowShape = LIVE) -> None:
        """shape: the windows in which the sound is heard; LIVE for one that is still arriving."""
        self._articulator, self._window = AudioArticulator(shape), RowWindow()

    def push(self, samples: np.ndarray) -> np.ndarray:
        """Return the rows at 50 Hz that are certain by now: float32 (N, 9)."""
        self._window.add(self._articulator.push(samples))
        return self._window.give(self._window.stop - REACH_ROWS)

    def finish(self, duration: float) -> np.ndarray:
        """Return the rest of the rows of a sound that lasts `duration` seconds: float32 (N, 9)."""
        window = self._window
        window.add(self._articulator.finish())
        window.rows = fit_rows(window.rows, duration, window.first)
        return window.give(window.stop)
