"""A viewer behind a WebSocket, who decodes with WebCodecs: H.264 and plain samples, in messages."""

from __future__ import annotations

import asyncio
import contextlib
import json
import struct
from collections.abc import Awaitable, Callable

from lipwright.core.errors import MediaError
from lipwright.pipeline.live.frames import LiveFormat, LiveFrame, VideoCoding
from lipwright.pipeline.live.sinks.frame_queue import SECONDS_KEPT, FrameQueue

HEADER = struct.Struct("<BBxxId")
"""Before each payload: kind, flags, number of the frame, seconds from the session's start."""
PICTURE, SOUND, TRANSPARENCY = 1, 2, 3
KEYFRAME = 1


def messages(frame: LiveFrame) -> list[bytes]:
    """Return a frame as the binary messages that carry it."""
    parts = [(PICTURE, frame.picture), (TRANSPARENCY, frame.alpha), (SOUND, frame.sound)]
    return [
        HEADER.pack(kind, KEYFRAME if frame.keyframe else 0, frame.number, frame.time) + content
        for kind, content in parts
        if content
    ]


def codec_string(coding: VideoCoding, picture: bytes) -> str:
    """Return what a browser's decoder wants to know, read from a keyframe."""
    if coding == "vp9":
        return "vp09.00.10.08"
    at = picture.find(b"\0\0\1\x67")  # the sequence's parameters
    return f"avc1.{picture[at + 4 : at + 7].hex().upper()}" if at >= 0 else "avc1.42E01E"


class WebSocketSink:
    """Sends each frame to one viewer, whatever the library of the socket.

    A viewer that reads slowly misses pictures up to the next keyframe; one that reads nothing for
    `stall_seconds` is lost: `send` then raises MediaError.
    """

    def __init__(
        self,
        send: Callable[[str | bytes], Awaitable[None]],
        *,
        session: str = "",
        coding: VideoCoding = "h264",
        stall_seconds: float = 10.0,
    ) -> None:
        """Take over sending.

        Args:
            send: sends a text or a binary message, and waits while the viewer does not read.
            session: the session's id, for the first message.
            coding: "h264", or "vp9" for pictures with transparency.
            stall_seconds: how long a viewer may read nothing.
        """
        self.coding: VideoCoding = coding
        self._send, self._session, self._stall = send, session, stall_seconds
        self._queue: FrameQueue | None = None
        self._task: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()
        self._form: LiveFormat | None = None
        self.ask_keyframe: Callable[[], None] = lambda: None
        """Called where a picture is wanted that needs none before it."""
        self.lost = asyncio.Event()
        """Set when the viewer has gone, or reads no more."""

    @property
    def dropped(self) -> int:
        """How many pictures the viewer missed."""
        return self._queue.dropped if self._queue else 0

    async def open(self, form: LiveFormat) -> None:
        """Begin; the viewer hears of it with the first keyframe."""
        self._form = form
        limit = max(2, round(SECONDS_KEPT * form.fps))
        self._queue = FrameQueue(limit, True, lambda: self.ask_keyframe())
        self._task = asyncio.create_task(self._run(self._queue, form))

    async def send(self, frame: LiveFrame) -> None:
        """Take a frame. Raises MediaError where the viewer is lost."""
        if self.lost.is_set():
            raise MediaError("The viewer has gone, or read nothing for too long.")
        if self._queue is not None:
            self._queue.put(frame)

    async def interrupt(self) -> None:
        """Silence what waits, and tell the viewer to drop what it has not shown."""
        if self._queue is not None:
            self._queue.silence()
        await self.tell("interrupted")

    async def tell(self, kind: str, **fields: object) -> None:
        """Send a text message; to a viewer that is lost it sends nothing."""
        await self._deliver(json.dumps({"type": kind, **fields}))

    async def close(self) -> None:
        """Stop sending; the socket stays its owner's."""
        if self._queue is None or self._task is None:
            return
        self._queue.end(drop=True)
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    async def _deliver(self, message: str | bytes) -> None:
        """Send a message in its turn; a viewer that does not take it is lost."""
        try:
            async with self._turn:
                if not self.lost.is_set():
                    async with asyncio.timeout(self._stall):
                        await self._send(message)
        except Exception:  # whatever the socket's library raises when the other side has gone
            self.lost.set()

    async def _run(self, queue: FrameQueue, form: LiveFormat) -> None:
        ready = False
        while (frame := await queue.get()) is not None and not self.lost.is_set():
            if not ready and frame.picture:
                ready = True
                await self.tell(
                    "ready",
                    session=self._session,
                    width=form.width,
                    height=form.height,
                    fps=f"{form.fps.numerator}/{form.fps.denominator}",
                    rate=form.rate,
                    codec=codec_string(form.coding, frame.picture),
                )
            if ready:
                for message in messages(frame):
                    await self._deliver(message)
