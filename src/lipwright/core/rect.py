"""A rectangle of pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np

Box = tuple[int, int, int, int]
"""(x0, y0, x1, y1) in px, x1 and y1 beyond it."""


class Rect(NamedTuple):
    """Pixels x0 <= x < x1, y0 <= y < y1."""

    x0: int
    y0: int
    x1: int
    y1: int

    @property
    def slices(self) -> tuple[slice, slice]:
        """Return the slices (rows, columns) that cut the rectangle from an array."""
        return slice(self.y0, self.y1), slice(self.x0, self.x1)

    @property
    def width(self) -> int:
        """Px from left to right."""
        return self.x1 - self.x0

    @property
    def height(self) -> int:
        """Px from top to bottom."""
        return self.y1 - self.y0

    @property
    def box(self) -> Box:
        """(x0, y0, x1, y1) in px."""
        return self.x0, self.y0, self.x1, self.y1

    def moved(self, dx: int, dy: int) -> Rect:
        """Return the rectangle moved by (dx, dy) px."""
        return Rect(self.x0 + dx, self.y0 + dy, self.x1 + dx, self.y1 + dy)

    def clipped(self, to: Rect) -> Rect:
        """Return the part of the rectangle inside another one."""
        return Rect(
            max(self.x0, to.x0), max(self.y0, to.y0), min(self.x1, to.x1), min(self.y1, to.y1)
        )

    def apart(self, other: Rect) -> bool:
        """Return whether the rectangle shares no pixel with another one; neither is empty."""
        return (
            self.x1 <= other.x0 or other.x1 <= self.x0 or self.y1 <= other.y0 or other.y1 <= self.y0
        )

    @property
    def empty(self) -> bool:
        """Whether the rectangle has no pixels."""
        return self.x0 >= self.x1 or self.y0 >= self.y1

    def joined(self, other: Rect) -> Rect:
        """Return the smallest rectangle around both."""
        return Rect(
            min(self.x0, other.x0),
            min(self.y0, other.y0),
            max(self.x1, other.x1),
            max(self.y1, other.y1),
        )

    @classmethod
    def whole(cls, image: np.ndarray) -> Rect:
        """Return the rectangle of all px of an image, (h, w) or (h, w, channels) of any dtype.

        For maps of positions, float32 (h, w), as well.
        """
        return cls(0, 0, image.shape[1], image.shape[0])

    @classmethod
    def around(cls, points: np.ndarray) -> Rect:
        """Return the smallest rectangle around points, float32 or float64 (n, 2), px."""
        import numpy as np  # here: the help of the command line needs the rest of this alone

        x0, y0 = np.floor(points.min(0)).astype(int)
        x1, y1 = np.ceil(points.max(0)).astype(int)
        return cls(int(x0), int(y0), int(x1), int(y1))
