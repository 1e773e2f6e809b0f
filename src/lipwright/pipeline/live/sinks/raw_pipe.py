"""Pictures and samples as they are, into pipes: for ffmpeg, or whatever else reads them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from queue import Full, Queue
from typing import BinaryIO, Literal

from lipwright.core.errors import MediaError
from lipwright.core.worker_thread import WorkerThread
from lipwright.pipeline.live.frames import LiveFormat, LiveFrame, VideoCoding
from lipwright.pipeline.live.sinks.frame_queue import SECONDS_KEPT

ENDING = 5.0
"""Seconds a reader has to take what is left."""


class RawPipeSink:
    """Writes raw pictures into one file object and int16 samples into another.

    Both keep the same time: a frame that is missing is the picture before it and silence, and a
    reader that is slow loses picture and sound of the same frames.
    """

    coding: VideoCoding = "bgr"

    def __init__(
        self,
        pictures: BinaryIO | None,
        sound: BinaryIO | None,
        *,
        pixels: Literal["bgr24", "yuv420p"] = "bgr24",
    ) -> None:
        """Take the pipes; `close` closes them.

        Args:
            pictures: gets width * height * 3 bytes a frame, half of that as "yuv420p"; None: none.
            sound: gets mono little-endian int16; None: none.
            pixels: how the pictures are laid out, in ffmpeg's words.
        """
        self._pixels = pixels
        self._pipes = [pictures, sound]
        self._writers: list[PipeWriter | None] = [None, None]
        self._form: LiveFormat | None = None
        self._next = 0
        self._last = b""
        self.dropped = 0
        """How many frames a slow reader did not get."""

    async def open(self, form: LiveFormat) -> None:
        """Begin to write, in a thread for each pipe: readers take them in any order."""
        self._form = form
        limit = max(2, round(SECONDS_KEPT * form.fps))
        self._last = bytes(form.width * form.height * 3)
        self._writers = [None if pipe is None else PipeWriter(pipe, limit) for pipe in self._pipes]

    async def send(self, frame: LiveFrame) -> None:
        """Take a frame. Raises MediaError where a reader has gone."""
        if self._form is None:
            return
        for writer in self._writers:
            if writer is not None and writer.error is not None:
                raise MediaError(f"Nobody reads the pipe any more ({writer.error}).")
        first = self._next if self._next else frame.number  # a session may run before its sink
        for number in range(first, frame.number):
            self._write(self._last, self._silence(number))
        self._next = frame.number + 1
        self._last = frame.picture or self._last
        self._write(self._last, frame.sound)

    def _silence(self, number: int) -> bytes:
        assert self._form is not None
        samples = self._form.samples_before(number + 1) - self._form.samples_before(number)
        return bytes(2 * samples)

    def _write(self, picture: bytes, sound: bytes) -> None:
        writers = [writer for writer in self._writers if writer is not None]
        if any(writer.full for writer in writers):
            self.dropped += 1
            return
        content: list[bytes | Callable[[], bytes]] = [lambda: self._laid_out(picture), sound]
        for writer, what in zip(self._writers, content, strict=True):
            if writer is not None:
                writer.put(what)

    def _laid_out(self, picture: bytes) -> bytes:
        """Return the picture's bytes in the layout that is wanted."""
        if self._pixels == "bgr24":
            return picture
        import cv2
        import numpy as np

        assert self._form is not None
        image = np.frombuffer(picture, np.uint8).reshape(self._form.height, self._form.width, 3)
        return cv2.cvtColor(image, cv2.COLOR_BGR2YUV_I420).tobytes()

    async def interrupt(self) -> None:
        """Do nothing: what waits is less than a second, and a pipe takes nothing back."""

    async def close(self) -> None:
        """Write what is left and close the pipes, within five seconds or so."""
        writers = [writer for writer in self._writers if writer is not None]
        await asyncio.gather(*(asyncio.to_thread(writer.close) for writer in writers))


class PipeWriter:
    """A thread that writes into a pipe what a short queue holds."""

    def __init__(self, pipe: BinaryIO, limit: int) -> None:
        """limit: how many pieces wait at most."""
        self._pipe = pipe
        self._queue: Queue[bytes | Callable[[], bytes] | None] = Queue(limit)
        self.error: Exception | None = None
        """What ended the writing."""
        self._thread = WorkerThread(self._run, "lipwright-pipe", daemon=True)
        self._thread.start()

    @property
    def full(self) -> bool:
        """Whether the reader is behind."""
        return self._queue.full()

    def put(self, content: bytes | Callable[[], bytes]) -> None:
        """Write bytes, or what a function returns, as soon as the reader takes it."""
        self._queue.put_nowait(content)

    def close(self) -> None:
        """Write what waits and close the pipe; a reader that takes nothing is left behind."""
        try:
            self._queue.put(None, timeout=ENDING)
        except Full:
            return
        self._thread.wait(ENDING)

    def _run(self) -> None:
        try:
            with self._pipe as pipe:
                while (content := self._queue.get()) is not None:
                    pipe.write(content() if callable(content) else content)
                    pipe.flush()
        except (OSError, ValueError) as error:  # the reader has gone, or somebody closed the pipe
            self.error = error
            while self._queue.get() is not None:
                pass
