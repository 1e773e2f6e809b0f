"""Look at a stream of items together with those before and after each."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")


def with_neighbours(
    items: Iterable[T], reach: int, added: Callable[[deque[T], int], None] | None = None
) -> Iterator[tuple[deque[T], int]]:
    """Yield for each item those around it and its place among them, in order, `reach` items late.

    Args:
        items: of which no more than `reach` on either side of one are held.
        reach: how many; fewer at the beginning and at the end.
        added: called with what is held, the newest last, and the place of the item that is yielded
            next, as soon as one more is held.
    """
    held: deque[T] = deque()
    place = 0
    for item in items:
        held.append(item)
        if added is not None:
            added(held, place)
        if len(held) > place + reach:
            yield held, place
            place += 1
        if place > reach:
            held.popleft()
            place -= 1
    while place < len(held):
        yield held, place
        place += 1
