"""Parts of a picture that show a person, what is behind, or the edge between them."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from lipwright.core.rect import Rect
from lipwright.engines.warp.matte_parts import (
    BEHIND,
    EDGE,
    PERSON,
    SHORT,
    STEP,
    MatteParts,
    Strips,
    is_behind,
)

WIDTH, HEIGHT = 400, 320


@pytest.fixture(scope="module")
def matte() -> np.ndarray:
    drawn = cv2.circle(np.zeros((HEIGHT, WIDTH), np.uint8), (190, 170), 130, 255, -1)
    return cv2.GaussianBlur(drawn, (0, 0), 2)


def parts_of(rect: Rect, kinds: np.ndarray) -> list[tuple[Rect, int]]:
    """The parts of one rectangle among others."""
    others = [Rect(0, 0, 8, 8), rect, Rect(0, STEP, kinds.shape[1] * STEP, kinds.shape[0] * STEP)]
    return Strips(others).look(kinds).parts(rect)


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


@pytest.mark.parametrize("rect", [Rect(0, 0, WIDTH, HEIGHT), Rect(12, 100, 389, 196)])
def test_parts_fill_a_rectangle_once_and_are_what_they_are_called(matte, rect):
    kinds = MatteParts(matte).at(*places())
    count = np.zeros((HEIGHT, WIDTH), int)
    found = list(parts_of(rect, kinds))
    for part, kind in found:
        count[part.slices] += 1
        if kind != EDGE:
            wanted = 255 if kind == PERSON else 0
            assert (matte[part.slices] == wanted).all()
    assert (count[rect.slices] == 1).all() and count.sum() == rect.width * rect.height
    assert all(one[1] != other[1] for one, other in zip(found, found[1:], strict=False))


def test_short_runs_belong_to_the_edge():
    kinds = np.full((4, 5 * SHORT), PERSON, np.uint8)
    kinds[:, SHORT : 2 * SHORT - 1] = BEHIND
    kinds[2, 2 * SHORT :] = BEHIND
    found = list(parts_of(Rect(0, 0, 5 * SHORT * STEP, 4 * STEP), kinds))
    ends = [(part.x0 // STEP, part.x1 // STEP, kind) for part, kind in found]
    assert ends == [(0, SHORT, PERSON), (SHORT, 5 * SHORT, EDGE)]


def test_all_of_one_kind_is_one_part():
    kinds = np.full((4, 50), BEHIND, np.uint8)
    rect = Rect(4, 0, 390, 30)
    assert list(parts_of(rect, kinds)) == [(rect, BEHIND)]


def test_rectangles_that_are_looked_up_together_are_told_apart():
    kinds = np.full((6, 12), PERSON, np.uint8)
    kinds[3:] = BEHIND
    upper, lower, both = Rect(0, 0, 96, 24), Rect(8, 24, 90, 48), Rect(0, 0, 96, 48)
    found = Strips([lower, upper, both]).look(kinds)
    assert found.parts(upper) == [(upper, PERSON)] and found.parts(lower) == [(lower, BEHIND)]
    assert found.parts(both) == [(both, EDGE)]
    assert is_behind(lower, kinds) and not is_behind(both, kinds) and not is_behind(upper, kinds)
