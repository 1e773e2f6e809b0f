"""A report about one finished video: its speed, size and sync accuracy, as JSON or as a page."""

from __future__ import annotations

import html
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from lipwright.core.atomic_file import atomic_write
from lipwright.core.errors import FaceError, MediaError, UsageError
from lipwright.core.validation import check_place
from lipwright.evaluation.sync_accuracy import TOLERANCE, WITHIN, SyncAccuracy, measure_sync
from lipwright.pipeline.options import SyncResult
from lipwright.speech.speech import Speech

SUFFIXES = (".html", ".json")
SEVERAL = "several people speak, and it is not known whose lips are tracked"
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<style>body{{font:16px/1.5 sans-serif;margin:2em auto;max-width:45em;color:#111;background:#fff}}
td,th{{text-align:left;padding:.3em 1em .3em 0;border-bottom:1px solid #767676}}</style></head>
<body><h1>{title}</h1><table>{rows}</table><p>{note}</p></body></html>
"""


@dataclass(frozen=True)
class RunReport:
    """What a run made, and what it cost."""

    output: str
    width: int
    height: int
    fps: float
    frames: int
    duration: float
    """Seconds of video."""
    seconds_per_minute: float
    """Seconds of work for a minute of video; what an earlier run had finished is left out."""
    bytes_per_minute: float
    sync: SyncAccuracy | None
    """None where it could not be measured."""
    reason: str | None = None
    """Why it could not."""


def check_report(path: Path) -> None:
    """Raise UsageError or MediaError for a report that cannot be written."""
    if path.suffix.lower() not in SUFFIXES:
        raise UsageError(f"{path} is no kind of report: end it in .html or .json.")
    check_place(path, "report")


def make_report(result: SyncResult, speech: Speech | None) -> RunReport:
    """Measure a finished video. speech: what is said in it; None where several people speak."""
    sync: SyncAccuracy | None = None
    reason: str | None = SEVERAL
    if speech is not None:
        try:
            sync, reason = measure_sync(result.output, speech), None
        except (FaceError, MediaError) as error:
            reason = str(error)
    return RunReport(
        output=str(result.output),
        width=result.width,
        height=result.height,
        fps=float(result.fps),
        frames=result.frames,
        duration=result.duration,
        seconds_per_minute=60 / max(result.speed, 1e-9) if result.speed else 0.0,
        bytes_per_minute=result.output.stat().st_size * 60 / max(result.duration, 1e-9),
        sync=sync,
        reason=reason,
    )


def write_report(path: Path, report: RunReport) -> None:
    """Write a report atomically; the extension chooses JSON or HTML. Raises MediaError."""
    text = json.dumps(asdict(report), indent=1) if path.suffix.lower() == ".json" else page(report)
    with atomic_write(path) as partial:
        partial.write_text(text, encoding="utf-8")


def page(report: RunReport) -> str:
    """Return a report as an HTML page that needs nothing else."""
    rows = {
        "Resolution": f"{report.width}x{report.height}, {report.fps:g} frames/s",
        "Length": f"{report.duration:.2f} s, {report.frames} frames",
        "Work for a minute of video": f"{report.seconds_per_minute:.1f} s",
        "Size of a minute": f"{report.bytes_per_minute / 1e6:.2f} MB",
    }
    if report.sync is not None:
        rows["Sync accuracy"] = f"{report.sync.accuracy:.1%} of {report.sync.frames} frames"
        rows |= {f"The same, {n}": f"{v:.1%}" for n, v in report.sync.baselines.items()}
        rows["Correlation of the lip gaps"] = f"{report.sync.correlation:.2f}"
    else:
        rows["Sync accuracy"] = f"not measured: {report.reason}"
    cells = "".join(
        f'<tr><th scope="row">{html.escape(name)}</th><td>{html.escape(value)}</td></tr>'
        for name, value in rows.items()
    )
    note = (
        "Sync accuracy is the share of the frames with speech in which the tracked lips are as "
        f"far apart as the speech asks, within {TOLERANCE:g} mouth widths and {WITHIN} frame."
    )
    return PAGE.format(title=html.escape(report.output), rows=cells, note=note)
