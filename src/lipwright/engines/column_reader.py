"""Stretches of a spectrogram by frame number, computed as they are needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Columns:
    """A spectrogram that can be had from any column on, and the stretch of it a frame hears."""

    rows: int
    """Numbers in a column."""
    width: int
    """Columns of a stretch."""
    silence: float
    """What silence has in every row."""
    blocks: Callable[[int], Iterator[np.ndarray]]
    """Yields float32 (rows, T) from a column on, some columns at a time."""


class ColumnReader:
    """Stretches of one speech's spectrogram.

    Columns are computed from the first one that is read, kept while frames can still see them, and
    computed again only for who goes back further than that.
    """

    def __init__(
        self, columns: Columns, start_of: Callable[[int], int], *, stays_inside: bool
    ) -> None:
        """What is read, and where.

        start_of: gives the first column that a frame hears, by its number; it may be below 0.
        stays_inside: near the end frames hear the last stretch that fits. False: there is silence
        before and after the sound.
        """
        self._columns, self._start_of, self._stays_inside = columns, start_of, stays_inside
        self._coming: Iterator[np.ndarray] | None = None
        self._held = self._nothing()
        self._first = 0  # the column with which `_held` begins
        self._ended = False

    def at(self, number: int) -> np.ndarray:
        """Return what a frame hears: float32 (rows, width)."""
        start, width = self._start_of(number), self._columns.width
        if self._coming is None or max(0, start) < self._first:
            self._seek(max(0, start - width))
        while not self._ended and self._first + self._held.shape[1] < start + width:
            self._read_more(start)
        if not self._stays_inside:
            return self._with_silence(start - self._first)
        if self._held.shape[1] < width and self._first:
            self._seek(0)  # the end came sooner than this frame: it hears the last columns
            return self.at(number)
        return self._with_silence(max(0, min(start - self._first, self._held.shape[1] - width)))

    def _with_silence(self, start: int) -> np.ndarray:
        """The held columns from `start` on, and silence where there are none."""
        end = start + self._columns.width
        inside = self._held[:, max(0, start) : max(0, end)]
        before = min(self._columns.width, max(0, -start))
        after = self._columns.width - before - inside.shape[1]
        if not before and not after:
            return inside
        silence = ((0, 0), (before, after))
        return np.pad(inside, silence, constant_values=self._columns.silence)

    def _nothing(self) -> np.ndarray:
        return np.zeros((self._columns.rows, 0), np.float32)

    def _seek(self, column: int) -> None:
        self._coming = self._columns.blocks(column)
        self._held, self._first, self._ended = self._nothing(), column, False

    def _read_more(self, start: int) -> None:
        # what later frames cannot see is let go, but never the last stretch
        let_go = min(start - self._first, self._held.shape[1] - self._columns.width)
        if let_go > 0:
            self._held, self._first = self._held[:, let_go:], self._first + let_go
        assert self._coming is not None
        block = next(self._coming, None)
        if block is None:
            self._ended = True
        else:
            self._held = np.concatenate([self._held, block], axis=1)
