"""Tickets: who may open one live session, within a minute, once."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from lipwright.server.live.limits import LiveLimits
from lipwright.server.problems import Problem, busy

Transport = Literal["websocket", "webrtc"]


@dataclass(frozen=True)
class Order:
    """What a session shall be."""

    source: str
    """The id of an uploaded picture."""
    transport: Transport
    voice: str = "anika"
    rate: float = 1.0
    language: str | None = None
    motion: str | None = None
    speaker: str | None = None
    quality: str | None = None

    @property
    def options(self) -> dict[str, str]:
        """Options of the session that were chosen, by name."""
        chosen = {"motion": self.motion, "speaker": self.speaker, "quality": self.quality}
        return {name: value for name, value in chosen.items() if value is not None}


class Tickets:
    """Tickets that nobody has used yet."""

    def __init__(self, limits: LiveLimits, clock: Callable[[], float] = time.monotonic) -> None:
        self._limits, self._clock = limits, clock
        self._open: dict[str, tuple[float, Order]] = {}

    def __len__(self) -> int:
        self._forget_old()
        return len(self._open)

    def issue(self, order: Order) -> str:
        """Return a new ticket. Raises Problem (429) where too many are open."""
        self._forget_old()
        if len(self._open) >= self._limits.tickets:
            raise busy("Too many tickets are open: use those, or wait.", 10)
        ticket = secrets.token_urlsafe(24)
        self._open[ticket] = self._clock() + self._limits.ticket_seconds, order
        return ticket

    def use(self, ticket: str, transport: Transport) -> Order:
        """Return what a ticket is for; it is used up. Raises Problem (403)."""
        self._forget_old()
        found = self._open.pop(ticket, None)
        if found is None or found[1].transport != transport:
            raise Problem(403, "This ticket was used, is too old, or never was: ask for a new one.")
        return found[1]

    def _forget_old(self) -> None:
        now = self._clock()
        for ticket in [name for name, (until, _) in self._open.items() if until <= now]:
            del self._open[ticket]
