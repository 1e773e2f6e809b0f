"""How far chin and jaw go down, by their skin: landmarks move a chin with the lips as most do.

The skin below the lips, and beside it, is looked for, up and down, where a frame with a resting
mouth has it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import cv2
import numpy as np
from dub_clips import View
from dub_measures import SIDES, SKIN
from dub_methods import similarity, warp, whole
from dub_pictures import mouth_width_of

from lipwright.core.rect import Rect
from lipwright.evaluation.mouth_metrics import CHIN
from lipwright.face.landmark_indices import LIPS


class Patch(NamedTuple):
    """A patch of skin below the height of the lips, mouth widths."""

    aside: float
    """How far its middle is to the right of the chin's."""
    half: float
    """Half its width."""


PATCHES = {
    SKIN: [Patch(0.0, 0.25)],
    SIDES: [Patch(-0.6, 0.16), Patch(0.6, 0.16)],
}
UNDER_LIPS, UNDER_CHIN = 0.1, 0.02  # mouth widths below which it begins, and ends
UP, DOWN, ASIDE = 0.15, 0.35, 0.06  # mouth widths within which it is looked for
ALIKE = 0.8  # correlation from which it is the same skin
FOUND = 0.7  # share of the frames in which it must be found


def movement_of_skin(
    images: Sequence[np.ndarray], views: Sequence[View], rest: View, patches: Iterable[Patch]
) -> np.ndarray:
    """How far down patches of skin are, on average, from where they rest: float64 (T,).

    In mouth widths. images: BGR uint8 (h, w, 3), one for each view; rest: a view whose mouth
    rests. The head is held still by the landmarks that speech does not move. NaN where one of them
    is not found.
    """
    found: np.ndarray = np.mean([_followed(images, views, rest, one) for one in patches], axis=0)
    return found


def _followed(
    images: Sequence[np.ndarray], views: Sequence[View], rest: View, patch: Patch
) -> np.ndarray:
    unit, box = mouth_width_of(rest.landmarks), _skin_box(rest, patch)
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


def _skin_box(rest: View, patch: Patch) -> Rect:
    unit, points = mouth_width_of(rest.landmarks), rest.landmarks[:, :2]
    middle, bottom = points[CHIN]
    top = points[list(LIPS), 1].max() + UNDER_LIPS * unit
    bottom = max(bottom + UNDER_CHIN * unit, top + UNDER_LIPS * unit)
    left, right = (middle + unit * (patch.aside + half) for half in (-patch.half, patch.half))
    return Rect(*(round(float(value)) for value in (left, top, right, bottom)))


def _place(part: np.ndarray, skin: np.ndarray) -> float:
    """The row of a part, in fractions of px, at which the skin is most alike; NaN: nowhere."""
    alike = cv2.matchTemplate(part, skin, cv2.TM_CCOEFF_NORMED)
    _, most, _, (column, row) = cv2.minMaxLoc(alike)
    if most < ALIKE or not 0 < row < len(alike) - 1:
        return float("nan")
    before, here, after = alike[row - 1 : row + 2, column].tolist()
    return row + (before - after) / min(2 * (before - 2 * here + after), -1e-9)
