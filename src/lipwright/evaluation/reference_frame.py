"""Choose the portrait from a talking video: its calmest frame."""

from __future__ import annotations

import numpy as np

from lipwright.evaluation.landmark_track import LandmarkTrack
from lipwright.evaluation.mouth_metrics import CLOSED_GAP, align_rigidly, measure_mouth

FRONTAL, STILL_SPEED, NARROWED = 12.0, 0.02, 0.75
"""Degrees, eye distances per frame, and share of the usual eye opening that cost as much as one
tenth of a mouth width of opening."""
OPENING_COST = 0.1
EYE_LIDS = ((159, 145), (386, 374))


def calmest_frame(track: LandmarkTrack) -> int:
    """Return the number of the frame that is the best portrait.

    Its lips are closed or nearest to it, its eyes open, its head frontal and still.
    """
    opening, width, _ = measure_mouth(track.landmarks).T
    cost = np.maximum(opening - CLOSED_GAP / 2, 0) / OPENING_COST
    cost += 0.5 * np.abs(width) / OPENING_COST
    cost += np.hypot(track.poses[:, 0], track.poses[:, 1]) / FRONTAL
    cost += _speed(track.landmarks) / STILL_SPEED
    lids = _eye_opening(track.landmarks)
    cost += np.maximum(1 - lids / max(float(np.percentile(lids, 75)), 1e-6), 0) / (1 - NARROWED)
    cost[~track.present] = np.inf
    return int(cost.argmin())


def _speed(landmarks: np.ndarray) -> np.ndarray:
    """Return the mean motion of all landmarks to the neighbouring frames, in eye distances."""
    eyes = np.linalg.norm(landmarks[:, 263, :2] - landmarks[:, 33, :2], axis=1)
    ways = np.linalg.norm(np.diff(landmarks[:, :468, :2], axis=0), axis=2).mean(axis=1)
    speeds: np.ndarray = (np.r_[ways[:1], ways] + np.r_[ways, ways[-1:]]) / 2 / np.median(eyes)
    return speeds


def _eye_opening(landmarks: np.ndarray) -> np.ndarray:
    points = align_rigidly(landmarks)
    openings: np.ndarray = sum(
        np.abs(points[:, low, 1] - points[:, high, 1]) for high, low in EYE_LIDS
    )
    return openings
