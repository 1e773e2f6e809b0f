"""Rows that are shaped as they come: those that still matter are held, and each is given once."""

from __future__ import annotations

import numpy as np

from lipwright.articulation.columns import COLUMNS
from lipwright.articulation.curves import CHANNELS
from lipwright.articulation.shaping import shape_rows

CONTEXT_ROWS = 60
"""So many rows (1.2 s) before the first new one are shaped again: nothing before them shows."""


class RowWindow:
    """The networks' rows of a sound that goes on."""

    def __init__(self) -> None:
        self.rows: np.ndarray = np.zeros((0, COLUMNS), np.float32)
        """Those that are held, float32 (T, COLUMNS)."""
        self.first = 0
        """The number of the first of them."""
        self._given = 0

    @property
    def stop(self) -> int:
        """The number after the last row that is held."""
        return self.first + len(self.rows)

    def add(self, rows: np.ndarray) -> None:
        """Add rows, float32 (T, COLUMNS), that follow."""
        self.rows = np.concatenate([self.rows, rows])

    def give(self, stop: int) -> np.ndarray:
        """Return the curves up to number `stop` that were not given before: float32 (N, 9)."""
        if stop <= self._given:
            return np.zeros((0, len(CHANNELS)), np.float32)
        shaped = shape_rows(self.rows, self.first)[self._given - self.first : stop - self.first]
        self._given = stop
        spare = max(0, stop - CONTEXT_ROWS - self.first)
        self.rows, self.first = self.rows[spare:].copy(), self.first + spare
        return shaped.astype(np.float32)
