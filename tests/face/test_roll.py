"""Faces at any roll: found where they are, animated up to 70 degrees, refused beyond."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from tests.helpers import hopper_path

from lipwright import Portrait
from lipwright.core.errors import FaceError
from lipwright.face.finder import FaceFinder, find_faces, is_turned
from lipwright.media.image.read import read_image

EYES = [33, 263]  # landmarks, the outer corners


@pytest.fixture(scope="module")
def finder() -> FaceFinder:
    return FaceFinder()


def rotated(image: np.ndarray, degrees: float) -> tuple[np.ndarray, np.ndarray]:
    """The picture turned clockwise on a canvas that holds it, and the (2, 3) map to there."""
    height, width = image.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1)
    cosine, sine = abs(matrix[0, :2])
    size = round(height * sine + width * cosine), round(height * cosine + width * sine)
    matrix[:, 2] += size[0] / 2 - width / 2, size[1] / 2 - height / 2
    return cv2.warpAffine(image, matrix, size, borderMode=cv2.BORDER_REPLICATE), matrix


@pytest.mark.parametrize("degrees", [0, 45, 60, 90, 120, 150, 180, 240, 270, 315])
def test_landmarks_lie_where_they_lie_in_the_upright_picture(degrees, finder):
    image = read_image(hopper_path())
    upright = find_faces(image, finder)[0].landmarks[:, :2]
    picture, matrix = rotated(image, degrees)
    face = find_faces(picture, finder)[0]
    expected = upright @ matrix[:, :2].T + matrix[:, 2]
    off = np.hypot(*(face.landmarks[:, :2] - expected).T).mean()
    assert off < 0.05 * np.hypot(*(upright[EYES[0]] - upright[EYES[1]]))
    assert is_turned(face) == (70 < degrees < 290)


@pytest.mark.parametrize("degrees", [90, 120, 180, 270])
def test_a_turned_face_is_refused_with_its_angle(degrees):
    picture, _ = rotated(read_image(hopper_path()), degrees)
    with pytest.raises(FaceError, match=r"is turned by \d+ degrees: rotate the picture") as error:
        Portrait(picture, quality="low")
    told = int("".join(filter(str.isdigit, str(error.value))))
    assert abs(told - min(degrees, 360 - degrees)) < 10


def test_a_face_that_leans_is_animated():
    picture, _ = rotated(read_image(hopper_path()), 60)
    assert abs(Portrait(picture, quality="low").face.pose[2] - 58) < 8
