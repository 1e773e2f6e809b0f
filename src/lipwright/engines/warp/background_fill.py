"""What is behind a person: the background beside it, continued.

Its broad colours are spread inwards, and its texture is mirrored at the person's edge.
"""

from __future__ import annotations

import cv2
import numpy as np

from lipwright.engines.warp.face_frame import smoothstep

FILL_SIDE = 180  # px, longer side at which broad colours are spread
LEVELS = 6
BROAD = 0.02  # of the picture's longer side: colours that vary over more are broad
CLEAR = 13  # of 255: less of a person is none
TEXTURE_REACH = 0.45  # of the ring's width: texture is lost further inside
SETTLE = 2.0  # px: mirrored places are averaged over so many of them and more, further in


class BackgroundFill:
    """The plan of a filling, made once for a matte."""

    def __init__(self, alpha: np.ndarray, reach: float, margin: float) -> None:
        """Plan to fill what lies up to `reach` px inside the edge of a matte, uint8 (h, w).

        margin: px beside the edge from which nothing is taken, as loose hair may be there.
        """
        away = cv2.distanceTransform((alpha < CLEAR).astype(np.uint8), cv2.DIST_L2, 5)
        self._known = away > margin
        inside, labels = cv2.distanceTransformWithLabels(
            (~self._known).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
        )
        weight = smoothstep(0.02, 0.3, alpha.astype(np.float32) / 255)
        weight[inside > reach + margin] = 0
        self._weight = weight if self._known.any() else np.zeros_like(weight)
        places = np.zeros((labels.max() + 1, 2), np.float32)
        if self._known.any():
            # both row by row
            places[labels[self._known]] = cv2.findNonZero(self._known.astype(np.uint8)).reshape(
                -1, 2
            )
        nearest = _smoothed(
            np.take(places, labels.astype(np.intp), axis=0), max(SETTLE, 0.2 * reach)
        )
        row, column = np.indices(alpha.shape, np.float32)
        self._mirror_x = 2 * nearest[..., 0] - column
        self._mirror_y = 2 * nearest[..., 1] - row
        self._texture = np.exp(-((inside / max(TEXTURE_REACH * reach, 1)) ** 2))

    def fill(self, picture: np.ndarray) -> np.ndarray:
        """Return a picture, uint8 (h, w, 3) or (h, w), with the background in place of the edge."""
        if not self._weight.any():
            return picture.copy()
        broad = self._spread(picture)
        colour = picture.astype(np.float32)
        detail = cv2.copyTo(colour - broad, self._known.astype(np.uint8))
        texture: np.ndarray = cv2.remap(
            detail,
            self._mirror_x,
            self._mirror_y,
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REFLECT_101,
        )
        weight, strength = self._weight, self._texture
        if picture.ndim == 3:
            weight, strength = weight[..., None], strength[..., None]
        texture *= strength
        texture += broad
        texture -= colour
        texture *= weight
        texture += colour
        texture += np.float32(0.5)
        filled: np.ndarray = np.clip(texture, 0, 255, out=texture).astype(np.uint8)
        return filled

    def _spread(self, picture: np.ndarray) -> np.ndarray:
        """Return the broad colours, float32, of what is known, spread over what is not."""
        height, width = picture.shape[:2]
        scale = min(1.0, FILL_SIDE / max(height, width))
        size = (max(2, round(width * scale)), max(2, round(height * scale)))
        known = self._known.astype(np.uint8)
        weighted = cv2.copyTo(picture, known).astype(np.float32)
        weight = cv2.resize(known.astype(np.float32), size, interpolation=cv2.INTER_AREA)
        colour = cv2.resize(weighted, size, interpolation=cv2.INTER_AREA)
        total: np.ndarray = np.zeros_like(colour)
        norm: np.ndarray = np.zeros_like(weight)
        spread = max(0.8, BROAD * max(size))
        for level in range(LEVELS):
            importance = np.float32(0.03**level)
            total += importance * cv2.GaussianBlur(colour, (0, 0), spread)
            norm += importance * cv2.GaussianBlur(weight, (0, 0), spread)
            spread *= 1.8
        norm = norm + 1e-12
        broad = total / (norm if picture.ndim == 2 else norm[..., None])
        spread_out: np.ndarray = cv2.resize(broad, (width, height), interpolation=cv2.INTER_LINEAR)
        return spread_out


def _smoothed(places: np.ndarray, sigma: float) -> np.ndarray:
    """Blur float32 (h, w, 2), on a smaller copy where that makes no difference."""
    scale = min(1.0, 2.5 / sigma)
    size = (max(1, round(places.shape[1] * scale)), max(1, round(places.shape[0] * scale)))
    small = cv2.resize(places, size, interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), sigma * scale)
    smooth: np.ndarray = cv2.resize(small, places.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    return smooth
