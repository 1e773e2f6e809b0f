"""Pixels of a frame seen elsewhere: sharp in their lightness, which is what an eye sees.

Lightness is interpolated by a cubic kernel, colours linearly: those of a film have half the
resolution anyway, and both together take half the time that a cubic kernel takes for all three
channels. Bands of rows keep what is worked on in the processor's cache, and leave out what does not
move.
"""

from __future__ import annotations

import cv2
import numpy as np

from lipwright.core.rect import Rect

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
        low = there.x0 + left.min() - ROOM, there.y0 + above.min() - ROOM
        high = there.x1 + beyond.max() + ROOM, there.y1 + below.max() + ROOM
        source = Rect.around(np.array([low, high])).clipped(Rect.whole(image))
        if source.empty:  # all of it is taken from beyond an edge, where the edge goes on
            source = Rect.whole(image)
        x = right[band.slices] + _steps(there.x0 - source.x0, band.width)
        y = down[band.slices] + _steps(there.y0 - source.y0, band.height)[:, None]
        result[band.slices] = sampled(image[source.slices], x, y)
    return result


def sampled(image: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return what an image shows at places, BGR uint8 (h, w, 3); x, y: px, float32 (h, w)."""
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    colours = cv2.cvtColor(image, cv2.COLOR_BGR2BGRA)
    cv2.insertChannel(grey, colours, 3)
    linear = cv2.remap(colours, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    sharp = cv2.remap(grey, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    soft = cv2.extractChannel(linear, 3)
    brighter, darker = (
        cv2.cvtColor(lacking, cv2.COLOR_GRAY2BGR)
        for lacking in (cv2.subtract(sharp, soft), cv2.subtract(soft, sharp))
    )
    plain = cv2.cvtColor(linear, cv2.COLOR_BGRA2BGR)
    return cv2.subtract(cv2.add(plain, brighter), darker)


def _steps(first: int, count: int) -> np.ndarray:
    """Return so many numbers from the first on, float32 (count,)."""
    return np.arange(first, first + count, dtype=np.float32)
