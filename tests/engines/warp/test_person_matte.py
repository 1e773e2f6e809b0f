"""A person is cut out of a picture, and the colours at the edge are told apart."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from tests.portraits import NAMES, face_units, load

from lipwright.core.rect import Rect
from lipwright.engines.warp.person_frame import PersonFrame
from lipwright.engines.warp.person_matte import Matte, cut_person, guide_edges


def cut(picture: np.ndarray, face, transparency: np.ndarray | None = None) -> Matte:
    """The person cut out of a whole picture."""
    frame = PersonFrame.of(face.landmarks)
    return cut_person(picture, frame, Rect.whole(picture), transparency)


@pytest.fixture(scope="module", params=NAMES)
def portrait(request):
    picture, face = load(request.param)
    return picture, face, cut(picture, face)


def test_the_person_is_cut_out(portrait):
    picture, face, matte = portrait
    assert matte.alpha.shape == picture.shape[:2] and matte.alpha.dtype == np.uint8
    u, v = face_units(picture, face)
    assert matte.alpha[np.hypot(u, v) < 0.45].min() == 255
    assert matte.alpha[(np.abs(u) < 0.5) & (v > 0.9)].min() == 255  # neck and chest
    hair = (np.abs(u) < 0.25) & (v > -0.68) & (v < -0.5)
    assert (matte.alpha[hair] == 255).mean() > 0.95
    beside = (v < 0.2) & (v > -1.2) & (np.abs(u) > 1.1)
    assert (matte.alpha[beside] > 0).mean() < 0.02
    assert matte.alpha[:12, :12].max() == matte.alpha[:12, -12:].max() == 0


def test_person_over_background_is_the_picture_again(portrait):
    picture, _, matte = portrait
    share = matte.alpha[..., None] / 255
    mixed = share * matte.person + (1 - share) * matte.background
    layers = np.stack([matte.person, matte.background])
    clipped = ((layers == 0) | (layers == 255)).any(axis=0)
    soft = (matte.alpha > 0) & (matte.alpha < 255)
    assert soft.sum() > 500 and (~clipped[soft]).mean() > 0.5
    assert np.abs(mixed - picture)[~clipped].max() <= 1
    assert np.abs(mixed - picture).mean() < 0.1


def test_away_from_the_edge_the_picture_is_kept(portrait):
    picture, _, matte = portrait
    soft = ((matte.alpha > 0) & (matte.alpha < 255)).astype(np.uint8)
    away = cv2.dilate(soft, np.ones((9, 9), np.uint8)) == 0
    assert np.array_equal(matte.person[away], picture[away])
    assert np.array_equal(matte.background[away], picture[away])


def test_mixed_colours_are_told_apart():
    """A green wall behind somebody, mixed in at the edge: less of it is in the person's colours."""
    picture, face = load("hopper")
    person = (cut(picture, face).alpha > 127).astype(np.float32)
    share = cv2.GaussianBlur(person, (0, 0), 2.5)[..., None]
    wall = np.array([30, 200, 30])
    mixed = np.rint(share * picture + (1 - share) * wall).astype(np.uint8)
    matte = cut(mixed, face)
    soft = (matte.alpha > 60) & (matte.alpha < 200)
    assert soft.sum() > 100

    def greenness(colours: np.ndarray) -> float:
        blue, green, red = colours[soft].mean(axis=0)
        return green - (blue + red) / 2

    assert greenness(matte.person) < 0.6 * greenness(mixed)
    before = np.abs(mixed[soft].astype(int) - wall).mean()
    assert np.abs(matte.background[soft].astype(int) - wall).mean() < before


def test_a_picture_of_one_colour_has_a_plain_person():
    """Nobody is seen in it, so an average person is where the face is said to be."""
    picture, face = load("hopper")
    matte = cut(np.full_like(picture, 120), face)
    u, v = face_units(picture, face)
    assert matte.alpha[np.hypot(u, v) < 0.45].min() == 255
    assert matte.alpha[(np.abs(u) > 0.9) & (v < 0.3)].max() == 0
    assert matte.alpha[(np.abs(u) < 0.25) & (v > 0.4)].min() == 255
    assert (matte.person == 120).all() and (matte.background == 120).all()


def test_somebody_who_was_cut_out_keeps_that_edge():
    """What the picture hides is nobody's, and around the face what it shows is the person's."""
    picture, face = load("hopper")
    u, v = face_units(picture, face)
    head = np.hypot(u / 0.66, (v + 0.2) / 0.85) < 1
    alpha = np.where((head | (v > 0.45)) & (v > -0.7), 255, 0).astype(np.uint8)
    cut_out, plain = cut(picture, face, alpha).alpha, cut(picture, face).alpha
    hidden_hat = (v < -0.78) & (v > -0.9) & (np.abs(u) < 0.3)
    assert plain[hidden_hat].min() == 255 and cut_out[hidden_hat].max() == 0
    assert cut_out[(alpha == 0) & (v < 0.2) & (np.abs(u) > 0.8)].max() == 0
    shown_wall = head & (np.abs(u) > 0.58) & (v < -0.1) & (v > -0.4)
    assert shown_wall.any() and plain[shown_wall].mean() < 100
    assert cut_out[shown_wall].min() == 255
    assert np.array_equal(cut_out[v > 0.9], plain[v > 0.9])


def test_a_rounded_corner_says_nothing_about_the_person():
    picture, face = load("hopper")
    framed = np.full(picture.shape[:2], 255, np.uint8)
    framed[:20, :20] = 0
    assert np.array_equal(cut(picture, face).alpha, cut(picture, face, framed).alpha)


def test_guided_edges_follow_the_picture():
    picture = np.full((60, 60, 3), 40, np.uint8)
    picture[:, 33:] = 200
    mask = np.zeros((60, 60), np.float32)
    mask[:, 30:] = 1  # three px off
    guided = guide_edges(picture, mask, radius=6)
    assert guided.shape == mask.shape and 0 <= guided.min() and guided.max() <= 1
    assert guided[30, 33] - guided[30, 32] > 0.25  # the steepest place is the picture's edge
    assert guided[30, 5] < 0.01 and guided[30, 55] > 0.99


def test_guided_edges_of_a_large_picture():
    """Worked out on a smaller copy, they still follow the edges of the large one."""
    picture = np.full((900, 1300, 3), 40, np.uint8)
    picture[:, 660:] = 200
    mask = np.zeros(picture.shape[:2], np.float32)
    mask[:, 650:] = 1
    guided = guide_edges(picture, mask, radius=30)
    steps = np.diff(guided[450])
    assert steps.argmax() == 659 and steps.max() > 0.25
