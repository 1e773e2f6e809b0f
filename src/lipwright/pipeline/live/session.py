"""A live session: a portrait that says what it is given, as it is given, and can be interrupted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import suppress
from fractions import Fraction
from itertools import count
from typing import TYPE_CHECKING, Any

from lipwright.core.child_process import Child, error_from
from lipwright.core.errors import LipwrightError, UsageError
from lipwright.core.given import describe
from lipwright.core.validation import DEFAULT_FPS, parse_fps
from lipwright.pipeline.live.frame_queue import FrameQueue, make_frame
from lipwright.pipeline.live.frames import LiveFormat, LiveFrame
from lipwright.pipeline.live.pacing import LOOK_SECONDS, paced
from lipwright.pipeline.live.session_speaker import RATE, SessionSpeaker
from lipwright.pipeline.live.source import checked_sound, opening, picture_bytes
from lipwright.pipeline.live.voices import LiveVoice, LiveVoices
from lipwright.pipeline.options import RenderOptions

if TYPE_CHECKING:
    import numpy as np

    from lipwright.core.given import PictureLike
    from lipwright.core.messages import Message
    from lipwright.pipeline.live.frames import LiveSink, VideoCoding

WORKER = "lipwright.pipeline.live.drawing_worker"
NOT_OPEN = "The live session is not open: use it in an async with block."
AHEAD = 15.0
"""Seconds of speech that wait to be said before more of a text, or of sound, is taken."""


class LiveSession:
    """A portrait that speaks right now; make it with `lipwright.live`, and use it by `async with`.

    Iterating over it gives `LiveFrame`s at their times, idle ones as well. One reader at a time;
    with a sink, that is the reader.
    """

    def __init__(
        self,
        source: PictureLike,
        *,
        voice: str = "anika",
        rate: float = 1.0,
        language: str | None = None,
        sink: LiveSink | None = None,
        fps: float | str | Fraction = DEFAULT_FPS,
        coding: VideoCoding = "bgr",
        background: str | None = None,
        voices: LiveVoices | None = None,
        marker: bool = False,
        options: RenderOptions | None = None,
        **changes: Any,
    ) -> None:
        """See `lipwright.live`, and besides: marker draws frame numbers, for measurements."""
        chosen = {"quality": "medium", **changes} if options is None else changes
        self.options = RenderOptions.of(options, chosen)
        self._source, self._sink = source, sink
        self._speaker = SessionSpeaker(LiveVoice(voice, rate, language), voices)
        self._fps = parse_fps(fps)
        self._coding: VideoCoding = coding if sink is None else sink.coding
        self._background, self._marker = background, marker
        self._child = Child(WORKER)
        self._numbers = count(1)
        self._frames = FrameQueue()
        self._format: LiveFormat | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._saying: set[asyncio.Task[Any]] = set()
        self._asking: set[asyncio.Future[None]] = set()
        self._turn = 0
        self._speaking, self._spoken_ahead, self._heard_ahead = False, 0.0, 0.0
        self._error: LipwrightError | None = None
        self._ended = False

    @property
    def format(self) -> LiveFormat:
        """What all frames have in common. Raises UsageError before the session is open."""
        if self._format is None:
            raise UsageError(NOT_OPEN)
        return self._format

    @property
    def state(self) -> str:
        """What the face does: "speaking" or "idle"."""
        return "speaking" if self._speaking or self._saying else "idle"

    @property
    def late(self) -> int:
        """Frames that were drawn too late and left out."""
        return self._frames.late

    @property
    def dropped(self) -> int:
        """Frames that nobody read in time."""
        return self._frames.dropped

    @property
    def pids(self) -> list[int]:
        """The numbers of the processes that draw and speak, as far as there are any."""
        return [pid for pid in (self._child.pid, self._speaker.pid) if pid is not None]

    async def __aenter__(self) -> LiveSession:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def open(self) -> None:
        """Prepare the picture; frames come from then on, while the voice is still being loaded.

        Raises:
            MediaError, FaceError, UsageError, VoiceError: as `Portrait` and `Voice`.
        """
        try:
            picture = picture_bytes(self._source)
            await self._child.start()
            checking = asyncio.create_task(self._speaker.check())
            try:
                await self._open_child(picture)
                await checking
            finally:
                checking.cancel()
            self._tasks.append(asyncio.create_task(self._speaker.load()))
        except BaseException:
            await self.close()
            raise

    async def say(self, text: str | AsyncIterable[str]) -> bool:
        """Say a text after what is still being said; returns once all of it is on its way.

        Args:
            text: plain text or Markdown, whole or in pieces that are cut anywhere, such as the
                tokens of a language model: each sentence is spoken as soon as it is whole.

        Returns:
            False where it was interrupted.

        Raises:
            VoiceError: nothing can be spoken. UsageError: no text.
        """
        self._check_open()
        if not isinstance(text, str) and not hasattr(text, "__aiter__"):
            raise UsageError(f"The text is {describe(text)}: give a str or an async iterator.")
        turn, task = self._turn, asyncio.current_task()
        assert task is not None
        saying = asyncio.create_task(self._say(next(self._numbers), paced(text, self._is_free)))
        self._saying.add(saying)
        try:
            await asyncio.shield(saying)
        except asyncio.CancelledError:
            if self._turn == turn or task.cancelling():
                saying.cancel()
                raise
            return False
        finally:
            self._saying.discard(saying)
        return self._turn == turn

    async def hear(self, sound: bytes | np.ndarray, rate: int, *, live: bool = False) -> None:
        """Say sound that comes from elsewhere: a microphone, or another program's voice.

        Waits where more than `AHEAD` seconds of it are still to be heard.

        Args:
            sound: mono; int16 little-endian as bytes, or float32 or int16 (n,).
            rate: samples per second, Hz, 8000 to 192000.
            live: from a microphone: what comes too late is dropped.

        Raises:
            UsageError: a rate out of range, several channels, or values that are no numbers.
        """
        self._check_open()
        samples = checked_sound(sound, rate)
        turn = self._turn
        while self._heard_ahead > AHEAD and not self._ended and turn == self._turn:
            await asyncio.sleep(LOOK_SECONDS)
        if turn == self._turn:
            await self._child.send("hear", samples.tobytes(), rate=int(rate), live=live)

    async def interrupt(self) -> None:
        """Fall silent and shut the mouth at once, and forget all that was still to be said."""
        self._turn += 1
        for saying in list(self._saying):
            saying.cancel()
        await self._child.send("interrupt")
        if self._sink is not None:
            await self._sink.interrupt()

    async def request_keyframe(self) -> None:
        """Let a new viewer begin soon: the next picture stands alone."""
        await self._child.send("keyframe")

    def _ask_keyframe(self) -> None:
        """For a sink, which waits for nothing."""
        task = asyncio.ensure_future(self.request_keyframe())
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)

    async def finished(self) -> None:
        """Wait until nothing more is to be said."""
        await self._frames.wait_for(lambda: self._ended or self.state == "idle")
        self._check_open()

    def __aiter__(self) -> AsyncIterator[LiveFrame]:
        return self._read()

    async def _read(self) -> AsyncIterator[LiveFrame]:
        async for frame in self._frames.read(lambda: self._ended):
            yield frame
        if self._error is not None:
            raise self._error

    async def close(self) -> None:
        """End the session and its processes; may be called twice."""
        self._ended = True
        saying = list(self._saying)
        for task in saying:
            task.cancel()
        await self._child.close()
        for task in [*saying, *self._tasks]:
            if task is not asyncio.current_task():
                with suppress(asyncio.CancelledError, Exception):
                    await task
        self._tasks.clear()
        await self._speaker.close()
        await self._frames.tell()

    async def _open_child(self, picture: bytes) -> None:
        await self._child.send(
            "open",
            picture,
            **opening(self.options),
            fps=str(self._fps),
            rate=RATE,
            coding=self._coding,
            background=self._background,
            marker=self._marker,
        )
        messages = self._child.messages()
        message = await anext(messages, None)
        if message is None or message.kind != "ready":
            raise error_from(message, "draws")
        width, height = message.fields["width"], message.fields["height"]
        self._format = LiveFormat(width, height, self._fps, RATE, self._coding)
        self._tasks.append(asyncio.create_task(self._listen(messages)))
        if self._sink is not None:
            if hasattr(self._sink, "ask_keyframe"):
                self._sink.ask_keyframe = self._ask_keyframe
            await self._sink.open(self._format)
            self._tasks.append(asyncio.create_task(self._feed(self._sink)))

    async def _listen(self, messages: AsyncIterator[Message]) -> None:
        async for message in messages:
            if message.kind == "failed":
                self._error = error_from(message, "draws")
                break
            await self._take(message)
        if not self._ended and self._error is None:
            self._error = error_from(None, "draws")
        self._ended = True
        await self._frames.tell()

    async def _take(self, message: Message) -> None:
        fields = message.fields
        self._speaking = fields["speaking"]
        self._spoken_ahead, self._heard_ahead = fields["spoken_ahead"], fields["heard_ahead"]
        await self._frames.put(make_frame(message, self.format))

    async def _feed(self, sink: LiveSink) -> None:
        try:
            async for frame in self._read():
                await sink.send(frame)
        except LipwrightError as error:
            self._error = self._error or error
            self._ended = True
        finally:
            await sink.close()

    async def _say(self, number: int, text: AsyncIterator[str]) -> None:
        try:
            await self._speaker.say(number, text, self._child.send)
        finally:
            await self._frames.tell()

    def _is_free(self) -> bool:
        """Whether more of a text may be spoken."""
        return self._spoken_ahead <= AHEAD or self._ended

    def _check_open(self) -> None:
        if self._error is not None:
            raise self._error
        if self._format is None or self._ended:
            raise UsageError(NOT_OPEN)
