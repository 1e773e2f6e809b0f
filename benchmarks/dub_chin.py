"""How far a chin goes down, by its skin: landmarks move a chin with the lips as most people do.

The skin below the lips is looked for, up and down, where a frame with a resting mouth has it.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from dub_clips import View
from dub_methods import similarity, warp, whole
from dub_pictures import mouth_width_of

from lipwright.core.rect import Rect
from lipwright.evaluation.mouth_metrics import CHIN
from lipwright.face.landmark_indices import LIPS

HALF = 0.25  # mouth widths of skin beside the middle of the chin
UNDER_LIPS, UNDER_CHIN = 0.1, 0.02  # mouth widths below which it begins, and ends
UP, DOWN, ASIDE = 0.15, 0.35, 0.06  # mouth widths within which it is looked for
ALIKE = 0.8  # correlation from which it is the same skin
FOUND = 0.7  # share of the frames in which it must be found


def chin_by_skin(images: Sequence[np.ndarray], views: Sequence[View], rest: View) -> np.ndarray:
    """How far down the skin of the chin is from where it rests, mouth widths: float64 (T,).

    images: BGR uint8 (h, w, 3), one for each view; rest: a view whose mouth rests. The head is
    held still by the landmarks that speech does not move. NaN where the skin is not found.
    """
    unit, box = mouth_width_of(rest.landmarks), _skin_box(rest)
    up, down, aside = (max(round(unit * way), 1) for way in (UP, DOWN, ASIDE))
    around = Rect(box.x0 - aside, box.y0 - up, box.x1 + aside, box.y1 + down)
    skin = rest.image[box.clipped(whole(rest.image)).slices]
    rows = []
    for image, view in zip(images, views, strict=True):
        part = warp(image, similarity(view.landmarks, rest.landmarks), around)
        rows.append(_place(part, skin))
    return (np.array(rows) - up) / unit


def filled(rows: np.ndarray) -> np.ndarray | None:
    """Rows (T,) whose NaN are interpolated; None where too few are known."""
    known = np.isfinite(rows)
    if known.mean() < FOUND:
        return None
    return np.interp(np.arange(len(rows)), np.flatnonzero(known), rows[known])


def _skin_box(rest: View) -> Rect:
    unit, points = mouth_width_of(rest.landmarks), rest.landmarks[:, :2]
    middle, bottom = points[CHIN]
    top = points[list(LIPS), 1].max() + UNDER_LIPS * unit
    bottom = max(bottom + UNDER_CHIN * unit, top + UNDER_LIPS * unit)
    left, right = middle - HALF * unit, middle + HALF * unit
    return Rect(*(round(float(value)) for value in (left, top, right, bottom)))


def _place(part: np.ndarray, skin: np.ndarray) -> float:
    """The row of a part, in fractions of px, at which the skin is most alike; NaN: nowhere."""
    alike = cv2.matchTemplate(part, skin, cv2.TM_CCOEFF_NORMED)
    _, most, _, (column, row) = cv2.minMaxLoc(alike)
    if most < ALIKE or not 0 < row < len(alike) - 1:
        return float("nan")
    before, here, after = alike[row - 1 : row + 2, column].tolist()
    return row + (before - after) / min(2 * (before - 2 * here + after), -1e-9)
