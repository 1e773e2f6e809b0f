"""What a process is given: signals that end it, and streams that may be closed."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from types import FrameType

ENDING = tuple(
    getattr(signal, name) for name in ("SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)
)
"""Signals that ask a process to end: half-written files are removed first."""


class Terminated(BaseException):
    """A signal asked for the end: unwinds like Ctrl-C."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.status = 128 + number


def raise_on_termination() -> Callable[[], None]:
    """Let signals that end the process raise in the main thread; return what undoes it.

    The first one raises, and the cleaning up that follows is not disturbed by further ones. Those
    that are ignored, as under nohup, stay so.
    """
    raised = False

    def terminate(number: int, frame: FrameType | None) -> None:
        nonlocal raised
        if not raised:
            raised = True
            raise Terminated(number)

    before = {}
    for number in ENDING:
        if signal.getsignal(number) is signal.SIG_IGN:
            continue
        try:
            before[number] = signal.signal(number, terminate)
        except ValueError:  # not in the main thread: somebody else's process, their signals
            break

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    return restore


def open_closed_streams() -> None:
    """Let standard streams that are closed lead nowhere.

    Else the first file that is opened has the number of one, and is written to in its place.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            with suppress(OSError):
                os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "r" if number == 0 else "w"))  # noqa: SIM115


def drop_output() -> None:
    """Let standard output, whose reader has gone away, lead nowhere."""
    sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - lives until the process ends
