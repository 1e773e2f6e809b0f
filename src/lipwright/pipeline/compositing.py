"""What an engine drew back in the picture: only what has to change changes."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import cv2
import numpy as np

from lipwright.core.errors import FaceError
from lipwright.core.rect import Rect
from lipwright.engines.base import CropSpec, Patch
from lipwright.face.face import Face
from lipwright.face.landmark_indices import FACE_OVAL
from lipwright.pipeline.face_crops import CroppedFace

TOP, CHIN, NOSE_TIP, UNDER_NOSE = 10, 152, 1, 2  # landmarks
ABOVE_LIP = 0.4
"""The mask begins this share of the way from under the nose up to its tip."""
JAW_DROP = 0.1
"""How far below the resting chin the mask reaches, in face heights: an open mouth lowers it."""
FEATHER = 0.03  # face heights, the standard deviation of the mask's soft edge
BORDER = 0.04  # box sides in which the mask fades, so that the box never shows
MATCH_SIZE = 96  # px at which colours are compared
MATCH_REACH = MATCH_SIZE / 10  # of these px, over which the colour of the seam spreads
LARGEST_MATCH = 40.0  # grey levels by which colours are matched at most


class Pasted(NamedTuple):
    """What is new of a picture."""

    box: Rect
    """Where it stands, px."""
    pixels: np.ndarray
    """BGR uint8 (h, w, 3), what was there blended in."""


class Compositor(Protocol):
    """Puts what was drawn of one face back into its picture."""

    box: Rect
    """What changes, px."""
    rows: int
    """The first row of the crop that is needed."""

    def paste(self, drawn: np.ndarray) -> Pasted:
        """Return what is new of the picture.

        drawn: BGR (size, size, 3), or its lowest rows from `rows` on, uint8 or float32 in [0, 255].
        """
        ...


def make_compositor(
    image: np.ndarray, cropped: CroppedFace, face: Face, spec: CropSpec
) -> Compositor:
    """Return what puts a crop of a face back.

    Args:
        image: BGR uint8 (h, w, 3), out of which the face was cut.
        cropped: the face that was cut out.
        face: its landmarks in px of the image.
        spec: how it was cut out and is to be blended.

    Raises:
        FaceError: the mouth lies outside the picture.
    """
    if spec.blend == "feathered":
        return FeatheredCompositor(image, cropped, face)
    return WholeCompositor(image, cropped, float_resize=spec.blend == "whole-float")


def patch_box(patch: Patch, image: np.ndarray) -> Rect:
    """Return where a patch of an engine without a crop stands, px.

    image: the picture, uint8 (h, w, 3), or a plane of it, (h, w).
    """
    return Rect.whole(image) if patch.box is None else Rect(*patch.box)


def paste_patch(image: np.ndarray, patch: Patch) -> Pasted:
    """Return what is new of a picture, BGR uint8 (h, w, 3), of an engine without a crop."""
    box = patch_box(patch, image)
    pixels = patch.pixels
    if patch.alpha is not None:
        share = patch.alpha[..., None]
        pixels = image[box.slices] * (1 - share) + pixels * share
    if pixels.dtype != np.uint8:
        pixels = np.clip(pixels + 0.5, 0, 255).astype(np.uint8)
    return Pasted(box, pixels)


class WholeCompositor:
    """The whole crop, its edges and all."""

    rows = 0

    def __init__(self, image: np.ndarray, cropped: CroppedFace, float_resize: bool = False) -> None:
        """Keep what stands beside a crop that does not fill its box.

        image: BGR uint8 (h, w, 3). float_resize: grey levels are cut to whole ones only after what
        is drawn has the size of its box.
        """
        self.box, self._cropped, self._float_resize = cropped.box, cropped, float_resize
        self._inside: np.ndarray | None = None
        if cropped.matrix is not None:
            self._source = image[self.box.slices].copy()
            self._inside = cropped.restore(np.ones(cropped.pixels.shape[:2], np.float32))

    def paste(self, drawn: np.ndarray) -> Pasted:
        """Return the crop, uint8 or float32 (size, size, 3), as it stands in its box."""
        if not self._float_resize:
            drawn = drawn.astype(np.uint8)
        size = self.box.width, self.box.height
        if self._inside is None:
            return Pasted(self.box, cv2.resize(drawn, size).astype(np.uint8, copy=False))
        share = self._inside.clip(0, 1)
        restored = np.clip(self._cropped.restore(drawn), 0, 255).astype(np.uint8, copy=False)
        return Pasted(self.box, cv2.blendLinear(restored, self._source, share, 1 - share))


class FeatheredCompositor:
    """The lower face through a feathered mask, its colours brought to those around the seam."""

    def __init__(self, image: np.ndarray, cropped: CroppedFace, face: Face) -> None:
        """Work out mask and seam in a picture, BGR uint8 (h, w, 3).

        Raises FaceError where the mouth lies outside the picture.
        """
        box = cropped.box
        mask = lower_face_mask(box, face)
        if cropped.matrix is not None:
            mask *= cropped.restore(_border_fade(cropped.size)).clip(0, 1)
            mask[mask < 1 / 255] = 0
        if not mask.any():
            raise FaceError("The mouth lies outside the picture: use one in which it is seen.")
        rows, columns = (np.flatnonzero(mask.max(axis=axis) > 0) for axis in (1, 0))
        inner = Rect(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
        self.box = inner.moved(box.x0, box.y0)
        self._inner, self._cropped = inner, cropped
        self._source = image[self.box.slices].copy()
        self._drawn_share = np.ascontiguousarray(mask[inner.slices])
        self._source_share = 1 - self._drawn_share
        self._reference = cropped.pixels.astype(np.float32)
        self._small_reference = _small(self._reference)
        self.rows = _first_row(cropped.reduce(mask, cropped.size))
        small = cropped.reduce(mask, MATCH_SIZE)
        self._seam = (4 * small * (1 - small))[..., None]
        self._seam_nearby = np.maximum(_spread(self._seam), 1e-4)[..., None]

    def paste(self, drawn: np.ndarray) -> Pasted:
        """Return the lower face, blended with what was there.

        drawn: uint8 or float32 (size, size, 3), or its lowest rows.
        """
        whole = self._filled(drawn)
        matched = np.clip(whole + self._colour_match(whole) + 0.5, 0, 255).astype(np.uint8)
        part = np.ascontiguousarray(self._cropped.restore(matched)[self._inner.slices])
        blended = cv2.blendLinear(part, self._source, self._drawn_share, self._source_share)
        return Pasted(self.box, blended)

    def _filled(self, drawn: np.ndarray) -> np.ndarray:
        """float32 (size, size, 3): a drawing, with rows that are not needed of the face itself."""
        whole = self._reference.copy()
        whole[self.rows :] = drawn[len(drawn) - (len(whole) - self.rows) :]
        return whole

    def _colour_match(self, drawn: np.ndarray) -> np.ndarray:
        """What a drawing lacks of the picture's colours along the seam, smooth: (size, size, 3)."""
        lacking = (self._small_reference - _small(drawn)) * self._seam
        spread = _spread(lacking) / self._seam_nearby
        match: np.ndarray = np.clip(spread, -LARGEST_MATCH, LARGEST_MATCH)
        if len(match) == len(drawn):
            return match
        result: np.ndarray = cv2.resize(match, drawn.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        return result


def lower_face_mask(box: Rect, face: Face) -> np.ndarray:
    """Return where mouth and jaw move in a box of the picture.

    float32 (h, w) of the box: 1 there, 0 elsewhere and at the box's border.
    """
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
    size = box.height, box.width
    mask: np.ndarray = np.zeros(size, np.float32)
    cv2.fillConvexPoly(mask, cv2.convexHull(np.round(half).astype(np.int32)), 1.0)
    mask = cv2.GaussianBlur(mask, (0, 0), FEATHER * height, borderType=cv2.BORDER_REPLICATE)
    mask *= np.minimum.outer(*(_fade(side) for side in size))
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


def _border_fade(size: int) -> np.ndarray:
    """float32 (size, size): 0 along a crop's border."""
    result: np.ndarray = np.minimum.outer(_fade(size), _fade(size))
    return result


def _first_row(mask: np.ndarray) -> int:
    return int(np.flatnonzero(mask.max(axis=1) > 0)[0])


def _small(crop: np.ndarray) -> np.ndarray:
    """A crop at the size at which colours are compared."""
    if len(crop) == MATCH_SIZE:
        return crop
    return cv2.resize(crop, (MATCH_SIZE, MATCH_SIZE), interpolation=cv2.INTER_AREA)


def _spread(image: np.ndarray) -> np.ndarray:
    return cv2.GaussianBlur(image, (0, 0), MATCH_REACH, borderType=cv2.BORDER_REPLICATE)
