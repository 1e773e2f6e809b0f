"""A lower face laid on heads of any size, anywhere, turned any way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.drawing import draw_over
from tests.videos import portrait

from lipwright.engines.warp.lower_face import LowerFace
from lipwright.engines.warp.mouth_warp import Mouth
from lipwright.face import FaceFinder
from lipwright.face.face import Face


@pytest.fixture(scope="module")
def face() -> Face:
    return FaceFinder().find(portrait())[0]


@pytest.fixture(scope="module")
def lower_face(face) -> LowerFace:
    return LowerFace(portrait(), face)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("seed", range(60))
def test_any_place_and_any_mouth_can_be_drawn(face, lower_face, seed):
    rng = np.random.default_rng(seed)
    scale, angle = np.exp(rng.uniform(-2, 1)), rng.uniform(-np.pi, np.pi)
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    landmarks = face.landmarks.copy()
    middle = landmarks[:, :2].mean(axis=0)
    landmarks[:, :2] = (landmarks[:, :2] - middle) @ turn.T + rng.uniform(-100, 500, 2)
    landmarks += rng.normal(0, rng.choice([0.0, 0.5, 5.0]), landmarks.shape)
    size = rng.integers(40, 500, 2)
    image = rng.integers(0, 256, (*size, 3)).astype(np.uint8) * np.uint8(seed % 5 > 0)
    values = rng.uniform(0, [0.4, 0.4, 0.15, 0.25, 0.1, 0.1, 1, 1, 1.5])
    mouth = Mouth(*[*values, rng.uniform(-0.3, 0.3)])
    seen = replace(face, landmarks=landmarks.astype(np.float32))
    drawn = image.copy()
    draw_over(lower_face, drawn, seen, mouth)
    again = image.copy()
    draw_over(lower_face, again, seen, mouth)
    np.testing.assert_array_equal(drawn, again)


def test_a_mouth_far_outside_of_the_picture_draws_nothing(face, lower_face):
    image = portrait().copy()
    away = replace(face, landmarks=face.landmarks + np.array([4000, 0, 0], np.float32))
    draw_over(lower_face, image, away, Mouth(jaw=0.2, gap=0.2))
    np.testing.assert_array_equal(image, portrait())
