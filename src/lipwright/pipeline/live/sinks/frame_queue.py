"""Frames that wait for somebody slow: few at a time, and never half a picture."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import replace

from lipwright.pipeline.live.frames import LiveFrame

SECONDS_KEPT = 0.6
"""How much waits before a reader counts as slow."""


class FrameQueue:
    """Frames between a session and one reader, used from one event loop.

    A reader that falls behind by more than `limit` frames loses all that waits. Coded pictures
    that follow cannot be decoded without those: they too are left out, their sound is not, until
    the next one where decoding can begin.
    """

    def __init__(
        self, limit: int, coded: bool, ask_keyframe: Callable[[], None] = lambda: None
    ) -> None:
        """Begin empty.

        Args:
            limit: how many frames wait at most.
            coded: whether a picture needs those before it.
            ask_keyframe: called where a picture is wanted that needs none before it.
        """
        self._limit, self._coded, self._ask = limit, coded, ask_keyframe
        self._waiting: deque[LiveFrame] = deque()
        self._arrived = asyncio.Event()
        self._broken = coded  # whoever comes into the middle cannot decode
        self._asked = self._ended = False
        self.dropped = 0
        """How many pictures this reader did not get."""

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def full(self) -> bool:
        """Whether the next frame would push out all that waits."""
        return len(self._waiting) >= self._limit

    def put(self, frame: LiveFrame) -> None:
        """Add a frame; never waits."""
        if self.full:
            self.dropped += sum(1 for waiting in self._waiting if waiting.picture)
            self._waiting.clear()
            self._broken = self._coded
            self._asked = False
        self._waiting.append(self._decodable(frame))
        self._arrived.set()

    def _decodable(self, frame: LiveFrame) -> LiveFrame:
        """Return the frame, without its picture where that cannot be decoded."""
        if not self._broken or not frame.picture:
            return frame
        if frame.keyframe:
            self._broken = False
            return frame
        if not self._asked:
            self._asked = True
            self._ask()
        self.dropped += 1
        return replace(frame, picture=b"", alpha=b"")

    def restart(self) -> None:
        """Begin anew, for a reader that has seen nothing yet."""
        self._waiting.clear()
        self._broken, self._asked = self._coded, False

    def silence(self) -> None:
        """Take the sound away from what waits: somebody interrupted the face."""
        self._waiting = deque(
            replace(frame, sound=bytes(len(frame.sound))) for frame in self._waiting
        )

    async def get(self) -> LiveFrame | None:
        """Return the next frame, None after `end`."""
        while not self._waiting:
            if self._ended:
                return None
            self._arrived.clear()
            await self._arrived.wait()
        return self._waiting.popleft()

    def end(self, *, drop: bool = False) -> None:
        """Let the reader end: after what waits, or with `drop` now."""
        if drop:
            self._waiting.clear()
        self._ended = True
        self._arrived.set()
