"""Cuts found in films that are made on the spot."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from lipwright.media.image.read import read_image
from lipwright.media.video.cuts import find_cuts
from lipwright.media.video.yuv_frame import YuvFrame
from tests.helpers import astronaut_path
from tests.videos import moved_portrait


@pytest.fixture(scope="module")
def film() -> list[np.ndarray]:
    return [moved_portrait(2 * number) for number in range(24)]


@pytest.fixture(scope="module")
def other() -> np.ndarray:
    return cv2.resize(read_image(astronaut_path()), (480, 480))


def cuts(pictures):
    found = list(find_cuts(YuvFrame.of(picture) for picture in pictures))
    assert len(found) == len(pictures)
    return [number for number, (_, is_cut) in enumerate(found) if is_cut]


def test_somebody_who_moves_makes_no_cut(film):
    assert cuts(film) == []
    assert cuts([]) == [] and cuts(film[:1]) == []


def test_a_cut_is_found_also_beside_the_ends_and_while_there_is_motion(film, other):
    for place in (1, 2, 8, 23):
        pictures = film[:place] + [np.roll(other, 2 * n, 1) for n in range(24 - place)]
        assert cuts(pictures) == [place]


def test_a_camera_that_is_knocked_makes_no_cut(film):
    knocked = [np.roll(film[0], (14, 40), (0, 1))] * 6
    assert cuts([film[0]] * 6 + knocked) == []


def test_two_cuts_a_few_frames_apart(film, other):
    assert cuts(film[:8] + [other] * 4 + film[8:12]) == [8, 12]


@pytest.mark.parametrize("length", [1, 2])
def test_a_flash_is_no_cut(film, length):
    white = np.full_like(film[0], 255)
    lit = np.clip(film[8] * 1.5 + 60.0, 0, 255).astype(np.uint8)
    for flash in (white, lit):
        assert cuts(film[:8] + [flash] * length + film[8 + length : 16]) == []


def test_a_cut_under_a_flash_is_found(film, other):
    assert cuts(film[:8] + [np.full_like(other, 255)] + [other] * 6) == [9]


def test_a_fade_through_black_is_one_cut(film, other):
    shares = np.linspace(1, 0, 10)
    out = [(picture * share).astype(np.uint8) for picture, share in zip(film, shares, strict=False)]
    back = [(other * share).astype(np.uint8) for share in shares[::-1]]
    found = cuts(out + [np.zeros_like(other)] * 3 + back)
    assert len(found) == 1 and 12 <= found[0] <= 16


def test_frames_come_in_order_and_few_are_read_ahead(film):
    read = []

    def source():
        for picture in film:
            read.append(YuvFrame.of(picture))
            yield read[-1]

    for number, (frame, _) in enumerate(find_cuts(source())):
        assert frame is read[number] and len(read) <= number + 3
