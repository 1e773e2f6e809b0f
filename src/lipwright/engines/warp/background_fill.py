"""What is behind a person: the background beside it, continued.

Its broad colours are spread inwards, and its texture is mirrored at the person's edge.
"""

from __future__ import annotations

import cv2
import numpy as np

FILL_SIDE = 300  # px, longer side at which broad colours are spread
LEVELS = 7
BROAD = 0.02  # of the picture's longer side: colours that vary over more are broad
SETTLE = 2.0  # px: mirrored places are averaged over so many of them and more, further in


class BackgroundFill:
    """The plan of a filling, made once for a matte."""

    def __init__(self, alpha: np.ndarray, reach: int) -> None:
        """Plan to fill what lies up to `reach` px inside the edge of a matte, uint8 (h, w)."""
        covered = (alpha > 0).astype(np.uint8)
        inside, labels = cv2.distanceTransformWithLabels(
            covered, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
        )
        self._known = covered == 0
        ring = (covered > 0) & (inside <= reach)
        self._ring = ring if self._known.any() else np.zeros_like(ring)
        rows, columns = np.nonzero(self._known)
        places = np.zeros((labels.max() + 1, 2), np.float32)
        places[labels[rows, columns]] = np.stack([columns, rows], -1)
        nearest = places[labels]
        spread = max(SETTLE, 0.2 * reach)
        nearest = cv2.GaussianBlur(nearest, (0, 0), spread)
        row, column = np.indices(alpha.shape, np.float32)
        self._mirror_x = 2 * nearest[..., 0] - column
        self._mirror_y = 2 * nearest[..., 1] - row

    def fill(self, picture: np.ndarray) -> np.ndarray:
        """Return a picture, uint8 (h, w, 3) or (h, w), whose ring shows the background."""
        if not self._ring.any():
            return picture.copy()
        broad = self._spread(picture)
        detail = picture.astype(np.float32) - broad
        detail[~self._known] = 0
        texture = cv2.remap(
            detail,
            self._mirror_x,
            self._mirror_y,
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REFLECT_101,
        )
        filled = np.clip(broad + texture + 0.5, 0, 255).astype(np.uint8)
        ring = self._ring if picture.ndim == 2 else self._ring[..., None]
        result: np.ndarray = np.where(ring, filled, picture)
        return result

    def _spread(self, picture: np.ndarray) -> np.ndarray:
        """Return the broad colours, float32, of what is known, spread over what is not."""
        height, width = picture.shape[:2]
        scale = min(1.0, FILL_SIDE / max(height, width))
        size = (max(2, round(width * scale)), max(2, round(height * scale)))
        known = self._known.astype(np.float32)
        weighted = picture.astype(np.float32) * (known if picture.ndim == 2 else known[..., None])
        weight = cv2.resize(known, size, interpolation=cv2.INTER_AREA)
        colour = cv2.resize(weighted, size, interpolation=cv2.INTER_AREA)
        total, norm = np.zeros_like(colour), np.zeros_like(weight)
        spread = max(0.8, BROAD * max(size))
        for level in range(LEVELS):
            importance = np.float32(0.03**level)
            total += importance * cv2.GaussianBlur(colour, (0, 0), spread)
            norm += importance * cv2.GaussianBlur(weight, (0, 0), spread)
            spread *= 1.8
        norm = norm + 1e-12
        broad = total / (norm if picture.ndim == 2 else norm[..., None])
        return cv2.resize(broad, (width, height), interpolation=cv2.INTER_LINEAR)
