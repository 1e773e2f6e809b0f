"""Work that can be cancelled from another thread."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

from lipwright.core.errors import Cancelled

T = TypeVar("T")

_tokens: ContextVar[tuple[CancelToken, ...]] = ContextVar("lipwright_cancel_tokens", default=())


class CancelToken:
    """Cancels the work that it was given to, from any thread, once and for all."""

    def __init__(self) -> None:
        self._cancelled = threading.Event()

    @property
    def cancelled(self) -> bool:
        """Whether `cancel` was called."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """Let the work raise `Cancelled` at the next frame or sentence; returns at once."""
        self._cancelled.set()

    def check(self) -> None:
        """Raise `Cancelled` where `cancel` was called."""
        if self.cancelled:
            raise Cancelled("The work was cancelled: nothing was written.")


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
