"""Live sessions as a part of the server."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fastapi import APIRouter

from lipwright.server.live.routes import make_router
from lipwright.server.live.sessions import LiveSessions, LiveSettings, Opener, open_session

if TYPE_CHECKING:
    from lipwright.server.services import Services


class LivePart:
    """Routes under /v1/live, and the sessions behind them."""

    open_paths: Sequence[str] = (
        r"/v1/live/websocket",
        r"/v1/live/offer",
        r"/v1/live/[A-Za-z0-9_-]{22}/leave",
    )
    """They need a ticket, or the id of a session that nobody can guess."""

    def __init__(self, settings: LiveSettings | None = None, opener: Opener = open_session) -> None:
        """opener: makes the sessions."""
        self._settings, self._opener = settings or LiveSettings(), opener
        self.sessions: LiveSessions | None = None
        """The sessions, while the server runs."""

    def routers(self) -> Sequence[APIRouter]:
        """Return the routes."""
        return [make_router(self._running)]

    def _running(self) -> LiveSessions:
        assert self.sessions is not None, "the server has started its parts"
        return self.sessions

    async def start(self, services: Services) -> None:
        """Begin; no process is started before the first session."""
        self.sessions = LiveSessions(services, self._settings, self._opener)

    async def stop(self) -> None:
        """End all sessions, and the process that speaks."""
        if self.sessions is not None:
            await self.sessions.close()
