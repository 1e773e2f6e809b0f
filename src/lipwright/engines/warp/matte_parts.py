"""Which parts of a moved picture show the person alone, what is behind, or the edge between them.

Only the edge has to be mixed, and what is behind need not be sampled.
"""

from __future__ import annotations

import re

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


def is_behind(rect: Rect, kinds: np.ndarray) -> bool:
    """Return whether all of a rectangle, px, shows what is behind.

    kinds: uint8 (rows, columns), of all places, `STEP` px apart.
    """
    return not _places_of(rect, kinds).any()


def parts_of(rect: Rect, kinds: np.ndarray) -> list[tuple[Rect, int]]:
    """Return the parts of a rectangle, px, side by side, and what they show: EDGE if several.

    kinds: uint8 (rows, columns), of all places, `STEP` px apart.
    """
    first, seen = rect.x0 // STEP, _places_of(rect, kinds)
    columns = np.add(seen.max(axis=0) > BEHIND, seen.min(axis=0) == PERSON, dtype=np.uint8)
    parts = []
    for start, stop, kind in _runs_of(columns.tobytes()):
        x0, x1 = (first + start) * STEP, (first + stop) * STEP
        parts.append((Rect(max(x0, rect.x0), rect.y0, min(x1, rect.x1), rect.y1), kind))
    return parts


def _places_of(rect: Rect, kinds: np.ndarray) -> np.ndarray:
    return kinds[rect.y0 // STEP : -(-rect.y1 // STEP), rect.x0 // STEP : -(-rect.x1 // STEP)]


def _runs_of(columns: bytes) -> list[tuple[int, int, int]]:
    """Return runs of columns and their kind, short ones as EDGE, neighbours of one kind as one."""
    runs: list[tuple[int, int, int]] = []
    for run in RUN.finditer(columns):
        start, stop = run.span()
        kind = columns[start] if stop - start >= SHORT else EDGE
        if runs and runs[-1][2] == kind:
            start = runs.pop()[0]
        runs.append((start, stop, kind))
    return runs
