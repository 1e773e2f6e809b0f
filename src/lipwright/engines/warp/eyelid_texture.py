"""The skin of a closed eyelid, synthesized because the photograph shows too little of it.

Its colour is that of the skin around the eye, carried smoothly across it, without lashes, drawn
lines, glasses' rims and reflections; its grain is the cheek's.
"""

from __future__ import annotations

import cv2
import numpy as np

from lipwright.core.rect import Rect
from lipwright.engines.warp.eye_shape import LASH_HEIGHT, Columns, EyeShape
from lipwright.engines.warp.face_frame import smoothstep

DETAIL = 48.0  # px per eye width at which the skin's colour is worked out
SPREADS = 0.64, 0.32, 0.16, 0.08, 0.04  # eye widths, from coarse to fine
LINE = 0.15  # eye widths: what is thinner is no skin
LASHES = 0.30  # eye widths: what is thinner and dark may be lashes or liner
EDGE = 0.08  # eye widths: so near to the outline of the face background may be seen
DARKER, BRIGHTER = 0.75, 1.2  # than the skin beside it is no skin
DARKEST, BRIGHTEST = 0.5, 1.3  # of the median lightness around the eye
HUE = 0.10  # largest difference of a channel's share from the usual one
MOST_GRAIN = 3.0  # levels: the hatching of a drawing is no grain
FEWEST = 12  # px a colour is taken from


