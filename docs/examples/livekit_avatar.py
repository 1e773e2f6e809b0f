"""A lipwright session as the avatar of a LiveKit agent: hand it to LiveKit's `AvatarRunner`."""

from collections.abc import AsyncIterator
from typing import Any

import numpy as np
from livekit import rtc
from livekit.agents.voice.avatar import AudioSegmentEnd, VideoGenerator

SETTLING = 10  # frames until a session's state tells of sound that was just pushed


class LipwrightAvatar(VideoGenerator):
    """Takes an agent's voice, gives the face that speaks it."""

    def __init__(self, session: Any) -> None:
        """session: of `lipwright.live(...)` without a sink, open."""
        self._session, self._quiet, self._ending = session, 0, False

    async def push_audio(self, frame: rtc.AudioFrame | AudioSegmentEnd) -> None:
        """Take a piece of the voice, or that it has said what it had to say."""
        self._quiet, self._ending = 0, isinstance(frame, AudioSegmentEnd)
        if not self._ending:
            await self._session.hear(bytes(frame.data), frame.sample_rate)

    async def clear_buffer(self) -> None:
        """Fall silent: somebody interrupted the agent."""
        self._ending = False
        await self._session.interrupt()

    async def __aiter__(self) -> AsyncIterator[rtc.VideoFrame | rtc.AudioFrame | AudioSegmentEnd]:
        """Give pictures and sound, and the end of each segment once it was heard."""
        form = self._session.format
        shape = (form.height, form.width, 3)
        async for frame in self._session:
            if frame.picture:
                rgb = np.frombuffer(frame.picture, np.uint8).reshape(shape)[..., ::-1].tobytes()
                yield rtc.VideoFrame(form.width, form.height, rtc.VideoBufferType.RGB24, rgb)
            yield rtc.AudioFrame(frame.sound, form.rate, 1, len(frame.sound) // 2)
            self._quiet = self._quiet + 1 if self._session.state == "idle" else 0
            if self._ending and self._quiet > SETTLING:
                self._ending = False
                yield AudioSegmentEnd()
