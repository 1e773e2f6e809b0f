"""Faces are found at every size, roll and place; what is not a face is not."""

from __future__ import annotations

import logging

import cv2
import numpy as np
import pytest
from tests.helpers import astronaut_path, hopper_path, read_picture

from lipwright.core.errors import FaceError
from lipwright.face import FaceFinder, choose_face, find_faces
from lipwright.face.detector import plan_views
from lipwright.face.finder import MIN_FACE_HEIGHT
from lipwright.face.image_pyramid import ImagePyramid

LEFT_EYE, RIGHT_EYE, CHIN = 468, 473, 152


@pytest.fixture(scope="module")
def finder() -> FaceFinder:
    return FaceFinder(threads=1)


@pytest.fixture(scope="module")
def hopper() -> np.ndarray:
    return read_picture(hopper_path())


@pytest.fixture(scope="module")
def astronaut() -> np.ndarray:
    return read_picture(astronaut_path())


@pytest.fixture(params=["hopper", "astronaut"])
def portrait(request) -> np.ndarray:
    return request.getfixturevalue(request.param)


def scaled(image: np.ndarray, longer_side: int) -> np.ndarray:
    factor = longer_side / max(image.shape[:2])
    filter_ = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    return cv2.resize(image, None, fx=factor, fy=factor, interpolation=filter_)


def turned(image: np.ndarray, clockwise: float) -> tuple[np.ndarray, np.ndarray]:
    height, width = image.shape[:2]
    side = int(np.hypot(height, width))
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -clockwise, 1)
    matrix[:, 2] += [(side - width) / 2, (side - height) / 2]
    return cv2.warpAffine(image, matrix, (side, side)), matrix


def eye_distance(landmarks: np.ndarray) -> float:
    return float(np.linalg.norm(landmarks[263, :2] - landmarks[33, :2]))


def scaled_height(finder: FaceFinder, image: np.ndarray, longer_side: int) -> float:
    """Of the face in an image of another size, px."""
    (face,) = finder.find(image)
    return face.height * longer_side / max(image.shape[:2])


def mean_error(landmarks: np.ndarray, expected: np.ndarray) -> float:
    """Mean distance in outer-eye distances."""
    away = np.linalg.norm(landmarks[:, :2] - expected[:, :2], axis=1)
    return float(away.mean()) / eye_distance(expected)


def test_values_of_a_face(finder, hopper):
    (face,) = finder.find(hopper)
    assert face.landmarks.shape == (478, 3) and face.landmarks.dtype == np.float32
    assert face.score > 0.9
    x0, y0, x1, y1 = face.box
    assert 120 < x0 < x1 < 400 and 80 < y0 < y1 < 400
    # the picture's left eye is on the left, the chin below both
    assert face.landmarks[LEFT_EYE, 0] < face.landmarks[RIGHT_EYE, 0]
    assert face.landmarks[CHIN, 1] > face.landmarks[[LEFT_EYE, RIGHT_EYE], 1].max() + 50
    # the nose tip is nearer to the camera than the ears
    assert face.landmarks[4, 2] < face.landmarks[[234, 454], 2].min()
    assert all(abs(angle) < 8 for angle in face.pose)


@pytest.mark.parametrize("longer_side", [96, 200, 1000, 3840])
def test_any_size(finder, portrait, longer_side):
    (expected,) = finder.find(portrait)
    (face,) = finder.find(scaled(portrait, longer_side))
    factor = longer_side / max(portrait.shape[:2])
    tolerance = 0.06 if longer_side < 100 else 0.03
    assert mean_error(face.landmarks, expected.landmarks * factor) < tolerance


@pytest.mark.parametrize("angle", [-45, -30, -12, 12, 30, 45])
def test_turned_in_the_plane(finder, portrait, angle):
    (expected,) = finder.find(portrait)
    image, matrix = turned(portrait, angle)
    (face,) = finder.find(image)
    moved = expected.landmarks.copy()
    moved[:, :2] = moved[:, :2] @ matrix[:, :2].T + matrix[:, 2]
    assert mean_error(face.landmarks, moved) < 0.04
    assert face.pose[2] - expected.pose[2] == pytest.approx(angle, abs=2.5)
    assert face.pose[0] == pytest.approx(expected.pose[0], abs=3)


