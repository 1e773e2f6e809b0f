"""What can be added to the server without it knowing: routes, and work that starts and ends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from fastapi import APIRouter

    from lipwright.server.services import Services


class Part(Protocol):
    """A part of the server, such as live sessions."""

    open_paths: Sequence[str]
    """Regular expressions of paths that need no token: they have another proof, such as a ticket
    in the address. Each has to match the whole path."""

    def routers(self) -> Sequence[APIRouter]:
        """Return its routes."""
        ...

    async def start(self, services: Services) -> None:
        """Begin its work; called once, in the event loop, before the first request."""
        ...

    async def stop(self) -> None:
        """End its work; called once, before the workers and the ledger are closed."""
        ...


def usual_parts() -> list[Part]:
    """Return the parts that belong to every server."""
    from lipwright.server.live.part import LivePart

    return [LivePart()]
