"""What the command says when something fails, whatever it is: one sentence and a status."""

from __future__ import annotations

import errno
import os
import sys
import threading

import pytest

from lipwright.cli import _with_gpu_value, run


@pytest.fixture(autouse=True)
def no_debug(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LIPWRIGHT_DEBUG", raising=False)


def fail_with(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> int:
    """The status of a command in which this is raised."""

    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("lipwright.speech.voices.list_voices", fail)
    return run(["voices"])


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (KeyboardInterrupt(), 130, "interrupted: nothing that looks finished was left behind."),
        (
            MemoryError(),
            1,
            "not enough memory: choose less, such as a shorter text, or close other programs.",
        ),
        (
            OSError(errno.ENOSPC, "No space left on device", "/tmp/x.mp4"),
            1,
            "/tmp/x.mp4: No space left on device: make room, or check permissions, and try again.",
        ),
        (
            OSError(errno.EIO, "Input/output error"),
            1,
            "Input/output error: make room, or check permissions, and try again.",
        ),
        (
            ZeroDivisionError("by\nzero"),
            1,
            "something unexpected went wrong (ZeroDivisionError: by zero): "
            "run it again with LIPWRIGHT_DEBUG=1 and report what it prints.",
        ),
    ],
)
def test_every_failure_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: BaseException,
    status: int,
    said: str,
) -> None:
    assert fail_with(monkeypatch, error) == status
    assert capsys.readouterr() == ("", f"error: {said}\n")


def test_a_reader_who_goes_away_is_no_failure_of_ours(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sys.stdout
    try:
        assert fail_with(monkeypatch, BrokenPipeError()) == 1
        assert sys.stdout.name == os.devnull
    finally:
        sys.stdout.close()
        sys.stdout = before
    assert capsys.readouterr() == ("", "")


def test_debugging_shows_the_exception(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIPWRIGHT_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        fail_with(monkeypatch, ZeroDivisionError())


def test_a_program_may_run_it_in_any_thread(capsys: pytest.CaptureFixture[str]) -> None:
    """Only in the main thread can it say what a signal does."""
    statuses: list[int] = []
    thread = threading.Thread(target=lambda: statuses.append(run(["--version"])))
    thread.start()
    thread.join()
    assert statuses == [0] and capsys.readouterr().out.startswith("lipwright ")


@pytest.mark.parametrize(
    ("given", "understood"),
    [
        (["--gpu"], ["--gpu", "true"]),
        (["--gpu", "--fps", "25"], ["--gpu", "true", "--fps", "25"]),
        (["--gpu", "false", "-q"], ["--gpu", "false", "-q"]),
        ([], []),
    ],
)
def test_gpu_without_a_value_is_on(given, understood):
    assert _with_gpu_value(given) == understood
