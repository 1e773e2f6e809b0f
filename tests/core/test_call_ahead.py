"""Calls that are made at once, and results that come in order."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterator
from functools import partial

import pytest

from lipwright.core.call_ahead import Call, call_ahead

PATIENCE = 20.0  # s


def calls(count: int, make: Callable[[int], int], followed: bool = True) -> Iterator[Call[int]]:
    for number in range(count):
        yield Call(partial(make, number), followed)


def hasty(number: int) -> int:
    """The later, the sooner."""
    time.sleep(0.002 * (5 - number % 5))
    return number


@pytest.mark.parametrize("count", [1, 2, 4])
def test_results_come_in_order(count):
    assert list(call_ahead(calls(30, hasty), count)) == list(range(30))
    assert list(call_ahead(calls(0, hasty), count)) == []


@pytest.mark.parametrize("count", [2, 4])
def test_so_many_are_made_at_once(count):
    barrier = threading.Barrier(count)

    def make(number: int) -> int:
        barrier.wait(PATIENCE)  # broken where fewer come
        return number

    assert list(call_ahead(calls(3 * count, make), count)) == list(range(3 * count))


@pytest.mark.parametrize("count", [1, 2, 4])
def test_the_memory_of_what_was_used_may_serve_again(count):
    memory = [-1] * count

    def make(number: int) -> int:
        memory[number % count] = number
        return number

    for number in call_ahead(calls(30, make), count):
        time.sleep(0.001)
        assert memory[number % count] == number


def test_with_a_count_of_one_no_thread_is_started():
    made_in = []

    def make(number: int) -> int:
        made_in.append(threading.current_thread())
        return number

    results = call_ahead(calls(3, make), 1)
    assert next(results) == 0 and len(made_in) == 1, "nothing is made ahead"
    assert list(results) == [1, 2]
    assert set(made_in) == {threading.current_thread()}


def test_nobody_waits_for_calls_that_are_not_there_yet():
    asked = 0

    def come() -> Iterator[Call[int]]:
        nonlocal asked
        for number, followed in enumerate([True, True, False, True, False, False]):
            asked += 1
            yield Call(partial(int, number), followed)

    for number in call_ahead(come(), 3):
        known = 3 if number < 3 else 5 if number < 5 else 6
        assert number < asked <= known


def broken_at(wrong: int) -> Callable[[int], int]:
    def make(number: int) -> int:
        if number == wrong:
            raise ValueError(f"call {number}")
        time.sleep(0.01)
        return number

    return make


@pytest.mark.parametrize("count", [1, 3])
def test_what_goes_wrong_is_raised_in_its_turn_and_no_thread_is_left(count):
    before = threading.active_count()
    results = call_ahead(calls(9, broken_at(4)), count)
    assert [next(results) for _ in range(4)] == [0, 1, 2, 3]
    with pytest.raises(ValueError, match="call 4"):
        next(results)
    assert threading.active_count() == before
    assert list(results) == []


def test_no_thread_is_left_when_nobody_listens():
    before = threading.active_count()
    results = call_ahead(calls(100, broken_at(2)), 4)
    assert isinstance(results, Generator) and next(results) == 0
    results.close()
    assert threading.active_count() == before
    results = call_ahead(calls(100, hasty), 4)
    next(results)
    del results
    assert threading.active_count() == before


def test_a_thread_that_collects_garbage_may_find_its_own_iterator():
    """It ends it without waiting for itself."""
    raised: list[object] = []
    unraisable, sys.unraisablehook = sys.unraisablehook, raised.append
    try:
        dropped = threading.Event()

        def make(number: int) -> int:
            if number == 1:
                dropped.wait(PATIENCE)
                gc.collect()
            return number

        results = call_ahead(calls(5, make), 2)
        next(results)
        ring: list[object] = [results]
        ring.append(ring)
        gc.disable()
        del results, ring
        dropped.set()
        for thread in threading.enumerate():
            if thread.name == "lipwright-call":
                thread.join(PATIENCE)
    finally:
        gc.enable()
        sys.unraisablehook = unraisable
    assert raised == []


LEFT = """
import itertools, threading, time
from lipwright.core.call_ahead import Call, call_ahead
calls = (Call(lambda: time.sleep(0.01), True) for _ in itertools.count())
kept = call_ahead(calls, 3)
next(kept)
def go_on():
    time.sleep(0.3)
    for _ in range(10):
        next(kept)
    print("went on")
threading.Thread(target=go_on).start()
"""


def test_a_program_ends_although_nobody_closed_it_and_threads_may_go_on_before():
    done = subprocess.run(
        [sys.executable, "-c", LEFT], check=True, timeout=60, capture_output=True, text=True
    )
    assert done.stdout == "went on\n" and done.stderr == ""
