"""How much work is taken at once: cores for videos and live sessions."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from lipwright.server.problems import busy

LIVE_CORES = 1.0
"""What a live session is counted as."""
VIDEO_CORES = 1.0
"""What a video that is being made is counted as: it takes more where nobody else needs them."""


class CpuBudget:
    """Cores that are spoken for. Videos wait until there are some; live sessions are refused."""

    def __init__(self, cores: float) -> None:
        self.cores, self._used = max(cores, 1.0), 0.0
        self._changed = asyncio.Event()

    @property
    def used(self) -> float:
        """Cores that are spoken for."""
        return self._used

    def has_room(self, cores: float) -> bool:
        """Return whether so many are left; the first taker always gets them."""
        return self._used == 0 or self._used + cores <= self.cores

    @contextmanager
    def live(self, cores: float = LIVE_CORES) -> Iterator[None]:
        """Take cores for a live session. Raises Problem (429) where there are none left."""
        if not self.has_room(cores):
            raise busy(
                "As many live sessions and videos are running as this machine can draw: try again "
                "when one has ended.",
                10,
            )
        with self._taken(cores):
            yield

    async def wait(self, cores: float = VIDEO_CORES) -> None:
        """Wait until a video may begin."""
        while not self.has_room(cores):
            self._changed.clear()
            await self._changed.wait()

    @contextmanager
    def video(self, cores: float = VIDEO_CORES) -> Iterator[None]:
        """Take cores for a video, after `wait`."""
        with self._taken(cores):
            yield

    @contextmanager
    def _taken(self, cores: float) -> Iterator[None]:
        self._used += cores
        try:
            yield
        finally:
            self._used = max(0.0, self._used - cores)
            self._changed.set()
