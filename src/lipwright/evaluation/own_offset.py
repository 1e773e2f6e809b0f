"""The reference's own offset, and the measures once its lips are moved to fit its sound.

Recordings are often out of sync. A mouth that follows the sound well is then early or late against
the recording's own lips, and at lag 0 is blamed for it.
"""

from __future__ import annotations

import numpy as np

from lipwright.evaluation import metrics
from lipwright.evaluation.measured_video import Reference
from lipwright.evaluation.metrics import Closures, share
from lipwright.pipeline.av_offset import AvOffset, HeardLips, Stretch, estimate_offset, measure_lips

TOLERANCES = (1, 2)
"""Frames by which a closure may be early or late."""
EVENTS = (*(f"{frames}" for frames in TOLERANCES), *(f"{frames}_offset" for frames in TOLERANCES))
"""What closures are counted as: within so many frames, at lag 0 and at the reference's own offset;
the ends of the names of their measures."""


def find_reference_offset(real: Reference) -> AvOffset:
    """Return by how much the reference's own lips are late against its own clean sound."""
    times = np.arange(real.frames) / real.fps
    lips = measure_lips(real.video.track.landmarks)
    return estimate_offset([Stretch(times, lips, HeardLips(real.sound))], real.fps)


def count_events(
    real: Reference, mouth: np.ndarray, offset: AvOffset, follows_sound: bool
) -> dict[str, Closures]:
    """Count the closures of a mouth, float32 (T, 3), that agree with the real ones, by `EVENTS`.

    follows_sound: whether its time is the sound's; otherwise it is that of the reference's picture,
    and nothing is moved.
    """
    moved = _moved(real, mouth, offset, follows_sound)
    at_zero = real.video.mouth, mouth, real.span
    return {
        f"{frames}{end}": metrics.closure_events(theirs[:, 0], ours[:, 0], span, frames)
        for end, (theirs, ours, span) in (("", at_zero), ("_offset", moved))
        for frames in TOLERANCES
    }


def compare_at_offset(
    real: Reference, mouth: np.ndarray, offset: AvOffset, follows_sound: bool
) -> dict[str, float]:
    """Return the correlations at the reference's own offset.

    mouth: float32 (T, 3) of `measure_mouth`; the rest as for `count_events`.
    """
    theirs, ours, (first, last) = _moved(real, mouth, offset, follows_sound)
    inside = slice(first, last + 1)
    return {
        f"{name}_correlation_offset": metrics.correlation(
            theirs[inside, column], ours[inside, column]
        )
        for column, name in enumerate(("gap", "width"))
    }


def shares(events: dict[str, Closures]) -> dict[str, float]:
    """Return recall and precision of closures, by the names of their measures."""
    found = {}
    for key, counts in events.items():
        found[f"closures_recall_{key}"] = share(counts.hit, counts.real)
        found[f"closures_precision_{key}"] = share(counts.right, counts.ours)
    return found


def _moved(
    real: Reference, mouth: np.ndarray, offset: AvOffset, follows_sound: bool
) -> tuple[np.ndarray, np.ndarray, metrics.Span]:
    """The real mouth and another one on the sound's clock, in whole frames, and speech in them."""
    late = round(offset.used * real.fps) if follows_sound else 0
    first, end = max(0, -late), min(len(mouth), len(mouth) - late)
    start, last = (int(np.clip(frame, first, end - 1)) - first for frame in real.span)
    return real.video.mouth[first + late : end + late], mouth[first:end], (start, last)
