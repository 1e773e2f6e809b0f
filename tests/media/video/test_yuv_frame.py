"""Pictures as planes: what is not drawn over keeps its values, whatever matrix and range."""

from __future__ import annotations

import av
import numpy as np
import pytest

from lipwright.media.video.color import BT601, BT709, BT2020, Colour, rows_from_bgr
from lipwright.media.video.yuv_frame import LARGE, YuvFrame, from_av

RNG = np.random.default_rng(0)


def soft_picture(height: int = 96, width: int = 128) -> np.ndarray:
    """Smooth colours, so that chroma at half the size loses little."""
    y, x = np.mgrid[:height, :width] / max(height, width)
    return np.stack([60 + 120 * x, 200 - 90 * y, 80 + 100 * x * y], -1).astype(np.uint8)


@pytest.mark.parametrize("matrix", [BT601, BT709, BT2020])
@pytest.mark.parametrize("full", [False, True])
def test_there_and_back(matrix, full):
    picture = soft_picture()
    back = YuvFrame.of(picture, Colour(matrix=matrix, full_range=full)).bgr()
    difference = back.astype(int) - picture
    assert np.abs(difference).max() <= 4 and abs(difference.mean()) < 0.4


@pytest.mark.parametrize("full", [False, True])
def test_planes_mean_what_ffmpeg_takes_them_for(full):
    frame = YuvFrame.of(soft_picture(), Colour(matrix=BT709, full_range=full)).frame
    theirs = frame.to_ndarray(format="bgr24", src_colorspace=1)
    assert np.abs(theirs.astype(int) - soft_picture()).mean() < 1.5


@pytest.mark.parametrize("matrix", [BT601, BT709, BT2020])
@pytest.mark.parametrize("full", [False, True])
def test_planes_are_what_the_matrix_says_to_within_a_level(matrix, full):
    blocks = RNG.integers(0, 256, (150, 70, 3), np.uint8)  # higher than what is converted at once
    picture = blocks.repeat(2, axis=0).repeat(2, axis=1)
    frame = YuvFrame.of(picture, Colour(matrix=matrix, full_range=full))
    rows = rows_from_bgr(matrix, full)
    luma, blue, red = np.moveaxis(blocks @ rows[:, :3].T + rows[:, 3], -1, 0).clip(0, 255)
    for plane, exact in zip(frame.planes, (luma, blue, red), strict=True):
        found = plane[::2, ::2] if plane.shape == picture.shape[:2] else plane
        assert np.abs(found - exact).max() < 0.75
        assert abs((found - exact).mean()) < 0.1


@pytest.mark.parametrize("full", [False, True])
def test_grey_has_no_colour_and_black_and_white_are_exact(full):
    ramp = np.arange(256, dtype=np.uint8).repeat(2)[None, :, None].repeat(4, 0).repeat(3, 2)
    luma, blue, red = YuvFrame.of(np.ascontiguousarray(ramp), Colour(full_range=full)).planes
    assert (blue == 128).all() and (red == 128).all()
    assert (luma[0, 0], luma[0, -1]) == ((0, 255) if full else (16, 235))


def test_what_is_not_drawn_over_is_untouched():
    frame = YuvFrame.of(RNG.integers(0, 255, (96, 128, 3), np.uint8))
    planes = [plane.copy() for plane in frame.planes]
    box = (16, 20, 80, 84)
    window = frame.window(box)
    drawn = window.copy()
    drawn[11:31, 21:41] = (0, 0, 255)
    frame.put(box, drawn, window)
    changed = [np.argwhere(new != old) for new, old in zip(frame.planes, planes, strict=True)]
    assert changed[0].min(axis=0).tolist() == [31, 37]
    assert changed[0].max(axis=0).tolist() == [50, 56]
    for chroma in changed[1:]:
        assert chroma.min(axis=0).tolist() == [15, 18] and chroma.max(axis=0).tolist() == [25, 28]
    seen = frame.window(box)[14:28, 24:38]
    assert np.abs(seen.astype(int) - (0, 0, 255)).max() <= 6


def test_nothing_drawn_changes_nothing():
    frame = YuvFrame.of(RNG.integers(0, 255, (96, 128, 3), np.uint8))
    before = frame.copy()
    window = frame.window((0, 0, 128, 96))
    frame.put((0, 0, 128, 96), window, window.copy())
    assert all((a == b).all() for a, b in zip(frame.planes, before.planes, strict=True))


def test_a_copy_has_memory_of_its_own():
    frame = YuvFrame.of(soft_picture())
    frame.copy().paint(np.zeros((96, 128, 3), np.uint8))
    assert frame.luma.mean() > 60


@pytest.mark.parametrize("name", ["yuv422p", "yuv444p", "yuv420p10le", "rgb24", "gray", "yuvj420p"])
def test_any_format_becomes_planes(name):
    picture = soft_picture()
    given = av.VideoFrame.from_ndarray(picture, "bgr24").reformat(
        format=name, dst_colorspace=5 if name != "rgb24" else None
    )
    seen = from_av(given).bgr().astype(int)
    expected = given.to_ndarray(format="bgr24").astype(int)
    assert np.abs(seen - expected).mean() < 2


def test_odd_sides_lose_a_row():
    given = av.VideoFrame.from_ndarray(soft_picture(97, 129), "bgr24").reformat(format="yuv420p")
    assert from_av(given).size == (128, 96)


@pytest.mark.parametrize("size", [(1280, 900), (1920, 1082)])
def test_a_large_window_is_read_like_small_ones(size):
    """It is converted in strips, whose ends must not be seen."""
    width, height = size
    assert width * height >= LARGE
    blocks = RNG.integers(0, 256, (height // 2, width // 2, 3), np.uint8)
    frame = YuvFrame.of(blocks.repeat(2, axis=0).repeat(2, axis=1))
    whole = frame.bgr()
    for top in range(0, height - 100, 98):
        part = frame.window((0, top, width, top + 100))
        inner = slice(1 if top else 0, -1)  # chroma at its edges has no neighbours there
        assert (whole[top : top + 100][inner] == part[inner]).all()
