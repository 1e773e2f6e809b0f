"""Work ahead of who needs it."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Generator

import pytest

from lipwright.core.prefetch import prefetch


def test_the_same_items_in_order():
    assert list(prefetch(range(100), 3)) == list(range(100))
    assert list(prefetch([], 3)) == []


def test_never_further_ahead_than_asked():
    made = 0

    def items():
        nonlocal made
        for number in range(20):
            made += 1
            yield number

    for number in prefetch(items(), 3):
        time.sleep(0.01)
        assert made - number <= 3 + 2  # those ready, the one in work, this one


def test_it_begins_before_anything_is_asked_for():
    begun = threading.Event()

    def items():
        begun.set()
        yield 1

    found = prefetch(items(), 3)
    assert begun.wait(10)
    assert list(found) == [1]


def test_nothing_goes_on_when_nothing_was_asked_for():
    before = threading.active_count()
    found = prefetch(iter(int, 1), 3)
    found.close()
    assert threading.active_count() == before


def test_what_goes_wrong_is_raised_after_what_went_well():
    def items():
        yield 1
        raise ValueError("no more")

    found = prefetch(items(), 3)
    assert next(found) == 1
    with pytest.raises(ValueError, match="no more"):
        next(found)


def test_nothing_goes_on_when_nobody_listens():
    before = threading.active_count()
    found = prefetch(iter(int, 1), 3)
    assert isinstance(found, Generator) and next(found) == 0
    found.close()
    assert threading.active_count() == before


LEFT = """
import itertools
from lipwright.core.prefetch import prefetch
kept = prefetch(itertools.count(), 2)
next(kept)
"""


def test_a_program_ends_although_nobody_closed_it():
    subprocess.run([sys.executable, "-c", LEFT], check=True, timeout=20)
