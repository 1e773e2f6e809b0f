"""Measures of how a head moves, and of what moving it costs the picture."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from motion_tracks import ANGLES, COLUMNS, MotionTrack

from lipwright.evaluation.metrics import correlation
from lipwright.face.person_segmentation import PersonSegmenter

SMOOTHING = 0.12  # s over which angles are smoothed before their speed is taken
LOUDNESS_SMOOTHING = 0.2
FAST = 0.75  # Hz
QUIET = 45.0  # dB below the loudest frame: softer is as soft as that
MEASURES = (
    *(f"sd {name}" for name in COLUMNS),
    *(f"speed {name}" for name in ANGLES),
    "fast share",
    "loudness",
)
PERCENTILES = (10, 25, 50)
PERSON = 0.1  # of [0, 1]: from here a place may show a person
ROOM = 0.25  # face widths around a person that may be uncovered by motion


def measure_track(track: MotionTrack) -> dict[str, float]:
    """All of MEASURES: degrees, degrees a second, face widths, eye distances, shares."""
    angles = np.stack([track.columns[name] for name in ANGLES], axis=1)
    speeds = np.abs(np.diff(smooth(angles, SMOOTHING, track.fps), axis=0)) * track.fps
    found = {f"sd {name}": float(track.columns[name].std()) for name in COLUMNS}
    found |= {
        f"speed {name}": float(speed) for name, speed in zip(ANGLES, speeds.mean(0), strict=True)
    }
    found["fast share"] = fast_share(angles, track.fps)
    found["loudness"] = loudness_correlation(angles, track.level, track.fps)
    return found


def smooth(values: np.ndarray, seconds: float, fps: float) -> np.ndarray:
    """Values (T, n) smoothed by a Hann window; what it cannot reach at the ends is cut off."""
    kernel = np.hanning(2 * max(1, round(seconds * fps / 2)) + 3)[1:-1]
    columns = [np.convolve(one, kernel / kernel.sum(), "valid") for one in values.T]
    return np.stack(columns, axis=1)


def fast_share(angles: np.ndarray, fps: float) -> float:
    """The share of the power of angles (T, 3) above FAST, without their straight trend."""
    count = len(angles)
    times = np.arange(count) - (count - 1) / 2
    straight = angles - angles.mean(axis=0)
    straight = straight - np.outer(times, times @ straight / (times @ times))
    windowed = straight * np.hanning(count)[:, None]
    power = (np.abs(np.fft.rfft(windowed, 4 * count, axis=0)) ** 2).sum(axis=1)
    fast = np.fft.rfftfreq(4 * count, 1 / fps) > FAST
    return float(power[fast].sum() / max(float(power.sum()), 1e-12))


def loudness_correlation(angles: np.ndarray, level: np.ndarray, fps: float) -> float:
    """Of the head's speed with the sound's level, over the same 0.2 s; 0 where nothing moves."""
    count = min(len(angles), len(level))
    heard = np.maximum(level[:count], level[:count].max() - QUIET)
    moved = smooth(np.c_[angles[:count], heard], LOUDNESS_SMOOTHING, fps)
    speed = np.linalg.norm(np.diff(moved[:, :3], axis=0), axis=1)
    return float(correlation(speed, (moved[1:, 3] + moved[:-1, 3]) / 2))


def percentiles(found: Sequence[dict[str, float]]) -> dict[str, tuple[float, ...]]:
    """The PERCENTILES of each measure over people."""
    return {
        name: tuple(np.percentile([one[name] for one in found], PERCENTILES).tolist())
        for name in found[0]
    }


def medians(found: Sequence[dict[str, float]]) -> dict[str, float]:
    return {name: float(np.median([one[name] for one in found])) for name in found[0]}


def background(image: np.ndarray, oval: np.ndarray) -> np.ndarray:
    """What is far from everything that looks like a person: bool (h, w).

    image: BGR uint8 (h, w, 3); oval: float (n, 2), the outline of the face, px. The network that
    cuts people out decides, but at a lower threshold and with room around it.
    """
    height, width = image.shape[:2]
    person = PersonSegmenter().segment(image) > PERSON
    whole = cv2.resize(person.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST)
    cv2.fillPoly(whole, [np.round(oval).astype(np.int32).reshape(-1, 1, 2)], 1)
    away: np.ndarray = cv2.distanceTransform(1 - whole, cv2.DIST_L2, 5)
    free: np.ndarray = away > ROOM * float(np.ptp(oval[:, 0]))
    return free


def difference(frame: np.ndarray, source: np.ndarray, area: np.ndarray) -> tuple[float, float]:
    """Mean and 99th percentile of |frame - source| over an area, grey levels; 0 where it is empty.

    frame, source: BGR uint8 (h, w, 3); area: bool (h, w).
    """
    if not area.any():
        return 0.0, 0.0
    apart = cv2.absdiff(frame, source)[area].mean(axis=1)
    return float(apart.mean()), float(np.percentile(apart, 99))
