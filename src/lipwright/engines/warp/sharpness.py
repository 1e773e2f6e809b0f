"""Sharpness of a frame: where the head moves or is out of focus, the mouth is blurred to match.

It is measured at the nose, which speech and blinks do not move, or where skin is seen in both.
"""

from __future__ import annotations

import cv2
import numpy as np

from lipwright.core.rect import Rect

NOSE = [168, 2, 129, 358]  # its bridge, base and wings
MIN_PART = 4  # px
AS_SHARP, BLURRED = 0.8, 0.5
"""Shares of the template's sharpness: from the first on a frame counts as equally sharp, up to the
second its blur is matched in full."""
BLURS = 0.0, 0.6, 1.0, 1.6, 2.5, 4.0, 6.0  # standard deviations, px
SKIN, LEAST_SKIN = 0.05, 0.1
"""Of the red at most is skin, and as large a part of the pixels around the lips shows sharpness."""
CRISP = np.array([-0.06, 1.12, -0.06], np.float32)
"""Restores, along one axis, the sharpness that sampling from a copy of twice the size takes away:
much at whole pixels, nothing at quarters, so this is a compromise."""


def crisp(picture: np.ndarray) -> np.ndarray:
    """Sharpen an image, uint8 (h, w, 3), by what sampling it from an enlarged copy takes away."""
    return cv2.sepFilter2D(picture, -1, CRISP, CRISP)


def sharpness(picture: np.ndarray, part: np.ndarray | None = None) -> float:
    """Return the share of an image's contrast that is in its edges.

    picture: BGR uint8 (h, w, 3); part: uint8 (h, w), not 0 where it is measured, None everywhere.
    """
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    size = grey.size if part is None else max(cv2.countNonZero(part), 1)
    edges = cv2.norm(cv2.Laplacian(grey, cv2.CV_16S), cv2.NORM_L1, part) / size
    contrast = float(cv2.meanStdDev(grey, mask=part)[1][0, 0])
    return (edges + 0.01) / (contrast + 1)


def part_around(points: np.ndarray, image: np.ndarray) -> Rect:
    """Return the part of an image, uint8 (h, w, 3), around points (n, 2), px."""
    picture = Rect.whole(image)
    return Rect.around(points).clipped(picture)


def is_seen(rect: Rect) -> bool:
    """Return whether a part is large enough to measure its sharpness."""
    return rect.x1 - rect.x0 >= MIN_PART and rect.y1 - rect.y0 >= MIN_PART


def missing_blur(drawn: np.ndarray, own: np.ndarray, skin: np.ndarray | None = None) -> float:
    """Return the blur (px) after which a drawing is as sharp as the frame's own image.

    drawn, own: BGR uint8 (h, w, 3); skin: uint8 (h, w), where they are compared, None everywhere.
    """
    before, sharper, wanted = 0.0, sharpness(drawn, skin), sharpness(own, skin)
    if wanted >= AS_SHARP * sharper:
        return 0.0
    wanted *= float(np.interp(wanted / sharper, (BLURRED, AS_SHARP), (1.0, 1 / AS_SHARP)))
    for blur in BLURS[1:]:
        blurred = sharpness(cv2.GaussianBlur(drawn, (0, 0), blur), skin)
        if blurred <= wanted:
            share = (sharper - wanted) / max(sharper - blurred, 1e-6)
            return before + share * (blur - before)
        before, sharper = blur, blurred
    return BLURS[-1]


def as_sharp(lent: np.ndarray, own: np.ndarray, red: np.ndarray) -> np.ndarray:
    """Return a lent mouth no sharper than the frame, by the skin that both show around the lips.

    lent, own: uint8 (h, w, 3); red: float32 (h, w), 1 on the lips, [0, 1].
    """
    skin = (red < SKIN).astype(np.uint8)
    if cv2.countNonZero(skin) < LEAST_SKIN * skin.size:
        return lent
    blur = missing_blur(lent, own, skin)
    return cv2.GaussianBlur(lent, (0, 0), blur) if blur else lent
