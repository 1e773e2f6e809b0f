"""Curves for a face that speaks right now: from sound within 0.4 s, from phones at once."""

from __future__ import annotations

import numpy as np

from lipwright.articulation.columns import RATE
from lipwright.articulation.curves import CHANNELS
from lipwright.articulation.ear import SAMPLE_RATE, WindowShape
from lipwright.articulation.from_audio import AudioArticulator
from lipwright.articulation.row_window import RowWindow

SHAPE = WindowShape(past=100, core=4, ahead=8)
"""Every 80 ms, with 2 s of what was, and 0.16 s of what comes."""
REACH_ROWS = 8
"""Rows (0.16 s) after one that shape it: what tells a rest from a short pause is not waited for."""
_BLOCK = SAMPLE_RATE // 50
DELAY = (SHAPE.core + SHAPE.ahead + REACH_ROWS) / RATE
"""Seconds after which the row of a moment is certainly there, time for computing it apart."""


class LiveArticulator:
    """Samples at 16 kHz in, rows of the nine curves out, at most `DELAY` behind the sound.

    Rows differ from those of `articulate_audio` a little, for less of what follows is known: the
    opening of the lips correlates by .98 (median of ten people, `benchmarks/live_ear.py`).
    """

    def __init__(self) -> None:
        self._articulator = AudioArticulator(SHAPE)
        self.restart()

    def restart(self) -> None:
        """Forget what was heard, and listen to another sound, whose first row is number 0."""
        self._articulator.restart()
        self._window = RowWindow()
        self._waiting: np.ndarray = np.zeros(0, np.float32)

    def push(self, samples: np.ndarray) -> np.ndarray:
        """Return the rows at 50 Hz that follow those given before: float32 (N, 9).

        samples: mono float32 (n,), any number of them.
        """
        self._waiting = np.concatenate([self._waiting, samples])
        whole = len(self._waiting) // _BLOCK * _BLOCK
        blocks, self._waiting = self._waiting[:whole], self._waiting[whole:].copy()
        found = [self._follow(block) for block in blocks.reshape(-1, _BLOCK)]
        return np.concatenate([np.zeros((0, len(CHANNELS)), np.float32), *found])

    def _follow(self, block: np.ndarray) -> np.ndarray:
        """The rows that are certain with a block, however the sound was cut before."""
        self._window.add(self._articulator.push(block))
        return self._window.give(self._window.stop - REACH_ROWS)
