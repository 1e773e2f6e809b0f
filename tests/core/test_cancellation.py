"""Tokens that stop work: at once, from other threads, one inside another."""

from __future__ import annotations

import threading
from itertools import count

import pytest

from lipwright.core.cancellation import (
    CancelToken,
    cancellable,
    cancellable_items,
    check_cancelled,
)
from lipwright.core.errors import Cancelled, LipwrightError
from lipwright.core.prefetch import prefetch


def test_work_is_stopped_where_it_looks():
    token = CancelToken()
    with cancellable(token):
        check_cancelled()
        token.cancel()
        with pytest.raises(Cancelled):
            check_cancelled()
    check_cancelled()  # other work goes on
    assert token.cancelled and not issubclass(Cancelled, LipwrightError)


def test_a_token_that_was_cancelled_lets_nothing_begin():
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled), cancellable(token):
        pytest.fail("it began")


def test_each_of_several_tokens_stops_the_work():
    outer = CancelToken()
    with cancellable(outer), cancellable(CancelToken()), cancellable(None):
        outer.cancel()
        with pytest.raises(Cancelled):
            check_cancelled()


def test_items_do_not_hand_their_token_to_who_takes_them():
    def numbers():
        for number in count():
            check_cancelled()
            yield number

    token = CancelToken()
    items = cancellable_items(numbers(), token)
    assert next(items) == 0
    token.cancel()
    check_cancelled()
    with pytest.raises(Cancelled):
        next(items)


def test_work_in_the_thread_of_prefetch_is_stopped():
    token = CancelToken()

    def numbers():
        for number in count():
            check_cancelled()
            yield number

    with cancellable(token), pytest.raises(Cancelled):
        for number in prefetch(numbers(), 2):
            if number == 3:
                token.cancel()


def test_another_thread_cancels():
    token = CancelToken()
    thread = threading.Thread(target=token.cancel)
    thread.start()
    thread.join()
    with pytest.raises(Cancelled):
        token.check()
