"""The first of some items, which are still to be gone through."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import TypeVar

T = TypeVar("T")


def peek(items: Iterable[T]) -> tuple[T | None, Iterator[T]]:
    """Return the first item, None where there is none, and all of them, the first included."""
    rest = iter(items)
    first = next(rest, None)
    return (None, rest) if first is None else (first, chain([first], rest))
