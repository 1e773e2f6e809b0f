"""An encoder leaves the threads of the process under the scheduling policy they had."""

from __future__ import annotations

import os
import sys
import threading
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from lipwright.media.video.containers import container_for
from lipwright.media.video.encoder_presets import ENCODERS
from lipwright.media.video.encoder_selection import unavailable_reason
from lipwright.media.video.muxer import Muxer
from lipwright.media.video.output_spec import OutputSpec
from lipwright.media.video.scheduling import unchanged_scheduling
from lipwright.media.video.yuv_frame import YuvFrame

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux lets a thread see the policies of the others"
)


def policies() -> set[int]:
    """The scheduling policies of all threads of this process."""
    return {os.sched_getscheduler(int(thread)) for thread in os.listdir("/proc/self/task")}


def raise_to_batch() -> None:
    """Change the policy of the calling thread as an encoder does, in a way that needs no root."""
    os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


def test_the_calling_thread_and_those_it_starts_are_set_back():
    ended = threading.Event()
    with unchanged_scheduling():
        raise_to_batch()
        thread = threading.Thread(target=ended.wait)  # which inherits the policy
        thread.start()
        assert os.SCHED_BATCH in policies()
    assert policies() == {os.SCHED_OTHER}
    ended.set()
    thread.join()


def test_they_are_set_back_after_an_error():
    with pytest.raises(ValueError), unchanged_scheduling():
        raise_to_batch()
        raise ValueError
    assert policies() == {os.SCHED_OTHER}


def test_a_list_of_threads_that_lacks_the_calling_one_does_no_harm(monkeypatch):
    """The kernel may leave threads out while others come and go."""
    monkeypatch.setattr("os.listdir", lambda _: [])
    with unchanged_scheduling():
        raise_to_batch()
    monkeypatch.undo()
    assert policies() == {os.SCHED_OTHER}
    others = [name for name in os.listdir("/proc/self/task") if int(name) != os.getpid()]
    monkeypatch.setattr("os.listdir", lambda _: others)
    with unchanged_scheduling():
        raise_to_batch()
    monkeypatch.undo()
    assert policies() == {os.SCHED_OTHER}


def test_a_policy_that_was_there_before_stays():
    def run() -> None:
        raise_to_batch()
        with unchanged_scheduling():
            pass
        found.append(os.sched_getscheduler(0))

    found: list[int] = []
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert found == [os.SCHED_BATCH]


def test_av1_does_not_run_in_real_time(tmp_path: Path):
    """As root SVT-AV1 asks for SCHED_FIFO, both when it is tried and when it writes a file."""
    encoder = ENCODERS["libsvtav1"]
    unavailable_reason.cache_clear()
    if why := unavailable_reason(encoder):
        pytest.skip(why)
    assert policies() == {os.SCHED_OTHER}
    path, size = tmp_path / "v.mp4", (96, 64)
    muxer = Muxer(
        path, OutputSpec(size, Fraction(25), "low", encoder, container=container_for(path))
    )
    for level in range(4):
        muxer.add(YuvFrame.of(np.full((size[1], size[0], 3), 40 * level, np.uint8)))
        assert policies() == {os.SCHED_OTHER}
    muxer.finish()
    assert policies() == {os.SCHED_OTHER}
