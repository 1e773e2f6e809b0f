"""Which parts of a moved picture show the person alone, what is behind, or the edge between them.

Only the edge has to be mixed, and what is behind need not be sampled.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import cv2
import numpy as np

from lipwright.core.rect import Rect

BEHIND, EDGE, PERSON = 0, 1, 2
STEP = 8  # px between the places that are looked at
NEAR = 12  # px: all that is sampled between two of them is at most so far from what they sample
SHORT = 4  # columns: a shorter run is not worth a step of its own
RUN = re.compile(rb"\x00+|\x01+|\x02+")


class MatteParts:
    """Looks up a matte at the places that a picture is taken from."""

    def __init__(self, matte: np.ndarray) -> None:
        """matte: uint8 (h, w), 255 where the person is seen."""
        near = np.ones((2 * NEAR + 1, 2 * NEAR + 1), np.uint8)
        self._kinds = np.full(matte.shape, EDGE, np.uint8)
        self._kinds[cv2.erode(matte, near) == 255] = PERSON
        self._kinds[cv2.dilate(matte, near) == 0] = BEHIND

    def at(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Return what is seen around places, uint8 (rows, columns), `STEP` px apart.

        x, y: where in the matte they are taken from, px, float32 (rows, columns).
        """
        return cv2.remap(self._kinds, x, y, cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE)


class Strips:
    """Rectangles of a picture whose parts are looked up together, in a few calls of NumPy."""

    def __init__(self, rects: Sequence[Rect]) -> None:
        """rects: in px, not empty."""
        rows = [(rect.y0 // STEP, -(-rect.y1 // STEP)) for rect in rects]
        self._lines = {rect: line for line, rect in enumerate(rects)}
        self._ends = np.array(rows, np.intp).ravel()

    def look(self, kinds: np.ndarray) -> Columns:
        """Return what is seen in all rectangles.

        kinds: uint8 (rows, columns), of all places, `STEP` px apart.
        """
        below = cv2.copyMakeBorder(kinds, 0, 1, 0, 0, cv2.BORDER_REPLICATE)  # for the last ends
        low, high = (find.reduceat(below, self._ends)[::2] for find in (np.minimum, np.maximum))
        columns = np.add(high > BEHIND, low == PERSON, dtype=np.uint8)
        return Columns(self._lines, kinds.shape[1], columns.tobytes())


class Columns:
    """What is seen in columns of `STEP` px of some rectangles: BEHIND, PERSON, or EDGE."""

    def __init__(self, lines: Mapping[Rect, int], width: int, kinds: bytes) -> None:
        """lines: which line of `kinds` belongs to a rectangle. width: columns of a line."""
        self._lines, self._width, self._kinds = lines, width, kinds

    def parts(self, rect: Rect) -> list[tuple[Rect, int]]:
        """Return the parts of one of the rectangles, px, side by side, and what they show."""
        start = self._lines[rect] * self._width
        first, last = start + rect.x0 // STEP, start - (-rect.x1 // STEP)
        parts = []
        for begin, end, kind in _runs_of(self._kinds, first, last):
            x0, x1 = max((begin - start) * STEP, rect.x0), min((end - start) * STEP, rect.x1)
            parts.append((Rect(x0, rect.y0, x1, rect.y1), kind))
        return parts


def is_behind(rect: Rect, kinds: np.ndarray) -> bool:
    """Return whether all of a rectangle, px, shows what is behind.

    kinds: uint8 (rows, columns), of all places, `STEP` px apart.
    """
    rows = slice(rect.y0 // STEP, -(-rect.y1 // STEP))
    return not kinds[rows, rect.x0 // STEP : -(-rect.x1 // STEP)].any()


def _runs_of(kinds: bytes, first: int, last: int) -> list[tuple[int, int, int]]:
    """Return runs of columns and their kind, short ones as EDGE, neighbours of one kind as one."""
    runs: list[tuple[int, int, int]] = []
    for run in RUN.finditer(kinds, first, last):
        start, stop = run.span()
        kind = kinds[start] if stop - start >= SHORT else EDGE
        if runs and runs[-1][2] == kind:
            start = runs.pop()[0]
        runs.append((start, stop, kind))
    return runs
