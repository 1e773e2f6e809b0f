"""The results of an evaluation: numbers by clip, method and measure, and their summary."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from lipwright.evaluation.metrics import Closures, share
from lipwright.evaluation.own_offset import EVENTS
from lipwright.pipeline.av_offset import AvOffset

OURS, REAL, STILL, LOUDNESS, OTHER_SOUND, REAL_CURVES = (
    "ours",
    "real",
    "still",
    "loudness",
    "other sound",
    "real curves",
)
METHODS = (OURS, REAL, STILL, LOUDNESS, OTHER_SOUND, REAL_CURVES)
BASELINES = (STILL, LOUDNESS, OTHER_SOUND)
NAN = math.nan
LARGEST_RATIO = 16.0
"""Ratios beyond this, or below its inverse, count as this: a mouth that does not move has 0."""


@dataclass(frozen=True)
class Measure:
    """One line of the report."""

    name: str
    """The key in `Clip.measures` and in the JSON, defined in docs/measures.md."""
    label: str
    """What the table calls it."""
    best: float
    """What a real video compared with itself has; NaN for measures of the picture."""
    ratio: bool = False
    """Whether twice is as far from the best as half."""
    decimals: int = 2

    def error(self, value: float) -> float:
        """Return the distance of a value from the best one; infinite for NaN."""
        if not math.isfinite(value):
            return math.inf
        if self.ratio:
            held = min(max(value, 1 / LARGEST_RATIO), LARGEST_RATIO)
            return abs(math.log2(held / self.best))
        return abs(value - self.best)


MEASURES = (
    Measure("gap_correlation", "gap correlation, speech", 1.0),
    Measure("gap_correlation_clip", "gap correlation, clip", 1.0),
    Measure("width_correlation", "width correlation, speech", 1.0),
    Measure("width_correlation_clip", "width correlation, clip", 1.0),
    Measure("gap_correlation_offset", "gap correlation, own offset", 1.0),
    Measure("width_correlation_offset", "width correlation, own offset", 1.0),
    Measure("offset", "offset (frames)", 0.0, decimals=0),
    Measure("lmd", "LMD", 0.0, decimals=3),
    Measure("closures_hit", "closures hit", 1.0),
    Measure("closures_precision", "closures precision", 1.0),
    Measure("closures_recall_1", "closures recall +-1", NAN),
    Measure("closures_precision_1", "closures precision +-1", NAN),
    Measure("closures_recall_2", "closures recall +-2", NAN),
    Measure("closures_precision_2", "closures precision +-2", NAN),
    Measure("closures_recall_1_offset", "closures recall +-1, own offset", NAN),
    Measure("closures_precision_1_offset", "closures precision +-1, own offset", NAN),
    Measure("closures_recall_2_offset", "closures recall +-2, own offset", NAN),
    Measure("closures_precision_2_offset", "closures precision +-2, own offset", NAN),
    Measure("bilabials_closed", "bilabials closed", NAN),
    Measure("vowels_open", "open vowels open", NAN),
    Measure("bilabial_contrast", "bilabial contrast", 1.0),
    Measure("silence_movement", "moving in silence", NAN),
    Measure("movement_agreement", "movement agreement", 1.0),
    Measure("articulation_ratio", "articulation ratio", 1.0, ratio=True),
    Measure("jitter_ratio", "jitter ratio", 1.0, ratio=True),
    Measure("lse_d", "LSE-D", NAN, decimals=3),
    Measure("lse_c", "LSE-C", NAN, decimals=3),
    Measure("lse_offset", "LSE offset (frames)", NAN, decimals=0),
    Measure("expert", "expert's cosine", NAN, decimals=3),
    Measure("sharpness", "mouth sharpness", NAN),
    Measure("detail_error", "mouth detail error", 0.0),
    Measure("outside_psnr", "PSNR outside (dB)", NAN, decimals=1),
    Measure("codec_psnr", "PSNR of the codec (dB)", NAN, decimals=1),
)
CLOSURE_COUNTS = {
    "closures_hit": ("", "hit", "real"),
    "closures_precision": ("", "right", "ours"),
    **{
        f"closures_{name}_{events}": (events, part, whole)
        for events in EVENTS
        for name, part, whole in (("recall", "hit", "real"), ("precision", "right", "ours"))
    },
}
"""The measures that are shares of closures: which count of `Closures` over which, and of which
events ("" for `match_closures`)."""
MEASURE = {measure.name: measure for measure in MEASURES}


@dataclass(frozen=True, eq=False)
class Clip:
    """One reference video and the measurements on it."""

    reference: Path
    fps: Fraction
    frames: int
    portrait_frame: int
    """The number of the frame that served as the portrait."""
    speech: tuple[int, int]
    """First and last frame with speech."""
    measures: dict[str, dict[str, float]]
    """method -> measure -> value; NaN for what cannot be taken."""
    closures: dict[str, Closures]
    """method -> how many lip closures there are and how many agree, matched one to one."""
    gaps: dict[str, np.ndarray] = field(repr=False)
    """method -> lip gap of every frame, float32 (frames,), in widths of the resting mouth."""
    sound: np.ndarray = field(repr=False)
    """The speech, mono float32 at 16 kHz, without the noise that was added for the engine."""
    videos: dict[str, Path] = field(default_factory=dict)
    """method -> its video, where it was kept."""
    own_offset: AvOffset | None = None
    """By how much the reference's own lips are late against its own sound."""
    events: dict[str, dict[str, Closures]] = field(default_factory=dict)
    """method -> key of `own_offset.EVENTS` -> closures that agree within 1 or 2 frames."""


