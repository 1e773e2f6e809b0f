"""The same for programs built on `asyncio`: the work is done in threads, and can be cancelled.

A task that is cancelled while it waits here stops the work, and ends once it has stopped: within a
frame or so, with nothing half-written.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
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

__all__ = ["frames", "sync", "synthesize"]

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
