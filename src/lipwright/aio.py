"""The same for programs built on `asyncio`: the work is done in threads, and can be cancelled.

A task that is cancelled while it waits here stops the work, and ends once it has stopped: within a
frame or so, with nothing half-written.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Iterator
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, TypeVar

from lipwright.core.cancellation import CancelToken, cancellable
from lipwright.pipeline.prepared_source import TimedFrame
from lipwright.pipeline.sync import render_timed_frames
from lipwright.pipeline.sync import sync as _sync

if TYPE_CHECKING:
    from pathlib import Path

    from lipwright.core.given import PictureLike
    from lipwright.pipeline.dialogue import SpeechInput
    from lipwright.pipeline.options import SyncResult
    from lipwright.speech.speech import Speech
    from lipwright.speech.streaming import StreamingSpeech
    from lipwright.speech.voice import Voice

__all__ = ["frames", "speak_pieces", "sync", "synthesize"]

T = TypeVar("T")


async def sync(
    source: PictureLike,
    speech: SpeechInput | Callable[[], Speech],
    output: str | Path,
    **more: Any,
) -> SyncResult:
    """Make a video as `lipwright.sync` does, with its arguments; progress is told in a thread."""
    return await _in_thread(lambda: _sync(source, speech, output, **more))


async def synthesize(text: str, voice: str = "anika", **more: Any) -> Speech:
    """Speak a text as `lipwright.synthesize` does, with its arguments."""
    from lipwright.speech import synthesize as speak

    return await _in_thread(lambda: speak(text, voice, **more))


def speak_pieces(voice: Voice, pieces: AsyncIterable[str]) -> StreamingSpeech:
    """Speak a text that arrives in pieces as `Voice.speak_pieces` does; from a running loop.

    The pieces are taken by a task of this loop, which ends with them: what they raise, and that the
    task was cancelled, is raised by the speech.

    Args:
        voice: an offline voice.
        pieces: plain text or Markdown, cut anywhere, such as the tokens of a language model.
    """
    arrived: SimpleQueue[str | BaseException | None] = SimpleQueue()

    async def collect() -> None:
        try:
            async for piece in pieces:
                arrived.put(piece)
            arrived.put(None)
        except BaseException as error:
            arrived.put(error)
            if isinstance(error, asyncio.CancelledError):
                raise

    def taken() -> Iterator[str]:
        while (piece := arrived.get()) is not None:
            if isinstance(piece, BaseException):
                raise piece
            yield piece

    speech = voice.speak_pieces(taken())
    task = asyncio.get_running_loop().create_task(collect())
    _collecting.add(task)
    task.add_done_callback(_collecting.discard)
    return speech


_collecting: set[asyncio.Task[None]] = set()
"""Tasks that nobody else keeps, which could be collected as garbage in the middle."""


async def frames(
    source: PictureLike, speech: SpeechInput, **more: Any
) -> AsyncGenerator[TimedFrame, None]:
    """Yield frames as `lipwright.render_timed_frames` does, with its arguments.

    Each image, BGR uint8 (height, width, 3), is one's own to keep.
    """
    token = CancelToken()

    def advance(made: Iterator[TimedFrame]) -> TimedFrame | None:
        frame = next(made, None)
        return None if frame is None else frame._replace(image=frame.image.copy())

    made = await _in_thread(lambda: render_timed_frames(source, speech, **more), token)
    try:
        while (frame := await _in_thread(lambda: advance(made), token)) is not None:
            yield frame
    finally:
        token.cancel()
        await asyncio.shield(asyncio.to_thread(made.close))  # type: ignore[attr-defined]


async def _in_thread(work: Callable[[], T], token: CancelToken | None = None) -> T:
    """Return what work returns; a task that is cancelled cancels it, and waits until it ended."""
    token = token or CancelToken()

    def cancellable_work() -> T:
        with cancellable(token):
            return work()

    task = asyncio.ensure_future(asyncio.to_thread(cancellable_work))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        token.cancel()
        while not task.done():
            try:
                await asyncio.wait([task])
            except asyncio.CancelledError:
                continue  # being cancelled twice does not make it end sooner
        if not task.cancelled():
            task.exception()  # it was asked for: nobody else shall be told
        raise
