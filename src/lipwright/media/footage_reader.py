"""One open video: forward as it comes, backward some pictures at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from types import TracebackType
from typing import Any

import numpy as np

from lipwright.errors import MediaError
from lipwright.media.footage import EARLY, FAR, HELD_BYTES, Decoded, Footage, decoded, open_video
from lipwright.media.frames import YuvFrame, from_av


class FootageReader:
    """Gives pictures of a `Footage` by number, quickest when they are asked for in order."""

    def __init__(self, footage: Footage) -> None:
        self._footage = footage
        self._stack = ExitStack()
        self._shown = _shown_frames(footage)
        width, height = footage.size
        self._block = max(8, 2 * HELD_BYTES // (3 * width * height))
        self._held: dict[int, Any] = {}
        self._last: tuple[int, Any] | None = None
        self._container: Any = None
        self._stream: Any = None
        self._coming: Iterator[Decoded] = iter(())
        self._next = 0  # the frame that is decoded next

    def __enter__(self) -> FootageReader:
        self._container, self._stream = self._stack.enter_context(open_video(self._footage.path))
        self._coming = decoded(self._container, self._stream, self._footage.path)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def read(self, number: int) -> YuvFrame:
        """Picture `number`, counted at the footage's own constant rate, in memory of its own."""
        if not 0 <= number < self._footage.count:
            raise IndexError(f"there is no picture {number} among {self._footage.count}")
        frame = int(self._shown[number])
        at, found = self._last or (-1, None)
        if frame in self._held:
            found = self._held[frame]
        elif frame < at:
            found = self._hold_before(frame)
        elif frame > at or found is None:
            self._held.clear()
            if not self._next <= frame <= self._next + FAR * float(self._footage.fps):
                self._seek(frame)
            found = self._decode_until(frame)
        self._last = frame, found
        return from_av(found).fitted(self._footage.size)  # recorded calls change theirs midway

    def _hold_before(self, frame: int) -> Any:
        """Decodes a block of frames that ends with this one, which is given back."""
        first = max(0, frame - self._block + 1)
        self._seek(first)
        self._held = {number: self._decode_until(number) for number in range(first, frame + 1)}
        return self._held[frame]

    def _decode_until(self, frame: int) -> Any:
        """The file's own frame with that number; where it cannot be decoded, the one after it."""
        self._next = frame + 1
        times = self._footage.times
        time = (times[max(0, frame - 1)] + times[frame]) / 2  # clocks are rounded
        for picture in self._coming:
            if picture.time >= time:
                return picture.frame
        if self._last is not None:  # the last frames of a file that was cut short
            return self._last[1]
        raise MediaError(
            f"{self._footage.path} breaks off after {frame} frames: export or download it again."
        )

    def _seek(self, frame: int) -> None:
        import av

        offset = int(self._footage.times[frame] / self._stream.time_base)
        try:
            self._container.seek(offset, stream=self._stream, backward=True)
        except av.FFmpegError as error:
            raise MediaError(
                f"{self._footage.path} cannot be read from anywhere but its beginning: export it "
                "again as MP4."
            ) from error
        self._coming = decoded(self._container, self._stream, self._footage.path)


def _shown_frames(footage: Footage) -> np.ndarray:
    """(count,): which of the file's own frames is seen at each picture's time."""
    wanted = footage.times[0] + (np.arange(footage.count) + EARLY) / float(footage.fps)
    return np.clip(np.searchsorted(footage.times, wanted, "right") - 1, 0, len(footage.times) - 1)
