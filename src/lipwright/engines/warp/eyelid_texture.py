"""The skin of a closed eyelid, synthesized because the photograph shows too little of it.

Its colour is the smoothed colour of the lid's visible skin, without lashes, glasses' rims and
reflections; its grain is the cheek's.
"""

from __future__ import annotations

import cv2
import numpy as np

from lipwright.core.rect import Rect
from lipwright.engines.warp.eye_shape import LASH_HEIGHT, EyeShape
from lipwright.engines.warp.face_frame import smoothstep

# a lid's lightness relative to the skin below the eye stays between these
DARKEST, LIGHTEST = 0.80, 1.08
SKIN_RANGE = 0.22  # skin is this close to the lid's median lightness, relative
FEWEST = 12  # px a colour is taken from


class LidSkin:
    """The smooth skin above one eye, to be sampled through the frame's map."""

    def __init__(self, image: np.ndarray, shape: EyeShape, box: Rect) -> None:
        """Prepare the skin of an image, BGR uint8 (h, w, 3).

        box: the px rectangle around eye and brow.
        """
        self._box = box
        part = image[box.slices].astype(np.float32)
        columns, rows = np.meshgrid(
            np.arange(box.x0, box.x1, dtype=np.float32),
            np.arange(box.y0, box.y1, dtype=np.float32),
        )
        x, y = shape.locate(columns, rows)
        at = shape.columns(x)
        lashes = np.minimum(LASH_HEIGHT, 0.5 * (at.upper - at.top))
        lid = (np.abs(x) < 0.5) & (y > at.top - 0.02) & (y < at.upper - 0.8 * lashes)
        cheek = _cheek(image, shape)
        self._colour = _smooth_colour(part, lid, cheek, 0.12 * shape.width)
        self._grain = _grain_of(cheek, shape.width)

    def lay(
        self, colour: np.ndarray, weight: np.ndarray, map_x: np.ndarray, map_y: np.ndarray
    ) -> None:
        """Blend the smooth skin of the same places into `colour`, float32 BGR (h, w, 3), in place.

        weight: float32 (h, w), how much; map_x, map_y: float32 (h, w), px of the unmoved image.
        """
        skin = cv2.remap(
            self._colour,
            map_x - np.float32(self._box.x0),
            map_y - np.float32(self._box.y0),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        height, width = weight.shape
        rows = _mirrored(height, self._grain.shape[0])
        columns = _mirrored(width, self._grain.shape[1])
        skin += self._grain[rows[:, None], columns]
        colour += (skin - colour) * weight[..., None]


def _mirrored(count: int, length: int) -> np.ndarray:
    """Return the indices 0 .. length-1 and back again, `count` of them."""
    there_and_back = np.concatenate([np.arange(length), np.arange(length)[::-1]])
    return np.resize(there_and_back, count)


def _cheek(image: np.ndarray, shape: EyeShape) -> np.ndarray:
    """Return float32 BGR: the skin under the eye; empty where the image ends there."""
    below = shape.box(-0.35, shape.open_bottom + 0.25, 0.35, shape.open_bottom + 0.6)
    below = below.clipped(Rect.whole(image))
    return image[below.slices].astype(np.float32) if not below.empty else np.zeros((0, 0, 3))


def _smooth_colour(
    part: np.ndarray, lid: np.ndarray, cheek: np.ndarray, spread: float
) -> np.ndarray:
    """Return float32 BGR like `part`: its colour where `lid` (bool), smoothed and extrapolated."""
    lightness = part.mean(axis=2)
    if lid.sum() < FEWEST:
        lid = np.ones_like(lid)
    middle = float(np.median(lightness[lid]))
    usual = np.median(cheek.reshape(-1, 3), axis=0) if cheek.size else part[lid].mean(axis=0)
    low, high = DARKEST * float(usual.mean()), LIGHTEST * float(usual.mean())
    wanted = float(np.clip(middle, low, high))
    skin = lid & (np.abs(lightness - middle) < SKIN_RANGE * middle)
    mean = part[skin].mean(axis=0) if skin.sum() >= FEWEST else usual
    # a lid in the dark of a rim is no guide to its own colour: then the cheek's is better
    trust = float(smoothstep(0.45, 0.8, middle / max(low, 1e-3)))
    weight = cv2.GaussianBlur(skin.astype(np.float32), (0, 0), spread)[..., None]
    total = cv2.GaussianBlur(part * skin[..., None], (0, 0), spread)
    colour = (total + 0.05 * mean) / (weight + 0.05)
    colour *= wanted / max(float(mean.mean()), 1.0)
    plain = usual * (wanted / max(float(usual.mean()), 1.0))
    texture: np.ndarray = (plain + (colour - plain) * trust).astype(np.float32)
    return texture


def _grain_of(cheek: np.ndarray, width: float) -> np.ndarray:
    """Return the cheek's fine detail without spots, float32 (h, w, 3); (1, 1, 3) zeros if none."""
    if min(cheek.shape[:2]) < 4:
        return np.zeros((1, 1, 3), np.float32)
    grain = cheek - cv2.GaussianBlur(cheek, (0, 0), max(0.8, 0.02 * width))
    limit = 2.0 * float(grain.std())
    return np.clip(grain, -limit, limit)
