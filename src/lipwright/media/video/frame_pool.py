"""Frames that wait for the encoder, in memory that is used again and again."""

from __future__ import annotations

import queue
from collections.abc import Callable

import numpy as np

from lipwright.core.rect import Box, Rect
from lipwright.media.video.color import Colour
from lipwright.media.video.yuv_frame import YuvFrame

NOTHING = Rect(0, 0, 0, 0)


class PooledFrame:
    """The memory of one frame, as an encoder takes it."""

    def __init__(self, picture: YuvFrame | np.ndarray) -> None:
        """picture: in planes, or BGRA uint8 (h, w, 4)."""
        self.picture = picture
        self.missing: Rect | None = None
        """Px in which it may differ from the last frame of all; None: anywhere."""


class FramePool:
    """As many frames as may wait. One thread fills them, another one gives them back."""

    def __init__(self, count: int, size: tuple[int, int], colour: Colour, alpha: bool) -> None:
        """Make `count` frames. size: (width, height) px. alpha: whether they are BGRA."""
        width, height = size
        self._all = [
            PooledFrame(
                np.empty((height, width, 4), np.uint8) if alpha else YuvFrame(width, height, colour)
            )
            for _ in range(count)
        ]
        self._free: queue.SimpleQueue[PooledFrame] = queue.SimpleQueue()
        for frame in self._all:
            self._free.put(frame)

    def free(self, frame: PooledFrame) -> None:
        """Give back a frame that was encoded."""
        self._free.put(frame)

    def changed(self, box: Box | None) -> None:
        """Hear where the next frame differs from the last one, with even edges; None: anywhere."""
        for frame in self._all:
            frame.missing = _joined(frame.missing, box)

    def filled(self, picture: np.ndarray | YuvFrame, wait: Callable[[], float]) -> PooledFrame:
        """Return a frame that shows the same as a picture.

        picture: in planes, BGR uint8 (h, w, 3), or BGRA. wait: called again and again until a frame
        is free; returns for how many seconds nothing else is to be looked at.
        """
        frame = self._next(wait)
        box, mine = frame.missing, frame.picture
        if box is None:
            box = Rect(0, 0, *_size(mine))
        if box.empty:
            pass
        elif isinstance(mine, np.ndarray):
            assert isinstance(picture, np.ndarray)
            np.copyto(mine[box.slices], picture[box.slices])
        elif isinstance(picture, YuvFrame):
            mine.take(picture, box.box)
        else:
            mine.paint(picture[box.slices], box.box)
        frame.missing = NOTHING
        return frame

    def _next(self, wait: Callable[[], float]) -> PooledFrame:
        while True:
            try:
                return self._free.get(timeout=wait())
            except queue.Empty:
                continue


def _joined(before: Rect | None, box: Box | None) -> Rect | None:
    if before is None or box is None:
        return None
    new = Rect(*box)
    if before.empty or new.empty:
        return new if before.empty else before
    return before.joined(new)


def _size(picture: np.ndarray | YuvFrame) -> tuple[int, int]:
    return picture.size if isinstance(picture, YuvFrame) else (picture.shape[1], picture.shape[0])
