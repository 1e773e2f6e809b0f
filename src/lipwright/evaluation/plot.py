"""Plot the real and our lip gap of one clip over its sound."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from lipwright.core.errors import MediaError, MissingExtraError, UsageError
from lipwright.evaluation.audio import RATE
from lipwright.evaluation.mouth_metrics import CLOSED_GAP
from lipwright.evaluation.results import OURS, REAL, Clip, Evaluation

SIZE = (9.0, 3.6)  # inches
DOTS = 150  # per inch
WAVE_COLUMNS = 1200
REAL_COLOUR, OUR_COLOUR, SOUND_COLOUR = "#1f2937", "#e4572e", "#c3cad5"


def typical_clip(evaluation: Evaluation) -> Clip:
    """Return the clip whose lip-gap correlation is the median one."""
    scores = evaluation.values(OURS, "gap_correlation")
    return evaluation.clips[int(np.argsort(scores)[(len(scores) - 1) // 2])]


def check_plot(path: str | Path) -> Path:
    """Return the path of an image that can be written, as far as that can be known beforehand.

    Raises UsageError for another extension than .png or .svg, MissingExtraError without matplotlib,
    MediaError for a folder that does not exist.
    """
    from importlib.util import find_spec

    path = Path(path)
    if path.suffix.lower() not in (".png", ".svg"):
        raise UsageError(f"{path} names no kind of plot: end it in .png or .svg.")
    if find_spec("matplotlib") is None:
        raise MissingExtraError("A plot", "demo")
    if not path.parent.is_dir():
        raise MediaError(
            f"{path} cannot be written: there is no folder {path.parent}, create it first."
        )
    return path


def draw_gaps(clip: Clip, path: str | Path, label: str = "ours") -> None:
    """Draw the lip gap of the real mouth and of ours over the waveform.

    path: a .png, 1350 x 540 px, or an .svg. label: the name of ours. Raises as `check_plot` does.
    """
    path = check_plot(path)
    from matplotlib.figure import Figure

    times = np.arange(clip.frames) / float(clip.fps)
    figure = Figure(figsize=SIZE, dpi=DOTS, layout="constrained")
    axes = figure.add_subplot()
    top = 1.25 * float(max(clip.gaps[REAL].max(), clip.gaps[OURS].max(), 0.1))
    _draw_sound(axes, clip, top)
    axes.axhline(CLOSED_GAP, color="#9ca3af", lw=0.8, ls=":", zorder=1)
    axes.text(times[-1], CLOSED_GAP, " closed", color="#6b7280", fontsize=8, va="center")
    axes.plot(times, clip.gaps[REAL], color=REAL_COLOUR, lw=2.0, label="real mouth", zorder=3)
    axes.plot(times, clip.gaps[OURS], color=OUR_COLOUR, lw=2.0, label=label, zorder=4)
    axes.set_xlabel("time (s)")
    axes.set_ylabel("lip gap (mouth widths)")
    axes.set_xlim(0, times[-1] + 0.02)
    axes.set_ylim(0, top)
    axes.spines[["top", "right"]].set_visible(False)
    score = clip.measures[OURS]["gap_correlation"]
    axes.legend(
        loc="upper right", ncols=3, frameon=False, title=f"correlation in speech {score:.2f}"
    )
    try:
        figure.savefig(path)
    except OSError as error:
        raise MediaError(
            f"{path} cannot be written ({error.strerror}): choose another place."
        ) from None


def _draw_sound(axes: object, clip: Clip, top: float) -> None:
    """Draw the waveform as a band across the middle, as the extremes of each column."""
    columns = min(WAVE_COLUMNS, len(clip.sound))
    pieces = np.array_split(clip.sound, columns)
    low = np.array([piece.min() for piece in pieces])
    high = np.array([piece.max() for piece in pieces])
    scale = 0.42 * top / max(float(np.abs(clip.sound).max()), 1e-3)
    seconds = np.linspace(0, len(clip.sound) / RATE, columns)
    axes.fill_between(  # type: ignore[attr-defined]
        seconds,
        top / 2 + scale * low,
        top / 2 + scale * high,
        color=SOUND_COLOUR,
        lw=0,
        zorder=0,
        label="sound",
    )
