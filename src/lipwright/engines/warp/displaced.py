"""Pixels of a frame seen elsewhere, interpolated by a cubic kernel.

Of many pixels green is, and what it gains over a linear kernel the other channels get as well:
colours of a film have half the resolution anyway. That takes half the time. Bands of rows keep what
is worked on in the processor's cache, and leave out what does not move.
"""

from __future__ import annotations

from math import ceil, floor

import cv2
import numpy as np

from lipwright.core.rect import Rect

LARGE = 1 << 16  # px from which on only green is interpolated by a cubic kernel
BAND = 64  # rows
STILL = 0.05, 0.15  # px between which what moves passes into the frame as it is
ROOM = 3  # px beside what is read: as far as a cubic kernel reaches, and some


def settled(right: np.ndarray, down: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return a displacement, float32 (h, w) each in px, that is 0 where it hardly is anything."""
    share = np.abs(right)
    share += np.abs(down)
    share -= np.float32(STILL[0])
    share *= np.float32(1 / (STILL[1] - STILL[0]))
    np.clip(share, 0, 1, out=share)
    return right * share, down * share


def displaced(image: np.ndarray, rect: Rect, right: np.ndarray, down: np.ndarray) -> np.ndarray:
    """Return a rectangle of an image in which what is displaced so far is seen.

    Args:
        image: BGR uint8 (h, w, 3).
        rect: the pixels of the result.
        right: float32 (h, w) of it, px: how far to the right of a pixel stands what is seen there.
        down: the same, below it. Where both are 0 the image stays as it is, to the last bit.
    """
    sample = _cubic_in_green if rect.width * rect.height >= LARGE else _cubic
    result = image[rect.slices].copy()
    for top in range(0, rect.height, BAND):
        rows = slice(top, min(top + BAND, rect.height))
        ends = [
            cv2.reduce(values[rows], 0, kind)[0]
            for kind in (cv2.REDUCE_MIN, cv2.REDUCE_MAX)
            for values in (right, down)
        ]
        columns = np.flatnonzero(np.any(ends, axis=0))
        if not columns.size:
            continue
        first, last = int(columns[0]), int(columns[-1]) + 1
        band = Rect(first, rows.start, last, rows.stop)
        there = band.moved(rect.x0, rect.y0)
        left, above, beyond, below = ends
        source = Rect(
            there.x0 + floor(left.min()) - ROOM,
            there.y0 + floor(above.min()) - ROOM,
            there.x1 + ceil(beyond.max()) + ROOM,
            there.y1 + ceil(below.max()) + ROOM,
        ).clipped(Rect.whole(image))
        if source.empty:  # all of it is taken from beyond an edge, where the edge goes on
            source = Rect.whole(image)
        x = right[band.slices] + _steps(there.x0 - source.x0, band.width)
        y = down[band.slices] + _steps(there.y0 - source.y0, band.height)[:, None]
        result[band.slices] = sample(image[source.slices], x, y)
    return result


def _cubic(image: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return what an image, uint8 (h, w) or (h, w, 3), shows at places, px, float32 (h, w) each."""
    return cv2.remap(image, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)


def _cubic_in_green(image: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the same of BGR uint8 (h, w, 3) in less time: the other channels follow green."""
    four = cv2.cvtColor(image, cv2.COLOR_BGR2BGRA)  # which OpenCV samples faster than three
    linear = cv2.remap(four, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    soft, sharp = cv2.extractChannel(linear, 1), _cubic(cv2.extractChannel(image, 1), x, y)
    brighter, darker = (
        cv2.cvtColor(lacking, cv2.COLOR_GRAY2BGR)
        for lacking in (cv2.subtract(sharp, soft), cv2.subtract(soft, sharp))
    )
    plain = cv2.cvtColor(linear, cv2.COLOR_BGRA2BGR)
    return cv2.subtract(cv2.add(plain, brighter), darker)


def _steps(first: int, count: int) -> np.ndarray:
    """Return so many numbers from the first on, float32 (count,)."""
    return np.arange(first, first + count, dtype=np.float32)
