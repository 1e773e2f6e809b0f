"""Pixels seen elsewhere, beside those that a cubic kernel gives in all three channels."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from tests.helpers import hopper_path, read_picture

from lipwright.core.rect import Rect
from lipwright.engines.warp.displaced import LARGE, STILL, displaced, settled
from lipwright.media.video.yuv_frame import YuvFrame


@pytest.fixture(scope="module")
def picture() -> np.ndarray:
    """As a film has it: colours at half the resolution."""
    image = read_picture(hopper_path())
    height, width = image.shape[:2]
    return YuvFrame.of(np.ascontiguousarray(image[: height & ~1, : width & ~1])).bgr()


def field(rect: Rect, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """A smooth displacement of up to some 8 px, none in the left third."""
    rng = np.random.default_rng(seed)
    size = rect.height, rect.width
    parts = [rng.uniform(-8, 8, (6, 5)).astype(np.float32) for _ in range(2)]
    right, down = (cv2.resize(part, size[::-1], interpolation=cv2.INTER_CUBIC) for part in parts)
    for values in (right, down):
        values[:, : rect.width // 3] = 0
    return right, down


def cubic(image: np.ndarray, rect: Rect, right: np.ndarray, down: np.ndarray) -> np.ndarray:
    x = np.arange(rect.x0, rect.x1, dtype=np.float32) + right
    y = np.arange(rect.y0, rect.y1, dtype=np.float32)[:, None] + down
    return cv2.remap(image, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)


def grey(image: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(image, cv2.COLOR_BGR2GRAY).astype(int)


def test_it_is_as_sharp_as_a_cubic_kernel(picture: np.ndarray) -> None:
    rect = Rect(100, 60, 400, 340)
    assert rect.width * rect.height >= LARGE
    moved = field(rect)
    found, exact = displaced(picture, rect, *moved), cubic(picture, rect, *moved)
    off = np.abs(grey(found) - grey(exact))
    assert off.max() <= 8 and (off > 2).mean() < 2e-3 and off.mean() < 0.2
    assert np.abs(found.astype(int) - exact).mean() < 0.4
    edges = [cv2.Laplacian(one, cv2.CV_32F).std() for one in (found, exact)]
    assert edges[0] == pytest.approx(edges[1], rel=0.01)


def test_few_pixels_are_those_of_a_cubic_kernel_in_all_channels(picture: np.ndarray) -> None:
    rect = Rect(100, 60, 300, 260)
    moved = field(rect)
    off = displaced(picture, rect, *moved).astype(int) - cubic(picture, rect, *moved)
    assert np.abs(off).max() <= 1 and (off == 0).mean() > 0.99


def test_what_does_not_move_stays_to_the_last_bit(picture: np.ndarray) -> None:
    rect = Rect(40, 30, 300, 299)
    right, down = field(rect)
    found = displaced(picture, rect, right, down)
    still = (right == 0) & (down == 0)
    assert 0.3 < still.mean() < 0.4
    assert (found[still] == picture[rect.slices][still]).all()
    assert (found[~still] != picture[rect.slices][~still]).any(axis=1).mean() > 0.5


@pytest.mark.parametrize("corner", [(0, 0), (1, 1)])
def test_beyond_an_edge_the_edge_goes_on(picture: np.ndarray, corner: tuple[int, int]) -> None:
    height, width = picture.shape[:2]
    x, y = corner[0] * (width - 330), corner[1] * (height - 260)
    rect = Rect(x, y, x + 330, y + 260)
    right = np.full((260, 330), 40 * (2 * corner[0] - 1), np.float32)
    for far in (0.3, 200.0):
        down = np.full_like(right, far * (2 * corner[1] - 1))
        found, exact = displaced(picture, rect, right, down), cubic(picture, rect, right, down)
        off = np.abs(grey(found) - grey(exact))
        assert off.max() <= 8 and (off > 2).mean() < 2e-3


def test_what_hardly_moves_does_not() -> None:
    right = np.array([[0.0, 0.04, -0.1, 0.2, -3.0]], np.float32)
    down = np.array([[0.0, 0.0, 0.0, -0.1, 1.0]], np.float32)
    across, along = settled(right, down)
    assert (across[0, :2] == 0).all() and (along[0, :3] == 0).all()
    half = (0.1 - STILL[0]) / (STILL[1] - STILL[0])
    assert across[0, 2] == pytest.approx(-0.1 * half, abs=1e-6)
    assert (across[0, 3:] == right[0, 3:]).all() and (along[0, 3:] == down[0, 3:]).all()
