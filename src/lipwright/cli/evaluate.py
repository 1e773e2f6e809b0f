"""`lipwright evaluate`: how well a mouth follows real speech."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lipwright.cli import options
from lipwright.cli.derived_options import render_options, takes

if TYPE_CHECKING:
    from rich.table import Table

    from lipwright.evaluation import Evaluation

Reference = Annotated[
    Path,
    typer.Option(help="A real talking video, or a folder of them.", show_default=False),
]
Generated = Annotated[
    Path | None,
    typer.Option(help="Measure this video instead of making one.", show_default=False),
]
Plot = Annotated[
    Path | None,
    typer.Option(help="Draw both lip gaps over the sound: a .png or .svg.", show_default=False),
]
Noise = Annotated[
    float | None,
    typer.Option(
        metavar="DB",
        help="Let the engine hear speech-shaped noise at this signal-to-noise ratio.",
        show_default="no noise",
    ),
]
Baselines = Annotated[
    bool, typer.Option(help="Measure a still picture, loudness and other sound as well.")
]
Ceiling = Annotated[
    bool, typer.Option("--ceiling", help="Measure the engine moved by the real mouth as well.")
]
Other = Annotated[
    Path | None,
    typer.Option(
        help="The sound for the baseline with other sound.",
        show_default="another clip, or the same sound from its middle",
    ),
]
Phones = Annotated[
    Path | None,
    typer.Option(
        help="What is said when, as JSON [[start, end, symbol], ...], to measure bilabials.",
        show_default=False,
    ),
]
Lse = Annotated[
    bool,
    typer.Option(
        "--lse",
        help="Measure LSE-D and LSE-C with SyncNet too (lipwright models download syncnet).",
    ),
]
SelfTest = Annotated[
    bool,
    typer.Option(
        "--self-test",
        help="Only check SyncNet: the reference is its authors' example.avi, their numbers known.",
    ),
]
Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", help="A folder to keep the videos in.", show_default=False),
]


@takes("engine", "motion", "device", "gpu", "seed")
def evaluate(
    reference: Reference,
    generated: Generated = None,
    baselines: Baselines = True,
    ceiling: Ceiling = False,
    noise: Noise = None,
    other: Other = None,
    phones: Phones = None,
    output: Output = None,
    plot: Plot = None,
    lse: Lse = False,
    self_test: SelfTest = False,
    quiet: options.Quiet = False,
    json: options.Json = False,
    **chosen: Any,
) -> None:
    """Measure how well the lips follow real speech, against a real video and beside baselines."""
    from lipwright.cli.console import Display
    from lipwright.cli.sanitize import one_line
    from lipwright.evaluation import evaluate as measure
    from lipwright.evaluation.phones_file import read_phones
    from lipwright.evaluation.plot import check_plot, draw_gaps, typical_clip
    from lipwright.evaluation.report import sentence, tables

    wanted = render_options(chosen)
    if self_test:
        _test_syncnet(reference, wanted.chosen_device, quiet, json)
        return
    if plot is not None:
        check_plot(plot)
    with Display(quiet) as display:
        evaluation = measure(
            reference,
            engine=str(wanted.engine),
            motion=wanted.motion,
            generated=generated,
            other=other,
            phones=None if phones is None else read_phones(phones),
            noise=noise,
            baselines=baselines,
            ceiling=ceiling,
            output=output,
            lse=lse,
            device=wanted.chosen_device,
            seed=wanted.seed,
            progress=display.progress,
        )
        if plot is not None:
            draw_gaps(typical_clip(evaluation), plot, _name_ours(evaluation))
    if not (json or quiet):
        _print(tables(evaluation, one_line))
    display.show_facts(sentence(evaluation), evaluation.as_dict(), json)


def _test_syncnet(example: Path, device: str, quiet: bool, json: bool) -> None:
    """Scores the authors' example: says what they print, or raises."""
    from dataclasses import asdict

    from lipwright.cli.console import Display
    from lipwright.core.gpu import choose_device
    from lipwright.evaluation.syncnet.scorer import Scorer
    from lipwright.evaluation.syncnet.selftest import run_self_test, sentence

    with Display(quiet) as display:
        found = run_self_test(example, Scorer(choose_device(device, "onnxruntime")))
    line = f"{sentence(found)} (offset / LSE-D / LSE-C), as the authors print"
    display.show_facts(line, asdict(found), json)


def _print(found: list[Table]) -> None:
    """Tables on standard output, whole: a narrow window breaks lines rather than lose digits."""
    from rich.console import Console
    from rich.measure import Measurement

    console = Console()
    for table in found:
        roomy = console.options.update(width=1000)
        width = Measurement.get(console, roomy, table).maximum
        console.width = max(console.width, width)
        console.print(table)


def _name_ours(evaluation: Evaluation) -> str:
    """What the plot calls our mouth."""
    path = Path(evaluation.engine)
    return path.name if path.suffix else f"lipwright ({evaluation.engine})"
