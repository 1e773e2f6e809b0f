"""The evaluation as tables for people to read."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from lipwright.evaluation.results import (
    BASELINES,
    MEASURES,
    OURS,
    REAL,
    REAL_CURVES,
    Clip,
    Evaluation,
    Measure,
)

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

CLIP_COLUMNS = (
    ("gap_correlation", "gap"),
    ("gap_correlation_clip", "gap, clip"),
    ("gap_correlation_offset", "gap, own offset"),
    ("width_correlation", "width"),
    ("offset", "offset"),
    ("lmd", "LMD"),
    ("closures_hit", "closed"),
    ("closures_precision", "precision"),
    ("silence_movement", "in silence"),
    ("articulation_ratio", "ratio"),
    ("jitter_ratio", "jitter"),
)
"""What the table of clips shows of ours: measure and heading."""
BY_NAME = {measure.name: measure for measure in MEASURES}


def show(value: float, measure: Measure) -> str:
    """Format a value as in the tables."""
    if not math.isfinite(value):
        return "-"
    text = f"{value:+.0f}" if measure.name == "offset" else f"{value:.{measure.decimals}f}"
    return "0" if text in ("+0", "-0") else text


def tables(evaluation: Evaluation, clean: Callable[[str], str] = str) -> list[Table]:
    """Return the tables to print: one with a row for each clip of a folder, and the summary.

    clean: makes names of files fit to be printed.
    """
    summary = summary_table(evaluation, clean)
    return [clip_table(evaluation, clean), summary] if len(evaluation.clips) > 1 else [summary]


def clip_table(evaluation: Evaluation, clean: Callable[[str], str] = str) -> Table:
    """Return the table of ours on every clip; clean: as for `tables`."""
    table = _table(clean(f"{evaluation.engine}{_noise(evaluation)}, clip by clip"))
    table.add_column("clip")
    for heading in (*(heading for _, heading in CLIP_COLUMNS), "own offset"):
        table.add_column(heading, justify="right")
    table.columns[0].no_wrap = True
    for clip in evaluation.clips:
        found = clip.measures[OURS]
        cells = [show(found.get(name, math.nan), BY_NAME[name]) for name, _ in CLIP_COLUMNS]
        table.add_row(_text(clean(clip.reference.stem)), *cells, _own_offset(clip))
    return table


def summary_table(evaluation: Evaluation, clean: Callable[[str], str] = str) -> Table:
    """Return measures down, methods across; medians and, of several clips, means.

    clean: as for `tables`.
    """
    several = len(evaluation.clips) > 1
    title = f"{len(evaluation.clips)} clips, median / mean" if several else "measures"
    if not several:
        title = f"{evaluation.clips[0].reference.name}"
    table = _table(clean(f"{title}{_noise(evaluation)}"))
    if told := tell_own_offsets(evaluation):
        table.caption, table.caption_justify = _text(told), "left"
    table.add_column("", no_wrap=True)
    for method in evaluation.methods:
        ours = method == OURS
        table.add_column(
            _text(clean(Path(evaluation.engine).name if ours else method)),
            justify="right",
            style="bold" if ours else None,
        )
    summary = evaluation.summary()
    for measure in MEASURES:
        found = [summary[method].get(measure.name) for method in evaluation.methods]
        if all(value is None for value in found):
            continue
        cells = []
        for value in found:
            if value is None:
                cells.append("-")
            elif several:
                cells.append(f"{show(value['median'], measure)} / {_mean(value['mean'], measure)}")
            else:
                cells.append(show(value["median"], measure))
        table.add_row(measure.label, *cells)
    if several:
        shares = [f"{100 * evaluation.within(method):.0f} %" for method in evaluation.methods]
        table.add_row("clips within +-1 frame", *shares)
    return table


def tell_own_offsets(evaluation: Evaluation) -> str:
    """Return a sentence on the references' own offsets; "" where they were not looked for."""
    clips = [clip for clip in evaluation.clips if clip.own_offset is not None]
    known = [clip.own_offset for clip in clips if clip.own_offset and clip.own_offset.is_trusted]
    if len(clips) > 1:
        return (
            f"The own offset of lips against sound is known of {len(known)} of {len(clips)} clips; "
            "of the others it is unknown and 0 is used."
        )
    found = clips[0].own_offset if clips else None
    if found is None:
        return ""
    if not known:
        return (
            "The reference's own offset of lips against sound is unknown "
            f"(confidence {found.confidence:.2f}): 0 is used."
        )
    return (
        f"The reference's own lips are late against its sound by {found.frames:+.1f} frames "
        f"({1000 * found.seconds:+.0f} ms, confidence {found.confidence:.2f})."
    )


def markdown(evaluation: Evaluation) -> list[str]:
    """Return the lines of the summary as a Markdown table, "median / mean"."""
    methods = evaluation.methods
    summary = evaluation.summary()
    lines = [
        "| median / mean of " + f"{len(evaluation.clips)} clips | " + " | ".join(methods) + " |",
        "|---" * (len(methods) + 1) + "|",
    ]
    for measure in MEASURES:
        found = [summary[method].get(measure.name) for method in methods]
        if all(value is None for value in found):
            continue
        cells = [
            "-"
            if value is None
            else f"{show(value['median'], measure)} / {_mean(value['mean'], measure)}"
            for value in found
        ]
        lines.append(f"| {measure.label.strip()} | " + " | ".join(cells) + " |")
    shares = [f"{100 * evaluation.within(method):.0f} %" for method in methods]
    lines.append("| clips within +-1 frame | " + " | ".join(shares) + " |")
    return lines


def sentence(evaluation: Evaluation) -> str:
    """Return the most important results in one line."""
    clips = len(evaluation.clips)
    gap = evaluation.median(OURS, "gap_correlation")
    beside = [
        f"{method} {evaluation.median(method, 'gap_correlation'):.2f}"
        for method in (*BASELINES, REAL, REAL_CURVES)
        if method in evaluation.methods and method != REAL
    ]
    line = f"lip gap inside speech: {gap:.2f}"
    if beside:
        line += f" ({', '.join(beside)})"
    line += f" on {clips} clip{'s' if clips > 1 else ''}"
    if evaluation.failed:
        line += f"; {len(evaluation.failed)} could not be measured"
    return line


def _own_offset(clip: Clip) -> str:
    """A reference's own offset in frames, and the confidence."""
    found = clip.own_offset
    if found is None:
        return "-"
    frames = f"{found.frames:+.1f}" if found.is_trusted else "unknown"
    return f"{frames} ({found.confidence:.2f})"


def _mean(value: float, measure: Measure) -> str:
    if measure.name == "offset" and math.isfinite(value):
        return f"{value:+.1f}"
    return show(value, measure)


def _noise(evaluation: Evaluation) -> str:
    return "" if evaluation.noise is None else f", noise at {evaluation.noise:g} dB"


def _table(title: str) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    return Table(
        title=_text(title),
        title_justify="left",
        box=SIMPLE_HEAD,
        pad_edge=False,
        collapse_padding=True,
    )


def _text(text: str) -> Text:
    """As it is: in names of files, brackets are no markup."""
    from rich.text import Text

    return Text(text)