@dataclass(frozen=True, eq=False)
class Evaluation:
    """All clips of one evaluation."""

    engine: str
    """What moved the mouth: an engine's name, or the file that was given."""
    noise: float | None
    """Signal-to-noise ratio in dB of what the engine heard; None without noise."""
    clips: tuple[Clip, ...]
    failed: dict[Path, str] = field(default_factory=dict)
    """Videos that could not be measured, and why."""

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods that were measured, ours first."""
        return tuple(m for m in METHODS if any(m in clip.measures for clip in self.clips))

    def values(self, method: str, measure: str) -> np.ndarray:
        """Return one measure of one method on all clips, float64 (clips,), NaN where missing."""
        found = [clip.measures.get(method, {}).get(measure, math.nan) for clip in self.clips]
        return np.array(found, np.float64)

    def median(self, method: str, measure: str) -> float:
        """Return the median over the clips that have the measure."""
        return _over_known(np.median, self.values(method, measure))

    def mean(self, method: str, measure: str) -> float:
        """Return the mean over the clips that have the measure.

        Closures are pooled instead, all events of all clips alike, since a clip has few of them;
        ratios are averaged as logarithms.
        """
        if measure in CLOSURE_COUNTS:
            events, part, whole = CLOSURE_COUNTS[measure]
            sums = self.closures(method, events)
            return share(getattr(sums, part), getattr(sums, whole))
        values = self.values(method, measure)
        if MEASURE[measure].ratio:
            held = np.clip(values, 1 / LARGEST_RATIO, LARGEST_RATIO)
            return float(np.exp(_over_known(np.mean, np.log(held))))
        return _over_known(np.mean, values)

    def error(self, method: str, measure: str) -> float:
        """Return the mean distance of a measure from that of a real video compared with itself."""
        known = MEASURE[measure]
        if measure in CLOSURE_COUNTS:
            return known.error(self.mean(method, measure))
        return float(np.mean([known.error(value) for value in self.values(method, measure)]))

    def closures(self, method: str, events: str = "") -> Closures:
        """Return the closures of all clips together.

        events: a key of `own_offset.EVENTS`; "" for those that are matched one to one.
        """
        found = [
            clip.events[method][events] if events else clip.closures[method]
            for clip in self.clips
            if method in (clip.events if events else clip.closures)
        ]
        return Closures(*(sum(column) for column in zip(*found, strict=True)))

    def within(self, method: str, frames: int = 1) -> float:
        """Return the share of clips whose offset is known and at most so many frames."""
        return float(np.mean(np.abs(self.values(method, "offset")) <= frames))

    def summary(self) -> dict[str, dict[str, dict[str, float]]]:
        """Return method -> measure -> {"median", "mean"}, for every measure that any clip has."""
        return {
            method: {
                measure.name: {
                    "median": self.median(method, measure.name),
                    "mean": self.mean(method, measure.name),
                }
                for measure in MEASURES
                if np.isfinite(self.values(method, measure.name)).any()
            }
            for method in self.methods
        }

    def as_dict(self) -> dict[str, Any]:
        """Return everything but the curves, ready for JSON; undefined measures are None."""
        values: dict[str, Any] = _without_nan(
            {
                "engine": self.engine,
                "noise_db": self.noise,
                "clips": [
                    {
                        "reference": str(clip.reference),
                        "fps": str(clip.fps),
                        "frames": clip.frames,
                        "portrait_frame": clip.portrait_frame,
                        "speech": list(clip.speech),
                        "measures": clip.measures,
                        "closures": {m: c._asdict() for m, c in clip.closures.items()},
                        "own_offset": clip.own_offset and clip.own_offset.as_dict(),
                        "events": {
                            m: {key: c._asdict() for key, c in found.items()}
                            for m, found in clip.events.items()
                        },
                        "videos": {m: str(path) for m, path in clip.videos.items()},
                    }
                    for clip in self.clips
                ],
                "summary": self.summary(),
                "offset_within_1": {method: self.within(method) for method in self.methods},
                "failed": {str(path): reason for path, reason in self.failed.items()},
            }
        )
        return values


def _over_known(function: Callable[[list[float]], Any], values: Iterable[float]) -> float:
    known = [value for value in values if math.isfinite(value)]
    return float(function(known)) if known else math.nan


def _without_nan(value: Any) -> Any:
    """Replace every NaN, which JSON does not have, by None."""
    if isinstance(value, dict):
        return {key: _without_nan(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_nan(item) for item in value]
    if isinstance(value, float):
        return round(value, 6) if math.isfinite(value) else None
    return value
