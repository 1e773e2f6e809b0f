"""Texts given to a voice no sooner than they are needed: nothing grows with their length."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Callable

LOOK_SECONDS = 0.05
"""How often it is looked whether more is needed."""


async def paced(text: str | AsyncIterable[str], is_free: Callable[[], bool]) -> AsyncIterator[str]:
    """Yield a text sentence by sentence, or piece by piece as it comes.

    is_free: whether more of it may be spoken; nothing is given before.
    """
    async for piece in _pieces(text):
        while not is_free():
            await asyncio.sleep(LOOK_SECONDS)
        yield piece


async def _pieces(text: str | AsyncIterable[str]) -> AsyncIterator[str]:
    from lipwright.speech.sentences import whole_sentences

    if isinstance(text, str):
        for sentence in whole_sentences([text]):
            yield sentence + "\n\n"
        return
    async for piece in text:
        yield piece
