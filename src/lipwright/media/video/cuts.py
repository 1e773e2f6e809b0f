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
from functools import cached_property
from itertools import islice

import cv2
import numpy as np

from lipwright.media.video.yuv_frame import YuvFrame

AROUND = 3
"""Frames on either side of a cut that are looked at; a flash is at most one frame shorter."""
LEAST = 0.03
"""Smallest difference of the histograms at a cut, [0, 1]. Between frames of one shot it reaches
0.08 where the camera moves fast."""
LEAST_PIXELS = 2.0
"""The same in grey levels: histograms are only made where more changes."""
CLEAR = 0.2
"""Difference of the histograms from which on motion is hardly the reason."""
TIMES, CLEAR_TIMES = 2.5, 1.5
"""How many times more than its neighbours a cut differs, in histograms and in pixels: usually, and
where it is clear."""
SHIFTED = 0.35
"""Share of the difference in grey levels that may be left where a picture is the one before it,
moved: 0.2 where a camera was knocked, at least 0.48 at 1,648 cuts."""
NOISE, PIXEL_NOISE = 0.006, 0.8
"""Differences, of histograms and in grey levels, that neighbours are taken to have at least."""
BLANK = 4.0
"""Standard deviation, in grey levels, of a picture that shows nothing: in the middle of a fade."""
SIZE = 64  # px: width of the reduced picture, whose pixels are compared
READ = 256  # px of a plane's width that are read, at least
PARTS = 4
"""The picture is compared in so many rows of so many parts."""
BINS = 16


class Signature:
    """What is kept of a picture."""

    def __init__(self, frame: YuvFrame) -> None:
        """Reduce a picture."""
        height = max(PARTS, round(SIZE * frame.height / frame.width))
        self._planes = [_reduced(plane, height) for plane in frame.planes]
        self.is_blank = float(self._planes[0].std()) < BLANK
        """Whether nothing is seen."""

    @cached_property
    def histograms(self) -> np.ndarray:
        """Shares of luma and of both chroma, float32 (3, 16, 18): by part and level, soft edges."""
        return np.stack([_histograms(plane) for plane in self._planes])

    def pixels_apart(self, other: Signature) -> float:
        """Return by how many grey levels the pixels differ."""
        mine, theirs = self._planes[0], other._planes[0]
        return float(cv2.norm(mine, theirs, cv2.NORM_L1)) / mine.size

    def is_shifted(self, other: Signature) -> bool:
        """Return whether another picture is this one, moved: a camera that was knocked."""
        mine, theirs = (one._planes[0].astype(np.float32) for one in (self, other))
        window = cv2.createHanningWindow(mine.shape[::-1], cv2.CV_32F)
        (across, down), _ = cv2.phaseCorrelate(mine, theirs, window)
        matrix = np.array([[1, 0, across], [0, 1, down]])
        moved = cv2.warpAffine(mine, matrix, mine.shape[::-1], borderMode=cv2.BORDER_REPLICATE)
        left = float(np.abs(moved - theirs).mean())
        return left < SHIFTED * self.pixels_apart(other)

    def histograms_apart(self, other: Signature) -> float:
        """Return how much the histograms differ, [0, 1]."""
        return float(np.abs(self.histograms - other.histograms).sum(axis=2).mean()) / 2


def find_cuts(frames: Iterable[YuvFrame]) -> Iterator[tuple[YuvFrame, bool]]:
    """Yield each frame, and whether it is the first of a shot after a cut or a fade.

    Reads 3 frames ahead. The first frame of all follows no cut.
    """
    source = ((frame, Signature(frame)) for frame in frames)
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
    if not before or before[-1].pixels_apart(after[0]) < LEAST_PIXELS:
        return False
    apart = before[-1].histograms_apart(after[0])
    if apart < LEAST:
        return False
    times = TIMES if apart < CLEAR else CLEAR_TIMES
    pairs = [pair for side in (before, after) for pair in zip(side, side[1:], strict=False)]
    usual = max([NOISE, *(one.histograms_apart(other) for one, other in pairs)])
    usual_pixels = max([PIXEL_NOISE, *(one.pixels_apart(other) for one, other in pairs)])
    if apart < times * usual or before[-1].pixels_apart(after[0]) < times * usual_pixels:
        return False
    if before[-1].is_shifted(after[0]):
        return False
    # the nearest pictures of both sides, with a flash between them or not
    nearest = min(one.histograms_apart(other) for one in before for other in after)
    return nearest >= max(LEAST, apart / TIMES)


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
