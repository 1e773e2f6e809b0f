"""Wide open and covered mouths are told of; smiles, beards and grey pictures are not."""

from __future__ import annotations

import logging

import cv2
import numpy as np
import pytest
from tests.helpers import astronaut_path, hopper_path, read_picture

from lipwright.face import Face, FaceFinder
from lipwright.face.mouth_visibility import is_mouth_covered, mouth_gap, warn_of_mouth

MASKED = (234, 50, 6, 280, 454, 397, 152, 172)
BEARD = (234, 205, 164, 425, 454, 397, 152, 172)
LIPS = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185)


@pytest.fixture(scope="module", params=[hopper_path(), astronaut_path()])
def portrait(request) -> tuple[np.ndarray, Face]:
    image = read_picture(request.param)
    (face,) = FaceFinder(threads=1).find(image)
    return image, face


def painted(
    portrait: tuple[np.ndarray, Face], outline: tuple[int, ...], colour: tuple[int, int, int]
) -> np.ndarray:
    """The picture with an area between landmarks painted over."""
    image, face = portrait
    corners = np.round(face.landmarks[list(outline), :2]).astype(np.int32)
    return cv2.fillPoly(image.copy(), [corners], colour)


def with_gap(face: Face, gap: float) -> Face:
    """The face with its lower lip so many mouth widths below its upper one."""
    landmarks = face.landmarks.copy()
    width = float(np.linalg.norm(landmarks[291] - landmarks[61]))
    landmarks[14] = landmarks[13] + [0, gap * width, 0]
    return Face(landmarks, face.pose, face.box, face.score)


def test_a_plain_mouth_is_not_worth_a_warning(portrait, caplog):
    image, face = portrait
    grey = cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    for one in (image, grey, cv2.convertScaleAbs(image, alpha=0.5)):
        warn_of_mouth(one, face, "me.png")
    assert mouth_gap(face) < 0.2 and not caplog.records


@pytest.mark.parametrize(("gap", "told"), [(0.3, False), (0.5, True), (0.9, True)])
def test_a_wide_open_mouth_is_told_of(portrait, caplog, gap, told):
    image, face = portrait
    opened = with_gap(face, gap)
    assert mouth_gap(opened) == pytest.approx(gap, abs=1e-3)
    with caplog.at_level(logging.WARNING, "lipwright"):
        warn_of_mouth(image, opened, "shout.png")
    assert ("the mouth in shout.png is wide open: a picture" in caplog.text) == told


@pytest.mark.parametrize("colour", [(230, 190, 120), (140, 160, 60), (30, 20, 160)])
def test_a_mask_is_told_of(portrait, caplog, colour):
    image = painted(portrait, MASKED, colour)
    with caplog.at_level(logging.WARNING, "lipwright"):
        warn_of_mouth(image, portrait[1], "mask.png")
    assert "the mouth in mask.png seems to be covered: a picture" in caplog.text


def test_a_beard_covers_nothing(portrait):
    image, face = portrait
    lips = painted((np.zeros_like(image), face), LIPS, (1, 1, 1)) > 0
    bearded = np.where(lips, image, painted(portrait, BEARD, (25, 30, 38)))
    assert not is_mouth_covered(bearded, face)


def test_a_mouth_outside_the_picture_does_no_harm(portrait):
    image, face = portrait
    assert not is_mouth_covered(image, face.moved(0.0, 5000.0))
