"""Which parts of a moved picture show the person alone, what is behind, or the edge between them.

Only the edge has to be mixed, and what is behind need not be sampled.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from lipwright.core.rect import Rect
from lipwright.engines.warp.bgra import TILE

BEHIND, EDGE, PERSON = 0, 1, 2
STEP = TILE  # px between the places that are looked at
NEAR = 8  # px: all that is sampled around one of them is at most so far from what it samples


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


class BandEnds:
    """Looks up from where to where bands of a picture may show the person, all at once."""

    def __init__(self, bands: Sequence[Rect]) -> None:
        """bands: in px, not empty, on a grid of `STEP` px."""
        rows = [(band.y0 // STEP, -(-band.y1 // STEP)) for band in bands]
        self._bands = bands
        self._rows = np.array(rows, np.intp).ravel()

    def look(self, kinds: np.ndarray) -> list[tuple[int, int]]:
        """Return the first column, px, of each band that may show the person, and the one after it.

        Where they are the same only what is behind is seen. kinds: uint8 (rows, columns), of all
        places, `STEP` px apart.
        """
        below = cv2.copyMakeBorder(kinds, 0, 1, 0, 0, cv2.BORDER_REPLICATE)  # for the last ends
        seen = np.maximum.reduceat(below, self._rows)[::2] != BEHIND
        first = (seen.argmax(axis=1) * STEP).tolist()
        last = ((seen.shape[1] - seen[:, ::-1].argmax(axis=1)) * STEP).tolist()
        some = seen.any(axis=1).tolist()
        return [
            (max(x0, band.x0), min(x1, band.x1))
            if any_of_it and not band.apart(Rect(x0, band.y0, x1, band.y1))
            else (band.x0, band.x0)
            for band, x0, x1, any_of_it in zip(self._bands, first, last, some, strict=True)
        ]
