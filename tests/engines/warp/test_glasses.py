"""Glasses are seen by their bridge, and keep brows from bending their rims."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from tests.portraits import load

from lipwright.engines.warp.eye_shape import LEFT_EYE, RIGHT_EYE, EyeShape
from lipwright.engines.warp.eyes import Eyes
from lipwright.engines.warp.glasses import wears_glasses
from lipwright.engines.warp.motion.state import MotionState


def shapes_of(face) -> list[EyeShape]:
    return [EyeShape(face.landmarks, indices) for indices in (LEFT_EYE, RIGHT_EYE)]


def with_bridge(image: np.ndarray, shapes: list[EyeShape]) -> np.ndarray:
    left, right = shapes
    corners = (
        left.centre + 0.4 * left.width * left.right,
        (right.centre - 0.4 * right.width * right.right),
    )
    start, end = (np.round(place).astype(int).tolist() for place in corners)
    drawn = image.copy()
    cv2.line(drawn, start, end, (20, 20, 20), max(2, round(0.08 * left.width)))
    return drawn


@pytest.mark.parametrize(("name", "wears"), [("hopper", True), ("astronaut", False)])
def test_real_people(name, wears):
    image, face = load(name)
    assert wears_glasses(image, *shapes_of(face)) is wears


def rise(image: np.ndarray, face) -> float:
    height, width = image.shape[:2]
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    before = y.copy()
    eyes = Eyes(image, face)
    eyes.warp(x, y, (0, 0), MotionState(brow=1.0))
    return float((y - before).max() / eyes.shapes[0].width)


def test_brows_above_glasses_hardly_rise():
    image, face = load("astronaut")
    shapes = shapes_of(face)
    drawn = with_bridge(image, shapes)
    assert wears_glasses(drawn, *shapes)
    bare, behind = rise(image, face), rise(drawn, face)
    assert bare > 0.12 and 0.02 < behind < 0.06
