"""A call that may be begun before its result is asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from lipwright.core.call_ahead import Begun

T = TypeVar("T")


class EarlyCall(Generic[T]):
    """A call that costs nothing but time, so that a thread may make it while others work."""

    def __init__(self, make: Callable[[], T]) -> None:
        """Prepare a call, which is not begun yet."""
        self._make = make
        self._begun: Begun[T] | None = None

    def begin(self) -> None:
        """Make the call in a thread."""
        self._begun = Begun(self._make)

    def __call__(self) -> T:
        """Return what it returns, or raise what it raises; made now if it was not begun."""
        return self._make() if self._begun is None else self._begun.result()

    def wait(self) -> None:
        """Wait until it has ended, if it was begun."""
        if self._begun is not None:
            self._begun.wait()
