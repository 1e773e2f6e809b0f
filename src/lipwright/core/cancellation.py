"""Work that can be cancelled from another thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from typing import TypeVar

from lipwright.core.errors import Cancelled

T = TypeVar("T")

_tokens: ContextVar[tuple[CancelToken, ...]] = ContextVar("lipwright_cancel_tokens", default=())


class CancelToken:
    """Cancels the work that it was given to, from any thread, once and for all."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cancelled = False
        self._callbacks: list[Callable[[], None]] = []

    @property
    def cancelled(self) -> bool:
        """Whether `cancel` was called."""
        return self._cancelled

    def cancel(self) -> None:
        """Let the work raise `Cancelled` at the next frame or sentence; returns at once."""
        with self._lock:
            self._cancelled = True
            callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            callback()

    def check(self) -> None:
        """Raise `Cancelled` where `cancel` was called."""
        if self._cancelled:
            raise Cancelled("The work was cancelled: nothing was written.")

    @contextmanager
    def calls(self, callback: Callable[[], None]) -> Iterator[None]:
        """Call back, in the thread that cancels, while the block runs; at once where it has."""
        with self._lock:
            late = self._cancelled
            if not late:
                self._callbacks.append(callback)
        if late:
            callback()
        try:
            yield
        finally:
            with self._lock:
                if callback in self._callbacks:
                    self._callbacks.remove(callback)


@contextmanager
def cancellable(token: CancelToken | None) -> Iterator[None]:
    """Let a token cancel what is done in the block, besides those that already can."""
    if token is None:
        yield
        return
    before = _tokens.set((*_tokens.get(), token))
    try:
        token.check()
        yield
    finally:
        _tokens.reset(before)


def cancellable_items(items: Iterator[T], token: CancelToken | None) -> Iterator[T]:
    """Yield the same items, each of which is computed as `cancellable`."""
    ended = object()
    try:
        while True:
            with cancellable(token):
                item = next(items, ended)
            if item is ended:
                return
            yield item  # type: ignore[misc]
    finally:
        close = getattr(items, "close", None)
        if close is not None:
            close()


def check_cancelled() -> None:
    """Raise `Cancelled` where a token of the work at hand was cancelled."""
    for token in _tokens.get():
        token.check()


@contextmanager
def when_cancelled(callback: Callable[[], None]) -> Iterator[None]:
    """Call back, in the thread that cancels, where the work of the block is cancelled."""
    with ExitStack() as stack:
        for token in _tokens.get():
            stack.enter_context(token.calls(callback))
        yield
