"""The first of some items, looked at and not lost."""

from __future__ import annotations

from lipwright.core.peek import peek


def test_the_first_is_seen_and_still_comes():
    source = iter([1, 2, 3])
    first, items = peek(source)
    assert first == 1 and next(items) == 1
    assert next(source) == 2, "no more than the first was taken"
    assert list(items) == [3]


def test_there_may_be_none():
    first, items = peek([])
    assert first is None and list(items) == []
