"""A call that is begun before its result is asked for."""

from __future__ import annotations

import threading

import pytest

from lipwright.core.early_call import EarlyCall

PATIENCE = 20.0  # s


def test_what_was_begun_is_not_made_again():
    threads, called = [], threading.Event()

    def make() -> int:
        threads.append(threading.current_thread())
        called.set()
        return 42

    early = EarlyCall(make)
    early.wait()  # nothing was begun
    assert early() == 42 and threads == [threading.current_thread()]
    early.begin()
    assert called.wait(PATIENCE)
    early.wait()
    assert early() == 42
    assert len(threads) == 2 and threads[1] is not threading.current_thread()


def test_what_goes_wrong_is_raised_where_the_result_is_asked_for():
    def make() -> int:
        raise ValueError("no voice")

    early = EarlyCall(make)
    early.begin()
    early.wait()
    with pytest.raises(ValueError, match="no voice"):
        early()
