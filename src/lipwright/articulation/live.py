"""Curves for a face that speaks right now: from sound within 0.4 s, from phones at once."""

from __future__ import annotations

import numpy as np

from lipwright.articulation.columns import COLUMNS, RATE
from lipwright.articulation.curves import CHANNELS
from lipwright.articulation.ear import WindowShape
from lipwright.articulation.from_audio import AudioArticulator
from lipwright.articulation.shaping import shape_rows

SHAPE = WindowShape(past=100, core=4, ahead=8)
"""Every 80 ms, with 2 s of what was, and 0.16 s of what comes."""
REACH_ROWS = 8
"""Rows (0.16 s) after one that shape it: what tells a rest from a short pause is not waited for."""
CONTEXT_ROWS = 60
"""Rows (1.2 s) before the first new one that are shaped again."""
DELAY = (SHAPE.core + SHAPE.ahead + REACH_ROWS) / RATE
"""Seconds after which the row of a moment is certainly there, time for computing it apart."""


class LiveArticulator:
    """Samples at 16 kHz in, rows of the nine curves out, at most `DELAY` behind the sound.

    Rows differ from those of `articulate_audio` a little, for less of what follows is known: the
    opening of the lips correlates by .98 (median of eight people, `benchmarks/live.py --ear`).
    """

    def __init__(self) -> None:
        self._articulator = AudioArticulator(SHAPE)
        self.restart()

    def restart(self) -> None:
        """Forget what was heard, and listen to another sound, whose first row is number 0."""
        self._articulator.restart()
        self._rows: np.ndarray = np.zeros((0, COLUMNS), np.float32)
        self._first = 0  # number of the first row that is held
        self._given = 0

    def push(self, samples: np.ndarray) -> np.ndarray:
        """Return the rows at 50 Hz that follow those given before: float32 (N, 9).

        samples: mono float32 (n,), any number of them.
        """
        self._rows = np.concatenate([self._rows, self._articulator.push(samples)])
        stop = self._first + len(self._rows) - REACH_ROWS
        if stop <= self._given:
            return np.zeros((0, len(CHANNELS)), np.float32)
        shaped = shape_rows(self._rows, self._first)[self._given - self._first : stop - self._first]
        self._given = stop
        spare = max(0, stop - CONTEXT_ROWS - self._first)
        self._rows, self._first = self._rows[spare:].copy(), self._first + spare
        return shaped.astype(np.float32)
