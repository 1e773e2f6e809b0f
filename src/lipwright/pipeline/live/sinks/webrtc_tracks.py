"""The tracks of a WebRTC connection: pictures as packets or frames, sound in blocks of 20 ms."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from aiortc.mediastreams import MediaStreamError, MediaStreamTrack

from lipwright.pipeline.live.frames import LiveFormat, LiveFrame
from lipwright.pipeline.live.sinks.frame_queue import SECONDS_KEPT, FrameQueue

CLOCK = 90_000  # Hz, of pictures in RTP
BLOCK_SECONDS = Fraction(1, 50)
SOUND_KEPT = 0.5
"""Seconds of sound that wait at most."""


class PictureTrack(MediaStreamTrack):
    """Gives coded pictures as they are, or decodes them for a peer that wants another coding."""

    kind = "video"

    def __init__(
        self, form: LiveFormat, as_packets: bool, ask_keyframe: Callable[[], None]
    ) -> None:
        """as_packets: the peer takes H.264, which the session makes."""
        super().__init__()
        self._form, self._as_packets = form, as_packets
        coded = form.coding != "bgr"
        limit = max(2, round(SECONDS_KEPT * form.fps))
        self.queue = FrameQueue(limit, coded, ask_keyframe)
        """Frames that wait for the network."""
        self._decoder: Any = None

    async def recv(self) -> Any:
        """Return the next picture, a packet or a frame."""
        while (frame := await self.queue.get()) is not None:
            if not frame.picture:
                continue
            picture = self._packet(frame)
            if not self._as_packets:
                picture = await asyncio.to_thread(self._decoded, frame)
            if picture is not None:
                picture.pts = int(frame.number * CLOCK / self._form.fps)
                picture.time_base = Fraction(1, CLOCK)
                return picture
        raise MediaStreamError

    def _packet(self, frame: LiveFrame) -> Any:
        import av

        return av.Packet(frame.picture) if self._form.coding == "h264" else None

    def _decoded(self, frame: LiveFrame) -> Any:
        import av
        import numpy as np

        if self._form.coding == "bgr":
            shape = (self._form.height, self._form.width, 3)
            image = np.frombuffer(frame.picture, np.uint8).reshape(shape)
            return av.VideoFrame.from_ndarray(image, format="bgr24")
        if self._decoder is None:
            self._decoder = av.CodecContext.create("h264", "r")
            self._decoder.options = {"flags": "low_delay"}
        pictures = self._decoder.decode(av.Packet(frame.picture))
        return pictures[-1] if pictures else None


class SoundTrack(MediaStreamTrack):
    """Gives the sound in blocks, each as soon as it is there."""

    kind = "audio"

    def __init__(self, form: LiveFormat) -> None:
        """form: of the session."""
        super().__init__()
        self._rate = form.rate
        self._bytes = 2 * int(form.rate * BLOCK_SECONDS)
        self._blocks: deque[bytes] = deque(maxlen=round(SOUND_KEPT / BLOCK_SECONDS))
        self._rest = b""
        self._arrived = asyncio.Event()
        self._given = 0  # samples
        self._ended = False

    def put(self, sound: bytes) -> None:
        """Add sound; where too much waits the oldest is dropped."""
        sound = self._rest + sound
        whole = len(sound) - len(sound) % self._bytes
        for start in range(0, whole, self._bytes):
            self._blocks.append(sound[start : start + self._bytes])
        self._rest = sound[whole:]
        self._arrived.set()

    def silence(self) -> None:
        """Take the sound away from what waits."""
        for index in range(len(self._blocks)):
            self._blocks[index] = bytes(self._bytes)
        self._rest = bytes(len(self._rest))

    def end(self) -> None:
        """Let the reader end."""
        self._ended = True
        self._arrived.set()

    async def recv(self) -> Any:
        """Return the next block, s16 mono."""
        import av
        import numpy as np

        while not self._blocks:
            if self._ended:
                raise MediaStreamError
            self._arrived.clear()
            await self._arrived.wait()
        samples = np.frombuffer(self._blocks.popleft(), np.int16)[None]
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.sample_rate = self._rate
        frame.pts, frame.time_base = self._given, Fraction(1, self._rate)
        self._given += samples.shape[1]
        return frame
