"""What was drawn put back as the authors' program does it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image

from lipwright.core.rect import Rect
from lipwright.engines.musetalk.configs import SIZE
from lipwright.engines.musetalk.jaw_mask import crop_square


def cut_face(image: np.ndarray, box: Rect) -> np.ndarray:
    """Return the part of a picture, BGR uint8 (h, w, 3), in a box: (256, 256, 3).

    What of the box is outside the picture is left out, so that the rest is stretched.
    """
    part = image[box.clipped(Rect.whole(image)).slices]
    return cv2.resize(part, (SIZE, SIZE), interpolation=cv2.INTER_LANCZOS4)


@dataclass(frozen=True, eq=False)
class OfficialPaste:
    """Where one face goes back, and how far it covers what was there."""

    box: Rect
    """Of the face, px."""
    square: Rect
    """Of its surroundings; it may reach outside the picture."""
    mask: np.ndarray
    """uint8 (side, side) of the square."""

    def paste(self, image: np.ndarray, drawn: np.ndarray) -> tuple[Rect, np.ndarray]:
        """Return the part of a picture that changes, and its new pixels.

        Args:
            image: BGR uint8 (h, w, 3), not changed.
            drawn: the face, BGR uint8 (256, 256, 3).
        """
        face = cv2.resize(drawn, (self.box.width, self.box.height))
        whole = crop_square(image, self.square)
        whole[self.box.moved(-self.square.x0, -self.square.y0).slices] = face
        inside = self.square.clipped(Rect.whole(image))
        part = inside.moved(-self.square.x0, -self.square.y0).slices
        below = Image.fromarray(np.ascontiguousarray(image[inside.slices]))
        above = Image.fromarray(np.ascontiguousarray(whole[part]))
        below.paste(above, (0, 0), Image.fromarray(np.ascontiguousarray(self.mask[part])))
        return inside, np.asarray(below)