@pytest.mark.parametrize("side", [1400, 3000])
def test_small_in_a_large_picture(finder, portrait, side):
    (expected,) = finder.find(portrait)
    canvas = np.full((side, side, 3), 90, np.uint8)
    height, width = portrait.shape[:2]
    left, top = 60, side - height - 35
    canvas[top : top + height, left : left + width] = portrait
    (face,) = finder.find(canvas)
    assert mean_error(face.landmarks, expected.landmarks + [left, top, 0]) < 0.03


@pytest.mark.parametrize("upright", [False, True])
def test_small_in_a_panorama(finder, hopper, upright):
    small = scaled(hopper, 240)
    panorama = np.full((300, 8000, 3), 128, np.uint8)
    panorama[30 : 30 + small.shape[0], 5000 : 5000 + small.shape[1]] = small
    if upright:
        panorama = np.full((8000, 300, 3), 128, np.uint8)
        panorama[5000 : 5000 + small.shape[0], 30 : 30 + small.shape[1]] = small
    (face,) = finder.find(panorama)
    assert face.height == pytest.approx(scaled_height(finder, hopper, 240), rel=0.05)
    assert face.box[0 if not upright else 1] > 5000


def test_as_small_as_can_be_animated_in_a_large_picture(finder, hopper):
    small = scaled(hopper, 192)  # a face of 65 px: 9 in the finest of the regular tiles
    canvas = np.full((4200, 6400, 3), 128, np.uint8)
    canvas[3010 : 3010 + small.shape[0], 5600 : 5600 + small.shape[1]] = small
    (face,) = finder.find(canvas)
    assert face.height == pytest.approx(scaled_height(finder, hopper, 192), rel=0.05)
    assert face.box[0] > 5600 and face.box[1] > 3010


def test_every_size_of_picture_is_searched_for_the_smallest_faces_in_bounded_time():
    for width, height in ((20000, 2000), (2000, 20000), (20000, 4000), (8900, 8900), (80000, 1000)):
        pyramid = ImagePyramid(np.zeros((height, width, 3), np.uint8))
        views = [view for group in plan_views(pyramid) for view in group]
        closest = [view for view in views if view.side <= 1.1 * 7 * MIN_FACE_HEIGHT]
        x = np.array([view.centre_x for view in closest])
        y = np.array([view.centre_y for view in closest])
        half = closest[0].side / 2 - MIN_FACE_HEIGHT / 2
        for point in ((100, 100), (width / 2, height / 2), (width - 700, height / 3)):
            assert ((abs(x - point[0]) <= half) & (abs(y - point[1]) <= half)).any()
        assert len(views) <= 2600


def test_no_time_is_spent_on_faces_smaller_than_wanted(hopper):
    pyramid = ImagePyramid(np.zeros((720, 720, 3), np.uint8))
    every, wanted = (
        [view.side for group in plan_views(pyramid, smallest) for view in group]
        for smallest in (0.0, MIN_FACE_HEIGHT)
    )
    assert min(every) < 200 < MIN_FACE_HEIGHT * 5 < min(wanted)
    assert len(wanted) < len(every) / 2

    size, corner = 260, 300  # a face of at least the size is found as before
    far = np.full((900, 1600, 3), 90, np.uint8)
    small = cv2.resize(hopper, (size, size), interpolation=cv2.INTER_AREA)
    far[corner : corner + size, corner : corner + size] = small
    (face,) = FaceFinder(threads=1, smallest=MIN_FACE_HEIGHT).find(far)
    assert face.height >= MIN_FACE_HEIGHT


