"""Which parts of a moved picture show the person alone, what is behind, or the edge between them.

Only the edge has to be mixed, and what is behind need not be sampled.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import cv2
import numpy as np

from lipwright.core.rect import Rect

BEHIND, EDGE, PERSON = 0, 1, 2
STEP = 8  # px between the places that are looked at
NEAR = 12  # px: all that is sampled between two of them is at most so far from what they sample
SHORT = 4  # columns: a shorter run is not worth a step of its own


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


def parts_of(rect: Rect, kinds: np.ndarray) -> Iterator[tuple[Rect, int]]:
    """Yield the parts of a rectangle, px, side by side, and what they show: EDGE if several.

    kinds: uint8 (rows, columns), of all places, `STEP` px apart.
    """
    first, last = rect.x0 // STEP, -(-rect.x1 // STEP)
    seen = kinds[rect.y0 // STEP : -(-rect.y1 // STEP), first:last]
    low, high = seen.min(axis=0), seen.max(axis=0)
    columns = np.where(low == high, low, np.uint8(EDGE))
    stops = [0, *(np.flatnonzero(columns[1:] != columns[:-1]) + 1).tolist(), columns.size]
    for start, stop, kind in _joined(pairwise(stops), columns):
        x0, x1 = (first + start) * STEP, (first + stop) * STEP
        yield rect._replace(x0=max(x0, rect.x0), x1=min(x1, rect.x1)), kind


def _joined(runs: Iterator[tuple[int, int]], columns: np.ndarray) -> Iterator[tuple[int, int, int]]:
    """Yield runs of columns and their kind, short ones as EDGE, neighbours of one kind as one."""
    held: tuple[int, int, int] | None = None
    for start, stop in runs:
        kind = int(columns[start]) if stop - start >= SHORT else EDGE
        if held is not None and held[2] != kind:
            yield held
            held = None
        held = (start if held is None else held[0]), stop, kind
    if held is not None:
        yield held
