"""How heads and brows move: of people who speak freely, and of rendered videos, tracked alike."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from wild_clips import read_wild

from lipwright.face.landmark_indices import FACE_OVAL

ANGLES = ("yaw", "pitch", "roll")
COLUMNS = (*ANGLES, "x", "y", "brow")
BRIDGE, OUTER_EYES = 168, (33, 263)
BROW_LIDS = ((105, 159), (334, 386))
LIP_GAPS = ((82, 87), (13, 14), (312, 317))
EYE_LIDS = ((159, 145), (386, 374))


class MotionTrack(NamedTuple):
    """One clip of one person."""

    name: str
    fps: float
    columns: dict[str, np.ndarray]
    """Float64 (T,) by COLUMNS: degrees, face widths from the median, outer-eye distances."""
    level: np.ndarray
    """float64 (T,): dB of the sound around each frame."""


def read_people(folder: Path) -> list[MotionTrack]:
    """The people of wild_clips.py; none where the folder is missing."""
    found = []
    for clip in read_wild(folder):
        rows = np.genfromtxt(folder / f"{clip.name}.csv", delimiter=",", names=True)
        columns = {angle: rows[f"{angle}_deg"] for angle in ANGLES}
        columns |= {"x": rows["x_fw"], "y": rows["y_fw"], "brow": rows["brow"]}
        found.append(MotionTrack(clip.name, clip.fps, columns, clip.level))
    return found


def columns_of(landmarks: np.ndarray, poses: np.ndarray) -> dict[str, np.ndarray]:
    """The columns of a tracked video. landmarks: float32 (T, 478, 3), px; poses: (T, 3)."""
    columns = dict(zip(ANGLES, poses.T.astype(np.float64), strict=True))
    width = float(np.median(np.ptp(landmarks[:, list(FACE_OVAL), 0], axis=1)))
    bridge = landmarks[:, BRIDGE, :2].astype(np.float64)
    columns["x"], columns["y"] = ((bridge - np.median(bridge, axis=0)) / width).T
    columns["brow"] = mean_distance(landmarks, BROW_LIDS)
    return columns


def lip_gap(landmarks: np.ndarray) -> np.ndarray:
    """Of the inner lips, mean of three places, in outer-eye distances, (T,)."""
    return mean_distance(landmarks, LIP_GAPS)


def eye_opening(landmarks: np.ndarray) -> np.ndarray:
    """Of the lids, mean of both eyes, in outer-eye distances, (T,)."""
    return mean_distance(landmarks, EYE_LIDS)


def mean_distance(landmarks: np.ndarray, pairs: tuple[tuple[int, int], ...]) -> np.ndarray:
    """Of pairs of landmarks, 3-D, over that of the outer eye corners, float64 (T,)."""

    def apart(first: int, second: int) -> np.ndarray:
        way = (landmarks[:, first] - landmarks[:, second]).astype(np.float64)
        length: np.ndarray = np.linalg.norm(way, axis=1)
        return length

    mean: np.ndarray = np.mean([apart(*pair) for pair in pairs], axis=0) / apart(*OUTER_EYES)
    return mean
