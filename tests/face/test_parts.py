"""The parts of face/ that need no network."""

from __future__ import annotations

import logging
from math import cos, radians, sin
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest

from lipwright.face import Face, choose_face
from lipwright.face.detector import Detection, make_anchors, overlap, suppress_overlaps
from lipwright.face.head_pose import (
    LOWER_MIDLINE,
    MIDLINE_LEAN,
    MIRROR_PAIRS,
    UPPER_MIDLINE,
    estimate_pose,
)
from lipwright.face.image_pyramid import ImagePyramid, RotatedSquare, transform_points
from lipwright.face.landmark_indices import LEFT_IRIS, LIPS, PICTURE_LEFT_EYE, PICTURE_RIGHT_EYE


def plain_head() -> np.ndarray:
    """Landmarks of a head that looks straight ahead, as the pose estimate sees it."""
    landmarks = np.zeros((478, 3), np.float32)
    for row, (left, right) in enumerate(MIRROR_PAIRS):
        landmarks[left] = [-60, 3 * row, 0]
        landmarks[right] = [60, 3 * row, 0]
    lean = radians(MIDLINE_LEAN)
    landmarks[list(UPPER_MIDLINE)] = [0, -80 * cos(lean), -80 * sin(lean)]
    landmarks[list(LOWER_MIDLINE)] = [0, 80 * cos(lean), 80 * sin(lean)]
    return landmarks


def rotation(axis: int, degrees: float) -> np.ndarray:
    first, second = [k for k in range(3) if k != axis]
    matrix = np.eye(3)
    matrix[first, first] = matrix[second, second] = cos(radians(degrees))
    matrix[first, second], matrix[second, first] = -sin(radians(degrees)), sin(radians(degrees))
    return matrix


def test_pose_of_each_axis():
    assert estimate_pose(plain_head()) == pytest.approx((0, 0, 0), abs=1e-3)
    for angle in (-30, -5, 12, 40):
        assert estimate_pose(plain_head() @ rotation(1, angle).T) == pytest.approx(
            (angle, 0, 0), abs=1e-3
        )
        assert estimate_pose(plain_head() @ rotation(0, angle).T) == pytest.approx(
            (0, angle, 0), abs=1e-3
        )
        assert estimate_pose(plain_head() @ rotation(2, angle).T) == pytest.approx(
            (0, 0, angle), abs=1e-3
        )


def test_pose_signs():
    """Turned to the picture's right, the right half of the face is further away."""
    head = plain_head()
    head[[right for _, right in MIRROR_PAIRS], 2] += 30
    assert estimate_pose(head)[0] > 5
    head = plain_head()
    head[list(LOWER_MIDLINE), 2] += 30  # the chin drawn back: looking down
    assert estimate_pose(head)[1] > 5


def test_crop_finds_its_place():
    """A bright dot appears where the matrix says, at every scale and angle."""
    for side, angle in ((64, 0.0), (40, 0.5), (400, -0.7), (900, 0.0)):
        image = np.zeros((1000, 1000, 3), np.uint8)
        cv2.circle(image, (480, 530), max(3, round(side / 30)), (255, 255, 255), -1)
        square = RotatedSquare(470, 520, side, angle)
        crop = ImagePyramid(image).crop(square, 128, cv2.BORDER_CONSTANT)[..., 0].astype(float)
        row, column = np.mgrid[:128, :128]
        centre = np.array([(crop * axis).sum() for axis in (column, row)]) / crop.sum() + 0.5
        found = transform_points(square.to_image(128), centre)
        assert found == pytest.approx([480.5, 530.5], abs=max(0.15, side / 600))


def test_reduced_crops_do_not_alias():
    stripes = np.zeros((2048, 2048, 3), np.uint8)
    stripes[:, ::2] = 255
    crop = ImagePyramid(stripes).crop(RotatedSquare(1024, 1024, 2048), 128, cv2.BORDER_REPLICATE)
    assert crop.min() > 115 and crop.max() < 140


def test_overlap_and_suppression():
    box = np.array([0.0, 0, 10, 10])
    boxes = np.array([[0.0, 0, 10, 10], [5, 0, 10, 10], [20, 0, 10, 10], [0, 0, 2, 2]])
    assert overlap(box, boxes) == pytest.approx([1, 0.5, 0, 1])

    def at(x: float, score: float) -> Detection:
        return Detection(np.array([x, 0.0]), 10, 0.0, score)

    kept = suppress_overlaps([at(0, 0.6), at(1, 0.9), at(30, 0.7)])
    assert [face.score for face in kept] == [0.9, 0.7]


def test_anchors_cover_the_view():
    anchors = make_anchors()
    assert anchors.shape == (896, 2)
    assert anchors.min() == pytest.approx(0.03125) and anchors.max() == pytest.approx(0.96875)


def test_regions_are_whole():
    assert len(LIPS) == 80 and len(PICTURE_LEFT_EYE) == len(PICTURE_RIGHT_EYE) == 71
    assert len({*LIPS, *PICTURE_LEFT_EYE, *PICTURE_RIGHT_EYE, *LEFT_IRIS}) == 80 + 2 * 71 + 5


def test_a_strong_turn_is_warned_of(caplog):
    face = Face(np.zeros((478, 3), np.float32), (-38.0, 0.0, 0.0), (0.0, 0.0, 90.0, 90.0), 1.0)
    finder: Any = SimpleNamespace(find=lambda image, any_roll: [face])
    with caplog.at_level(logging.WARNING, "lipwright"):
        chosen = choose_face(np.zeros((9, 9, 3), np.uint8), None, "side.jpg", finder)
    assert chosen is face
    assert "side.jpg is turned by 38 degrees" in caplog.text
