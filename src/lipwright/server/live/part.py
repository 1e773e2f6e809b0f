"""Live sessions as a part of the server."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter

from lipwright.core.errors import UsageError
from lipwright.server.live.routes import make_router
from lipwright.server.live.sessions import LiveSessions, LiveSettings, Opener, open_session

if TYPE_CHECKING:
    from lipwright.server.services import Services

ICE_VARIABLE = "LIPWRIGHT_ICE_SERVERS"


class LivePart:
    """Routes under /v1/live, and the sessions behind them."""

    open_paths: Sequence[str] = (
        r"/v1/live/websocket",
        r"/v1/live/offer",
        r"/v1/live/[A-Za-z0-9_-]{22}/leave",
    )
    """They need a ticket, or the id of a session that nobody can guess."""

    def __init__(self, settings: LiveSettings | None = None, opener: Opener = open_session) -> None:
        """Say how sessions are.

        Args:
            settings: None for the usual limits, and the ICE servers of the environment.
            opener: makes the sessions.

        Raises:
            UsageError: the environment's ICE servers cannot be read.
        """
        self._settings = settings or LiveSettings(ice_servers=ice_servers_of_environment())
        self._opener = opener
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


def ice_servers_of_environment() -> list[Mapping[str, Any]]:
    """Return the STUN and TURN servers that LIPWRIGHT_ICE_SERVERS names; a secret may be in it.

    Raises UsageError where it is not what browsers take.
    """
    text = os.environ.get(ICE_VARIABLE, "").strip()
    if not text:
        return []
    try:
        found = json.loads(text)
        good = isinstance(found, list) and all(_is_ice_server(one) for one in found)
    except ValueError:
        good = False
    if not good:
        raise UsageError(
            f"{ICE_VARIABLE} cannot be read: give JSON such as "
            '[{"urls": "turn:turn.example.com:3478", "username": "...", "credential": "..."}].'
        )
    return list(found)


def _is_ice_server(one: Any) -> bool:
    """Whether this is an RTCIceServer as browsers and aiortc take it."""
    if not isinstance(one, dict) or not set(one) <= {"urls", "username", "credential"}:
        return False
    urls = one.get("urls")
    addresses = urls if isinstance(urls, list) else [urls]
    schemes = ("stun:", "stuns:", "turn:", "turns:")
    return bool(addresses) and all(
        isinstance(address, str) and address.startswith(schemes) for address in addresses
    )
