"""The relief of a head: the nose stands out, ears and outline are its ground."""

from __future__ import annotations

import numpy as np
import pytest
from tests.portraits import NAMES, load

from lipwright.core.rect import Rect
from lipwright.engines.warp.head_depth import HeadDepth
from lipwright.engines.warp.person_frame import PersonFrame
from lipwright.engines.warp.person_matte import cut_person

NOSE_TIP, FOREHEAD, CHIN, EARS = 4, 10, 152, (234, 454)


class Relief:
    def __init__(self, name: str) -> None:
        picture, face = load(name)
        self.landmarks, window = face.landmarks, Rect.whole(picture)
        self.frame = PersonFrame.of(face.landmarks)
        self.alpha = cut_person(picture, self.frame, window).alpha
        self.depth = HeadDepth(face.landmarks, self.alpha, self.frame, window)
        x, y = np.meshgrid(*(np.arange(n, dtype=np.float32) for n in picture.shape[1::-1]))
        self.u, self.v = self.frame.units(x, y)
        self.everywhere = self.depth.at(x, y) / self.frame.width

    def at(self, *landmarks: int) -> np.ndarray:
        """Depth at landmarks, face widths."""
        x, y = np.ascontiguousarray(self.landmarks[list(landmarks), :2].T)[:, None]
        return self.depth.at(x, y)[0] / self.frame.width

    def above(self, *heights: float) -> np.ndarray:
        """Depth on the middle line at heights in face units, face widths."""
        x, y = np.array([self.frame.place(0, v) for v in heights], np.float32).T[:, None]
        return self.depth.at(np.ascontiguousarray(x), np.ascontiguousarray(y))[0] / self.frame.width


@pytest.fixture(scope="module", params=NAMES)
def relief(request) -> Relief:
    return Relief(request.param)


def test_the_nose_is_highest(relief):
    nose = relief.at(NOSE_TIP)[0]
    assert 0.4 < nose < 0.9
    row, column = np.unravel_index(relief.everywhere.argmax(), relief.everywhere.shape)
    away = np.hypot(*(relief.landmarks[NOSE_TIP, :2] - [column, row]))
    assert away < 0.12 * relief.frame.width
    assert nose > relief.at(FOREHEAD, CHIN).max() + 0.03


def test_ears_are_the_ground(relief):
    assert np.abs(relief.at(*EARS)).max() < 0.25
    assert relief.everywhere.min() >= 0


def test_hair_falls_to_the_outline(relief):
    """Above the forehead there is still a head, rounder and rounder towards where it ends."""
    column = np.flatnonzero((relief.alpha > 127)[:, round(float(relief.frame.centre[0]))])
    top = np.array([relief.frame.centre[0], column[0]])
    end = float((top - relief.frame.centre) @ relief.frame.down) / relief.frame.height
    assert end < -0.6
    heights = np.linspace(-0.5, end, 6)
    depths = relief.above(*heights)
    assert (np.diff(depths) < 0).all()
    assert depths[2] > 0.1 and depths[-1] < 0.1
    assert relief.above(end - 0.08)[0] == pytest.approx(0, abs=0.02)


def test_nothing_but_the_head_has_a_relief(relief):
    beside = (np.abs(relief.u) > 1) | (relief.v > 1.0) | (relief.v < -1.3)
    assert relief.everywhere[beside].max() < 1e-3
    background = (relief.alpha == 0) & (np.hypot(relief.u, relief.v) > 0.75)
    assert relief.everywhere[background].mean() < 0.01


def test_it_is_smooth(relief):
    assert np.abs(np.diff(relief.everywhere, axis=0)).max() * relief.frame.width < 3
    assert np.abs(np.diff(relief.everywhere, axis=1)).max() * relief.frame.width < 3
