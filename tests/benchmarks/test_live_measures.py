"""What benchmarks/live.py makes of records whose truth is known."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from tests.benchmarks.modules import benchmark_modules


@pytest.fixture(scope="module")
def measures() -> Iterator[Any]:
    with benchmark_modules("live_measures") as found:
        yield found.live_measures


def records(measures, loud: range, moving: range, delay: float = 50.0, count: int = 100):
    """Frames of 40 ms from second 1000 on, each seen `delay` ms later."""
    sent = [measures.Sent(n, 1000 + n * 0.04, n in loud, True) for n in range(count)]
    shown = [
        measures.Shown(n, 1e6 + n * 40 + delay, 10.0 if n in moving else 1.0) for n in range(count)
    ]
    return sent, shown


def test_latency_is_from_sending_to_the_first_sight(measures):
    sent, shown = records(measures, range(0), range(0))
    shown.append(measures.Shown(5, 2e6, 0.0))  # seen once more
    del shown[7]  # never seen
    found = measures.latencies(sent, shown)
    assert found == pytest.approx([50.0] * 99)
    assert str(measures.spread(found)) == "50 / 50 ms (99)"
    assert measures.spread([]) is None


def test_the_first_sound_after_a_question(measures):
    sent, shown = records(measures, range(30, 60), range(30, 60))
    assert measures.first_heard(sent, shown, 1e6 + 400) == pytest.approx(30 * 40 + 50 - 400)
    assert measures.first_heard(sent, shown, 1e6 + 61 * 40) is None


def test_silence_and_a_shut_mouth_after_an_interruption(measures):
    sent, shown = records(measures, range(20, 52), range(20, 54))
    since = 1e6 + 50 * 40
    assert measures.silenced(sent, shown, since) == pytest.approx(2 * 40 + 50)
    assert measures.shut(shown, since) == pytest.approx(4 * 40 + 50)
    assert measures.shut(shown, 0.0) is None


def test_a_mouth_that_opens_again_is_not_shut(measures):
    _, shown = records(measures, range(0), range(20, 100))
    shown[60] = shown[60]._replace(change=1.0)
    assert measures.shut(shown, 1e6 + 50 * 40) is None


def test_rate_and_drift(measures):
    sent, _ = records(measures, range(0), range(0))
    assert measures.rate(sent) == pytest.approx(25.0)
    assert measures.clock_drift(sent, 25.0) == pytest.approx(0.0, abs=1e-3)
    late = [frame._replace(time=frame.time + frame.number * 0.001) for frame in sent]
    assert measures.clock_drift(late, 25.0) == pytest.approx(75.0, abs=1)
    dropped = [frame._replace(drawn=frame.number % 2 == 0) for frame in sent]
    assert measures.rate(dropped) == pytest.approx(12.4, abs=0.1)


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="reads what Linux tells of processes")
def test_processes_are_found_and_measured(measures):
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        found = measures.descendants(os.getpid())
        assert {os.getpid(), child.pid} <= set(found)
        used = measures.usage([os.getpid(), child.pid, 2**30])
        assert used.processes == 2 and used.files > 3
        assert used.memory > 10e6 and used.seconds > 0
    finally:
        child.communicate(b"\n", timeout=10)
