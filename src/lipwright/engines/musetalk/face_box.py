"""Where MuseTalk looks for a face: as high above the bridge of the nose as the chin is below it."""

from __future__ import annotations

import numpy as np

from lipwright.core.rect import Rect
from lipwright.face.face import Face

MARGIN = 10  # px below the chin
MIN_SIDE = 8  # px: less of a face is not worth drawing
BRIDGE = (195, 5)
"""Landmarks whose middle is the third of the four points that others mark along the bridge."""


def face_box(face: Face) -> tuple[float, float, float, float]:
    """Return (x0, y0, x1, y1) in px, margin included; it may reach outside the picture.

    The middle of its height, from which on the network draws, is the bridge of the nose.
    """
    half = float(face.landmarks[list(BRIDGE), 1].mean())
    x0, _, x1, bottom = face.box
    return x0, max(0.0, 2 * half - bottom), x1, bottom + MARGIN


def marked_box(points: np.ndarray, height: int) -> Rect | None:
    """Return the same of 68 points, as the authors' program has them; None for none.

    points: float64 (68, 2) in px. height: of the picture in px.
    """
    whole = points.astype(np.int32)
    half, bottom = int(whole[29, 1]), int(whole[:, 1].max())
    top = max(0, 2 * half - bottom)
    x0, x1 = int(whole[:, 0].min()), int(whole[:, 0].max())
    if x0 < 0 or x0 >= x1 or top >= bottom:
        return None
    return Rect(x0, top, x1, min(bottom + MARGIN, height))