def test_a_strip_takes_not_much_longer_than_a_square():
    def views(width, height):
        pyramid = ImagePyramid(np.zeros((height, width, 3), np.uint8))
        return sum(len(group) for group in plan_views(pyramid))

    square = views(4000, 4000)
    for size in ((20000, 600), (600, 20000), (60000, 200), (9000, 1500), (4000, 3000)):
        assert views(*size) <= 3 * square


def test_mirrored(finder, portrait):
    (expected,) = finder.find(portrait)
    (face,) = finder.find(np.ascontiguousarray(portrait[:, ::-1]))
    width = portrait.shape[1]
    for left, right in ((33, 263), (61, 291), (234, 454), (468, 473)):
        mirrored = [width - expected.landmarks[right, 0], expected.landmarks[right, 1]]
        away = np.linalg.norm(face.landmarks[left, :2] - mirrored)
        assert away < 0.05 * eye_distance(expected.landmarks)
    assert face.pose[2] == pytest.approx(-expected.pose[2], abs=2.5)


def test_grey_and_dark(finder, portrait):
    (expected,) = finder.find(portrait)
    grey = cv2.cvtColor(cv2.cvtColor(portrait, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    for image in (grey, portrait // 4):
        (face,) = finder.find(image)
        assert mean_error(face.landmarks, expected.landmarks) < 0.05


def test_two_faces_the_largest_first(finder, hopper, astronaut):
    faces = finder.find(np.hstack([astronaut, hopper[:512]]))
    assert len(faces) == 2
    assert faces[0].box[0] > 512 > faces[1].box[2]


def test_refine_follows_a_small_movement(finder, hopper):
    (face,) = finder.find(hopper)
    moved = np.roll(hopper, (3, 8), axis=(0, 1))
    followed = finder.refine(moved, face)
    assert followed is not None
    assert mean_error(followed.landmarks, face.landmarks + [8, 3, 0]) < 0.02
    assert finder.refine(np.full_like(hopper, 127), face) is None


def test_same_picture_same_face(hopper):
    (first,), (second,) = find_faces(hopper), find_faces(hopper)
    assert np.array_equal(first.landmarks, second.landmarks)


def test_no_face(finder):
    generator = np.random.default_rng(1)
    for image in (
        np.full((300, 400, 3), 128, np.uint8),
        generator.integers(0, 256, (400, 300, 3), np.uint8),
        np.zeros((1, 1, 3), np.uint8),
        np.zeros((2, 900, 3), np.uint8),
    ):
        assert finder.find(image) == []
        with pytest.raises(FaceError, match=r"No human face was found in odd\.png"):
            choose_face(image, None, "odd.png", finder)


@pytest.mark.parametrize("picture", ["coins.png", "brick.png", "coffee.png"])
def test_no_face_in_other_things(finder, picture):
    image = read_picture(astronaut_path().with_name(picture))
    with pytest.raises(FaceError, match="No human face"):
        choose_face(image, None, picture, finder)


def test_face_too_small(finder, astronaut):
    with pytest.raises(FaceError, match=r"small\.jpg is only \d+ px high"):
        choose_face(scaled(astronaut, 200), None, "small.jpg", finder)


def test_choosing_by_number(finder, hopper, astronaut, caplog):
    both = np.hstack([astronaut, hopper[:512]])
    assert choose_face(both, 0, "both.png", finder).box[0] > 512
    assert choose_face(both, 1, "both.png", finder).box[2] < 512
    assert not caplog.records
    with caplog.at_level(logging.INFO, "lipwright"):
        assert choose_face(both, None, "both.png", finder).box[0] > 512
    assert "both.png has 2 faces" in caplog.text
    with pytest.raises(FaceError, match="both.png has 2 faces: choose a number from 0"):
        choose_face(both, 2, "both.png", finder)
    with pytest.raises(FaceError, match="only 1 face: choose"):
        choose_face(hopper, 1, "hopper.jpg", finder)


def test_wrong_kind_of_image(finder):
    for image in (np.zeros((9, 9), np.uint8), np.zeros((9, 9, 3), np.float32)):
        with pytest.raises(TypeError, match="BGR uint8"):
            finder.find(image)
