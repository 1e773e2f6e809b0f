"""The generator's 96 px face back in the picture: only what has to change changes."""

from __future__ import annotations

from typing import Protocol

import cv2
import numpy as np

from lipwright.core.errors import FaceError
from lipwright.engines.wav2lip.face_crop import SIZE, Box, shrink
from lipwright.engines.wav2lip.row_cropping import fill_rows
from lipwright.face.face import Face
from lipwright.face.landmark_indices import FACE_OVAL

PASTES = ("soft", "official")

TOP, CHIN, NOSE_TIP, UNDER_NOSE = 10, 152, 1, 2  # landmarks
ABOVE_LIP = 0.4
"""The mask begins this share of the way from under the nose up to its tip."""
JAW_DROP = 0.1
"""How far below the resting chin the mask reaches, in face heights: an open mouth lowers it."""
FEATHER = 0.03  # face heights, the standard deviation of the mask's soft edge
BORDER = 0.04  # box sides in which the mask fades, so that the box never shows
REACH = SIZE / 10  # px of the 96, over which the colour of the seam spreads
LARGEST_MATCH = 40.0  # grey levels by which colours are matched at most


class Paste(Protocol):
    """Puts faces into one picture."""

    region: Box
    """What changes."""
    first_row: int
    """The first row of the 96 that is needed."""

    def put(self, drawn: np.ndarray, frame: np.ndarray) -> None:
        """Draws float32 (96, 96, 3), BGR 0 to 255, into a frame, in place.

        Rows above the first one that is needed may be missing.
        """
        ...


class OfficialPaste:
    """The whole box, its edges and all, as the authors' program does it."""

    first_row = 0

    def __init__(self, box: Box) -> None:
        self.region = box

    def put(self, drawn: np.ndarray, frame: np.ndarray) -> None:
        size = self.region.width, self.region.height
        self.region.of(frame)[:] = cv2.resize(drawn.astype(np.uint8), size)


class SoftPaste:
    """The lower face through a feathered mask, its colours brought to those around the seam."""

    def __init__(self, image: np.ndarray, box: Box, face: Face) -> None:
        mask = lower_face_mask(box, face)
        if not mask.any():
            raise FaceError("The mouth lies outside the picture: use one in which it is seen.")
        rows, columns = (np.flatnonzero(mask.max(axis=axis) > 0) for axis in (1, 0))
        inner = Box(columns[0], rows[0], columns[-1] + 1, rows[-1] + 1)
        self.region = Box(
            box.x0 + int(inner.x0),
            box.y0 + int(inner.y0),
            box.x0 + int(inner.x1),
            box.y0 + int(inner.y1),
        )
        self._inner, self._size = inner, (box.width, box.height)
        self._source = self.region.of(image).copy()
        self._drawn_share = np.ascontiguousarray(inner.of(mask))
        self._source_share = 1 - self._drawn_share
        self._reference = shrink(box.of(image)).astype(np.float32)
        small = cv2.resize(mask, (SIZE, SIZE), interpolation=cv2.INTER_AREA)
        self.first_row = int(np.flatnonzero(small.max(axis=1) > 0)[0])
        self._seam = (4 * small * (1 - small))[..., None]
        self._seam_nearby = np.maximum(_spread(self._seam), 1e-4)[..., None]

    def put(self, drawn: np.ndarray, frame: np.ndarray) -> None:
        drawn = fill_rows(drawn, self.first_row, self._reference)
        matched = np.clip(drawn + self._colour_match(drawn) + 0.5, 0, 255).astype(np.uint8)
        grown = cv2.resize(matched, self._size, interpolation=cv2.INTER_CUBIC)
        part = np.ascontiguousarray(self._inner.of(grown))
        self.region.of(frame)[:] = cv2.blendLinear(
            part, self._source, self._drawn_share, self._source_share
        )

    def _colour_match(self, drawn: np.ndarray) -> np.ndarray:
        """What the drawing lacks of the picture's colours along the seam, smooth: (96, 96, 3)."""
        lacking = _spread((self._reference - drawn) * self._seam) / self._seam_nearby
        return np.clip(lacking, -LARGEST_MATCH, LARGEST_MATCH)


def lower_face_mask(box: Box, face: Face) -> np.ndarray:
    """float32 (h, w) of the box: 1 where the mouth and jaw move, 0 elsewhere and at its border."""
    points = face.landmarks[:, :2] - np.array([box.x0, box.y0], np.float32)
    axis = points[CHIN] - points[TOP]
    height = float(np.linalg.norm(axis))
    down = axis / height
    level = float(
        ((1 - ABOVE_LIP) * points[UNDER_NOSE] + ABOVE_LIP * points[NOSE_TIP] - points[TOP]) @ down
    )
    outline = points[list(FACE_OVAL)]
    depth = (outline - points[TOP]) @ down
    # the outline is pulled in so that its soft edge ends on the skin
    middle = outline.mean(axis=0)
    pulled = middle + (outline - middle) * (1 - 2 * FEATHER)
    lowered = pulled + np.clip((depth - level) / (height - level), 0, 1)[:, None] * (
        JAW_DROP * height * down
    )
    half = _cut(lowered, points[TOP] + level * down, down)
    mask: np.ndarray = np.zeros((box.height, box.width), np.float32)
    cv2.fillConvexPoly(mask, cv2.convexHull(np.round(half).astype(np.int32)), 1.0)
    mask = cv2.GaussianBlur(mask, (0, 0), FEATHER * height, borderType=cv2.BORDER_REPLICATE)
    mask *= np.minimum.outer(_fade(box.height), _fade(box.width))
    mask[mask < 1 / 255] = 0
    return mask


def _cut(polygon: np.ndarray, place: np.ndarray, down: np.ndarray) -> np.ndarray:
    """The part of a convex polygon that lies below a line through `place`."""
    kept = []
    for point, following in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
        here, there = float((point - place) @ down), float((following - place) @ down)
        if here >= 0:
            kept.append(point)
        if (here >= 0) != (there >= 0):
            kept.append(point + (following - point) * (here / (here - there)))
    return np.array(kept, np.float32)


def _fade(count: int) -> np.ndarray:
    """(count,): 0 at both ends, 1 from a short way inwards."""
    distance = np.minimum(np.arange(count), np.arange(count)[::-1])
    return np.clip(distance / max(1.0, BORDER * count), 0, 1).astype(np.float32)


def _spread(image: np.ndarray) -> np.ndarray:
    return cv2.GaussianBlur(image, (0, 0), REACH, borderType=cv2.BORDER_REPLICATE)
