"""Square, possibly rotated, crops of an image: the input of both face networks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import cos, sin

import cv2
import numpy as np


@dataclass(frozen=True)
class RotatedSquare:
    """A square region of an image: centre and side in px, angle in radians (clockwise)."""

    centre_x: float
    centre_y: float
    side: float
    angle: float = 0.0

    def larger(self, factor: float) -> RotatedSquare:
        """Return the square with sides multiplied by a factor."""
        return replace(self, side=self.side * factor)

    def turned(self, angle: float) -> RotatedSquare:
        """Return the square rotated further by an angle in radians."""
        return replace(self, angle=self.angle + angle)

    def to_image(self, size: int) -> np.ndarray:
        """Return the float64 (2, 3) matrix from crop px (a crop of `size` px) to image px.

        Both count continuously: a pixel's centre lies at its index + 0.5.
        """
        scale = self.side / size
        cosine, sine = cos(self.angle) * scale, sin(self.angle) * scale
        linear = np.array([[cosine, -sine], [sine, cosine]])
        centre = np.array([self.centre_x, self.centre_y])
        matrix: np.ndarray = np.c_[linear, centre - linear @ [size / 2, size / 2]]
        return matrix


class ImagePyramid:
    """An image with its reductions, made at first use.

    Sampling a large image with a coarse grid would alias, so a crop is read from the reduction
    whose px are between one and two times finer than the crop's.
    """

    def __init__(self, image: np.ndarray) -> None:
        """Prepare an image, uint8 (h, w, 3)."""
        self.height, self.width = image.shape[:2]
        self._levels: dict[int, np.ndarray] = {0: image}

    def _level(self, level: int) -> np.ndarray:
        if level not in self._levels:
            finer = self._levels[max(k for k in self._levels if k < level)]
            size = (max(1, self.width >> level), max(1, self.height >> level))
            self._levels[level] = cv2.resize(finer, size, interpolation=cv2.INTER_AREA)
        return self._levels[level]

    def crop(self, square: RotatedSquare, size: int, border: int) -> np.ndarray:
        """Resample a square: uint8 (size, size, 3); `border` is the cv2.BORDER_* mode outside."""
        level = max(0, int(np.floor(np.log2(max(square.side / size, 1.0)))))
        reduced = self._level(level)
        ratio = np.array([reduced.shape[1] / self.width, reduced.shape[0] / self.height])
        matrix = square.to_image(size) * ratio[:, None]
        # cv2 counts from pixel centres, we count from pixel corners
        matrix[:, 2] += matrix[:, :2] @ [0.5, 0.5] - 0.5
        return cv2.warpAffine(
            reduced,
            matrix,
            (size, size),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=border,
        )


def transform_points(matrix: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Apply a matrix, float64 (2, 3), to points (..., 2)."""
    moved: np.ndarray = points @ matrix[:, :2].T + matrix[:, 2]
    return moved
