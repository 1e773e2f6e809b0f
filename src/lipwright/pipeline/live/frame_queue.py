"""The frames of a session that wait for whoever reads them."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING

from lipwright.pipeline.live.frames import LiveFormat, LiveFrame

if TYPE_CHECKING:
    from lipwright.core.messages import Message

HELD = 50
"""Frames that wait for a slow reader; the oldest are dropped."""


class FrameQueue:
    """Frames in order; one that nobody reads holds up nobody."""

    def __init__(self) -> None:
        self._frames: deque[LiveFrame] = deque()
        self._changed = asyncio.Condition()
        self.late = 0
        """Frames that were drawn too late and left out."""
        self.dropped = 0
        """Frames that nobody read in time."""

    async def put(self, frame: LiveFrame) -> None:
        """Add a frame."""
        self.late += not frame.picture
        async with self._changed:
            if len(self._frames) == HELD:
                self._frames.popleft()
                self.dropped += 1
            self._frames.append(frame)
            self._changed.notify_all()

    async def tell(self) -> None:
        """Let those who wait look again."""
        async with self._changed:
            self._changed.notify_all()

    async def wait_for(self, come: Callable[[], bool]) -> None:
        """Wait until something has come about: it is looked at with each frame."""
        async with self._changed:
            await self._changed.wait_for(come)

    async def read(self, ended: Callable[[], bool]) -> AsyncIterator[LiveFrame]:
        """Yield frames as they come, and those that are left when there will be no more."""
        while True:
            async with self._changed:
                await self._changed.wait_for(lambda: bool(self._frames) or ended())
                if not self._frames:
                    return
                frame = self._frames.popleft()
            yield frame


def make_frame(message: Message, form: LiveFormat) -> LiveFrame:
    """Return the frame that a message "frame" holds."""
    number = message.fields["number"]
    sound, picture = message.fields["sizes"]
    payload = message.payload
    return LiveFrame(
        number,
        float(number / form.fps),
        payload[sound : sound + picture],
        message.fields["keyframe"],
        payload[:sound],
        payload[sound + picture :],
    )
