"""How well a mouth follows the real lips of a clip; docs/measures.md has the definitions."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from wild_clips import WildClip
from wild_mouths import Mouth

from lipwright.evaluation.audio import silent_frames
from lipwright.evaluation.metrics import (
    Closures,
    closure_events,
    correlation,
    share,
    silence_movement,
)
from lipwright.evaluation.mouth_metrics import CLOSED_GAP
from lipwright.pipeline.av_offset import AvOffset, HeardLips, Stretch, estimate_offset

REAL_CLOSED = 0.025  # outer-eye distances between real lips below which they are closed
TOLERANCES = (1, 2)  # frames by which a closure may be early or late


def find_own_offset(clip: WildClip) -> AvOffset:
    return estimate_offset([Stretch(clip.times, clip.lips, HeardLips(clip.sound))], clip.fps)


def compare(clip: WildClip, mouth: Mouth, found: AvOffset) -> dict[str, float]:
    """All measures of one clip but closures. found: the offset that `find_own_offset` gives."""
    return {
        **correlations(clip, mouth),
        "gap_at_zero": correlate(clip, mouth.gap, 0, 0.0),
        "gap_at_found": correlate(clip, mouth.gap, 0, found.used * clip.fps),
        "silence_movement": moving_in_silence(clip, mouth.gap),
    }


def correlations(clip: WildClip, mouth: Mouth) -> dict[str, float]:
    """Of gap and width, at the clip's own offset."""
    return {
        "gap": correlate(clip, mouth.gap, 0, clip.offset),
        "width": correlate(clip, mouth.width, 1, clip.offset),
    }


def correlate(clip: WildClip, curve: np.ndarray, column: int, offset: float) -> float:
    """Correlation inside speech with a column of the real lips, taken `offset` frames later."""
    rows, real = moved(clip.lips[:, column], offset)
    inside = clip.speech[rows]
    return correlation(real[inside], curve[rows][inside])


def moved(real: np.ndarray, offset: float) -> tuple[np.ndarray, np.ndarray]:
    """The rows that have one so many frames later, and the real curve there: int, float64 (n,)."""
    rows = np.arange(len(real))
    rows = rows[(rows + offset >= 0) & (rows + offset <= len(real) - 1)]
    return rows, np.interp(rows + offset, np.arange(len(real)), real)


def moving_in_silence(clip: WildClip, gap: np.ndarray) -> float:
    """Share of the silent frames in which a mouth moves. gap: in mouth widths."""
    silent = silent_frames(clip.sound, len(clip.times), clip.fps)
    return silence_movement(gap, silent, clip.fps)


def real_moving_in_silence(clip: WildClip) -> float:
    """The same of the real lips, at the clip's own offset."""
    rows, real = moved(clip.lips[:, 0] / np.median(clip.lips[:, 1]), clip.offset)
    silent = silent_frames(clip.sound, len(clip.times), clip.fps)
    return silence_movement(real, silent[rows], clip.fps)


def count_closures(clip: WildClip, gap: np.ndarray, tolerance: int) -> Closures:
    """Closures from the first frame of speech to the last, at the clip's own offset."""
    rows, real = moved(clip.lips[:, 0], clip.offset)
    spoken = np.flatnonzero(clip.speech[rows])
    span = int(spoken[0]), int(spoken[-1])
    return closure_events(real * (CLOSED_GAP / REAL_CLOSED), gap[rows], span, tolerance)


def pooled_closures(clips: Iterable[WildClip], mouths: Iterable[Mouth]) -> dict[str, float]:
    """Recall and precision over the closures of all clips, and how many there are."""
    pairs, result = list(zip(clips, mouths, strict=True)), dict[str, float]()
    for tolerance in TOLERANCES:
        counts = [count_closures(clip, mouth.gap, tolerance) for clip, mouth in pairs]
        real, hit, made, right = np.sum(counts, axis=0)
        result.update(real_closures=int(real), closures=int(made))
        result[f"recall_{tolerance}"] = float(share(hit, real))
        result[f"precision_{tolerance}"] = float(share(right, made))
    return result


def summarise(values: Iterable[float]) -> dict[str, float]:
    """Median and mean of those that are numbers; NaN where none is."""
    known = [value for value in values if not np.isnan(value)]
    if not known:
        return {"median": float("nan"), "mean": float("nan")}
    return {"median": float(np.median(known)), "mean": float(np.mean(known))}
