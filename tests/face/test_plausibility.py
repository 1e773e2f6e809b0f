"""A person's face is kept; what a detector takes for one is not."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest
from tests.helpers import astronaut_path, hopper_path, read_picture

from lipwright.core.errors import FaceError
from lipwright.face import FaceFinder, choose_face
from lipwright.face.image_pyramid import ImagePyramid
from lipwright.face.landmarks import view_of_landmarks
from lipwright.face.plausibility import LEAST_SURENESS, ZOOMS, is_plausible


@pytest.fixture(scope="module")
def faces() -> FaceFinder:
    return FaceFinder(threads=1)


def cat() -> np.ndarray:
    """A cat's face, large and from the front."""
    return read_picture(astronaut_path().with_name("chelsea.png"))[:, :300]


def clock() -> np.ndarray:
    """The face of a moving clock."""
    return read_picture(astronaut_path().with_name("clock_motion.png"))


def drawn(image: np.ndarray) -> np.ndarray:
    """Turn a photograph into something like a pencil drawing."""
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    blurred = cv2.GaussianBlur(255 - grey, (0, 0), 12)
    pencil = cv2.divide(grey, 255 - blurred, scale=256.0)
    return cv2.cvtColor(pencil, cv2.COLOR_GRAY2BGR)


@pytest.mark.parametrize("picture", [cat, clock])
def test_a_face_that_is_no_persons_is_refused(faces, picture):
    image = picture()
    with pytest.raises(FaceError, match=r"No human face was found in pet\.png: use a picture"):
        choose_face(image, None, "pet.png", faces)
    assert faces.find(image, any_roll=True, any_face=True)  # it was refused, not overlooked


@pytest.mark.parametrize("path", [hopper_path(), astronaut_path()])
def test_people_are_kept_in_colour_grey_and_pencil(faces, path):
    image = read_picture(path)
    grey = cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    for one in (image, grey, drawn(image), cv2.GaussianBlur(image, (0, 0), 3)):
        assert len(faces.find(one)) == 1


def test_a_person_beside_an_animal_is_the_only_one(faces):
    person = read_picture(astronaut_path())
    pet = cv2.resize(cat(), (512, 512))
    (face,) = faces.find(np.hstack([pet, person]), any_roll=True)
    assert face.box[0] > 512


@pytest.mark.parametrize(
    ("yaw", "below", "plausible"),
    [(0, -0.01, True), (0, 0.01, False), (45, 0.11, True), (45, 0.13, False), (90, 0.16, False)],
)
def test_turned_heads_may_score_less(faces, yaw, below, plausible):
    image = read_picture(hopper_path())
    (found,) = faces.find(image)
    asked: list[float] = []

    def sureness(_: Any, view: Any) -> float:
        asked.append(view.side)
        return LEAST_SURENESS - below

    face: Any = SimpleNamespace(landmarks=found.landmarks, pose=(-yaw, 0.0, 0.0))
    detector: Any = SimpleNamespace(sureness=sureness)
    assert is_plausible(detector, ImagePyramid(image), face) is plausible
    side = view_of_landmarks(found.landmarks).side
    assert asked == pytest.approx([side * zoom for zoom in ZOOMS])
