"""A network in work can be stopped at once."""

from __future__ import annotations

import signal
import threading
import time
from typing import Any

import pytest

from lipwright.core.onnx import Interruptible
from lipwright.core.worker_thread import WorkerThread


class SlowSession:
    """A session that runs until it is told to end, as ONNX Runtime is by its run options."""

    def run(self, names: None, feeds: dict[str, Any], options: Any) -> list[int]:
        for _ in range(int(feeds["seconds"] * 100)):
            if options.terminate:
                raise RuntimeError("Exiting due to terminate flag being set to true.")
            time.sleep(0.01)
        if feeds["seconds"] < 0:
            raise ValueError("broken")
        return [1, 2]


@pytest.fixture
def network() -> Interruptible:
    return Interruptible(SlowSession())  # type: ignore[arg-type]


def test_it_returns_what_the_network_does_and_raises_what_it_raises(network: Interruptible) -> None:
    assert network.run({"seconds": 0}) == [1, 2]
    with pytest.raises(ValueError, match="broken"):
        network.run({"seconds": -1})


def test_another_thread_can_stop_it(network: Interruptible) -> None:
    begun = time.monotonic()
    threading.Timer(0.1, network.stop).start()
    with pytest.raises(RuntimeError, match="terminate"):
        network.run({"seconds": 30})
    assert time.monotonic() - begun < 1
    with pytest.raises(RuntimeError, match="was stopped"):
        network.run({"seconds": 0})


def test_ctrl_c_ends_it_and_what_runs(
    network: Interruptible, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Thread(WorkerThread):
        def wait(self, timeout: float | None = None) -> bool:
            if timeout is not None:
                raise KeyboardInterrupt
            return super().wait()

    monkeypatch.setattr("lipwright.core.onnx.WorkerThread", Thread)
    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        network.run({"seconds": 30})
    assert time.monotonic() - begun < 1


def test_memory_is_given_back_where_that_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    class Session:
        def run(self, outputs: None, feeds: dict[str, Any], options: Any) -> list[Any]:
            try:
                asked.append(options.get_run_config_entry("memory.enable_memory_arena_shrinkage"))
            except RuntimeError:  # the way in which it says that there is none
                asked.append("")
            return []

    monkeypatch.setattr("lipwright.core.onnx.give_back_memory", lambda: asked.append("given back"))
    network = Interruptible(Session())  # type: ignore[arg-type]
    network.run({})
    network.run({}, free_memory=True)
    assert asked == ["", "cpu:0", "given back"]


class SlowToEnd:
    """Ends a while after it was told to."""

    ended = False

    def run(self, outputs: None, feeds: dict[str, Any], options: Any) -> list[Any]:
        while not options.terminate:
            time.sleep(0.01)
        time.sleep(0.3)
        self.ended = True
        raise RuntimeError("terminated")


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="Windows has no such signals")
def test_an_interrupted_run_has_ended_before_that_is_told():
    session = SlowToEnd()
    ctrl_c = threading.Timer(
        0.2, signal.pthread_kill, (threading.main_thread().ident, signal.SIGINT)
    )
    ctrl_c.start()
    with pytest.raises(KeyboardInterrupt):
        Interruptible(session).run({})  # type: ignore[arg-type]
    assert session.ended
