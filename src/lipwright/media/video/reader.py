"""Read frames of one open video in any order, fastest in order; backwards in blocks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from math import inf
from types import TracebackType
from typing import Any, NamedTuple

import numpy as np

from lipwright.core.cores import decoder_threads, sampler_threads
from lipwright.core.errors import MediaError
from lipwright.media.video.index import (
    EARLY,
    FAR,
    HELD_BYTES,
    Decoded,
    VideoIndex,
    decoded,
    open_video,
    stamp_of,
)
from lipwright.media.video.yuv_frame import YuvFrame, from_av


class _Found(NamedTuple):
    frame: Any
    """av.VideoFrame"""
    stale: bool


class VideoReader:
    """Gives frames of a `VideoIndex` by number, fastest in order."""

    def __init__(self, index: VideoIndex, only: Sequence[int] | None = None) -> None:
        """Prepare reading. only: the numbers of all frames that will be read, None for any."""
        self._index = index
        self._stack = ExitStack()
        self._shown = _shown_frames(index)
        self._needed = None if only is None else _Needed(index.times, self._shown[list(only)])
        self._keys = self._shown[np.array(index.keys, int)]
        width, height = index.size
        self._block = max(8, 2 * HELD_BYTES // (3 * width * height))
        self._held: dict[int, _Found] = {}
        self._last: tuple[int, _Found] | None = None
        self._container: Any = None
        self._stream: Any = None
        self._coming: Iterator[Decoded] = iter(())
        self._ahead: Decoded | None = None
        self._before: Any = None  # the last picture that could be read
        self._failed = False  # whether something after it could not
        self._next = 0  # the frame that is decoded next

    def __enter__(self) -> VideoReader:
        self._begin()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def read(self, number: int) -> YuvFrame:
        """Return frame `number`, counted at the constant rate of the index.

        It has memory of its own.
        """
        if not 0 <= number < self._index.count:
            raise IndexError(f"there is no picture {number} among {self._index.count}")
        frame = int(self._shown[number])
        at, found = self._last or (-1, None)
        if frame in self._held:
            found = self._held[frame]
        elif frame < at:
            found = self._hold_before(frame)
        elif frame > at or found is None:
            self._held.clear()
            if self._is_far(frame):
                self._seek(frame)
            found = self._decode_until(frame)
        self._last = frame, found
        shown = from_av(found.frame).fitted(self._index.size)  # recorded calls change midway
        shown.stale = found.stale
        return shown

    def _is_far(self, frame: int) -> bool:
        """Return whether seeking is faster than decoding on."""
        if self._next <= frame <= self._next + FAR * float(self._index.fps):
            return False
        near = self._keys[(self._keys > self._next) & (self._keys <= frame)]
        return frame < self._next or not len(self._keys) or len(near) > 0

    def _hold_before(self, frame: int) -> _Found:
        """Decode a block of frames that ends with this one, and return it."""
        first = max(0, frame - self._block + 1)
        self._seek(first)
        self._held = {number: self._decode_until(number) for number in range(first, frame + 1)}
        return self._held[frame]

    def _decode_until(self, frame: int) -> _Found:
        """Return the file's own frame with that number; if it is unreadable, the one before it."""
        self._next = frame + 1
        found = self._go_on(frame)
        far = 1
        while found is None and self._before is None and far < 2 * frame:
            self._seek(max(0, frame - far))  # some files are not sought in exactly
            found = self._go_on(frame)
            far *= 2
        if found is None:
            self._check_unchanged()
            found = self._nearest()
        return found

    def _go_on(self, frame: int) -> _Found | None:
        """Decode up to a frame; None where it does not come."""
        begin, end = self._shown_from(frame), self._shown_from(frame + 1)
        while (picture := self._peek()) is not None and picture.time < end:
            self._before, self._ahead, self._failed = picture.frame, None, False
            if picture.time >= begin:
                return _Found(picture.frame, False)
        if picture is None or self._failed or self._before is None:
            return None
        return _Found(picture.frame, False)  # the file's clock is not to be trusted

    def _nearest(self) -> _Found:
        picture = self._peek()
        found = self._before or (picture and picture.frame)
        if found is None:
            raise MediaError(
                f"{self._index.path} has no frames that can be read: export or download it again."
            )
        return _Found(found, self._failed or picture is None)

    def _shown_from(self, frame: int) -> float:
        """Return the time (s, the file's own clock) from which on frames are this one or later."""
        times = self._index.times
        if frame == len(times):
            return inf
        return float(times[max(0, frame - 1)] + times[frame]) / 2  # clocks are rounded

    def _peek(self) -> Decoded | None:
        """Return the next readable frame, None at the end."""
        while self._ahead is None and (picture := next(self._coming, None)) is not None:
            if picture.frame is None:
                self._failed = True
            else:
                self._ahead = picture
        return self._ahead

    def _check_unchanged(self) -> None:
        path = self._index.path
        if stamp_of(path) != self._index.stamp:
            raise MediaError(
                f"{path} was changed or taken away while it was read: put it back as it was."
            )

    def _begin(self) -> None:
        """Open the file at its beginning, to which not every file can seek."""
        self._stack.close()
        threads = decoder_threads() if self._needed is None else sampler_threads()
        opened = open_video(self._index.path, threads)
        self._container, self._stream = self._stack.enter_context(opened)
        self._check_unchanged()
        self._read_on()

    def _seek(self, frame: int) -> None:
        import av

        if frame == 0:
            return self._begin()
        offset = int(self._index.times[frame] / self._stream.time_base)
        try:
            self._container.seek(offset, stream=self._stream, backward=True)
        except av.FFmpegError as error:
            raise MediaError(
                f"{self._index.path} cannot be read from anywhere but its beginning: export it "
                "again as MP4."
            ) from error
        self._read_on()

    def _read_on(self) -> None:
        self._coming = decoded(self._container, self._stream, self._needed)
        self._ahead = self._before = None
        self._failed = False


class _Needed:
    """Tells whether the frame of a packet will be read."""

    def __init__(self, times: np.ndarray, wanted: np.ndarray) -> None:
        """times: of all frames, s; wanted: numbers of those that will be read."""
        self._others = np.delete(times, wanted)

    def __call__(self, packet: Any) -> bool:
        """Return whether it is wanted, or its time says nothing."""
        if packet.pts is None or not len(self._others):
            return True
        time = packet.pts * float(packet.time_base)
        place = int(np.searchsorted(self._others, time))
        return place == len(self._others) or bool(self._others[place] != time)


def _shown_frames(index: VideoIndex) -> np.ndarray:
    """Return (count,): which of the file's own frames is seen at each time of the index."""
    wanted = index.times[0] + (np.arange(index.count) + EARLY) / float(index.fps)
    indices: np.ndarray = np.clip(
        np.searchsorted(index.times, wanted, "right") - 1, 0, len(index.times) - 1
    )
    return indices
