"""Voices for live sessions: one process that speaks, shared by all of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable
from contextlib import suppress
from itertools import count
from typing import NamedTuple

from lipwright.core.child_process import Child, error_from
from lipwright.core.errors import LipwrightError
from lipwright.core.messages import Message

WORKER = "lipwright.pipeline.live.voice_worker"


class LiveVoice(NamedTuple):
    """Which voice speaks."""

    name: str = "anika"
    """From `list_voices`."""
    rate: float = 1.0
    """Speed, 0.5 to 2."""
    language: str | None = None
    """None is the voice's own."""


class LiveVoices:
    """The process that speaks; it starts with the first word, or when a voice is loaded.

    Use it from one event loop, and close it at the end. A process that dies is started anew with
    the next text.
    """

    def __init__(self) -> None:
        self._child: Child | None = None
        self._starting = asyncio.Lock()
        self._listener: asyncio.Task[None] | None = None
        self._numbers = count(1)
        self._answers: dict[int, asyncio.Queue[Message]] = {}

    @property
    def pid(self) -> int | None:
        """The number of the process; None where there is none."""
        return None if self._child is None else self._child.pid

    async def check(self, voice: LiveVoice) -> None:
        """Start the process. Raises VoiceError where there is no such voice or language."""
        async for _ in self._asked("check", voice, 0):
            pass

    async def load(self, voice: LiveVoice) -> None:
        """Load a voice, so that its first word comes soon. Raises what keeps it from speaking."""
        async for _ in self._asked("load", voice, 0):
            pass

    def speak(
        self, text: str | AsyncIterable[str], voice: LiveVoice, rate: int
    ) -> AsyncGenerator[Message, None]:
        """Yield messages "piece", the text spoken: the fields and arrays of `SpokenPiece`.

        Close the generator to break it off.

        Args:
            text: whole, or in pieces that are cut anywhere: each sentence is spoken when it is.
            voice: who speaks.
            rate: samples per second, Hz.

        Raises:
            VoiceError: nothing can be spoken. UsageError: no such voice or language.
        """
        return self._asked("speak", voice, rate, text)

    async def close(self) -> None:
        """End the process; who still waits for a word is told that it ended."""
        child, self._child = self._child, None
        listener, self._listener = self._listener, None
        if child is not None:
            await child.close()
        if listener is not None:
            await listener

    async def _asked(
        self, kind: str, voice: LiveVoice, rate: int, text: str | AsyncIterable[str] | None = None
    ) -> AsyncGenerator[Message, None]:
        """Yield what is answered before "spoken"; stops the work when it is left early."""
        child, number = await self._running(), next(self._numbers)
        answers = self._answers[number] = asyncio.Queue()
        writer = None
        done = False
        try:
            await child.send(kind, number=number, voice=voice._asdict(), rate=rate)
            if text is not None:
                writer = asyncio.create_task(_write(child, number, text))
            while (message := await _next(answers, writer)).kind != "spoken":
                if message.kind == "failed":
                    raise error_from(message, "speaks")
                yield message
            done = True
        finally:
            del self._answers[number]
            if writer is not None:
                writer.cancel()
                with suppress(asyncio.CancelledError, Exception):
                    await writer
            await child.send("forget" if done else "stop", number=number)

    async def _running(self) -> Child:
        async with self._starting:
            if self._child is None:
                child = Child(WORKER)
                await child.start()
                self._child = child
                self._listener = asyncio.create_task(self._listen(child))
            return self._child

    async def _listen(self, child: Child) -> None:
        async for message in child.messages():
            answers = self._answers.get(message.fields["number"])
            if answers is not None:
                answers.put_nowait(message)
        if self._child is child:
            self._child = None
        ended = {"reason": "it ended", "type": "", "known": False}
        for answers in self._answers.values():
            answers.put_nowait(Message("failed", ended))


async def _next(answers: asyncio.Queue[Message], writer: asyncio.Task[None] | None) -> Message:
    """The next answer. Raises what the text raised, where it comes in pieces."""
    answer = asyncio.ensure_future(answers.get())
    try:
        if writer is not None and not writer.done():
            await asyncio.wait([answer, writer], return_when=asyncio.FIRST_COMPLETED)
        if writer is not None and writer.done() and not writer.cancelled():
            writer.result()
        return await answer
    finally:
        answer.cancel()


async def _write(child: Child, number: int, text: str | AsyncIterable[str]) -> None:
    if isinstance(text, str):
        await child.send("text", text.encode(), number=number)
    else:
        async for piece in text:
            if not isinstance(piece, str):
                raise LipwrightError("A piece of the text is no str: give str alone.")
            await child.send("text", piece.encode(), number=number)
    await child.send("end", number=number)
