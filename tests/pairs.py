"""Two people side by side, in a picture and in films: hopper and the astronaut."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np

from lipwright.media.image.read import read_image
from tests.helpers import astronaut_path
from tests.videos import SIZE, moved_portrait


def other_portrait(frame: int = 0) -> np.ndarray:
    """BGR uint8 (480, 480, 3): the astronaut, as large as hopper in `moved_portrait`, drifting."""
    left, top = 260 + frame % 20, 20 + frame % 10
    return np.ascontiguousarray(_large_astronaut()[top : top + SIZE[1], left : left + SIZE[0]])


def both(frame: int = 0) -> np.ndarray:
    """BGR uint8 (480, 960, 3): hopper on the left, the astronaut on the right."""
    return np.hstack([moved_portrait(frame), other_portrait(frame)])


@cache
def _large_astronaut() -> np.ndarray:
    return cv2.resize(read_image(astronaut_path()), None, fx=2.2, fy=2.2)
