"""A live stream to a platform or a media server: RTMP, RTMPS, SRT, or a file."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from lipwright.core.errors import MediaError, UsageError
from lipwright.pipeline.live.frames import LiveFormat, LiveFrame, VideoCoding
from lipwright.pipeline.live.sinks.frame_queue import SECONDS_KEPT, FrameQueue
from lipwright.pipeline.live.sinks.stream_process import pack

log = logging.getLogger(__name__)

MUXERS = {"rtmp": "flv", "rtmps": "flv", "srt": "mpegts", "udp": "mpegts", "tcp": "mpegts"}
"""How a stream is packed for an address that begins so."""
FIRST_WAIT, LONGEST_WAIT = 0.5, 15.0
"""Seconds before a lost connection is tried again; doubled each time."""
ENDING = 5.0
"""Seconds a stream has to end properly."""


class RtmpSink:
    """Sends the session to an address, in a process of its own.

    A slow network costs pictures up to the next keyframe, a lost connection is made again. The
    first connection is not: `send` then raises MediaError with what the server said.
    """

    coding: VideoCoding = "h264"

    def __init__(
        self,
        url: str | Path,
        *,
        format: str | None = None,
        options: Mapping[str, str] | None = None,
        patience: float = 120.0,
        connect_seconds: float = 15.0,
        stall_seconds: float = 10.0,
    ) -> None:
        """Say where the stream goes; nothing is opened yet.

        Args:
            url: such as "rtmps://live.example.com/app/KEY"; the key is never logged. Or a file,
                such as "evening.flv" or "evening.ts".
            format: FFmpeg's name of the container; None goes by the address.
            options: more for FFmpeg's muxer or protocol.
            patience: seconds without a connection after which the sink gives up.
            connect_seconds: how long the server may take to answer.
            stall_seconds: how long it may take nothing at all before the connection counts as lost.
        """
        self._url = str(url)
        scheme = urlsplit(self._url).scheme if "://" in self._url else ""
        self._file = scheme in ("", "file")
        self._format = format or MUXERS.get(scheme)
        if not self._file and self._format is None:
            raise UsageError(
                f'A stream to {scheme}:// needs its container said, such as format="flv".'
            )
        self._options = dict(options or {})
        self._patience, self._connect, self._stall = patience, connect_seconds, stall_seconds
        self._queue: FrameQueue | None = None
        self._task: asyncio.Task[None] | None = None
        self._error: MediaError | None = None
        self._form: LiveFormat | None = None
        self._connected = False
        self._blocked_since: float | None = None
        self.ask_keyframe: Callable[[], None] = lambda: None
        """Called where a picture is wanted that needs none before it."""
        self.connections = 0
        """How many connections were made so far."""

    @property
    def dropped(self) -> int:
        """How many pictures were left out for a slow network."""
        return self._queue.dropped if self._queue else 0

    async def open(self, form: LiveFormat) -> None:
        """Begin to connect; the stream itself begins with the first keyframe."""
        self._form = form
        limit = max(2, round(SECONDS_KEPT * form.fps))
        self._queue = FrameQueue(limit, True, lambda: self.ask_keyframe())
        self._task = asyncio.create_task(self._run(self._queue))

    async def send(self, frame: LiveFrame) -> None:
        """Take a frame; MediaError where the server refused or is gone for good."""
        if self._error is not None:
            raise self._error
        if self._queue is None:
            return
        while self._file and self._queue.full and self._error is None:
            await asyncio.sleep(0.01)  # nobody looks at a file meanwhile: it shall be whole
        self._queue.put(frame)

    async def interrupt(self) -> None:
        """Silence what is not yet sent."""
        if self._queue is not None:
            self._queue.silence()

    async def close(self) -> None:
        """End the stream properly, within five seconds or so."""
        if self._queue is None or self._task is None:
            return
        self._queue.end()
        done, _ = await asyncio.wait([self._task], timeout=ENDING)
        if not done:
            self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    async def _run(self, queue: FrameQueue) -> None:
        """Connect, and again when the connection is lost, until the session ends."""
        wait, lost_since = FIRST_WAIT, None
        loop = asyncio.get_running_loop()
        while True:
            made = self.connections
            why = await self._connection(queue)
            if why is None:
                return
            now = loop.time()
            if self.connections > made or lost_since is None:
                wait, lost_since = FIRST_WAIT, now
            if self._file or not self.connections or now - lost_since + wait > self._patience:
                self._error = MediaError(self._sentence(why))
                return
            log.warning("%s; trying again in %.1f s", self._sentence(why), wait)
            await asyncio.sleep(wait)
            wait = min(2 * wait, LONGEST_WAIT)

    def _sentence(self, why: str) -> str:
        """Say what failed without the address's last part, which is a secret key."""
        if self._file:
            return f"Cannot write {self._url}: {why}."
        parts = urlsplit(self._url)
        where = f"{parts.scheme}://{parts.hostname}" + (f":{parts.port}" if parts.port else "")
        did = "lost the stream" if self.connections else "did not take the stream"
        key = parts.path.rpartition("/")[2]
        why = why.replace(key, "...") if key else why
        return f"The server at {where} {did} ({why}): check its address, and the stream's key."

    async def _connection(self, queue: FrameQueue) -> str | None:
        """Send frames through one process; return why it ended, None where the session did."""
        if self.connections:
            queue.restart()
        self._connected, self._blocked_since = False, None
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",
            "-m",
            "lipwright.pipeline.live.sinks.stream_process",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        news = asyncio.create_task(self._news(process))
        feed = asyncio.create_task(self._feed(process, queue))
        watch = asyncio.create_task(self._watch())
        try:
            await asyncio.wait([news, feed, watch], return_when=asyncio.FIRST_COMPLETED)
            if feed.done() and not watch.done():
                await asyncio.wait([news], timeout=ENDING)
            if news.done():
                return news.result()
            return "it does not answer" if not self._connected else "it takes no more"
        finally:
            for task in (news, feed, watch):
                task.cancel()
            await asyncio.gather(news, feed, watch, return_exceptions=True)
            await _end(process)

    async def _watch(self) -> None:
        """Return where the server takes too long."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(0.1)
            limit = self._stall if self._connected else self._connect
            if self._blocked_since is not None and loop.time() - self._blocked_since > limit:
                return

    async def _news(self, process: asyncio.subprocess.Process) -> str | None:
        """Read what the process says to its end; return why it failed."""
        assert process.stdout is not None
        async for line in process.stdout:
            told = json.loads(line)
            if told["event"] == "failed":
                return str(told["why"])
            self.connections += 1
            self._connected, self._blocked_since = True, None
        status = await process.wait()
        return f"the writing process ended with status {status}" if status else None

    async def _feed(self, process: asyncio.subprocess.Process, queue: FrameQueue) -> None:
        """Give the process its settings and the frames."""
        assert process.stdin is not None and self._form is not None
        form, loop = self._form, asyncio.get_running_loop()
        settings = {
            "url": self._url,
            "format": self._format,
            "options": self._options,
            "width": form.width,
            "height": form.height,
            "fps": str(form.fps),
            "rate": form.rate,
        }
        process.stdin.write(json.dumps(settings).encode() + b"\n")
        with contextlib.suppress(ConnectionError):
            self.ask_keyframe()
            while (frame := await queue.get()) is not None:
                if self._blocked_since is None and (self._connected or frame.keyframe):
                    self._blocked_since = loop.time()
                process.stdin.write(pack(frame.number, frame.keyframe, frame.picture, frame.sound))
                await process.stdin.drain()
                if self._connected:
                    self._blocked_since = None
            process.stdin.close()
            await process.stdin.wait_closed()


async def _end(process: asyncio.subprocess.Process) -> None:
    """Kill the process if it still runs, and wait for it."""
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    await process.wait()
