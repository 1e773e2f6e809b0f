"""What a person uncovers is the background beside it, continued."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from lipwright.engines.warp.background_fill import BackgroundFill

REACH, MARGIN = 14, 3
SHAPE = 160, 200


@pytest.fixture(scope="module")
def alpha() -> np.ndarray:
    """A person like a disc, with a soft edge of about two px."""
    disc = cv2.circle(np.zeros(SHAPE, np.uint8), (100, 80), 50, 255, -1)
    return cv2.GaussianBlur(disc, (0, 0), 0.8)


@pytest.fixture(scope="module")
def depth() -> np.ndarray:
    """How far (px) each pixel is inside the disc."""
    y, x = np.indices(SHAPE)
    return 50 - np.hypot(x - 100, y - 80)


def before(background: np.ndarray, alpha: np.ndarray, person: float = 240) -> np.ndarray:
    """A picture of the disc before a background, uint8."""
    share = alpha.astype(np.float32)[..., None] / 255
    return np.rint(share * person + (1 - share) * background).astype(np.uint8)


def flat(level: int) -> np.ndarray:
    return np.full((*SHAPE, 3), level, np.float32)


def test_only_the_ring_inside_the_edge_changes(alpha, depth):
    noise = np.random.default_rng(0).integers(0, 90, (*SHAPE, 3)).astype(np.float32)
    picture = before(noise, alpha)
    filled = BackgroundFill(alpha, REACH, MARGIN).fill(picture)
    assert filled.shape == picture.shape and filled.dtype == np.uint8
    assert np.array_equal(filled[alpha < 5], picture[alpha < 5])
    inside = depth > REACH + 2 * MARGIN
    assert inside.sum() > 1000 and np.array_equal(filled[inside], picture[inside])


def test_the_background_is_continued_and_the_person_is_not(alpha, depth):
    picture = before(flat(40), alpha)
    filled = BackgroundFill(alpha, REACH, MARGIN).fill(picture)
    assert np.abs(filled[(depth > 2) & (depth < REACH - 2)].astype(int) - 40).max() <= 2


def test_each_side_takes_what_is_beside_it(alpha, depth):
    background = flat(30)
    background[:, 100:] = 120
    filled = BackgroundFill(alpha, REACH, MARGIN).fill(before(background, alpha))
    ring = (depth > 2) & (depth < REACH - 2)
    column = np.indices(SHAPE)[1]
    assert filled[ring & (column < 70)].mean() == pytest.approx(30, abs=3)
    assert filled[ring & (column > 130)].mean() == pytest.approx(120, abs=3)


def test_texture_goes_on(alpha, depth):
    noise = np.random.default_rng(1).normal(0, 1, SHAPE).astype(np.float32)
    grain = cv2.GaussianBlur(noise, (0, 0), 1)
    background = 100 + 20 * np.dstack([grain / grain.std()] * 3)
    filled = BackgroundFill(alpha, 30, MARGIN).fill(before(background, alpha))
    edge, inner = (depth > 2) & (depth < 6), (depth > 20) & (depth < 27)
    assert filled[edge].std() > 0.4 * background[alpha == 0].std()
    assert filled[inner].std() < 0.8 * filled[edge].std()  # further in nobody knows it
    assert filled[inner].mean() == pytest.approx(100, abs=8)


def test_a_plane_is_filled_like_a_picture(alpha):
    background = flat(0) + np.linspace(20, 140, SHAPE[1], dtype=np.float32)[:, None]
    picture = before(background, alpha)
    fill = BackgroundFill(alpha, REACH, MARGIN)
    plane = fill.fill(np.ascontiguousarray(picture[..., 1]))
    assert plane.shape == SHAPE and plane.dtype == np.uint8
    assert np.abs(plane.astype(int) - fill.fill(picture)[..., 1]).max() <= 1


def test_what_is_all_person_stays(alpha):
    picture = before(flat(40), alpha)
    nothing_known = BackgroundFill(np.full(SHAPE, 255, np.uint8), REACH, MARGIN)
    assert np.array_equal(nothing_known.fill(picture), picture)


def test_where_nobody_is_nothing_is_filled(alpha):
    picture = before(flat(40), alpha)
    assert np.array_equal(BackgroundFill(0 * alpha, REACH, MARGIN).fill(picture), picture)


def test_a_person_at_the_edge_of_the_picture(alpha):
    """Half the ring lies beyond the picture, and half of it has nothing beside it."""
    part = np.ascontiguousarray(alpha[:, 100:])
    picture = before(flat(40)[:, 100:], part)
    filled = BackgroundFill(part, REACH, MARGIN).fill(picture)
    assert np.array_equal(filled[part < 5], picture[part < 5])
    assert filled[80, 3] == pytest.approx(240) and filled[80, 45] == pytest.approx(40, abs=2)
