"""A live session that draws no face: moving pictures and tones on the session's own contract."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator
from fractions import Fraction
from typing import Any

import numpy as np

from lipwright.core.errors import VoiceError
from lipwright.pipeline.live.frames import LiveFormat, LiveFrame, LiveSink, VideoCoding

TONE = 440.0  # Hz
SECONDS_A_CHARACTER = 0.05


def picture(form: LiveFormat, number: int) -> np.ndarray:
    """A grey that tells the number, with a white bar that moves: BGR uint8 (h, w, 3)."""
    image = np.full((form.height, form.width, 3), grey(number), np.uint8)
    left = number * 4 % (form.width - 8)
    image[: form.height // 8, left : left + 8] = 255
    return image


def grey(number: int) -> int:
    return 40 + number % 10 * 20


def tone(form: LiveFormat, number: int) -> bytes:
    """The sound of a frame that speaks."""
    at = np.arange(form.samples_before(number), form.samples_before(number + 1)) / form.rate
    return (8000 * np.sin(2 * np.pi * TONE * at)).astype("<i2").tobytes()


def silence(form: LiveFormat, number: int) -> bytes:
    return bytes(2 * (form.samples_before(number + 1) - form.samples_before(number)))


class Encoder:
    """H.264 as a session makes it: Annex B, baseline, a picture for each picture."""

    def __init__(self, form: LiveFormat, keyframe_every: int = 25) -> None:
        import av

        self._av: Any = av
        context: Any = av.CodecContext.create("libx264", "w")
        context.width, context.height, context.pix_fmt = form.width, form.height, "yuv420p"
        context.framerate, context.time_base = form.fps, 1 / form.fps
        context.gop_size, context.thread_count = keyframe_every, 1
        context.options = {"preset": "ultrafast", "tune": "zerolatency", "profile": "baseline"}
        self._context = context

    def encode(self, image: np.ndarray, number: int, keyframe: bool = False) -> tuple[bytes, bool]:
        frame = self._av.VideoFrame.from_ndarray(image, format="bgr24").reformat(format="yuv420p")
        frame.pts = number
        if keyframe:
            frame.pict_type = self._av.video.frame.PictureType.I
        (packet,) = self._context.encode(frame)
        return bytes(packet), bool(packet.is_keyframe)


def filler(size: int) -> bytes:
    """What makes a coded picture so many bytes larger, and changes nothing of it."""
    return b"\0\0\1\x0c" + b"\xff" * size + b"\x80" if size else b""


def a_format(coding: VideoCoding = "h264", size: int = 96, fps: int = 25) -> LiveFormat:
    return LiveFormat(size, size, Fraction(fps), 24000, coding)


def frames(form: LiveFormat, count: int, speaking: bool = True) -> list[LiveFrame]:
    """The first frames of a session."""
    encoder = Encoder(form) if form.coding == "h264" else None
    made = []
    for number in range(count):
        image = picture(form, number)
        coded, key = encoder.encode(image, number) if encoder else (image.tobytes(), True)
        sound = tone(form, number) if speaking else silence(form, number)
        made.append(LiveFrame(number, float(number / form.fps), coded, key, sound))
    return made


class FakeSession:
    """Speaks tones as long as texts, at the pace of its clock, or of `speed` times that."""

    def __init__(
        self,
        sink: LiveSink | None = None,
        *,
        coding: VideoCoding = "h264",
        size: int = 96,
        speed: float = 1.0,
        keyframe_every: int = 250,
        padding: int = 0,
    ) -> None:
        self.format = a_format(sink.coding if sink is not None else coding, size)
        self.sink, self.speed, self.state = sink, speed, "idle"
        self._every, self._padding = keyframe_every, padding
        self.keyframes_asked = 0
        self._force = False
        self._to_say = 0.0
        self.said: list[str] = []
        self.heard: list[tuple[int, int]] = []
        self.interrupted = 0
        self.closed = False
        self.error: Exception | None = None
        self.sent = 0
        self._viewers: list[asyncio.Queue[LiveFrame | None]] = []
        self._task: asyncio.Task[None] | None = None

    def ask_keyframe(self) -> None:
        self.keyframes_asked += 1
        self._force = True

    async def request_keyframe(self) -> None:
        self.ask_keyframe()

    async def start(self) -> FakeSession:
        await self.open()
        return self

    async def open(self) -> None:
        if self.sink is not None:
            if hasattr(self.sink, "ask_keyframe"):
                self.sink.ask_keyframe = self.ask_keyframe
            await self.sink.open(self.format)
        self._task = asyncio.create_task(self._run())

    async def finished(self) -> None:
        while self.state == "speaking" and self.error is None and not self.closed:
            await asyncio.sleep(0.01)
        if self.error is not None:
            raise self.error

    async def _run(self) -> None:
        encoder = Encoder(self.format, self._every) if self.format.coding == "h264" else None
        loop = asyncio.get_running_loop()
        began, number = loop.time(), 0
        try:
            while not self.closed:
                await asyncio.sleep(
                    max(0.0, began + float(number / self.format.fps) / self.speed - loop.time())
                )
                frame = self._draw(number, encoder)
                if self.sink is not None:
                    await self.sink.send(frame)
                for viewer in self._viewers:
                    viewer.put_nowait(frame)
                number += 1
                self.sent = number
        except Exception as error:
            self.error = error
        if self.sink is not None:
            await self.sink.close()
        for viewer in self._viewers:
            viewer.put_nowait(None)

    def _draw(self, number: int, encoder: Encoder | None) -> LiveFrame:
        speaking = self._to_say > 0
        self.state = "speaking" if speaking else "idle"
        self._to_say = max(0.0, self._to_say - float(1 / self.format.fps))
        image = picture(self.format, number)
        coded, key = image.tobytes(), True
        if encoder is not None:
            coded, key = encoder.encode(image, number, self._force)
            coded += filler(self._padding)
            self._force = False
        sound = tone(self.format, number) if speaking else silence(self.format, number)
        return LiveFrame(number, float(number / self.format.fps), coded, key, sound)

    async def say(self, text: str | AsyncIterable[str]) -> bool:
        turn = self.interrupted
        if isinstance(text, str):
            self._speak(text)
        else:
            async for piece in text:
                self._speak(piece)
        return turn == self.interrupted

    def _speak(self, text: str) -> None:
        if "unspeakable" in text:
            raise VoiceError("There is nothing to say in that.")
        self.said.append(text)
        self._to_say += len(text) * SECONDS_A_CHARACTER

    async def hear(self, pcm: bytes | np.ndarray, rate: int, *, live: bool = False) -> None:
        self.heard.append((len(pcm), rate))

    async def interrupt(self) -> None:
        self.interrupted += 1
        self._to_say = 0.0
        if self.sink is not None:
            await self.sink.interrupt()

    async def __aiter__(self) -> AsyncIterator[LiveFrame]:
        viewer: asyncio.Queue[LiveFrame | None] = asyncio.Queue()
        self._viewers.append(viewer)
        while (frame := await viewer.get()) is not None:
            yield frame

    async def close(self) -> None:
        if self.closed:
            return
        self.closed = True
        if self._task is not None:
            await self._task
