"""How sharp a frame is: a head that moves, or is out of focus, gets a mouth that is as blurred.

What is compared is the nose, which speech and blinks leave alone.
"""

from __future__ import annotations

import cv2
import numpy as np

from lipwright.core.rect import Rect

NOSE = [168, 2, 129, 358]  # its bridge, base and wings
MIN_PART = 4  # px
AS_SHARP, BLURRED = 0.8, 0.5
"""A frame with the first share of the lending one's sharpness counts as equally sharp, one with the
second is followed all the way."""
BLURS = 0.0, 0.6, 1.0, 1.6, 2.5, 4.0, 6.0  # standard deviations, px
CRISP = np.array([-0.06, 1.12, -0.06], np.float32)
"""Makes up, along one axis, for what sampling a picture from a copy twice its size takes from it:
much at whole pixels, nothing at quarters, so this is a middle."""


def crisp(picture: np.ndarray) -> np.ndarray:
    """A picture that is as sharp as it was after it was sampled from an enlarged copy."""
    return cv2.sepFilter2D(picture, -1, CRISP, CRISP)


def sharpness(picture: np.ndarray) -> float:
    """How much of a picture's contrast is in its edges. picture: BGR uint8."""
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    edges = cv2.norm(cv2.Laplacian(grey, cv2.CV_16S), cv2.NORM_L1) / grey.size
    contrast = float(cv2.meanStdDev(grey)[1][0, 0])
    return (edges + 0.01) / (contrast + 1)


def part_around(points: np.ndarray, image: np.ndarray) -> Rect:
    """The part of a picture with these points (n, 2), px."""
    picture = Rect(0, 0, image.shape[1], image.shape[0])
    return Rect.around(points).clipped(picture)


def is_seen(rect: Rect) -> bool:
    """Whether there is enough of it to tell how sharp it is."""
    return rect.x1 - rect.x0 >= MIN_PART and rect.y1 - rect.y0 >= MIN_PART


def missing_blur(drawn: np.ndarray, own: np.ndarray) -> float:
    """The blur (px) after which a drawing of something is as sharp as the frame's own picture."""
    before, sharper, wanted = 0.0, sharpness(drawn), sharpness(own)
    if wanted >= AS_SHARP * sharper:
        return 0.0
    wanted *= float(np.interp(wanted / sharper, (BLURRED, AS_SHARP), (1.0, 1 / AS_SHARP)))
    for blur in BLURS[1:]:
        blurred = sharpness(cv2.GaussianBlur(drawn, (0, 0), blur))
        if blurred <= wanted:
            share = (sharper - wanted) / max(sharper - blurred, 1e-6)
            return before + share * (blur - before)
        before, sharper = blur, blurred
    return BLURS[-1]
