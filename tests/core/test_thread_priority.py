"""Threads that leave the processor to others."""

from __future__ import annotations

import os
import sys
from threading import Thread, get_native_id

import pytest

from lipwright.core.thread_priority import NICENESS, yield_to_others

linux_alone = pytest.mark.skipif(sys.platform != "linux", reason="only there do threads differ")


@linux_alone
def test_a_thread_and_those_it_starts_and_no_other():
    found: list[int] = []

    def look() -> None:
        found.append(os.getpriority(os.PRIO_PROCESS, get_native_id()))

    def work() -> None:
        yield_to_others()
        look()
        started = Thread(target=look)
        started.start()
        started.join()

    thread = Thread(target=work)
    thread.start()
    thread.join()
    look()
    assert found[:2] == [NICENESS] * 2
    assert found[2] < NICENESS


def test_who_may_not_goes_on_as_before(monkeypatch):
    def refuse(*_: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "setpriority", refuse, raising=False)
    yield_to_others()
