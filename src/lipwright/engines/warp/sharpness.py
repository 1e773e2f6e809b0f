"""Sharpness of a frame: where the head moves or is out of focus, the mouth is blurred to match.

It is measured at the nose, which speech and blinks do not move, or where skin is seen in both, by
how much finer details are blurred than coarser ones.
"""

from __future__ import annotations

import cv2
import numpy as np

from lipwright.core.rect import Rect

NOSE = [168, 2, 129, 358]  # its bridge, base and wings
MIN_PART = 4  # px
LEAST_CONTRAST = 0.3  # grey levels: what has less shows no sharpness
BLURS = 0.6, 1.0, 1.6, 2.5, 4.0, 6.0  # standard deviations, px
BANDS = 1.0, 2.0, 4.0
"""Standard deviations (px) between which details are fine, and coarser. Still finer ones are a
codec's noise as well, of which a blurred picture has as much."""
NEGLIGIBLE, NOTABLE = 0.7, 1.1
"""Px: smaller differences in blur are left, larger ones matched in full."""
SKIN, LEAST_SKIN = 0.05, 0.1
"""Of the red at most is skin, and as large a part of the pixels around the lips shows sharpness."""
CRISP = np.array([-0.06, 1.12, -0.06], np.float32)
"""Restores, along one axis, the sharpness that sampling from a copy of twice the size takes away:
much at whole pixels, nothing at quarters, so this is a compromise."""


def crisp(picture: np.ndarray) -> np.ndarray:
    """Sharpen an image, uint8 (h, w, 3), by what sampling it from an enlarged copy takes away."""
    return cv2.sepFilter2D(picture, -1, CRISP, CRISP)


def sharpness(picture: np.ndarray) -> float:
    """Return the share of an image's contrast that is in its edges.

    picture: BGR uint8 (h, w, 3).
    """
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    edges = cv2.norm(cv2.Laplacian(grey, cv2.CV_16S), cv2.NORM_L1) / grey.size
    contrast = float(cv2.meanStdDev(grey)[1][0, 0])
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
    if skin is not None:
        own = cv2.copyTo(own, skin, drawn.copy())  # else other lips would show beside them
    theirs, ours = (
        cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY).astype(np.float32) for picture in (drawn, own)
    )
    wanted = _fineness(ours, skin)
    before, sharper, most = 0.0, _fineness(theirs, skin), BLURS[-1]
    if wanted >= sharper:
        return 0.0
    for blur in BLURS:
        blurred = _fineness(theirs, skin, blur)
        if blurred <= wanted:
            share = (sharper - wanted) / max(sharper - blurred, 1e-6)
            missing = before + share * (blur - before)
            return float(np.interp(missing, (NEGLIGIBLE, NOTABLE, most), (0.0, NOTABLE, most)))
        before, sharper = blur, blurred
    return most


def _fineness(grey: np.ndarray, part: np.ndarray | None, blur: float = 0.0) -> float:
    """Return the contrast of fine details over that of coarser ones, after a blur (px).

    grey: float32 (h, w); part: uint8 (h, w), where it is measured, None everywhere. By differences
    of Gaussians (Burt and Adelson 1983).
    """
    smooth = [cv2.GaussianBlur(grey, (0, 0), float(np.hypot(width, blur))) for width in BANDS]
    size = grey.size if part is None else max(cv2.countNonZero(part), 1)
    fine, coarse = (
        cv2.norm(one, other, cv2.NORM_L1, part) / size
        for one, other in zip(smooth, smooth[1:], strict=False)
    )
    return fine / (coarse + LEAST_CONTRAST)


def as_sharp(lent: np.ndarray, own: np.ndarray, red: np.ndarray) -> np.ndarray:
    """Return a lent mouth no sharper than the frame, by the skin that both show around the lips.

    lent, own: uint8 (h, w, 3); red: float32 (h, w), 1 on the lips, [0, 1].
    """
    skin = (red < SKIN).astype(np.uint8)
    if cv2.countNonZero(skin) < LEAST_SKIN * skin.size:
        return lent
    blur = missing_blur(lent, own, skin)
    return cv2.GaussianBlur(lent, (0, 0), blur) if blur else lent
