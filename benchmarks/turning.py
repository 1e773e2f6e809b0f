"""Turned heads beside frames in which the same person really turned the head.

    LIPWRIGHT_TURNING=FOLDER python benchmarks/turning.py [--json]

Of two frames of one clip with the same mouth and open eyes, the first is turned to the pose of the
second, as a portrait is in a video, and laid over the second by the best similarity transform;
beside it stands the first laid over the second by a similarity alone. What is left is the mean
difference of normalised lightness over the face without mouth and eyes, and the mean distance of
landmarks. Two ways that no portrait allows show how much is possible. turning_clips.py has the
clips, turning_movers.py the ways; docs/measures.md the definitions.
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
from turning_movers import Field, Turner, known_displacement, moved, pixels, turned_in_space

from lipwright.face import FaceFinder
from lipwright.face.finder import make_face

FACE_WIDTH = 170.0  # px at which faces are compared, smaller ones as they are
SOFT = 0.8  # px: pictures are smoothed that much, so that noise and codec count less
GAINS = np.array([0.0, 0.6, 0.8, 0.9, 1.0, 1.1, 1.2, 1.4, 1.6])
WHOLE = int(np.flatnonzero(GAINS == 1.0)[0])
ASKED = 0.75  # times what a similarity leaves
HALF = np.array([0.5, 0.5, 0.0], np.float32)  # px: where pixel centres lie for landmarks


class Outcome(NamedTuple):
    """What is left of one pair."""

    pair: Pair
    lightness: np.ndarray
    """At each of GAINS of the turn; at 0 that of the similarity alone."""
    landmarks: np.ndarray
    """The same in outer-eye distances."""
    known: float
    """Lightness, the first frame's landmarks brought to the second's."""
    in_space: float
    """Landmarks, turned in space with the network's depth."""
    gains: np.ndarray
    """Of yaw and pitch, (2,), with which landmarks would come nearest."""
    reached: np.ndarray
    """Yaw and pitch by which the turned picture's face is turned, as tracked anew, degrees."""
    reached_known: np.ndarray
    """The same of the picture whose landmarks were brought to the second's."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print every pair as JSON")
    options = parser.parse_args()
    finder = FaceFinder()
    outcomes = [compare(pair, finder) for pair in read_pairs(find_clips())]
    if options.json:
        print(json.dumps([as_dict(outcome) for outcome in outcomes], indent=1))
    else:
        print("\n".join(markdown(outcomes)))


def compare(pair: Pair, finder: FaceFinder) -> Outcome:
    (image, goal), (points, wanted) = scaled(pair)
    turner = Turner(image, make_face(points, 1.0))
    yaw, pitch = (float(angle) for angle in pair.turn[:2])
    source, target = lightness(image), lightness(goal)
    area = compared_area(wanted[:, :2], target.shape)
    eyes = float(np.linalg.norm(wanted[263] - wanted[33]))
    steady, aim = points[STEADY, :2], wanted[STEADY, :2]
    x, y = pixels(image.shape)
    differences, distances = [], []
    for gain in GAINS:
        goes = turner.move_points(steady, gain * yaw, gain * pitch)
        distances.append(left_over(aim, goes) / eyes)
        field = turner.displacement(x, y, gain * yaw, gain * pitch)
        differences.append(lightness_left(source, target, area, field, fit_similarity(aim, goes)))
    known = known_displacement(x, y, points, wanted)
    start = fit_similarity(aim, steady)
    back = np.stack(apply(start, *aim.T.astype(np.float64)), axis=1)
    return Outcome(
        pair,
        np.array(differences),
        np.array(distances),
        lightness_left(source, target, area, known, start),
        left_over(aim, turned_in_space(points, yaw, pitch)[STEADY, :2]) / eyes,
        fit_gains(
            back,
            steady,
            turner.move_points(steady, yaw, 0.0) - steady,
            turner.move_points(steady, 0.0, pitch) - steady,
        ),
        reached(image, points, turner.displacement(x, y, yaw, pitch), finder),
        reached(image, points, known, finder),
    )


def scaled(pair: Pair) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Pictures and landmarks at the size of comparison; pixel centres at whole numbers."""
    factor = min(1.0, FACE_WIDTH / float(np.ptp(pair.landmarks[0][:468, 0])))
    images, points = [], []
    for image, landmarks in zip(pair.images, pair.landmarks, strict=True):
        size = (round(image.shape[1] * factor), round(image.shape[0] * factor))
        images.append(cv2.resize(image, size, interpolation=cv2.INTER_AREA))
        across, down = size[0] / image.shape[1], size[1] / image.shape[0]
        points.append((landmarks * [across, down, across] - HALF).astype(np.float32))
    return images, points


def lightness(image: np.ndarray) -> np.ndarray:
    """Smoothed lightness, float32 (h, w)."""
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY).astype(np.float32)
    return cv2.GaussianBlur(grey, (0, 0), SOFT)


def lightness_left(
    source: np.ndarray, target: np.ndarray, area: np.ndarray, field: Field, start: np.ndarray
) -> float:
    """Mean difference over the area once the moved source has its best similarity.

    start: the similarity to begin with.
    """
    similarity = refine_similarity(moved(source, field), target, area, start)
    rows, columns = np.nonzero(area)
    x, y = apply(similarity, columns.astype(float), rows.astype(float))
    # through both motions at once: being sampled twice would be softer
    right, down = (sample(part, x, y) for part in field)
    return mean_difference(sample(source, x + right, y + down), target[area])