class LidSkin:
    """The smooth skin around and across one eye, to be sampled through the frame's map."""

    def __init__(self, image: np.ndarray, shape: EyeShape, box: Rect) -> None:
        """Prepare the skin of an image, BGR uint8 (h, w, 3).

        box: the px rectangle around eye and brow.
        """
        self._box = box
        cheek = _cheek(image, shape)
        colour = _across_the_eye(image, shape, box)
        lines, self._is_face = _lines(image, shape, box, colour)
        self._texture = np.dstack([colour, lines])
        self._grain = _grain_of(cheek, shape.width)

    def at(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Return float32 (h, w, 4) at px of the unmoved image (h, w).

        The smooth skin, BGR, and how much of a dark line or a lash the image shows there, [0, 1].
        """
        return self._sampled(self._texture, x, y)

    def is_face(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Return float32 (h, w): 0 in hair, background or deep shade, 1 elsewhere, at px."""
        return self._sampled(self._is_face, x, y)

    def _sampled(self, of_box: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return cv2.remap(
            of_box,
            x - np.float32(self._box.x0),
            y - np.float32(self._box.y0),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )

    def lay(self, colour: np.ndarray, weight: np.ndarray, skin: np.ndarray) -> None:
        """Blend skin (BGR of `at`) with its grain into `colour`, float32 (h, w, 3), in place.

        weight: float32 (h, w), how much.
        """
        height, width = weight.shape
        rows = _mirrored(height, self._grain.shape[0])
        columns = _mirrored(width, self._grain.shape[1])
        colour += (skin + self._grain[rows[:, None], columns] - colour) * weight[..., None]


def lash_height(at: Columns) -> np.ndarray:
    """Return the height of the strip in which lashes stand, float32 (h, w), eye widths."""
    height: np.ndarray = np.minimum(LASH_HEIGHT, 0.5 * (at.upper - at.top))
    return height


def _mirrored(count: int, length: int) -> np.ndarray:
    """Return the indices 0 .. length-1 and back again, `count` of them."""
    there_and_back = np.concatenate([np.arange(length), np.arange(length)[::-1]])
    return np.resize(there_and_back, count)


def _cheek(image: np.ndarray, shape: EyeShape) -> np.ndarray:
    """Return float32 BGR: the skin under the eye; empty where the image ends there."""
    below = shape.box(-0.35, shape.open_bottom + 0.25, 0.35, shape.open_bottom + 0.6)
    below = below.clipped(Rect.whole(image))
    return image[below.slices].astype(np.float32) if not below.empty else np.zeros((0, 0, 3))


def _across_the_eye(image: np.ndarray, shape: EyeShape, box: Rect) -> np.ndarray:
    """Return float32 BGR (h, w, 3) of the box: the skin around the eye, smooth across it."""
    part = image[box.slices].astype(np.float32)
    scale = min(1.0, DETAIL / shape.width)
    size = max(2, round(part.shape[1] * scale)), max(2, round(part.shape[0] * scale))
    small = cv2.resize(part, size, interpolation=cv2.INTER_AREA)
    px_x, px_y = np.meshgrid(
        (box.x0 - 0.5 + (np.arange(size[0]) + 0.5) * part.shape[1] / size[0]).astype(np.float32),
        (box.y0 - 0.5 + (np.arange(size[1]) + 0.5) * part.shape[0] / size[1]).astype(np.float32),
    )
    width = shape.width * size[0] / part.shape[1]
    around = _around_the_eye(shape, *shape.locate(px_x, px_y))
    skin = around & _plain(small.mean(axis=2), around, width) & _of_hue(small, around)
    if skin.sum() < FEWEST:
        skin = around if around.sum() >= FEWEST else np.ones_like(around)
    usual = np.median(small[skin], axis=0)
    filled = np.broadcast_to(usual, small.shape).astype(np.float32)
    seen = skin.astype(np.float32)
    for spread in SPREADS:
        weight = cv2.GaussianBlur(seen, (0, 0), max(0.5, spread * width))
        total = cv2.GaussianBlur(small * seen[..., None], (0, 0), max(0.5, spread * width))
        trust = smoothstep(0.01, 0.25, weight)[..., None]
        filled = filled + (total / np.maximum(weight, 1e-4)[..., None] - filled) * trust
    return cv2.resize(filled, part.shape[1::-1], interpolation=cv2.INTER_CUBIC)


def _around_the_eye(shape: EyeShape, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return bool (h, w): where skin is expected, between brow and cheek without the eye."""
    at = shape.columns(x)
    side = np.abs(x)
    eye = (y > at.upper - 1.1 * lash_height(at)) & (y < at.lower + 0.16) & (side < 0.58)
    eye |= (np.abs(y - (at.upper + at.lower) / 2) < 0.13) & (side < 0.74)
    near = (y > np.maximum(at.top - 0.06, at.brow + 0.15)) & (y < at.lower + 0.45)
    around: np.ndarray = near & (side < 0.9) & ~eye
    return around


def _lines(
    image: np.ndarray, shape: EyeShape, box: Rect, skin: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return float32 (h, w) of the box, [0, 1]: thin dark lines of the face, and the face."""
    part, width = image[box.slices], shape.width
    px = np.meshgrid(
        np.arange(box.x0, box.x1, dtype=np.float32), np.arange(box.y0, box.y1, dtype=np.float32)
    )
    x, _ = shape.locate(*px)
    low, high = shape.cheek
    face = smoothstep(low, low + EDGE, x) * smoothstep(high, high - EDGE, x)
    lightness = part.astype(np.float32).mean(axis=2)
    scale = min(1.0, DETAIL / width)
    across = 2 * max(1, round(LASHES * width * scale / 2)) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (across, across))
    size = max(2, round(part.shape[1] * scale)), max(2, round(part.shape[0] * scale))
    small = cv2.resize(lightness, size, interpolation=cv2.INTER_AREA)
    closed = cv2.morphologyEx(small, cv2.MORPH_CLOSE, kernel)
    beside = cv2.resize(closed, part.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    thin = smoothstep(0.04, 0.14, (beside - lightness) / (beside + 8))
    dark = (skin - part).max(axis=2) / (skin.mean(axis=2) + 8)
    lit = smoothstep(0.55, 0.8, (beside + 8) / (skin.mean(axis=2) + 8))
    face *= np.maximum(lit, smoothstep(0.6, 0.5, np.abs(x)))  # lashes lie close above an iris
    return face * thin * smoothstep(0.08, 0.22, dark), face


def _plain(lightness: np.ndarray, around: np.ndarray, width: float) -> np.ndarray:
    """Return bool (h, w): what is neither a line, nor a glint, nor hair or a rim."""
    if not around.any():
        return around
    across = 2 * max(1, round(LINE * width / 2)) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (across, across))
    without_lines = cv2.morphologyEx(lightness, cv2.MORPH_CLOSE, kernel)
    without_glints = cv2.morphologyEx(lightness, cv2.MORPH_OPEN, kernel)
    usual = float(np.median(lightness[around]))
    plain: np.ndarray = (
        (lightness > DARKER * without_lines)
        & (lightness < BRIGHTER * without_glints + 2)
        & (lightness > DARKEST * usual)
        & (lightness < BRIGHTEST * usual + 2)
    )
    return plain


def _of_hue(picture: np.ndarray, around: np.ndarray) -> np.ndarray:
    """Return bool (h, w): where a picture, float32 BGR, has the hue usual around the eye."""
    if not around.any():
        return around
    shares = (picture + 4) / (picture.sum(axis=2, keepdims=True) + 12)
    off = np.abs(shares - np.median(shares[around], axis=0)).max(axis=2)
    near: np.ndarray = off < HUE
    return near


def _grain_of(cheek: np.ndarray, width: float) -> np.ndarray:
    """Return the cheek's fine detail without spots, float32 (h, w, 3); (1, 1, 3) zeros if none."""
    if min(cheek.shape[:2]) < 4:
        return np.zeros((1, 1, 3), np.float32)
    grain = cheek - cv2.GaussianBlur(cheek, (0, 0), max(0.8, 0.02 * width))
    spread = float(grain.std())
    grain = np.clip(grain, -2 * spread, 2 * spread)
    return grain * np.float32(min(1.0, MOST_GRAIN / max(spread, 1e-3)))
