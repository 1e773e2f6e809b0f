"""Who speaks in a session: one voice, of voices that may be shared with other sessions."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, suppress

from lipwright.core.errors import LipwrightError
from lipwright.pipeline.live.voices import LiveVoice, LiveVoices

RATE = 24_000
"""Samples of sound per second, Hz: as the offline voices speak."""

Send = Callable[..., Awaitable[None]]
"""Sends a message to the process that draws: see `Child.send`."""


class SessionSpeaker:
    """The voice of one session."""

    def __init__(self, voice: LiveVoice, voices: LiveVoices | None) -> None:
        """voices: those that several sessions share; None for its own, which it closes."""
        self._voice, self._voices = voice, voices or LiveVoices()
        self._own = voices is None

    @property
    def pid(self) -> int | None:
        """The number of the process that speaks; None where there is none."""
        return self._voices.pid

    async def check(self) -> None:
        """Raise VoiceError where there is no such voice."""
        await self._voices.check(self._voice)

    async def load(self) -> None:
        """Load the voice; what keeps it from speaking is told with the first text."""
        with suppress(LipwrightError):
            await self._voices.load(self._voice)

    async def say(self, number: int, text: AsyncIterator[str], send: Send) -> None:
        """Speak a text, and send it as it is spoken. Raises as `LiveVoices.speak`."""
        try:
            async with aclosing(self._voices.speak(text, self._voice, RATE)) as pieces:
                async for piece in pieces:
                    await send("piece", piece.payload, **{**piece.fields, "number": number})
        finally:
            await send("spoken", number=number)

    async def close(self) -> None:
        """End the process that speaks, where no other session uses it."""
        if self._own:
            await self._voices.close()
