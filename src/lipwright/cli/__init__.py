"""The command line: a file per sub-command, and one place that turns errors into one line."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress

from lipwright.cli.process import (
    Terminated,
    drop_output,
    open_closed_streams,
    raise_on_termination,
)

INTERRUPTED = 130


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the `lipwright` command and return the exit status.

    0: done. 1: it failed. 2: it was asked for wrongly. 129: hung up. 130: interrupted.
    143: terminated.
    """
    return execute("make_command", arguments, "lipwright")


def run_sync(arguments: Sequence[str] | None = None) -> int:
    """Run `python main.py`, the `sync` command alone, and return the exit status."""
    return execute("make_sync_command", arguments, "main.py")


def run_download(arguments: Sequence[str] | None = None) -> int:
    """Run `models download` for `download_models.py`; without names it says what there is."""
    return execute("make_download_command", arguments, "download_models.py")


def execute(maker: str, arguments: Sequence[str] | None, program: str) -> int:
    """Run the command that this function of `cli.app` makes.

    Whatever goes wrong is one line on standard error, never a traceback. With
    LIPWRIGHT_DEBUG=1 in the environment the exception is raised instead.
    """
    open_closed_streams()
    restore = raise_on_termination()
    try:
        from lipwright.cli import app

        status = getattr(app, maker)().main(
            args=_with_gpu_value(sys.argv[1:] if arguments is None else arguments),
            prog_name=program,
            standalone_mode=False,
        )
        sys.stdout.flush()  # what cannot be written is told here rather than at the very end
        if status == INTERRUPTED:  # typer turns Ctrl-C into this status
            return _complain(
                "interrupted: nothing that looks finished was left behind.", INTERRUPTED
            )
        return status if isinstance(status, int) else 0
    except KeyboardInterrupt:
        return _complain("interrupted: nothing that looks finished was left behind.", INTERRUPTED)
    except Terminated as end:
        return _complain("terminated: nothing that looks finished was left behind.", end.status)
    except BrokenPipeError:
        drop_output()
        return 1
    except Exception as error:
        if type(error).__name__ == "NoArgsIsHelpError":  # typer has printed the help
            return 2
        if os.environ.get("LIPWRIGHT_DEBUG", "0") not in ("", "0"):
            raise
        return _complain(*_explain(error))
    finally:
        restore()


def _with_gpu_value(arguments: Sequence[str]) -> list[str]:
    """Return the arguments with the value of a --gpu that was given without one: true."""
    return [
        word
        for given, after in zip(arguments, [*arguments[1:], "--"], strict=False)
        for word in ((given, "true") if given == "--gpu" and after.startswith("-") else (given,))
    ]


def _explain(error: Exception) -> tuple[str, int]:
    """The sentence and the exit status of an exception."""
    from lipwright.core.errors import LipwrightError

    if isinstance(error, LipwrightError):
        from lipwright.cli.console import named_option

        return named_option(str(error), error.option), error.exit_status
    if hasattr(error, "format_message"):  # typer's own: a wrong option
        message = error.format_message().replace("Value error, ", "").rstrip(".")
        context = getattr(error, "ctx", None)
        hint = f" (see {context.command_path} --help)." if context else "."
        return message + hint, getattr(error, "exit_code", 2)
    if isinstance(error, MemoryError):
        return (
            "not enough memory: choose less, such as a shorter text, or close other programs.",
            1,
        )
    if isinstance(error, OSError) and error.strerror:
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{error.strerror}: make room, or check permissions, and try again.", 1
    return (
        f"something unexpected went wrong ({type(error).__name__}: {error}): "
        "run it again with LIPWRIGHT_DEBUG=1 and report what it prints.",
        1,
    )


def _complain(message: str, status: int) -> int:
    from lipwright.cli.sanitize import one_line

    with suppress(OSError, ValueError):  # whoever would read it may have gone away
        print("error:", one_line(message), file=sys.stderr, flush=True)
    return status
