"""Threads that can be waited for again after the waiting was broken off."""

from __future__ import annotations

import threading
from collections.abc import Callable


class WorkerThread(threading.Thread):
    """A thread that runs one function; start it with `start`.

    Wait for it with `wait`: before Python 3.13 a `join` that Ctrl-C interrupts takes the thread for
    ended, and the next one returns while it is still at work.
    """

    def __init__(self, work: Callable[[], object], name: str, *, daemon: bool = False) -> None:
        super().__init__(name=name, daemon=daemon)
        self._function, self._ended = work, threading.Event()

    def run(self) -> None:
        """Do the work."""
        try:
            self._function()
        finally:
            self._ended.set()

    def wait(self, timeout: float | None = None) -> bool:
        """Return whether the work has ended, within so many seconds at most; None waits for it."""
        ended = self._ended.wait(timeout)
        if ended:
            self.join()
        return ended
