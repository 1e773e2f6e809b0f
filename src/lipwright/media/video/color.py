"""Colour of video: BGR to luma and chroma and back, after ITU-T H.273.

Video is tagged with its matrix, so it has to be converted with that matrix; OpenCV's own BGR to YUV
is BT.601 and would shift skin towards green in video tagged BT.709.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from lipwright.core.rect import Box

BT709, BT601, BT470BG, BT2020 = 1, 6, 5, 9
"""Numbers of H.273; for matrix, primaries and transfer alike, as far as each has them."""
UNSAID = 2
LIMITED_RANGE, FULL_RANGE = 1, 2  # FFmpeg's AVCOL_RANGE_MPEG and AVCOL_RANGE_JPEG
HD_HEIGHT = 720

WEIGHTS = {
    BT709: (0.2126, 0.0722),
    4: (0.30, 0.11),  # FCC
    BT470BG: (0.299, 0.114),
    BT601: (0.299, 0.114),
    7: (0.212, 0.087),  # SMPTE 240M
    BT2020: (0.2627, 0.0593),
}
"""Of red and blue in luma, by matrix (H.273 table 4); green has the rest."""


@dataclass(frozen=True)
class Colour:
    """The colour tags of a video: numbers of H.273."""

    matrix: int = BT709
    primaries: int = BT709
    transfer: int = BT709
    full_range: bool = False

    @property
    def known_matrix(self) -> int:
        """One of `WEIGHTS`: BT.709 where the matrix is missing or unusual."""
        return self.matrix if self.matrix in WEIGHTS else BT709


def colour_of(frame: Any, height: int) -> Colour:
    """Return the colour tags of an av frame.

    A frame without a matrix is taken for BT.709 from 720 lines on, below for BT.601, as players do.
    """
    matrix, primaries, transfer = (
        int(getattr(frame, name, UNSAID) or UNSAID)
        for name in ("colorspace", "color_primaries", "color_trc")
    )
    if matrix not in WEIGHTS:
        matrix = BT709 if height >= HD_HEIGHT else BT601
    full = int(frame.color_range) == FULL_RANGE or frame.format.name.startswith("yuvj")
    return Colour(matrix, primaries, transfer, full)


@cache
def rows_from_bgr(matrix: int, full_range: bool) -> np.ndarray:
    """Return the matrix, float64 (3, 4), that gives (Y, Cb, Cr) of (B, G, R, 1), all 0-255."""
    red, blue = WEIGHTS[matrix]
    luma = np.array([blue, 1 - red - blue, red])
    y_span, c_span, black = (255, 255, 0) if full_range else (219, 224, 16)
    return np.array(
        [
            [*(luma * y_span / 255), black],
            [*((np.array([1, 0, 0]) - luma) / (2 * (1 - blue)) * c_span / 255), 128],
            [*((np.array([0, 0, 1]) - luma) / (2 * (1 - red)) * c_span / 255), 128],
        ]
    )


@cache
def rows_to_bgr(matrix: int, full_range: bool) -> np.ndarray:
    """Return the matrix, float64 (3, 4), that gives BGR of (Y, Cb, Cr, 1), all 0-255."""
    rows = rows_from_bgr(matrix, full_range)
    inverse = np.linalg.inv(rows[:, :3])
    affine: np.ndarray = np.c_[inverse, -inverse @ rows[:, 3]]
    return affine


def even_box(box: Box, width: int, height: int) -> Box | None:
    """Widen `box` to even edges and clip it to the image; None where nothing of it is left."""
    x0, y0 = max(0, int(box[0])) & ~1, max(0, int(box[1])) & ~1
    x1 = min(width, (int(box[2]) + 1) & ~1)
    y1 = min(height, (int(box[3]) + 1) & ~1)
    return (x0, y0, x1, y1) if x1 > x0 and y1 > y0 else None


@cache
def exact_conversion() -> Any:
    """Return the flags of exact swscale conversion.

    The default is faster but darkens every frame by one grey level.
    """
    from av.video.reformatter import Interpolation

    return Interpolation.BILINEAR | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT
