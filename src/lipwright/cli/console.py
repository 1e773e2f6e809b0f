"""What a person sees while the work goes on, and what they are told at the end."""

from __future__ import annotations

import json as json_module
import logging
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING, Any

from lipwright.cli.sanitize import one_line
from lipwright.pipeline.options import SyncResult

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

LABELS = {
    "portrait": "Preparing the portrait",
    "film": "Looking the film over",
    "speech": "Speaking",
    "frames": "Making frames",
    "videos": "Making videos",
}


class Display:
    """Progress bars and notices on standard error, the result on standard output.

    Bars show only on a terminal; a quiet display shows nothing but what went wrong.
    """

    def __init__(self, quiet: bool = False) -> None:
        self.quiet = quiet
        self._bars: Progress | None = None
        self._tasks: dict[str, TaskID] = {}
        self._handler = _NoticeHandler(logging.ERROR if quiet else logging.INFO)

    def __enter__(self) -> Display:
        logger = logging.getLogger("lipwright")
        self._level_before = logger.level
        logger.setLevel(logging.INFO)
        logger.addHandler(self._handler)
        if not self.quiet and sys.stderr.isatty():
            self._bars = _make_bars()
            self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bars is not None:
            self._bars.stop()
        logger = logging.getLogger("lipwright")
        logger.removeHandler(self._handler)
        logger.setLevel(self._level_before)

    def progress(self, stage: str, done: float, total: float) -> None:
        """Show how far a stage is; `Portrait` and `Portrait.save` call this as they go on."""
        if self._bars is None:
            return
        if stage not in self._tasks:
            unit = "frames/s" if stage == "frames" else ""
            label = LABELS.get(stage, stage)
            self._tasks[stage] = self._bars.add_task(label, total=total, unit=unit)
        self._bars.update(self._tasks[stage], completed=done, total=total)

    def fraction(self, stage: str) -> Callable[[float], None]:
        """Return a callback for work that says only which part of it is done, 0 to 1."""
        self.progress(stage, 0, 1)
        return lambda part: self.progress(stage, part, 1)

    def show_result(self, result: SyncResult, json: bool, voice: str | None) -> None:
        """Print a line about the video that was made, and some about a film that was dubbed."""
        facts = {
            "output": str(result.output),
            "width": result.width,
            "height": result.height,
            "fps": float(result.fps),
            "fps_exact": str(result.fps),
            "frames": result.frames,
            "duration": round(result.duration, 3),
            "seconds": round(result.seconds, 3),
            "speed": round(result.speed, 3),
            "engine": result.engine,
            "encoder": result.encoder,
            "audio": None if result.speech is None else str(result.speech),
            "voice": voice,
            "speakers": list(result.speakers),
            "left_alone": dict(result.left_alone),
            "own_mouths": result.own_mouths,
            "drawn_mouths": result.drawn_mouths,
            "unreadable": result.unreadable,
            "own_offset": None if result.own_offset is None else result.own_offset.as_dict(),
            "sound_moved": round(result.sound_moved, 3),
            "kept": list(result.kept),
            "left_out": list(result.left_out),
            "resumed": result.resumed,
            "ai_generated": result.ai_generated,
        }
        line = (
            f"{result.output}: {result.width}x{result.height}, {result.duration:.1f} s at "
            f"{float(result.fps):g} frames/s, {_how_made(result)}, marked as AI-generated"
        )
        self.show_facts(line, facts, json)
        if result.own_mouths + result.drawn_mouths and not json and not self.quiet:
            print_line(
                f"The mouth is the film's own in {result.own_mouths} frames, and drawn in "
                f"{result.drawn_mouths}"
            )

        if not json and not self.quiet:
            for what, names in (("Kept from", result.kept), ("Left out of", result.left_out)):
                if names:
                    print_line(f"{what} the film: {', '.join(names)}")

    def show_facts(self, line: str, facts: Mapping[str, Any], json: bool) -> None:
        """Print the sentence, or the facts as one line of JSON; quiet drops the sentence."""
        if json:
            print(json_module.dumps(facts))
        elif not self.quiet:
            print_line(line)


def _how_made(result: SyncResult) -> str:
    """In which time a video was made, or what was left of it to make."""
    earlier = f"the {float(result.resumed / result.fps):.1f} s of an earlier run"
    if result.resumed and result.resumed >= result.frames:
        return f"joined in {result.seconds:.1f} s from {earlier}"
    after = f" after {earlier}" if result.resumed else ""
    return f"made in {result.seconds:.1f} s{after} ({result.speed:.2f} times real time)"


def print_line(text: str) -> None:
    """Print one line on standard output; nothing in it steers a terminal."""
    print(one_line(text))


def print_table(rows: Sequence[Mapping[str, Any]]) -> None:
    """Print rows with the same keys as aligned columns under a header."""
    if not rows:
        return
    cells = [[one_line(str(value)) for value in row.values()] for row in rows]
    table = [list(rows[0]), *cells]
    widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
    for row in table:
        print("  ".join(f"{cell:<{w}}" for cell, w in zip(row, widths, strict=True)).rstrip())


def named_option(message: str, option: str | None) -> str:
    """Return a message of the library, with the command line's name for the option it is about."""
    return f"{message.rstrip('.')} (--{option})." if option else message


class _NoticeHandler(logging.Handler):
    """Prints what the library logs as one line each on standard error."""

    def emit(self, record: logging.LogRecord) -> None:
        kind = "warning" if record.levelno >= logging.WARNING else "notice"
        message = named_option(record.getMessage(), getattr(record, "option", None))
        with suppress(OSError, ValueError):  # nobody reads it any more: the work goes on
            print(f"{kind}: {one_line(message)}", file=sys.stderr)


def _make_bars() -> Progress:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        ProgressColumn,
        Task,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    class RateColumn(ProgressColumn):
        """Frames made in a second."""

        def render(self, task: Task) -> Text:
            if not task.fields["unit"] or not task.speed:
                return Text("")
            return Text(f"{task.speed:.0f} {task.fields['unit']}")

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        RateColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        refresh_per_second=5,
        transient=True,
    )
