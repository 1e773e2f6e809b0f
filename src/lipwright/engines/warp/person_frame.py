"""Face units: the frame in which head and shoulders are described.

Origin in the middle of the face oval, u along the eyes in face widths, v across them in face
heights, so the oval spans -0.5 to 0.5 in both.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lipwright.core.rect import Rect
from lipwright.face.landmark_indices import FACE_OVAL

# what is looked at around the face, in face units: head, shoulders and chest
WINDOW_LOW, WINDOW_HIGH = (-2.7, -1.75), (2.7, 3.3)


@dataclass(frozen=True)
class PersonFrame:
    """The face units of one portrait."""

    centre: np.ndarray  # px
    right: np.ndarray  # unit vector, px
    down: np.ndarray
    width: float  # px
    height: float  # px
    oval: np.ndarray  # (36, 2) px

    @classmethod
    def of(cls, landmarks: np.ndarray) -> PersonFrame:
        """Measure landmarks, float32 (478, 3) in px."""
        oval = landmarks[list(FACE_OVAL), :2].astype(np.float64)
        across = (landmarks[[263, 362]] - landmarks[[33, 133]])[:, :2].sum(axis=0)
        right = across.astype(np.float64) / np.linalg.norm(across)
        down = np.array([-right[1], right[0]])
        along, over = oval @ right, oval @ down
        centre = right * (along.min() + along.max()) / 2 + down * (over.min() + over.max()) / 2
        return cls(centre, right, down, float(np.ptp(along)), float(np.ptp(over)), oval)

    def units(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return (u, v), float32 (h, w) each, of px positions (h, w)."""
        off_x, off_y = x - np.float32(self.centre[0]), y - np.float32(self.centre[1])
        right = (self.right / self.width).astype(np.float32)
        down = (self.down / self.height).astype(np.float32)
        return off_x * right[0] + off_y * right[1], off_x * down[0] + off_y * down[1]

    def place(self, u: float, v: float) -> np.ndarray:
        """Return px, float64 (2,), of a place in face units."""
        return self.centre + u * self.width * self.right + v * self.height * self.down

    def window(self, shape: tuple[int, ...]) -> Rect:
        """Return the px around the person that are processed, inside an image of `shape`."""
        corners = np.array(
            [
                self.place(u, v)
                for u in (WINDOW_LOW[0], WINDOW_HIGH[0])
                for v in (WINDOW_LOW[1], WINDOW_HIGH[1])
            ]
        )
        return Rect.around(corners).clipped(Rect(0, 0, shape[1], shape[0]))

    def grid(self, window: Rect, columns: int, rows: int) -> tuple[np.ndarray, np.ndarray]:
        """Return (u, v), float32 (rows, columns), at the middles of equal cells of a window."""
        across = (np.arange(columns, dtype=np.float32) + 0.5) * (window.width / columns)
        over = (np.arange(rows, dtype=np.float32) + 0.5) * (window.height / rows)
        x, y = np.meshgrid(window.x0 - 0.5 + across, window.y0 - 0.5 + over)
        return self.units(x, y)
