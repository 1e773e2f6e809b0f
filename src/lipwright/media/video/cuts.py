"""Find the cuts of a video from its pictures.

A cut changes what is seen in most parts of the picture at once, and much more than the frames
before and after it differ among themselves. Somebody who moves changes some parts, a camera that
moves changes all of them by little: most of what a part shows is still there in the next frame,
somewhere else. So histograms of brightness and colour are compared part by part, together with
the pixels themselves. A flash is no cut, because the picture from before it comes back.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

import cv2
import numpy as np

from lipwright.media.video.yuv_frame import YuvFrame

AROUND = 3
"""Frames on either side of a cut that are looked at; a flash is at most one frame shorter."""
LEAST = 0.03
"""Smallest difference of the histograms at a cut, [0, 1]. Between frames of one shot it reaches
0.08 where the camera moves fast."""
CLEAR = 0.2
"""Difference of the histograms from which on motion is hardly the reason."""
TIMES, CLEAR_TIMES = 2.5, 1.5
"""How many times more than its neighbours a cut differs, in histograms and in pixels: usually, and
where it is clear."""
NOISE = 0.006, 0.8
"""Differences, of histograms and in grey levels, that neighbours are taken to have at least."""
BLANK = 4.0
"""Standard deviation, in grey levels, of a picture that shows nothing: in the middle of a fade."""
SIZE = 64  # px: width of the reduced picture, whose pixels are compared
READ = 256  # px of a plane's width that are read, at least
PARTS = 4
"""The picture is compared in so many rows of so many parts."""
BINS = 16


class Signature(NamedTuple):
    """What is kept of a picture."""

    pixels: np.ndarray
    """float32 (h, w): its luma, much reduced."""
    histograms: np.ndarray
    """float32 (3, parts, bins): shares of luma and of both chroma, with soft edges."""
    is_blank: bool
    """Whether nothing is seen."""

    @classmethod
    def of(cls, frame: YuvFrame) -> Signature:
        """Reduce a picture."""
        height = max(PARTS, round(SIZE * frame.height / frame.width))
        planes = [_reduced(plane, height) for plane in frame.planes]
        pixels = planes[0].astype(np.float32)
        histograms = np.stack([_histograms(plane) for plane in planes])
        return cls(pixels, histograms, float(pixels.std()) < BLANK)

    def differs(self, other: Signature) -> tuple[float, float]:
        """Return how much the histograms differ, [0, 1], and the pixels, in grey levels."""
        apart = np.abs(self.histograms - other.histograms).sum(axis=2).mean() / 2
        return float(apart), float(cv2.norm(self.pixels, other.pixels, cv2.NORM_L1)) / (
            self.pixels.size
        )


def find_cuts(frames: Iterable[YuvFrame]) -> Iterator[tuple[YuvFrame, bool]]:
    """Yield each frame, and whether it is the first of a shot after a cut or a fade.

    Reads 3 frames ahead. The first frame of all follows no cut.
    """
    source = ((frame, Signature.of(frame)) for frame in frames)
    before: deque[Signature] = deque(maxlen=AROUND)
    after = deque(islice(source, AROUND))
    blank = 0
    while after:
        frame, signature = after[0]
        faded = blank > AROUND and not signature.is_blank
        yield frame, faded or _is_cut(list(before), [seen for _, seen in after])
        blank = blank + 1 if signature.is_blank else 0
        before.append(signature)
        after.popleft()
        after.extend(islice(source, 1))


def _is_cut(before: list[Signature], after: list[Signature]) -> bool:
    """Return whether there is a cut between the last frame before and the first one after.

    Frames that show nothing are left out: a cut behind a white one is a cut all the same.
    """
    if after[0].is_blank:
        return False
    before, after = ([one for one in side if not one.is_blank] for side in (before, after))
    if not before:
        return False
    apart = np.array(before[-1].differs(after[0]))
    if apart[0] < LEAST:
        return False
    around = [
        one.differs(other)
        for side in (before, after)
        for one, other in zip(side, side[1:], strict=False)
    ]
    usual = np.max([NOISE, *around], axis=0)
    if (apart < (TIMES if apart[0] < CLEAR else CLEAR_TIMES) * usual).any():
        return False
    # the nearest pictures of both sides, with a flash between them or not
    nearest = min(one.differs(other)[0] for one in before for other in after)
    return nearest >= LEAST and nearest >= apart[0] / TIMES


def _reduced(plane: np.ndarray, height: int) -> np.ndarray:
    step = max(1, min(plane.shape[1] // READ, plane.shape[0] // height))
    coarse = np.ascontiguousarray(plane[::step, ::step])
    return cv2.resize(coarse, (SIZE, height), interpolation=cv2.INTER_AREA)


def _histograms(plane: np.ndarray) -> np.ndarray:
    """Return float32 (parts, bins): the shares of levels in each part of a plane."""
    height, width = plane.shape
    rows, columns = (np.arange(size) * PARTS // size for size in (height, width))
    part = rows[:, None] * PARTS + columns
    levels = plane.astype(np.float32) * (BINS / 256) - 0.5
    low = np.floor(levels)
    upper = levels - low
    places = part * (BINS + 2) + low.astype(np.int64) + 1
    size = PARTS * PARTS * (BINS + 2)
    counts = np.bincount(places.ravel(), (1 - upper).ravel(), size)
    counts += np.bincount(places.ravel() + 1, upper.ravel(), size)
    histograms = counts.reshape(PARTS * PARTS, BINS + 2).astype(np.float32)
    shares: np.ndarray = histograms / histograms.sum(axis=1, keepdims=True)
    return shares
