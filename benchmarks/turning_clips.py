"""Pairs of frames in which one person holds the same face at two poses of the head.

The clips are those of GRID (LIPWRIGHT_GRID, or ../shared/data/grid) and the videos of a folder of
people who turn their heads (LIPWRIGHT_TURNING): any .mp4 in which one face is seen from the front.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import NamedTuple

import numpy as np

from lipwright.core.errors import LipwrightError
from lipwright.evaluation.landmark_track import LandmarkTrack, read_frames, track_video
from lipwright.evaluation.mouth_metrics import align_rigidly, measure_mouth
from lipwright.face import FaceFinder

OWN_CLIPS = 8  # of GRID's speaker s1, of whom there are many
BINS = ((2.0, 4.0), (4.0, 6.0), (6.0, 8.0))
"""Sizes of a turn, degrees of yaw and pitch together."""
KINDS = ("yaw", "pitch", "mixed")
DOMINANT = 2.5  # times the other angle: the turn is about one axis
PER_CELL = 3  # pairs of a clip with one size and kind
FRONTAL = 15.0  # degrees of yaw and pitch: portraits are not turned further
MOST_ROLL = 8.0  # degrees between the frames
OPEN_EYES = 0.75  # of what is usual in the clip
CALM = 0.02  # eye distances a frame: faster heads are blurred
SAME_MOUTH, SAME_BROW = 0.05, 0.025  # mouth widths, outer-eye distances
EYE_LIDS = ((159, 145), (386, 374))
BROWS = ((52, 159), (105, 159), (282, 386), (334, 386))


class Pair(NamedTuple):
    """Two frames of one clip."""

    clip: str
    kind: str
    frames: tuple[int, int]
    images: tuple[np.ndarray, np.ndarray]
    """BGR uint8 (h, w, 3)."""
    landmarks: tuple[np.ndarray, np.ndarray]
    """float32 (478, 3), px, as in `Face`."""
    poses: tuple[np.ndarray, np.ndarray]
    """Yaw, pitch and roll, degrees."""

    @property
    def turn(self) -> np.ndarray:
        """From the first to the second frame: yaw, pitch, roll in degrees."""
        return self.poses[1] - self.poses[0]

    @property
    def size(self) -> float:
        return float(np.hypot(*self.turn[:2]))


def find_clips() -> list[Path]:
    """The videos that are there."""
    grid = Path(os.environ.get("LIPWRIGHT_GRID", "../shared/data/grid"))
    own = sorted(grid.glob("s1/*.mp4"))
    own = own[:: max(1, len(own) // OWN_CLIPS)][:OWN_CLIPS]
    others = sorted(grid.glob("others/*.mp4"))
    turning = os.environ.get("LIPWRIGHT_TURNING")
    return [*(sorted(Path(turning).glob("*.mp4")) if turning else ()), *others, *own]


def read_pairs(paths: Sequence[Path]) -> Iterator[Pair]:
    """The pairs of all clips; a clip in which no face can be followed has none."""
    finder = FaceFinder()
    for path in paths:
        try:
            track = track_video(path, finder)
        except LipwrightError as error:
            print(f"left out: {error}")
            continue
        chosen = choose_pairs(track)
        wanted = {number for _, pair in chosen for number in pair}
        images = {n: image for n, image in enumerate(read_frames(path)) if n in wanted}
        for kind, (a, b) in chosen:
            yield Pair(
                path.stem,
                kind,
                (a, b),
                (images[a], images[b]),
                (track.landmarks[a], track.landmarks[b]),
                (track.poses[a], track.poses[b]),
            )


def choose_pairs(track: LandmarkTrack, seed: int = 0) -> list[tuple[str, tuple[int, int]]]:
    """Pairs of frame numbers, with the kind of their turn; no frame of one clip is used twice."""
    usable = usable_frames(track)
    if len(usable) < 2:
        return []
    turns = track.poses[usable][None] - track.poses[usable][:, None]
    yaw, pitch, roll = np.moveaxis(np.abs(turns), 2, 0)
    size = np.hypot(yaw, pitch)
    alike = same_face(track)[np.ix_(usable, usable)] & (roll <= MOST_ROLL)
    about = {"yaw": yaw > DOMINANT * pitch, "pitch": pitch > DOMINANT * yaw}
    about["mixed"] = ~about["yaw"] & ~about["pitch"]
    order = np.random.default_rng(seed).permutation(len(usable))
    taken: set[int] = set()
    chosen: list[tuple[str, tuple[int, int]]] = []
    for (low, high), kind in product(BINS[::-1], KINDS):
        fitting = alike & about[kind] & (size >= low) & (size < high)
        found = 0
        for a in order:
            b = next((int(b) for b in order if fitting[a, b] and b not in taken), None)
            if b is None or a in taken or found == PER_CELL:
                continue
            taken |= {int(a), b}
            chosen.append((kind, (int(usable[a]), int(usable[b]))))
            found += 1
    return chosen


def usable_frames(track: LandmarkTrack) -> np.ndarray:
    """Numbers of the frames that are frontal, calm and have open eyes."""
    points = track.landmarks[..., :2]
    eyes = np.linalg.norm(points[:, 263] - points[:, 33], axis=1)
    ways = np.linalg.norm(np.diff(points[:, :468], axis=0), axis=2).mean(axis=1)
    speed = np.maximum(np.r_[0, ways], np.r_[ways, 0]) / np.median(eyes)
    lids = sum(distance(track.landmarks, *pair) for pair in EYE_LIDS)
    fine = track.present & (lids >= OPEN_EYES * np.percentile(lids, 75)) & (speed <= CALM)
    fine &= (np.abs(track.poses[:, :2]) <= FRONTAL).all(axis=1)
    return np.flatnonzero(fine)


def same_face(track: LandmarkTrack) -> np.ndarray:
    """Which frames have the same mouth and brows, bool (T, T)."""
    mouth = measure_mouth(track.landmarks)
    aligned = align_rigidly(track.landmarks)
    brows = np.mean([distance(aligned, *pair) for pair in BROWS], axis=0)
    brows /= np.median(distance(aligned, 33, 263))
    unlike = np.abs(mouth[:, None] - mouth[None]).max(axis=2)
    return (unlike <= SAME_MOUTH) & (np.abs(brows[:, None] - brows[None]) <= SAME_BROW)


def distance(landmarks: np.ndarray, first: int, second: int) -> np.ndarray:
    """Between two landmarks, 3-D, (T,)."""
    found: np.ndarray = np.linalg.norm(landmarks[:, first] - landmarks[:, second], axis=1)
    return found
