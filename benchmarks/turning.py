"""Turned heads beside frames in which the same person really turned the head.

    LIPWRIGHT_TURNING=FOLDER python benchmarks/turning.py [--json]

Of two frames of one clip with the same mouth and open eyes, the first is turned to the pose of the
second by the depth of its landmarks, as in a video from a portrait, and laid over the second by
the best similarity transform; beside it stands the first laid over the second by the best
similarity transform alone. What is left is the mean difference of normalised lightness over the
face without mouth and eyes, and the mean distance of landmarks. turning_clips.py has the clips.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import cv2
import numpy as np
from turning_clips import BINS, KINDS, Pair, find_clips, read_pairs
from turning_measures import (
    STEADY,
    apply,
    best_gain,
    compared_area,
    fit_gains,
    fit_similarity,
    left_over,
    mean_difference,
    refine_similarity,
    sample,
)

from lipwright.engines.warp.head_motion import HeadMotion
from lipwright.face import FaceFinder
from lipwright.face.face import Face
from lipwright.face.finder import make_face

FACE_WIDTH = 170.0  # px at which faces are compared, smaller ones as they are
SOFT = 0.8  # px: pictures are smoothed that much, so that noise and codec count less
GAINS = np.array([0.0, 0.6, 0.8, 0.9, 1.0, 1.1, 1.2, 1.4, 1.6])
WHOLE = int(np.flatnonzero(GAINS == 1.0)[0])
FIXED_ROUNDS = 8  # to find where a landmark goes from where pixels come from


class Outcome(NamedTuple):
    """What is left of one pair at each of GAINS; at 0 that of the similarity alone."""

    pair: Pair
    lightness: np.ndarray
    landmarks: np.ndarray
    """Outer-eye distances."""
    gains: np.ndarray
    """Of yaw and pitch, (2,), with which landmarks would come nearest."""
    reached: np.ndarray
    """Yaw and pitch by which the turned picture's face is turned, as tracked anew, degrees."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print every pair as JSON")
    options = parser.parse_args()
    finder = FaceFinder()
    outcomes = [compare(pair, finder) for pair in read_pairs(find_clips())]
    if not outcomes:
        print("There are no clips (LIPWRIGHT_TURNING, LIPWRIGHT_GRID): nothing was measured.")
    elif options.json:
        print(json.dumps([as_dict(outcome) for outcome in outcomes], indent=1))
    else:
        print("\n".join(markdown(outcomes)))


class Turner:
    """Turns the head of one picture; the only place that knows how the library does it."""

    def __init__(self, image: np.ndarray, face: Face) -> None:
        """face: its landmarks with pixel centres at whole numbers."""
        self._head = HeadMotion(image, face)

    def displacement(
        self, x: np.ndarray, y: np.ndarray, yaw: float, pitch: float
    ) -> tuple[np.ndarray, np.ndarray]:
        """The turned picture shows at p what the picture has at p + d: float32 (h, w) each, px."""
        return self._head.field_on(x, y).displacement(yaw, pitch, 0.0)

    def move_points(self, points: np.ndarray, yaw: float, pitch: float) -> np.ndarray:
        """Where the turned picture shows points (n, 2) of the picture."""
        moved = points.astype(np.float32)
        for _ in range(FIXED_ROUNDS):
            x, y = (np.ascontiguousarray(axis)[None] for axis in moved.T)
            moved = points - np.stack(self.displacement(x, y, yaw, pitch), axis=-1)[0]
        return moved


def compare(pair: Pair, finder: FaceFinder) -> Outcome:
    (image, goal), (points, wanted) = scaled(pair)
    turner = Turner(image, make_face(points, 1.0))
    yaw, pitch = (float(angle) for angle in pair.turn[:2])
    source, target = (lightness(one) for one in (image, goal))
    area = compared_area(wanted[:, :2], target.shape)
    eyes = float(np.linalg.norm(wanted[263] - wanted[33]))
    steady, steady_wanted = points[STEADY, :2], wanted[STEADY, :2]
    differences, distances = [], []
    for gain in GAINS:
        moved = turner.move_points(steady, gain * yaw, gain * pitch)
        distances.append(left_over(steady_wanted, moved) / eyes)
        start = fit_similarity(steady_wanted, moved)
        differences.append(
            lightness_left(turner, source, target, area, start, (gain * yaw, gain * pitch))
        )
    by_yaw = turner.move_points(steady, yaw, 0.0) - steady
    by_pitch = turner.move_points(steady, 0.0, pitch) - steady
    back = fit_similarity(steady, steady_wanted)  # the target's points laid over the source's
    laid = np.linalg.solve(back[:, :2], (steady_wanted - back[:, 2]).T).T
    return Outcome(
        pair,
        np.array(differences),
        np.array(distances),
        fit_gains(laid, steady, by_yaw, by_pitch),
        reached(turner, image, points, yaw, pitch, finder),
    )


