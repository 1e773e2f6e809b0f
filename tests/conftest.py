"""Fixtures that several rooms' tests share."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes import register
from tests.helpers import hopper_path, speech_wav
from tests.loopback import refuse_network

# A shell that starts the tests in the background switches Ctrl-C off, and the commands that tests
# start would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

ATTEMPTS: list[str] = []
refuse_network(ATTEMPTS)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Save what coverage has seen in a worker, which pytest-xdist kills if it is slow to end."""
    coverage = sys.modules.get("coverage")
    measured = coverage.Coverage.current() if coverage else None
    if measured is not None and hasattr(session.config, "workerinput"):
        measured.stop()
        measured.save()


@pytest.fixture(autouse=True)
def no_network() -> Iterator[None]:
    """No test asks anything of another machine, or of a resolver."""
    yield
    attempts, ATTEMPTS[:] = ATTEMPTS[:], []
    assert attempts == []


@pytest.fixture(autouse=True)
def no_cache_of_speech(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test hears what was kept before, or keeps anything; those of the cache have their own."""
    monkeypatch.setenv("LIPWRIGHT_CACHE_MB", "0")


@pytest.fixture
def fake_engines(monkeypatch: pytest.MonkeyPatch) -> None:
    """Registers the engines "fake" (moves nothing), "film" (marks noses) and "broken" (fails)."""
    fakes = {"fake": "FakeEngine", "film": "FilmEngine", "broken": "BrokenEngine"}
    register(monkeypatch, {name: f"tests.fakes:{kind}" for name, kind in fakes.items()})


@pytest.fixture(scope="session")
def hopper() -> Path:
    """A portrait."""
    return hopper_path()


@pytest.fixture
def voice(tmp_path: Path) -> Path:
    """A second of something like speech."""
    return speech_wav(tmp_path / "voice.wav", 1.0)
