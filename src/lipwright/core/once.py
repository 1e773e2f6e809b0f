"""Values that several threads share, computed when one of them first needs them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Once(Generic[T]):
    """A value that one thread computes at the first request, while other threads wait for it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._computed: tuple[T] | None = None

    def get(self, compute: Callable[[], T]) -> T:
        """Return the value, which `compute` gives at the first call.

        What `compute` raises is raised, and the next caller tries again.
        """
        with self._lock:
            if self._computed is None:
                self._computed = (compute(),)
            return self._computed[0]

    def __getstate__(self) -> dict[str, Any]:
        """For copies and other processes, which get a lock of their own."""
        return {"_computed": self._computed}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._lock = threading.Lock()
        self.__dict__.update(state)
