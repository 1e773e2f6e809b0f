"""Make calls in threads, several at once, and give their results in order."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from lipwright.core.worker_thread import WorkerThread

T = TypeVar("T")


@dataclass(frozen=True)
class Call(Generic[T]):
    """Something to be worked out."""

    make: Callable[[], T]
    """Called once."""
    followed: bool
    """Whether the call after it, or the end, is there without waiting."""


def call_ahead(calls: Iterable[Call[T]], count: int) -> Iterator[T]:
    """Yield what calls return, in order, up to `count` of them being made at the same time.

    While one result is used the next `count` - 1 are worked out; with a count of 1 nothing is, and
    no thread is started. Nobody has to wait for later calls: where one is not followed, its result
    and all before it are given before the next call is asked for. When call n is begun, nobody uses
    the result of call n - `count` any more, so its memory may serve again.

    What a call raises is raised in its turn. No thread is left when this ends, however it does.
    """
    begun: deque[Begun[T]] = deque()
    try:
        for call in calls:
            if count == 1:
                yield call.make()
                continue
            begun.append(Begun(call.make))
            ahead = count - 1 if call.followed else 0
            while len(begun) > ahead:
                yield begun.popleft().result()
        while begun:
            yield begun.popleft().result()
    finally:
        for left in begun:
            left.wait()


class Begun(Generic[T]):
    """A call in a thread of its own: a pool would take none once the main thread has ended."""

    def __init__(self, make: Callable[[], T]) -> None:
        """Begin to make a call."""
        self._make = make
        self._results: list[T] = []
        self._error: BaseException | None = None
        self._thread = WorkerThread(self._work, "lipwright-call")
        self._thread.start()

    def wait(self) -> None:
        """Wait for the end of it."""
        # whoever collects garbage closes iterators that nobody has closed: it may be this thread
        if self._thread is not threading.current_thread():
            self._thread.wait()

    def result(self) -> T:
        """Return what the call returns, once it is there. What it raises is raised, once."""
        self._thread.wait()
        error, self._error = self._error, None
        if error is not None:
            try:
                raise error
            finally:
                del error  # its traceback leads back here
        return self._results[0]

    def _work(self) -> None:
        try:
            self._results.append(self._make())
        except BaseException as error:  # handed to who asks for the result
            self._error = error
