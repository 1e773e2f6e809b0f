"""What a mouth looks like where nothing is before it, and where something is."""

from __future__ import annotations

import time

import cv2
import numpy as np
import pytest
from tests.covers import hand, microphone, mug
from tests.drawing import draw_over
from tests.videos import portrait

from lipwright.engines.warp.lower_face import LowerFace
from lipwright.engines.warp.mouth_warp import Mouth
from lipwright.face import FaceFinder
from lipwright.face.face import Face
from lipwright.face.person_look import FEWEST, PersonLook, Texture, likeness, texture_of

COVERS = hand, microphone, mug


@pytest.fixture(scope="module")
def faces() -> list[tuple[np.ndarray, Face]]:
    """One person: the mouth closed and open, in light that changes, at several sizes."""
    finder, picture = FaceFinder(), portrait()
    (face,) = finder.find(picture)
    lower, seen = LowerFace(picture, face), []
    for number in range(12):
        frame = picture.copy()
        draw_over(lower, frame, face, Mouth(gap=0.03 * number, jaw=0.02 * number))
        (found,) = finder.find(frame)
        lit = frame.astype(np.float32) * (0.8 + 0.03 * number) + 2 * number
        smaller = 1 - 0.04 * (number % 4)
        size = tuple(round(side * smaller) for side in picture.shape[1::-1])
        small = cv2.resize(np.clip(lit, 0, 255).astype(np.uint8), size)
        seen.append((small, found.scaled(smaller, smaller)))
    return seen


@pytest.fixture(scope="module")
def textures(faces) -> list[Texture]:
    return [texture_of(*one) for one in faces]


def covered(faces, cover, beside: float = 0.0) -> list[Texture]:
    return [texture_of(cover(picture, face, beside), face) for picture, face in faces]


def test_nothing_is_before_an_open_mouth_in_another_light(textures):
    for place, one in enumerate(textures):
        look = PersonLook(textures[:place] + textures[place + 1 :])
        assert not look.is_covered(one)


@pytest.mark.parametrize("cover", COVERS)
def test_a_hand_a_microphone_and_a_mug_cover_a_mouth(faces, textures, cover):
    look = PersonLook(textures)
    assert all(look.is_covered(one) for one in covered(faces, cover))
    assert not any(look.is_covered(one) for one in covered(faces, cover, beside=4.0))


@pytest.mark.parametrize("cover", COVERS)
def test_covered_frames_among_those_that_were_seen_are_told(faces, textures, cover):
    behind = covered(faces[:5], cover)
    look = PersonLook(textures + behind)
    assert all(look.is_covered(one) for one in behind)
    assert not any(look.is_covered(one) for one in textures)


@pytest.mark.parametrize("cover", COVERS)
def test_where_most_of_a_film_is_covered_nothing_counts_as_covered(faces, textures, cover):
    behind = covered(faces, cover)
    look = PersonLook(textures[:4] + behind)
    assert not any(look.is_covered(one) for one in textures + behind)


def in_grey(picture: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)


@pytest.mark.parametrize("some_are_grey", [True, False])
def test_scenes_in_black_and_white_are_not_covered(faces, textures, some_are_grey):
    grey = [texture_of(in_grey(picture), face) for picture, face in faces]
    most, few = (textures, grey) if some_are_grey else (grey, textures)
    look = PersonLook(most + few[:5])
    assert not any(look.is_covered(one) for one in most + few)
    picture, face = faces[0]
    for cover in COVERS:
        assert look.is_covered(texture_of(cover(picture, face), face))
        assert look.is_covered(texture_of(in_grey(cover(picture, face)), face))


def test_few_frames_tell_nothing(faces, textures):
    look = PersonLook(textures[: FEWEST - 1])
    assert not any(look.is_covered(one) for one in covered(faces, microphone))
    assert not PersonLook([]).is_covered(textures[0])


def test_only_what_is_in_the_picture_is_compared(faces, textures):
    """A chin below the picture's edge is not covered, and a hand above it is seen all the same."""
    look = PersonLook(textures)
    picture, face = faces[0]
    edge = round(float(face.landmarks[[17, 200], 1].mean()))
    cut = texture_of(picture[:edge], face)
    assert not cut.seen.all() and not look.is_covered(cut)
    assert look.is_covered(texture_of(hand(picture, face)[:edge], face))
    above = round(float(face.landmarks[164, 1]))
    assert not look.is_covered(texture_of(hand(picture, face)[:above], face))


def test_likeness_is_that_of_the_pattern(faces, textures):
    assert likeness(textures[0], textures[-1]) > 0.8
    assert likeness(textures[0], covered(faces[:1], hand)[0]) < 0.5


def test_a_look_costs_little(faces, textures):
    look, (picture, face) = PersonLook(textures), faces[0]
    large = cv2.resize(picture, None, fx=2, fy=2)
    larger = face.scaled(2, 2)
    spent = []
    for _ in range(20):
        begin = time.process_time()
        look.is_covered(texture_of(large, larger))
        spent.append(time.process_time() - begin)
    assert min(spent) < 1.5e-3
