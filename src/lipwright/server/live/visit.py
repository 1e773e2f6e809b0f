"""One viewer and one session, from the first message to the last."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Any, Protocol

from lipwright.core.errors import LipwrightError, MediaError, UsageError
from lipwright.server.live.limits import Allowance, LiveLimits
from lipwright.server.live.measures import LiveMeasures, MeasuredSink
from lipwright.server.live.messages import Said, parse
from lipwright.server.live.texts import Texts

log = logging.getLogger("lipwright")

LOOK_SECONDS = 0.25
BLOCKS_WAITING = 50
"""Of the microphone; the oldest are dropped."""


class Session(Protocol):
    """What is wanted of a live session: see `lipwright.live`."""

    @property
    def state(self) -> str:
        """What the face does."""
        ...

    async def say(self, text: Any) -> bool:
        """Say a text."""
        ...

    async def hear(self, sound: bytes, rate: int, *, live: bool = False) -> None:
        """Say what a microphone hears."""
        ...

    async def interrupt(self) -> None:
        """Fall silent."""
        ...

    async def request_keyframe(self) -> None:
        """Make the next picture stand alone."""
        ...

    async def finished(self) -> None:
        """Wait for the end of what is said; raises what ended the session."""
        ...

    async def open(self) -> None:
        """Begin."""
        ...

    async def close(self) -> None:
        """End."""
        ...


class Viewer(Protocol):
    """A sink that a viewer is behind: `WebSocketSink` or `WebRtcSink`."""

    ask_keyframe: Callable[[], None]
    lost: asyncio.Event

    async def tell(self, kind: str, **fields: object) -> None:
        """Send a text message."""
        ...


class Flood(Exception):
    """The viewer sends more than it may."""


class Visit:
    """Takes what a viewer says, and ends the session when the viewer is gone."""

    def __init__(
        self,
        name: str,
        session: Session,
        viewer: Viewer,
        sink: MeasuredSink,
        limits: LiveLimits,
        measures: LiveMeasures,
    ) -> None:
        """name: the session's id."""
        self.name, self._session, self._viewer, self.sink = name, session, viewer, sink
        self._limits, self._measures = limits, measures
        self.left = asyncio.Event()
        """Set to end the session from outside."""
        self._opened, self._over = asyncio.Event(), asyncio.Event()
        self._heard = time.monotonic()
        self._messages = Allowance(limits.messages_per_second, limits.messages_at_once)
        self._binaries = Allowance(limits.blocks_per_second, 2 * limits.blocks_per_second)
        self._sound: Allowance | None = None
        self._rate, self._errors, self._told = 0, 0, ""
        self._blocks: asyncio.Queue[tuple[bytes, int]] = asyncio.Queue(BLOCKS_WAITING)
        self._texts = Texts(session.say, self._opened, limits, self._tell_error)
        self._jobs: set[asyncio.Task[None]] = set()
        viewer.ask_keyframe = lambda: self._start(session.request_keyframe())
        sink.on_frame, sink.on_close = self._tell_state, self._over.set

    async def run(self, messages: AsyncIterator[str | bytes]) -> str:
        """Serve the viewer to the end, and return why it came. Closes the session.

        messages: what the viewer says; ends when it is gone.
        """
        watched = {
            "lost": asyncio.create_task(_set(self._viewer.lost)),  # first: others follow from it
            "left": asyncio.create_task(self._listen(messages)),
            "silent": asyncio.create_task(self._watch()),
            "failed": asyncio.create_task(self._perform()),
            "asked": asyncio.create_task(_set(self.left)),
            "ear": asyncio.create_task(self._hear()),
        }
        try:
            await asyncio.wait(watched.values(), return_when=asyncio.FIRST_COMPLETED)
            reason = next(name for name, task in watched.items() if task.done())
            error = watched[reason].exception()
            if isinstance(error, Flood):
                reason = "flood"
            elif error is not None:
                reason = "failed"
            if error is not None:
                await self._tell_error(error)
            return reason
        finally:
            for task in watched.values():
                task.cancel()
            await asyncio.gather(*watched.values(), return_exceptions=True)
            await self._close()

    async def _close(self) -> None:
        await self._texts.close()
        await asyncio.shield(self._session.close())
        jobs = list(self._jobs)
        for job in jobs:
            job.cancel()
        await asyncio.gather(*jobs, return_exceptions=True)

    async def _perform(self) -> None:
        """Open the session and wait for its own end."""
        try:
            async with asyncio.timeout(self._limits.opening_seconds):
                await self._session.open()
        except TimeoutError:
            raise MediaError("The session took too long to begin: try again later.") from None
        self._opened.set()
        await self._over.wait()
        await self._session.finished()  # raises what ended it

    async def _watch(self) -> None:
        """Return when the viewer has been silent for too long since the session began."""
        await self._opened.wait()  # which has a limit of its own
        self._heard = time.monotonic()
        while time.monotonic() - self._heard < self._limits.silence_seconds:
            await asyncio.sleep(LOOK_SECONDS)

    async def _listen(self, messages: AsyncIterator[str | bytes]) -> None:
        async for message in messages:
            self._heard = time.monotonic()
            try:
                if isinstance(message, str):
                    await self._take_text(message)
                else:
                    self._take_sound(message)
            except LipwrightError as error:
                self._errors += 1
                self._measures.refused.add()
                await self._tell_error(error)
                if self._errors >= self._limits.errors:
                    raise Flood("The session ends: too many messages could not be used.") from error

    async def _take_text(self, message: str) -> None:
        if not self._messages.take():
            raise Flood("The session ends: messages came faster than they can be taken.")
        said = parse(message, self._limits.text_characters)
        if said.kind == "ping":
            await self._viewer.tell("pong", time=said.time)
        elif said.kind == "microphone":
            self._rate = said.rate
            self._sound = Allowance(
                2.0 * said.rate, 2.0 * said.rate * self._limits.sound_seconds_at_once
            )
            self._tell_state()
        elif said.kind == "interrupt":
            self._texts.forget()
            if self._opened.is_set():
                await self._session.interrupt()
        else:
            self._speak(said)

    def _speak(self, said: Said) -> None:
        if said.kind == "say":
            self.sink.asked()
            self._texts.say(said.text)
        elif said.kind == "piece":
            if self._texts.piece(said.text):
                self.sink.asked()
        else:
            self._texts.end()

    def _take_sound(self, block: bytes) -> None:
        if not self._binaries.take():
            raise Flood("The session ends: sound came faster than it can be taken.")
        if not self._rate or self._sound is None:
            raise UsageError('Sound came while no microphone is on: send "microphone" first.')
        if not block or len(block) % 2 or len(block) > self._limits.block_bytes:
            raise UsageError(
                "A block of sound is empty, too long, or ends within a sample: send int16 samples."
            )
        if not self._sound.take(len(block)):
            raise UsageError("Sound came faster than it can be heard: send it as it is recorded.")
        if not self._opened.is_set():
            return
        if self._blocks.full():
            self._blocks.get_nowait()
        self._blocks.put_nowait((block, self._rate))

    async def _hear(self) -> None:
        while True:
            block, rate = await self._blocks.get()
            await self._session.hear(block, rate, live=True)

    def _tell_state(self) -> None:
        """Tell the viewer what the face does now, where that is new."""
        if not self._opened.is_set():
            return
        state = self._session.state
        if state == "idle" and self._rate:
            state = "listening"
        if state != self._told:
            self._told = state
            self._start(self._viewer.tell("state", state=state))

    async def _tell_error(self, error: BaseException) -> None:
        known = isinstance(error, LipwrightError | Flood)
        if not known:
            log.error("a live session failed", exc_info=error)
        detail = str(error) if known else "Something went wrong: begin the session anew."
        with suppress(TimeoutError):
            async with asyncio.timeout(1):  # a viewer that reads nothing holds nobody up
                await self._viewer.tell("error", detail=detail)

    def _start(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._jobs.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._jobs.discard(task)
        if not task.cancelled():
            task.exception()  # the session's end is told elsewhere


async def _set(event: asyncio.Event) -> None:
    await event.wait()
