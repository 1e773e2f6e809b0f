"""How far each place of a picture follows a turning iris or a rising brow, worked out once."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from lipwright.core.rect import Rect
from lipwright.engines.warp.eye_shape import EyeShape
from lipwright.engines.warp.face_frame import smoothstep

BROW_RISE = 0.2  # eye widths that a brow raised as far as it goes is higher
BROW_SPREAD = 0.30  # eye widths
MOST_SQUEEZED = 0.7  # share of its height that the skin between brow and lid loses at most


@dataclass(frozen=True)
class PlacedWeight:
    """A weight on a rectangle, 0 around it, which may reach beyond the picture's edge."""

    rect: Rect
    values: np.ndarray  # float32 (h, w)

    def at(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Return the weight, float32 (h, w), at places x and y of the picture, px, (h, w) each."""
        if x.size == 0:  # OpenCV has no empty pictures
            return np.zeros(x.shape, np.float32)
        left, top = np.float32(self.rect.x0), np.float32(self.rect.y0)
        return cv2.remap(self.values, x - left, y - top, cv2.INTER_LINEAR, borderValue=0)


def iris_weight(shape: EyeShape) -> PlacedWeight:
    """Return how far each place moves with the iris."""
    rect = shape.box(-0.64, shape.open_top - 0.1, 0.64, shape.open_bottom + 0.1)
    x, y = _places(shape, rect)
    at = shape.columns(x)
    distance = np.hypot(x - shape.iris[0], y - shape.iris[1]) / np.float32(shape.iris_radius)
    weight = smoothstep(2.2, 1.2, distance)
    weight *= smoothstep(-0.005, 0.03, y - at.upper) * smoothstep(0.0, 0.03, at.lower - y)
    return PlacedWeight(rect, weight)


def brow_weight(shape: EyeShape) -> PlacedWeight:
    """Return how far each place moves with the brow; 1: by BROW_RISE.

    Brows that lie low above the eye rise less, or the skin below them would fold.
    """
    middle = shape.brow_middle
    rect = shape.box(-1.0, middle - 0.65, 1.0, shape.open_top)
    x, y = _places(shape, rect)
    brow = shape.columns(x).brow
    rise = np.exp(-(((y - brow) / BROW_SPREAD) ** 2))
    # the lid stays: the skin up to the brow is squeezed as evenly as it can be
    lid = shape.open_top - 0.03
    rise = np.minimum(rise, smoothstep(lid, np.minimum(brow, lid - 0.17), y))
    rise *= smoothstep(0.92, 0.45, np.abs(x))
    rise *= smoothstep(middle - 0.6, middle - 0.4, y)
    down, across = np.gradient(rise)
    falling = -shape.width * float((down * shape.down[1] + across * shape.down[0]).min())
    rise *= min(1.0, MOST_SQUEEZED / max(BROW_RISE * falling, MOST_SQUEEZED))
    return PlacedWeight(rect, rise.astype(np.float32))


def _places(shape: EyeShape, rect: Rect) -> tuple[np.ndarray, np.ndarray]:
    """Return the eye coordinates, float32 (h, w) each, of the px of a rectangle."""
    x, y = np.meshgrid(
        np.arange(rect.x0, rect.x1, dtype=np.float32),
        np.arange(rect.y0, rect.y1, dtype=np.float32),
    )
    return shape.locate(x, y)
