"""Progress on a terminal, and nothing of it elsewhere."""

from __future__ import annotations

import io
import logging
import sys

import pytest

from lipwright.cli.console import Display, print_line, print_table


class Terminal(io.StringIO):
    """Standard error of somebody who looks."""

    def isatty(self) -> bool:
        return True


def work(display: Display) -> None:
    with display:
        display.fraction("speech")(0.5)
        for done in range(1, 5):
            display.progress("frames", done, 4)
        logging.getLogger("lipwright").warning("Something is odd.")


def seen_on_a_terminal(monkeypatch: pytest.MonkeyPatch, quiet: bool) -> str:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    work(Display(quiet))
    return terminal.getvalue()


def test_bars_move_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = seen_on_a_terminal(monkeypatch, quiet=False)
    for text in ("Speaking", "50 %", "Making frames", "100 %", "frames/s", "warning: Something is"):
        assert text in shown


def test_a_quiet_terminal_stays_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    assert seen_on_a_terminal(monkeypatch, quiet=True) == ""


def test_a_file_gets_notices_only(capsys: pytest.CaptureFixture[str]) -> None:
    work(Display())
    assert capsys.readouterr() == ("", "warning: Something is odd.\n")


def test_what_is_printed_steers_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    print_line("\x1b[31m.png shows them.")
    print_table([{"name": "a\x1b[2J", "size": 3}, {"name": "b\nc", "size": 12}])
    out = capsys.readouterr().out
    assert out.splitlines() == [
        r"\x1b[31m.png shows them.",
        "name      size",
        r"a\x1b[2J  3",
        "b c       12",
    ]
