"""The moved lip lines, looked up pixel by pixel."""

from __future__ import annotations

import numpy as np

from lipwright.engines.warp.face_frame import smoothstep

LIP_TABLE = 768
_ALONG = np.linspace(0, 1, LIP_TABLE)
SEAM_SPREAD = 0.8  # how fast the layers melt into each other beyond the corners


class Lips:
    """The moved lip lines as tables over x, so that one look-up gives a pixel its lip edge.

    Positions x and y are float32 (h, w), mw.
    """

    def __init__(self, upper: np.ndarray, lower: np.ndarray) -> None:
        """Tabulate the moved lip lines, float32 (n, 2) each in mw."""
        self.left, self.right = float(upper[0, 0]), float(upper[-1, 0])
        x = self.left + (self.right - self.left) * _ALONG
        self._upper = np.interp(x, upper[:, 0], upper[:, 1]).astype(np.float32)
        self._lower = np.interp(x, lower[:, 0], lower[:, 1]).astype(np.float32)
        self._middle = (self._upper + self._lower) / 2
        self.height = float((self._lower - self._upper).max())
        self.top, self.bottom = float(self._upper.min()), float(self._lower.max())

    def _index(self, x: np.ndarray) -> np.ndarray:
        position = x - np.float32(self.left)
        position *= np.float32((LIP_TABLE - 1) / (self.right - self.left))
        np.maximum(position, 0, out=position)
        np.minimum(position, LIP_TABLE - 1, out=position)
        return position.astype(np.int32)

    def edges(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return y of the upper and the lower lip line at positions x."""
        index = self._index(x)
        return self._upper.take(index), self._lower.take(index)

    def along(self, values: np.ndarray, x: np.ndarray) -> np.ndarray:
        """Return values, float64 (n,) from corner to corner, evenly apart, at positions x."""
        table = np.interp(_ALONG, np.linspace(0, 1, len(values)), values).astype(np.float32)
        found: np.ndarray = table.take(self._index(x))
        return found

    def outside(self, x: np.ndarray) -> np.ndarray:
        """Return the distance beyond the mouth corners, 0 between them."""
        beyond = self.left - x
        np.maximum(beyond, x - self.right, out=beyond)
        return np.maximum(beyond, 0, out=beyond)

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
        band = self.outside(x)
        beside = band > 0
        band *= SEAM_SPREAD
        band += 0.004
        np.copyto(band, soft, where=~beside)
        below = y - self._middle.take(self._index(x))
        below /= band
        return smoothstep(-1, 1, below)
