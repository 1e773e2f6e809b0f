"""Parts of a picture that show a person, what is behind, or the edge between them."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from lipwright.core.rect import Rect
from lipwright.engines.warp.matte_parts import BEHIND, EDGE, PERSON, STEP, BandEnds, MatteParts

WIDTH, HEIGHT = 400, 320


@pytest.fixture(scope="module")
def matte() -> np.ndarray:
    drawn = cv2.circle(np.zeros((HEIGHT, WIDTH), np.uint8), (190, 170), 130, 255, -1)
    return cv2.GaussianBlur(drawn, (0, 0), 2)


def places(shift: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Where in the matte the middles of squares of `STEP` px are taken from, bent by so many px."""
    x, y = np.meshgrid(
        np.arange(0, WIDTH, STEP, dtype=np.float32) + 1.5,
        np.arange(0, HEIGHT, STEP, dtype=np.float32) + 1.5,
    )
    return x + shift * np.sin(y / 40), y + shift * np.cos(x / 50)


@pytest.mark.parametrize("shift", [0.0, 9.0])
def test_what_is_said_of_a_square_holds_for_all_of_its_pixels(matte, shift):
    kinds = MatteParts(matte).at(*places(shift))
    x, y = np.meshgrid(np.arange(WIDTH, dtype=np.float32), np.arange(HEIGHT, dtype=np.float32))
    x, y = x + shift * np.sin(y / 40), y + shift * np.cos(x / 50)
    seen = cv2.remap(matte, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    every = np.kron(kinds, np.ones((STEP, STEP), np.uint8))
    assert (seen[every == PERSON] == 255).all() and (seen[every == BEHIND] == 0).all()
    assert [(every == kind).mean() > 0.1 for kind in (BEHIND, EDGE, PERSON)] == [True] * 3


@pytest.mark.parametrize("shift", [0.0, 9.0])
def test_ends_hold_all_that_is_not_behind(matte, shift):
    bands = [Rect(0, 0, WIDTH, 96), Rect(16, 96, 344, 192), Rect(0, 192, WIDTH, HEIGHT)]
    bands.append(Rect(200, 96, 344, 192))
    kinds = MatteParts(matte).at(*places(shift))
    every = np.kron(kinds, np.ones((STEP, STEP), np.uint8)) != BEHIND
    found = BandEnds(bands).look(kinds)
    for band, (x0, x1) in zip(bands, found, strict=True):
        seen = every[band.slices].any(axis=0)
        assert band.x0 <= x0 < x1 <= band.x1
        assert x0 - band.x0 == seen.argmax() and band.x1 - x1 == seen[::-1].argmax()
    assert len({*found}) > 2


def test_a_band_of_background_has_no_end():
    kinds = np.full((4, 50), BEHIND, np.uint8)
    kinds[3, 10:12] = EDGE
    bands = [Rect(0, 0, 400, 24), Rect(0, 24, 400, 32), Rect(96, 24, 400, 32), Rect(8, 24, 80, 32)]
    assert BandEnds(bands).look(kinds) == [(0, 0), (80, 96), (96, 96), (8, 8)]


def test_nothing_is_told_of_pixels_beyond_the_last_row():
    kinds = np.full((4, 50), BEHIND, np.uint8)
    kinds[3] = PERSON
    assert BandEnds([Rect(0, 24, 400, 29)]).look(kinds) == [(0, 400)]
