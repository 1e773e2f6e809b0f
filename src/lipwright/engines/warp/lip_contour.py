"""The moved lip lines, looked up pixel by pixel."""

from __future__ import annotations

import numpy as np

from lipwright.engines.warp.face_frame import smoothstep

LIP_TABLE = 768
SEAM_SPREAD = 0.8  # how fast the layers melt into each other beyond the corners


class Lips:
    """The moved lip lines as tables over x, so that one look-up gives a pixel its lip edge.

    Positions x and y are float32 (h, w), mw.
    """

    def __init__(self, upper: np.ndarray, lower: np.ndarray) -> None:
        """Tabulate the moved lip lines, float32 (n, 2) each in mw."""
        self.left, self.right = float(upper[0, 0]), float(upper[-1, 0])
        x = np.linspace(self.left, self.right, LIP_TABLE)
        self._upper = np.interp(x, upper[:, 0], upper[:, 1]).astype(np.float32)
        self._lower = np.interp(x, lower[:, 0], lower[:, 1]).astype(np.float32)
        self._middle = (self._upper + self._lower) / 2
        self.height = float((self._lower - self._upper).max())
        self.top, self.bottom = float(self._upper.min()), float(self._lower.max())

    def _index(self, x: np.ndarray) -> np.ndarray:
        position = (x - self.left) * np.float32((LIP_TABLE - 1) / (self.right - self.left))
        return np.clip(position, 0, LIP_TABLE - 1).astype(np.int32)

    def edges(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return y of the upper and the lower lip line at positions x."""
        index = self._index(x)
        return self._upper[index], self._lower[index]

    def outside(self, x: np.ndarray) -> np.ndarray:
        """Return the distance beyond the mouth corners, 0 between them."""
        return np.maximum(np.maximum(self.left - x, x - self.right), 0)

    def inside(self, x: np.ndarray, y: np.ndarray, pixel: float) -> np.ndarray:
        """Return 1 between the lips, 0 on them and beside the corners; pixel: its size, mw."""
        upper, lower = self.edges(x)
        soft = max(0.006, 0.45 * pixel)
        inside: np.ndarray = smoothstep(-soft, soft, y - upper)
        inside *= smoothstep(-soft, soft, lower - y)
        inside *= self.outside(x) <= 0
        inside *= smoothstep(0.0, 0.016 + 0.3 * pixel, lower - upper)
        return inside

    def lower_weight(self, x: np.ndarray, y: np.ndarray, soft: float) -> np.ndarray:
        """Return 1 where the lower layer is seen, 0 where the upper one is."""
        outside = self.outside(x)
        band = np.where(outside <= 0, np.float32(soft), 0.004 + SEAM_SPREAD * outside)
        return smoothstep(-1, 1, (y - self._middle[self._index(x)]) / band)
