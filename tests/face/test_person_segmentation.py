"""People are told from what is behind them."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from tests.portraits import NAMES, face_units, load

from lipwright.core.errors import LipwrightError
from lipwright.face.networks import SHA256
from lipwright.face.person_segmentation import SIDE, PersonSegmenter


@pytest.fixture(scope="module")
def segmenter() -> PersonSegmenter:
    return PersonSegmenter()


def enlarged(answer: np.ndarray, picture: np.ndarray) -> np.ndarray:
    return cv2.resize(answer, picture.shape[1::-1], interpolation=cv2.INTER_LINEAR)


@pytest.mark.parametrize("name", NAMES)
def test_the_person_is_found_and_the_background_is_not(segmenter, name):
    picture, face = load(name)
    answer = segmenter.segment(picture)
    assert answer.shape == (SIDE, SIDE) and answer.dtype == np.float32
    assert 0 <= answer.min() and answer.max() <= 1
    seen = enlarged(answer, picture)
    u, v = face_units(picture, face)
    assert seen[np.hypot(u, v) < 0.42].min() > 0.9
    assert seen[(np.abs(u) < 0.5) & (v > 1.2)].mean() > 0.95  # the chest
    assert seen[(np.abs(u) > 1) & (v < 0.2)].mean() < 0.05
    assert (np.abs(seen - 0.5) < 0.4).mean() < 0.1  # it is sure nearly everywhere


def test_a_picture_of_another_shape_is_stretched(segmenter):
    picture, face = load("hopper")
    wide = cv2.resize(picture, (900, 600), interpolation=cv2.INTER_AREA)
    seen = enlarged(segmenter.segment(wide), picture)
    u, v = face_units(picture, face)
    assert seen[np.hypot(u, v) < 0.42].min() > 0.8
    assert seen[(np.abs(u) > 1) & (v < 0.2)].mean() < 0.05


def test_nobody_is_found_where_nobody_is(segmenter):
    assert segmenter.segment(np.full((300, 400, 3), 120, np.uint8)).mean() < 0.1


def test_same_picture_same_answer(segmenter):
    picture, _ = load("astronaut")
    assert np.array_equal(segmenter.segment(picture), PersonSegmenter().segment(picture))


def test_a_damaged_network_is_said(monkeypatch):
    monkeypatch.setitem(SHA256, "person_segmentation.onnx", "0" * 64)
    with pytest.raises(LipwrightError, match="person_segmentation.onnx is damaged .* reinstall"):
        PersonSegmenter().segment(np.zeros((64, 64, 3), np.uint8))