def scaled(pair: Pair) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Pictures and landmarks at the size of comparison; pixel centres at whole numbers."""
    widths = [float(np.ptp(landmarks[:468, 0])) for landmarks in pair.landmarks]
    factor = min(1.0, FACE_WIDTH / widths[0])
    images, points = [], []
    for image, landmarks in zip(pair.images, pair.landmarks, strict=True):
        size = (round(image.shape[1] * factor), round(image.shape[0] * factor))
        images.append(cv2.resize(image, size, interpolation=cv2.INTER_AREA))
        across, down = size[0] / image.shape[1], size[1] / image.shape[0]
        half = np.array([0.5, 0.5, 0.0])
        points.append((landmarks * [across, down, across] - half).astype(np.float32))
    return images, points


def lightness(image: np.ndarray) -> np.ndarray:
    """Smoothed lightness, float32 (h, w)."""
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY).astype(np.float32)
    return cv2.GaussianBlur(grey, (0, 0), SOFT)


def lightness_left(
    turner: Turner,
    source: np.ndarray,
    target: np.ndarray,
    area: np.ndarray,
    start: np.ndarray,
    turn: tuple[float, float],
) -> float:
    """Mean difference over the area once the turned source has its best similarity."""
    x, y = np.meshgrid(*(np.arange(n, dtype=np.float32) for n in source.shape[::-1]))
    right, down = turner.displacement(x, y, *turn)
    turned = cv2.remap(
        source, x + right, y + down, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    similarity = refine_similarity(turned, target, area, start)
    rows, columns = np.nonzero(area)
    place_x, place_y = apply(similarity, columns.astype(float), rows.astype(float))
    # through both motions at once: being sampled twice would be softer
    moved_x, moved_y = sample(right, place_x, place_y), sample(down, place_x, place_y)
    return mean_difference(sample(source, place_x + moved_x, place_y + moved_y), target[area])


def reached(
    turner: Turner,
    image: np.ndarray,
    points: np.ndarray,
    yaw: float,
    pitch: float,
    finder: FaceFinder,
) -> np.ndarray:
    """Yaw and pitch between the turned picture and the picture, as tracked; NaN where lost."""
    x, y = np.meshgrid(*(np.arange(n, dtype=np.float32) for n in image.shape[1::-1]))
    right, down = turner.displacement(x, y, yaw, pitch)
    turned = cv2.remap(image, x + right, y + down, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    near = make_face(points + np.array([0.5, 0.5, 0.0], np.float32), 1.0)
    before, after = finder.refine(image, near), finder.refine(turned, near)
    if before is None or after is None:
        return np.full(2, np.nan)
    return np.subtract(after.pose, before.pose)[:2]


def as_dict(outcome: Outcome) -> dict[str, Any]:
    pair = outcome.pair
    return {
        "clip": pair.clip,
        "kind": pair.kind,
        "frames": pair.frames,
        "turn": pair.turn.round(2).tolist(),
        "lightness": dict(zip(GAINS.tolist(), outcome.lightness.round(4).tolist(), strict=True)),
        "landmarks": dict(zip(GAINS.tolist(), outcome.landmarks.round(5).tolist(), strict=True)),
        "gains": outcome.gains.round(3).tolist(),
        "reached": outcome.reached.round(2).tolist(),
    }


def markdown(outcomes: Sequence[Outcome]) -> Iterator[str]:
    clips = sorted({outcome.pair.clip for outcome in outcomes})
    yield f"{len(outcomes)} pairs of frames of {len(clips)} clips: {', '.join(clips)}"
    yield ""
    yield "| turn | pairs | lightness: similarity | turned | ratio | landmarks: similarity | turned | ratio |"
    yield "|---|---|---|---|---|---|---|---|"
    for low, high in BINS:
        group = [one for one in outcomes if low <= one.pair.size < high]
        yield from row(f"{low:g} to {high:g}°", group)
    for kind in KINDS:
        yield from row(f"mostly {kind}", [one for one in outcomes if one.pair.kind == kind])
    yield from row("all", outcomes)
    yield ""
    yield (
        "| median left at a depth of | " + " | ".join(f"x{gain:g}" for gain in GAINS) + " | best |"
    )
    yield "|---" * (len(GAINS) + 2) + "|"
    for kind in KINDS:
        group = [one for one in outcomes if one.pair.kind == kind]
        if group:
            yield scan(f"{kind}, lightness", np.array([one.lightness for one in group]), 3)
            yield scan(f"{kind}, landmarks", np.array([one.landmarks for one in group]), 4)
    yield ""
    yield from signs(outcomes)


def row(name: str, group: Sequence[Outcome]) -> Iterator[str]:
    """Medians, and the median of the pairs' own ratios."""
    if not group:
        return
    cells = [name, str(len(group))]
    for digits, errors in (
        (3, np.array([one.lightness for one in group])),
        (4, np.array([one.landmarks for one in group])),
    ):
        alone, turned = errors[:, 0], errors[:, WHOLE]
        cells += [f"{np.median(alone):.{digits}f}", f"{np.median(turned):.{digits}f}"]
        cells.append(f"{np.median(turned / alone):.2f}")
    yield "| " + " | ".join(cells) + " |"


def scan(name: str, errors: np.ndarray, digits: int) -> str:
    medians = [f"{value:.{digits}f}" for value in np.median(errors, axis=0)]
    return "| " + " | ".join([name, *medians, f"x{best_gain(GAINS[1:], errors[:, 1:]):.2f}"]) + " |"


def signs(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """How far the turned picture's face is turned, and the gain that landmarks ask for."""
    yield "| angle | pairs | tracked again, of what was asked | same side | gain landmarks ask for |"
    yield "|---|---|---|---|---|"
    for axis, kind in enumerate(("yaw", "pitch")):
        group = [
            one for one in outcomes if one.pair.kind == kind and np.isfinite(one.reached[axis])
        ]
        if group:
            asked = np.array([one.pair.turn[axis] for one in group])
            got = np.array([one.reached[axis] for one in group])
            slope = float(asked @ got / (asked @ asked))
            same = int((np.sign(asked) == np.sign(got)).sum())
            wanted = np.percentile([one.gains[axis] for one in group], [25, 50, 75])
            yield (
                f"| {kind} | {len(group)} | x{slope:.2f} | {same} of {len(group)} | "
                f"x{wanted[1]:.2f} ({wanted[0]:.2f} to {wanted[2]:.2f}) |"
            )


if __name__ == "__main__":
    main()
