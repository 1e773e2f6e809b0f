"""Items of a stream with those around them."""

from __future__ import annotations

import pytest

from lipwright.core.neighbours import with_neighbours


@pytest.mark.parametrize("count", [0, 1, 3, 10])
@pytest.mark.parametrize("reach", [0, 1, 3])
def test_each_item_comes_once_with_its_neighbours(count, reach):
    found = [(list(held), place) for held, place in with_neighbours(range(count), reach)]
    assert [held[place] for held, place in found] == list(range(count))
    for number, (held, place) in enumerate(found):
        wanted = range(max(0, number - reach), min(count, number + reach + 1))
        assert set(wanted) <= set(held) and len(held) <= 2 * reach + 1
        assert held[place] == number


def test_it_is_told_of_each_item_before_what_is_ready_is_given():
    told: list[tuple[int, int]] = []
    given = []
    for held, place in with_neighbours(
        range(5), 1, lambda held, place: told.append((held[-1], held[place]))
    ):
        given.append((held[place], len(told)))
    assert told == [(0, 0), (1, 0), (2, 1), (3, 2), (4, 3)]
    assert given == [(0, 2), (1, 3), (2, 4), (3, 5), (4, 5)]
