"""Compute items in a thread of their own, some steps ahead of their consumer."""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator, Iterable
from contextvars import copy_context
from functools import partial
from typing import TypeVar

from lipwright.core.worker_thread import WorkerThread

T = TypeVar("T")
WAIT_SECONDS = 0.2  # how often a thread looks whether anybody still wants its work


def prefetch(items: Iterable[T], count: int) -> Generator[T, None, None]:
    """Yield the same items in order, up to `count` of them computed in advance, from now on.

    What the iterator of the items raises is raised here. It is no longer advanced once the consumer
    stops, or when the program ends.
    """
    begun = _begun(items, count)
    next(begun)
    return begun  # type: ignore[return-value]


def _begun(items: Iterable[T], count: int) -> Generator[T | None, None, None]:
    """Begin, and yield None as soon as that is done; then yield the items."""
    ready: queue.Queue[tuple[T | None, BaseException | None, bool]] = queue.Queue(count)
    stopped = threading.Event()

    def wanted() -> bool:
        return not stopped.is_set() and threading.main_thread().is_alive()

    def put(item: T | None, error: BaseException | None, ended: bool) -> None:
        while wanted():
            try:
                return ready.put((item, error, ended), timeout=WAIT_SECONDS)
            except queue.Full:
                continue

    def work() -> None:
        try:
            for item in items:
                put(item, None, False)
                if not wanted():
                    return
            put(None, None, True)
        except BaseException as error:  # handed to who listens
            put(None, error, True)

    # No daemon: ONNX Runtime ends the process with an error if it is in work at the program's end.
    thread = WorkerThread(partial(copy_context().run, work), "lipwright-ahead")
    thread.start()
    try:
        yield None
        while True:
            item, error, ended = ready.get()
            if error is not None:
                raise error
            if ended:
                return
            yield item
    finally:
        stopped.set()
        thread.wait()
