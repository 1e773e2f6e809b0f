"""Rectangles of pixels."""

from __future__ import annotations

import pytest

from lipwright.core.rect import Rect


@pytest.mark.parametrize(
    "other", [Rect(4, 0, 9, 9), Rect(0, 6, 9, 9), Rect(-5, 2, 0, 6), Rect(0, -2, 4, 2)]
)
def test_rectangles_that_only_touch_are_apart(other):
    one = Rect(0, 2, 4, 6)
    assert one.apart(other) and other.apart(one)
    for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
        moved = other.moved(dx, dy)
        assert one.apart(moved) == moved.apart(one) == moved.clipped(one).empty
