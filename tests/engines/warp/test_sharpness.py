"""Frames that are blurred get a mouth that is as blurred."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from tests.drawing import draw_over
from tests.videos import moved_portrait

from lipwright.engines.warp.lower_face import LowerFace
from lipwright.engines.warp.mouth_warp import Mouth
from lipwright.engines.warp.sharpness import as_sharp, missing_blur, sharpness
from lipwright.face import FaceFinder


@pytest.fixture(scope="module")
def finder() -> FaceFinder:
    return FaceFinder()


def lips_of(picture: np.ndarray, face) -> np.ndarray:
    x0, y0 = face.landmarks[[61, 0], :2].min(axis=0).astype(int)
    x1, y1 = face.landmarks[[291, 17], :2].max(axis=0).astype(int)
    return picture[y0 - 6 : y1 + 6, x0:x1]


def test_what_is_equally_sharp_is_left_alone(finder):
    pictures = [moved_portrait(3 * i) for i in range(6)]
    for picture in pictures:
        assert missing_blur(pictures[0], picture) == 0


@pytest.mark.parametrize("blur", [1.6, 2.5, 4.0])
def test_a_blur_is_measured(blur):
    picture = moved_portrait(0)
    assert missing_blur(picture, cv2.GaussianBlur(picture, (0, 0), blur)) == pytest.approx(
        blur, rel=0.05
    )


@pytest.mark.parametrize("blur", [1.6, 2.5])
def test_a_blur_is_measured_under_noise(blur):
    picture = moved_portrait(0)
    noise = np.random.default_rng(0).normal(0, 2, (*picture.shape[:2], 1))
    noisy = np.clip(cv2.GaussianBlur(picture, (0, 0), blur) + noise, 0, 255).astype(np.uint8)
    assert missing_blur(picture, noisy) == pytest.approx(blur, rel=0.15)


@pytest.mark.parametrize("blur", [1.6, 2.5])
def test_a_lent_mouth_is_as_blurred_as_the_skin_around_it(blur):
    lent = moved_portrait(0)[180:300, 150:330]
    red = np.zeros(lent.shape[:2], np.float32)
    red[40:80, 40:140] = 1  # what is on the lips does not count
    own = cv2.GaussianBlur(lent, (0, 0), blur)
    own[45:75, 45:135] = 255
    found = as_sharp(lent, own, red)
    assert np.abs(found.astype(int) - cv2.GaussianBlur(lent, (0, 0), blur)).mean() < 0.5
    assert np.array_equal(as_sharp(own, lent, red), own), "nothing is sharpened"
    assert np.array_equal(as_sharp(lent, own, np.ones_like(red)), lent), "there is no skin"


def test_a_mouth_is_as_blurred_as_the_head_that_moves(finder):
    sharp, moving = moved_portrait(0), cv2.blur(moved_portrait(10), (11, 1))
    lower_face = LowerFace(sharp, finder.find(sharp)[0])
    face = finder.find(moved_portrait(10))[0]
    drawn = moving.copy()
    draw_over(lower_face, drawn, face, Mouth())
    own, new = sharpness(lips_of(moving, face)), sharpness(lips_of(drawn, face))
    assert new < 1.35 * own
    crisp = moved_portrait(10)
    assert sharpness(lips_of(crisp, face)) > 1.7 * own
    draw_over(lower_face, crisp, face, Mouth())
    assert sharpness(lips_of(crisp, face)) > 1.4 * own


def test_what_is_drawn_is_as_sharp_as_the_frame(finder):
    picture = moved_portrait(0)
    face = finder.find(picture)[0]
    lower_face = LowerFace(picture.copy(), face)
    for frame in range(4, 20, 4):
        own = moved_portrait(frame)
        drawn, face = own.copy(), finder.find(own)[0]
        draw_over(lower_face, drawn, face, Mouth())
        ratio = sharpness(lips_of(drawn, face)) / sharpness(lips_of(own, face))
        assert 0.9 < ratio < 1.1
