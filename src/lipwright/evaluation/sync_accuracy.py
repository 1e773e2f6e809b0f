"""Sync accuracy: how much of a finished video's lips agrees with its speech."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from lipwright.articulation import CHANNELS, articulate
from lipwright.evaluation.audio import articulation_span, energy, read_sound
from lipwright.evaluation.landmark_track import track_video
from lipwright.evaluation.metrics import correlation
from lipwright.evaluation.mouth_metrics import measure_mouth
from lipwright.speech.speech import Speech

TOLERANCE = 0.05
"""Widths of the resting mouth by which tracked and wanted gap may differ: a fifth of how far the
lips of GRID's speakers are apart at their widest."""
WITHIN = 1
"""Frames by which the tracked lips may be early or late."""
SHUFFLE_SEED = 0
SHUT, OTHER, SHUFFLED = "shut mouth", "other speech", "shuffled frames"


@dataclass(frozen=True)
class SyncAccuracy:
    """Shares of the frames with speech, 0 to 1, and what they were counted in."""

    accuracy: float
    """Of frames whose tracked lips agree with the speech."""
    baselines: dict[str, float]
    """The same of mouths that do not follow it: SHUT, OTHER, SHUFFLED."""
    correlation: float
    """Of tracked and wanted gap, at no shift."""
    frames: int
    """Frames with speech."""


def measure_sync(video: Path, speech: Speech) -> SyncAccuracy:
    """Track the lips of a finished video, and compare them with those its speech asks for.

    Only the largest face is looked at. Raises FaceError or MediaError where nothing can be tracked.
    """
    track = track_video(video)
    tracked = measure_mouth(track.landmarks)[:, 0]
    wanted = wanted_gap(speech, track.fps, len(tracked))
    frames = speech_frames(video, track.duration, len(tracked), float(track.fps))
    return compare_gaps(tracked, wanted, frames)


def wanted_gap(speech: Speech, fps: Fraction, count: int) -> np.ndarray:
    """Return how far a speech opens the lips in each of `count` frames.

    Returns float32 (frames,), in widths of the resting mouth.
    """
    articulation = articulate(speech)
    at = articulation.at(np.arange(count) / float(fps))
    gap: np.ndarray = at[:, CHANNELS.index("gap")] + at[:, CHANNELS.index("drop")]
    return gap


def speech_frames(video: Path, duration: float, count: int, fps: float) -> np.ndarray:
    """Return the numbers of the frames in which a video's sound is speech, int64 (n,)."""
    sound = read_sound(video, duration)
    if not np.ptp(energy(sound, count, fps)):
        return np.arange(count)
    first, last = articulation_span(sound, count, fps)
    return np.arange(first, last + 1)


def compare_gaps(tracked: np.ndarray, wanted: np.ndarray, frames: np.ndarray) -> SyncAccuracy:
    """Compare gaps, float32 (T,) in mouth widths, in frames, int64 (n,), baselines as well."""
    random = np.random.default_rng(SHUFFLE_SEED)
    inside = tracked[frames]
    baselines = {
        SHUT: np.zeros_like(inside),
        OTHER: np.roll(inside, len(inside) // 2),
        SHUFFLED: random.permutation(inside),
    }

    def share(gap: np.ndarray) -> float:
        whole = tracked.copy()
        whole[frames] = gap
        return float(agreeing(whole, wanted)[frames].mean())

    return SyncAccuracy(
        share(inside),
        {name: share(gap) for name, gap in baselines.items()},
        correlation(wanted[frames], inside),
        len(frames),
    )


def agreeing(tracked: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Return in which frames the tracked gap is the wanted one, bool (T,).

    It is where it differs by at most TOLERANCE from some value that the wanted gap passes through
    from WITHIN frames before to WITHIN frames after.
    """
    padded = np.pad(wanted, WITHIN, "edge")
    near = np.lib.stride_tricks.sliding_window_view(padded, 2 * WITHIN + 1)
    low, high = near.min(axis=1), near.max(axis=1)
    found: np.ndarray = (tracked >= low - TOLERANCE) & (tracked <= high + TOLERANCE)
    return found