def reached(image: np.ndarray, points: np.ndarray, field: Field, finder: FaceFinder) -> np.ndarray:
    """Yaw and pitch between the moved picture and the picture, as tracked; NaN where lost."""
    near = make_face(points + HALF, 1.0)
    before, after = finder.refine(image, near), finder.refine(moved(image, field), near)
    if before is None or after is None:
        return np.full(2, np.nan)
    return np.subtract(after.pose, before.pose)[:2]


def as_dict(outcome: Outcome) -> dict[str, Any]:
    pair = outcome.pair
    gains = GAINS.tolist()
    return {
        "clip": pair.clip,
        "kind": pair.kind,
        "frames": pair.frames,
        "turn": pair.turn.round(2).tolist(),
        "lightness": dict(zip(gains, outcome.lightness.round(4).tolist(), strict=True)),
        "landmarks": dict(zip(gains, outcome.landmarks.round(5).tolist(), strict=True)),
        "lightness_known": round(outcome.known, 4),
        "landmarks_in_space": round(outcome.in_space, 5),
        "gains": outcome.gains.round(3).tolist(),
        "reached": np.nan_to_num(outcome.reached).round(2).tolist(),
        "reached_known": np.nan_to_num(outcome.reached_known).round(2).tolist(),
    }


def markdown(outcomes: Sequence[Outcome]) -> Iterator[str]:
    if not outcomes:
        yield "There are no clips (set LIPWRIGHT_TURNING or LIPWRIGHT_GRID): nothing was measured."
        return
    clips = sorted({outcome.pair.clip for outcome in outcomes})
    yield f"{len(outcomes)} pairs of frames of {len(clips)} clips: {', '.join(clips)}"
    yield ""
    yield (
        f"| left, of what a similarity leaves (asked {ASKED:g}) | pairs | landmarks | in space |"
        + (" lightness | by the second's landmarks |")
    )
    yield "|---|---|---|---|---|---|"
    for low, high in BINS:
        group = [one for one in outcomes if low <= one.pair.size < high]
        yield from ratios(f"{low:g} to {high:g}°", group)
    for kind in KINDS:
        yield from ratios(f"{kind}", [one for one in outcomes if one.pair.kind == kind])
    yield from ratios("all", outcomes)
    yield ""
    yield "| left at a gain of | " + " | ".join(f"x{gain:g}" for gain in GAINS) + " | best |"
    yield "|---" * (len(GAINS) + 2) + "|"
    for kind in KINDS:
        group = [one for one in outcomes if one.pair.kind == kind]
        if group:
            yield scan(f"{kind}, landmarks", np.array([one.landmarks for one in group]), 4)
            yield scan(f"{kind}, lightness", np.array([one.lightness for one in group]), 3)
    yield ""
    yield from turned_again(outcomes)


def ratios(name: str, group: Sequence[Outcome]) -> Iterator[str]:
    """Medians of the pairs' own ratios."""
    if not group:
        return
    landmarks = np.array([one.landmarks for one in group])
    light = np.array([one.lightness for one in group])
    found = (
        landmarks[:, WHOLE] / landmarks[:, 0],
        [one.in_space for one in group] / landmarks[:, 0],
        light[:, WHOLE] / light[:, 0],
        [one.known for one in group] / light[:, 0],
    )
    cells = [name, str(len(group)), *(f"{np.median(ratio):.2f}" for ratio in found)]
    yield "| " + " | ".join(cells) + " |"


def scan(name: str, errors: np.ndarray, digits: int) -> str:
    medians = [f"{value:.{digits}f}" for value in np.median(errors, axis=0)]
    return "| " + " | ".join([name, *medians, f"x{best_gain(GAINS[1:], errors[:, 1:]):.2f}"]) + " |"


def turned_again(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """How far the turned picture's face is turned, and the gain that landmarks ask for."""
    yield (
        "| tracked again, of what was asked | pairs | turned | by the second's landmarks "
        "| to the right side | gain landmarks ask for (quartiles) |"
    )
    yield "|---|---|---|---|---|---|"
    for axis, kind in enumerate(("yaw", "pitch")):
        group = [
            one
            for one in outcomes
            if one.pair.kind == kind and np.isfinite([one.reached, one.reached_known]).all()
        ]
        if group:
            asked = np.array([one.pair.turn[axis] for one in group])
            got = np.array([one.reached[axis] for one in group])
            known = np.array([one.reached_known[axis] for one in group])
            same = int((np.sign(asked) == np.sign(got)).sum())
            low, middle, high = np.percentile([one.gains[axis] for one in group], [25, 50, 75])
            yield (
                f"| {kind} | {len(group)} | x{slope(asked, got):.2f} | x{slope(asked, known):.2f} "
                f"| {same} of {len(group)} | x{middle:.2f} ({low:.2f} to {high:.2f}) |"
            )


def slope(asked: np.ndarray, got: np.ndarray) -> float:
    """Of the straight line through 0 that best gives `got` from `asked`, both (n,)."""
    return float(asked @ got / (asked @ asked))


if __name__ == "__main__":
    main()
