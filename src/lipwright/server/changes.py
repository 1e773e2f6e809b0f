"""Who waits for changes of a video is woken when the ledger has one."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from contextlib import suppress


class Changes:
    """Wakes tasks of one event loop; told from any thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._waiting: dict[str, set[asyncio.Event]] = defaultdict(set)

    def tell(self, name: str) -> None:
        """Wake who waits for a video; from any thread."""
        with suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._wake, name)

    def listen(self, name: str) -> asyncio.Event:
        """Return an event that is set at each change, until `leave`."""
        event = asyncio.Event()
        self._waiting[name].add(event)
        return event

    def leave(self, name: str, event: asyncio.Event) -> None:
        """Listen no more."""
        self._waiting[name].discard(event)
        if not self._waiting[name]:
            del self._waiting[name]

    @property
    def listeners(self) -> int:
        """How many listen."""
        return sum(map(len, self._waiting.values()))

    def _wake(self, name: str) -> None:
        for event in self._waiting.get(name, ()):
            event.set()
