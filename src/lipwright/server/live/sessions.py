"""All live sessions of the server: begun, found by their ids, ended."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lipwright.core.errors import MissingExtraError
from lipwright.pipeline.options import RenderOptions
from lipwright.server.live.limits import LiveLimits
from lipwright.server.live.measures import LiveMeasures, MeasuredSink
from lipwright.server.live.tickets import Order, Tickets
from lipwright.server.live.visit import Session, Viewer, Visit
from lipwright.server.problems import Problem, not_found

if TYPE_CHECKING:
    from pathlib import Path

    from lipwright.pipeline.live.voices import LiveVoices
    from lipwright.server.services import Services

Opener = Callable[["Path", Order, MeasuredSink, "LiveVoices"], Session]


@dataclass(frozen=True)
class LiveSettings:
    """What whoever runs the server chooses of live sessions."""

    limits: LiveLimits = field(default_factory=LiveLimits)
    ice_servers: Sequence[Mapping[str, Any]] = ()
    """STUN and TURN servers, as browsers take them; they are told to browsers too."""
    idle_seconds: float = 300.0
    """After so long without a session the voice is unloaded."""


def open_session(source: Path, order: Order, sink: MeasuredSink, voices: LiveVoices) -> Session:
    """Return the session that is ordered, not yet open."""
    from lipwright.pipeline.live.session import live

    return live(
        source,
        voice=order.voice,
        rate=order.rate,
        language=order.language,
        sink=sink,
        voices=voices,
        **order.options,
    )


class LiveSessions:
    """The sessions that run; used from one event loop."""

    def __init__(
        self, services: Services, settings: LiveSettings, opener: Opener = open_session
    ) -> None:
        from lipwright.pipeline.live.voices import LiveVoices

        self._services, self.settings, self._opener = services, settings, opener
        self.tickets = Tickets(settings.limits)
        self.measures = LiveMeasures(services.metrics)
        self._voices = LiveVoices()
        self._visits: dict[str, Visit] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._ending = False
        self._unloading: asyncio.TimerHandle | None = None
        services.metrics.before(self._measure)

    def __len__(self) -> int:
        return len(self._visits)

    @property
    def voices_loaded(self) -> bool:
        """Whether the process that speaks runs."""
        return self._voices.pid is not None

    def order(self, order: Order) -> str:
        """Return a ticket.

        Raises:
            Problem: no such picture, or no room for a session.
            UsageError: an option that cannot be.
        """
        asset = self._services.assets.get(order.source)
        if asset is None:
            raise not_found("upload")
        if asset.kind != "image":
            raise Problem(422, "A live session needs a picture: give one.", option="source")
        if order.transport == "webrtc" and not has_webrtc():
            raise Problem.of(MissingExtraError("WebRTC", "live"))
        RenderOptions.of(None, order.options)  # so that a wrong one is told at once
        self.check_room()
        return self.tickets.issue(order)

    def check_room(self) -> None:
        """Raise Problem (429) where there is no room for one more session."""
        with self._services.budget.live():
            pass

    async def run(
        self, order: Order, viewer: Any, messages: AsyncIterator[str | bytes], name: str
    ) -> str:
        """Run a session to its end, and return why it ended.

        Args:
            order: what the ticket was for.
            viewer: the sink that the viewer is behind.
            messages: what the viewer says.
            name: the session's id.

        Raises:
            Problem: (429) no room, (503) the server is ending.
        """
        if self._ending:
            raise Problem(503, "The server is ending: try again when it is back.")
        with self._services.budget.live():
            visit = self._visit(order, viewer, name)
            self._visits[name] = visit
            self.measures.opened.add()
            self._keep_voice()
            reason = "failed"
            try:
                reason = await visit.run(messages)
            finally:
                del self._visits[name]
                self.measures.ended.add(reason=reason)
                self._release_voice()
        return reason

    def _visit(self, order: Order, viewer: Any, name: str) -> Visit:
        sink = MeasuredSink(viewer, self.measures)
        source = self._services.folder.asset(order.source)
        session = self._opener(source, order, sink, self._voices)
        found: Viewer = viewer
        return Visit(name, session, found, sink, self.settings.limits, self.measures)

    def start(self, work: Any) -> None:
        """Run something in the background until the server ends."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def leave(self, name: str) -> None:
        """End a session by its id, where there is one."""
        if name in self._visits:
            self._visits[name].left.set()

    async def close(self) -> None:
        """End all sessions."""
        self._ending = True
        for visit in self._visits.values():
            visit.left.set()
        while self._visits:
            await asyncio.sleep(0.02)
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._keep_voice()
        await self._voices.close()

    def _keep_voice(self) -> None:
        if self._unloading is not None:
            self._unloading.cancel()
            self._unloading = None

    def _release_voice(self) -> None:
        """Unload the voice some time after the last session."""
        self._keep_voice()
        if not self._visits and not self._ending:
            loop = asyncio.get_running_loop()
            wait = self.settings.idle_seconds
            self._unloading = loop.call_later(wait, lambda: self.start(self._voices.close()))

    def _measure(self) -> None:
        self.measures.running.set(len(self._visits))
        drifts = [visit.sink.drift for visit in self._visits.values()]
        self.measures.drift.set(max(drifts, default=0.0))


def new_session_name() -> str:
    """Return an id that nobody can guess."""
    return secrets.token_urlsafe(16)


def has_webrtc() -> bool:
    """Whether WebRTC is installed."""
    from importlib.util import find_spec

    return find_spec("aiortc") is not None
