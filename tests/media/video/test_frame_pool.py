"""Frames that wait for the encoder: each shows what was written, however little changed."""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
import pytest

from lipwright.media.video.color import Colour
from lipwright.media.video.frame_pool import FramePool, PooledFrame
from lipwright.media.video.output_spec import OutputSpec
from lipwright.media.video.writer import VideoWriter
from lipwright.media.video.yuv_frame import YuvFrame

SIZE = WIDTH, HEIGHT = 48, 32
BOXES = [None, (0, 0, 8, 8), (40, 24, 48, 32), (0, 0, 0, 0), (8, 8, 16, 12), (0, 0, 8, 8), None]


def pictures(count: int) -> list[tuple[np.ndarray, tuple[int, int, int, int] | None]]:
    """Pictures, and where each differs from the one before."""
    random = np.random.default_rng(0)
    made, last = [], np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    for number in range(count):
        box = BOXES[number % len(BOXES)]
        x0, y0, x1, y1 = box or (0, 0, WIDTH, HEIGHT)
        last = last.copy()
        last[y0:y1, x0:x1] = random.integers(0, 256, (y1 - y0, x1 - x0, 3), np.uint8)
        made.append((last, box))
    return made


def never() -> float:
    raise AssertionError("no frame is free")


def same(one: YuvFrame | np.ndarray, other: YuvFrame) -> bool:
    assert isinstance(one, YuvFrame)
    return all((a == b).all() for a, b in zip(one.planes, other.planes, strict=True))


@pytest.mark.parametrize("planar", [False, True])
@pytest.mark.parametrize("kept", [1, 2, 3])
def test_every_frame_shows_the_whole_picture(planar, kept):
    pool = FramePool(kept, SIZE, Colour(), alpha=False)
    waiting: list[PooledFrame] = []
    for picture, box in pictures(20):
        if len(waiting) == kept:
            pool.free(waiting.pop(0))
        expected = YuvFrame.of(picture)
        pool.changed(box)
        waiting.append(pool.filled(expected if planar else picture, lambda: 0.1))
        assert same(waiting[-1].picture, expected)


def test_what_waits_is_not_written_over():
    pool = FramePool(2, SIZE, Colour(), alpha=False)
    (first, _), (second, box), *_ = pictures(2)
    pool.changed(None)
    waiting = pool.filled(first, lambda: 0.1)
    pool.changed(box)
    pool.filled(second, lambda: 0.1)
    assert same(waiting.picture, YuvFrame.of(first))
    with pytest.raises(AssertionError, match="no frame is free"):
        pool.filled(second, never)


def test_frames_of_another_colour_are_converted():
    pool = FramePool(1, SIZE, Colour(full_range=True), alpha=False)
    picture, _ = pictures(1)[0]
    grey = np.full_like(picture, 200)
    pool.changed(None)
    filled = pool.filled(YuvFrame.of(grey), lambda: 0.1).picture
    assert isinstance(filled, YuvFrame)
    assert abs(int(filled.luma[0, 0]) - 200) <= 1, "full range"


def test_a_lent_frame_may_be_drawn_in_once_it_is_written(tmp_path):
    """One that is not lent belongs to the writer."""
    path, frame = tmp_path / "v.mp4", YuvFrame.of(np.zeros((64, 64, 3), np.uint8))
    frame.lent = True
    with VideoWriter(path, OutputSpec((64, 64), Fraction(25))) as video:
        for level in range(16, 236, 10):
            frame.luma[:] = level
            video.write(frame, (0, 0, 64, 64))
            frame.luma[:] = 16
    with av.open(str(path)) as container:
        seen = [int(f.to_ndarray(format="gray")[32, 32]) for f in container.decode(video=0)]
    assert len(seen) == 22 and all(b > a for a, b in zip(seen, seen[1:], strict=False))
