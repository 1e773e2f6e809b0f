"""Values that are kept for the whole process, such as networks that are open."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from lipwright.core.once import Once

T = TypeVar("T")


class ProcessWide(Generic[T]):
    """Values by their keys, each computed once in a process and shared by its threads.

    A forked process computes its own. Those of the process that it was forked from stay, for
    closing them would wait for threads that are not there.
    """

    def __init__(self, most: int | None = None) -> None:
        """most: how many values of this process are kept, the latest; None keeps all."""
        self._most, self._lock = most, threading.Lock()
        self._kept: dict[tuple[int, Hashable], Once[T]] = {}

    def get(self, key: Hashable, compute: Callable[[], T]) -> T:
        """Return the value of a key, which `compute` gives at the first call.

        What `compute` raises is raised, and the next caller tries again.
        """
        place = os.getpid(), key
        with self._lock:
            if place not in self._kept:
                self._make_room(place[0])
            once = self._kept.setdefault(place, Once())
        return once.get(compute)

    def _make_room(self, process: int) -> None:
        """Let the oldest values of a process go, so that one more is not one too many."""
        if self._most is None:
            return
        own = [place for place in self._kept if place[0] == process]
        for place in own[: len(own) + 1 - self._most]:
            del self._kept[place]
