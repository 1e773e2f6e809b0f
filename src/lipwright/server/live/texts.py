"""Texts that a viewer wants spoken, one after the other, whole or in pieces."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable

from lipwright.core.errors import LipwrightError, UsageError
from lipwright.server.live.limits import LiveLimits

Say = Callable[[str | AsyncIterable[str]], Awaitable[bool]]
Tell = Callable[[BaseException], Awaitable[None]]


class _Pieces:
    """A text that is still arriving."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[str | None] = asyncio.Queue()
        self.characters = 0

    def add(self, piece: str | None) -> None:
        self.characters += len(piece or "")
        self._queue.put_nowait(piece)

    async def __aiter__(self) -> AsyncIterator[str]:
        while (piece := await self._queue.get()) is not None:
            yield piece


class Texts:
    """Waits for the session, says texts in their order, and tells what went wrong."""

    def __init__(
        self, say: Say, opened: asyncio.Event, limits: LiveLimits, tell_error: Tell
    ) -> None:
        """say: of the session. opened: set once it can speak."""
        self._say, self._opened, self._limits, self._tell = say, opened, limits, tell_error
        self._waiting: list[asyncio.Task[None]] = []
        self._pieces: _Pieces | None = None
        self._ignored = False  # pieces of a text that was interrupted still arrive

    def say(self, text: str) -> None:
        """Say a whole text. Raises UsageError where too many wait."""
        self._add(text)

    def piece(self, text: str) -> bool:
        """Say a piece; return whether it is the first of its text.

        Raises UsageError where the text becomes too long, or too many wait.
        """
        if self._ignored:
            return False
        first = self._pieces is None
        if self._pieces is None:
            pieces = _Pieces()
            self._add(pieces)
            self._pieces = pieces
        if self._pieces.characters + len(text) > self._limits.text_characters:
            self.end()
            self._ignored = True
            raise UsageError(
                f"The text has more than {self._limits.text_characters} characters: what follows "
                "is not spoken."
            )
        self._pieces.add(text)
        return first

    def end(self) -> None:
        """Note that a text in pieces is whole."""
        self._ignored = False
        if self._pieces is not None:
            self._pieces.add(None)
            self._pieces = None

    def forget(self) -> None:
        """Say nothing of what waits."""
        if self._pieces is not None:
            self._pieces.add(None)
            self._pieces, self._ignored = None, True
        for task in self._waiting:
            task.cancel()

    async def close(self) -> None:
        """End everything."""
        waiting = list(self._waiting)
        self.forget()
        await asyncio.gather(*waiting, return_exceptions=True)

    def _add(self, text: str | AsyncIterable[str]) -> None:
        if len(self._waiting) >= self._limits.texts_waiting:
            raise UsageError("Too many texts wait to be spoken: send more when those are over.")
        before = self._waiting[-1] if self._waiting else None
        task = asyncio.create_task(self._speak(text, before))
        self._waiting.append(task)
        task.add_done_callback(self._waiting.remove)

    async def _speak(
        self, text: str | AsyncIterable[str], before: asyncio.Task[None] | None
    ) -> None:
        try:
            await self._opened.wait()
            if before is not None:
                await asyncio.wait([before])
            await self._say(text)
        except LipwrightError as error:
            await self._tell(error)
