"""Which parts of a moved picture show the person alone, what is behind, or the edge between them.

Only the edge has to be mixed, and what is behind need not be sampled.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import cv2
import numpy as np

from lipwright.core.rect import Rect
from lipwright.engines.warp.bgra import TILE

BEHIND, EDGE, PERSON = 0, 1, 2
STEP = TILE  # px between the places that are looked at
NEAR = 8  # px: all that is sampled around one of them is at most so far from what it samples
SHORT = 4  # columns: a shorter run of what is behind is not worth a step of its own
BEHIND_RUN = re.compile(rb"\x00{%d,}" % SHORT)


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
        most = np.maximum.reduceat(below, self._ends)[::2]
        return Columns(self._lines, kinds.shape[1], most.tobytes())


class Columns:
    """What is seen in columns of `STEP` px of some rectangles."""

    def __init__(self, lines: Mapping[Rect, int], width: int, most: bytes) -> None:
        """Keep it.

        lines: which line of `most` belongs to a rectangle. width: columns of a line. most: the
        largest kind in each column; it is `BEHIND` where nothing else is seen.
        """
        self._lines, self._width, self._most = lines, width, most

    def parts(self, rect: Rect) -> list[tuple[Rect, bool]]:
        """Return the parts of one of the rectangles, px, side by side.

        Each with whether anything but what is behind may be seen in it.
        """
        start = self._lines[rect] * self._width
        done, last = start + rect.x0 // STEP, start - (-rect.x1 // STEP)
        parts = []
        for run in BEHIND_RUN.finditer(self._most, done, last):
            begin, end = run.span()
            parts += [(done, begin, True), (begin, end, False)]
            done = end
        parts.append((done, last, True))
        return [
            (Rect(max(x0, rect.x0), rect.y0, min(x1, rect.x1), rect.y1), seen)
            for x0, x1, seen in (
                ((begin - start) * STEP, (end - start) * STEP, seen) for begin, end, seen in parts
            )
            if x0 < x1
        ]


def is_behind(rect: Rect, kinds: np.ndarray) -> bool:
    """Return whether all of a rectangle, px, shows what is behind.

    kinds: uint8 (rows, columns), of all places, `STEP` px apart.
    """
    rows = slice(rect.y0 // STEP, -(-rect.y1 // STEP))
    return not kinds[rows, rect.x0 // STEP : -(-rect.x1 // STEP)].any()
