"""`Face`: a face found in an image."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from lipwright.core.rect import Rect


@dataclass(frozen=True, eq=False)
class Face:
    """One face of one picture.

    landmarks: float32 (478, 3), px of the image, in MediaPipe's order (468 mesh points, then
        5 points of the iris on the image's left and 5 of the one on its right). x runs to the
        right, y down, z is in px as well and negative towards the camera. Pixel centres lie at
        whole numbers + 0.5.
    pose: (yaw, pitch, roll) in degrees; yaw > 0 turns the nose to the image's right, pitch > 0
        turns it down, roll > 0 turns the head clockwise as seen.
    box: (x0, y0, x1, y1) in px around the landmarks; may reach outside the image.
    score: [0, 1], how sure the landmark network is that this is a face.
    """

    landmarks: np.ndarray
    pose: tuple[float, float, float]
    box: tuple[float, float, float, float]
    score: float

    @property
    def width(self) -> float:
        """Width of the box in px."""
        return self.box[2] - self.box[0]

    @property
    def height(self) -> float:
        """Height of the box in px."""
        return self.box[3] - self.box[1]

    def surroundings(self, image: np.ndarray, margin: float = 0.5) -> Rect:
        """Return the part of an image around the face, with room for a landmark network.

        image: (h, w, ...) in whose px the face is. margin: on each side, in sizes of the face.
        """
        room = margin * max(self.width, self.height)
        x0, y0, x1, y1 = self.box
        around = Rect(*(int(v) for v in (x0 - room, y0 - room, x1 + room, y1 + room)))
        return around.clipped(Rect.whole(image))

    def moved(self, x: float, y: float) -> Face:
        """Return the face moved by so many px to the right and down."""
        x0, y0, x1, y1 = self.box
        return replace(
            self,
            landmarks=self.landmarks + np.array([x, y, 0], np.float32),
            box=(x0 + x, y0 + y, x1 + x, y1 + y),
        )

    def scaled(self, across: float, down: float) -> Face:
        """Return the face in the image resized by these factors; depth follows the width."""
        x0, y0, x1, y1 = self.box
        return replace(
            self,
            landmarks=self.landmarks * np.array([across, down, across], np.float32),
            box=(x0 * across, y0 * down, x1 * across, y1 * down),
        )
