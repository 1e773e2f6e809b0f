"""Face detection: BlazeFace (Bazarevsky et al. 2019, short range) at every size and roll.

The network looks at 128x128 px and finds upright faces that fill at least a seventh of them. So
the whole image is searched first, then rotated copies of it with a margin, then ever smaller
tiles, until a face that is large enough for its view turns up.

An upside-down face is found as well, with its eyes and mouth exchanged. A second look at it in
its apparent orientation tells (`FaceDetector.sureness`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import atan2, ceil, pi, radians
from typing import Any

import cv2
import numpy as np

from lipwright.core.once import Once
from lipwright.face.image_pyramid import ImagePyramid, RotatedSquare, transform_points
from lipwright.face.networks import open_session
from lipwright.media.limits import MIN_SIDE

INPUT_SIZE = 128
MIN_SCORE = 0.5
MAX_OVERLAP = 0.3
# a face smaller than this part of its view is found by chance: look closer as well
TRUSTED_PART = 0.12
TURNS = tuple(radians(angle) for angle in (-30, 30, -45, 45))
ROOM_AROUND = 1.6
SMALLEST_TILE = 160
FINEST_TILING = 8
# the most tiles of a strip that is cut further, in squares of the finest part: at 8 parts a square
# has 3.5 and a strip up to 6, so that the time stays within twice that of a square
MOST_IN_STRIP = 6
# a view that is at most so many times as large as a face shows it to the network, as good as surely
CLOSE_ENOUGH = 1.1 * 7
# px of the last tiles of pictures that are cut no further: smaller faces cannot be animated.
# Pictures have a limit of pixels, and with it the number of these
CLOSEST_TILE = 7 * MIN_SIDE
QUARTER_TURNS = (pi, pi / 2, -pi / 2)
FINEST_TURNED_TILING = 4
# how far the middle of a face may be from that of a view in which it is judged, in sides
NEAR_MIDDLE = 0.15


@dataclass(frozen=True)
class Detection:
    """A detected face.

    centre: float64 (2,), the centre of its square box, px. side: of the box, px. roll: radians.
    score: [0, 1].
    """

    centre: np.ndarray
    side: float
    roll: float
    score: float


class FaceDetector:
    """The detector network, opened at the first image. Several threads may use it at once."""

    def __init__(self, threads: int = 2) -> None:
        self._threads = threads
        self._session = Once[Any]()
        self._anchors = make_anchors()

    def search(
        self, pyramid: ImagePyramid, smallest: float = 0.0
    ) -> Iterator[tuple[list[Detection], float]]:
        """Yield (faces, px a face must have to be reliable) of ever closer searches of an image.

        smallest: px; nothing is done for faces alone that are smaller. The first searches are cheap
        (1 to 4 runs of the network), the last ones are not (hundreds): stop as soon as the faces
        are good enough.
        """
        yield from self._look(pyramid, plan_views(pyramid, smallest))

    def search_turned(self, pyramid: ImagePyramid) -> Iterator[tuple[list[Detection], float]]:
        """Search like `search`, but less closely, for faces on their side or upside down."""
        yield from self._look(pyramid, _plan_turned_views(pyramid))

    def detect_in(self, pyramid: ImagePyramid, view: RotatedSquare) -> list[Detection]:
        """Return the faces in one square view; overlapping detections are merged by score."""
        points, scores = self._run(pyramid, view, MIN_SCORE)
        if not scores.size:
            return []
        to_image = view.to_image(INPUT_SIZE)
        return [
            _make_detection(merged * INPUT_SIZE, score, to_image)
            for merged, score in _merge_boxes(points, scores)
        ]

    def sureness(self, pyramid: ImagePyramid, view: RotatedSquare) -> float:
        """Return the score, [0, 1], of an upright face in the middle of a view."""
        points, scores = self._run(pyramid, view, 0.0)
        near = np.hypot(*(points[:, 0] - 0.5).T) < NEAR_MIDDLE
        return float(scores[near].max(initial=0.0))

    def _look(
        self, pyramid: ImagePyramid, plan: Iterable[list[RotatedSquare]]
    ) -> Iterator[tuple[list[Detection], float]]:
        for views in plan:
            found = [face for view in views for face in self.detect_in(pyramid, view)]
            yield suppress_overlaps(found), TRUSTED_PART * views[-1].side

    def _run(
        self, pyramid: ImagePyramid, view: RotatedSquare, least: float
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the detections with at least this score.

        The first array, float32 (n, 8, 2), is as for `_make_detection` but in sides of the view;
        the second, (n,), has the scores.
        """
        session = self._session.get(lambda: open_session("face_detector.onnx", self._threads))
        crop = pyramid.crop(view, INPUT_SIZE, cv2.BORDER_CONSTANT)
        tensor = cv2.cvtColor(crop, cv2.COLOR_BGR2RGB)[None].astype(np.float32)
        tensor /= 127.5
        tensor -= 1
        regressors, logits = session.run(["regressors", "classificators"], {"image": tensor})
        scores = 1 / (1 + np.exp(-np.clip(logits.ravel(), -80, 80)))
        likely = np.flatnonzero(scores >= least)
        values = regressors.reshape(-1, 8, 2)[likely] / INPUT_SIZE
        points = values + self._anchors[likely, None]
        points[:, 1] = values[:, 1]  # the second pair is the box's width and height
        return points, scores[likely]


def make_anchors() -> np.ndarray:
    """Return float32 (896, 2): the centres that the network's boxes are relative to, in [0, 1]."""
    grids = []
    for cells, per_cell in ((16, 2), (8, 6)):
        row, column = np.mgrid[:cells, :cells]
        centres = np.stack([column.ravel() + 0.5, row.ravel() + 0.5], axis=1) / cells
        grids.append(np.repeat(centres, per_cell, axis=0))
    return np.concatenate(grids).astype(np.float32)


def suppress_overlaps(found: list[Detection]) -> list[Detection]:
    """Keep the detection with the best score of those that overlap."""
    kept: list[Detection] = []
    for face in sorted(found, key=lambda face: -face.score):
        boxes = np.array([[*other.centre, other.side, other.side] for other in kept])
        box = np.array([*face.centre, face.side, face.side])
        if not kept or overlap(box, boxes).max() < MAX_OVERLAP:
            kept.append(face)
    return kept


def overlap(box: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """Return the shared area of one box and each of several, over the smaller area.

    box: float32 or float64 (4,), centre x, y and size x, y. boxes: (n, 4). The result is (n,).
    """
    low = np.maximum(box[:2] - box[2:] / 2, boxes[:, :2] - boxes[:, 2:] / 2)
    high = np.minimum(box[:2] + box[2:] / 2, boxes[:, :2] + boxes[:, 2:] / 2)
    shared = np.clip(high - low, 0, None).prod(axis=1)
    shares: np.ndarray = shared / np.maximum(
        np.minimum(box[2:].prod(), boxes[:, 2:].prod(axis=1)), 1e-12
    )
    return shares


def _merge_boxes(points: np.ndarray, scores: np.ndarray) -> Iterator[tuple[np.ndarray, float]]:
    """Average overlapping boxes, weighted by score: BlazeFace's own non-maximum suppression."""
    boxes = points[:, :2].reshape(-1, 4)
    rest = np.argsort(-scores)
    while rest.size:
        same = overlap(boxes[rest[0]], boxes[rest]) > MAX_OVERLAP
        same[0] = True
        group = rest[same]
        weights = scores[group] / scores[group].sum()
        yield np.tensordot(weights, points[group], 1), float(scores[group[0]])
        rest = rest[~same]


def _make_detection(merged: np.ndarray, score: float, to_image: np.ndarray) -> Detection:
    """Make a detection of (8, 2) centre, size, right eye, left eye, ... in crop px."""
    right_eye, left_eye = transform_points(to_image, merged[2:4])
    direction = left_eye - right_eye
    return Detection(
        centre=transform_points(to_image, merged[0]),
        side=float(merged[1].max() * np.hypot(*to_image[:, 0])),
        roll=atan2(direction[1], direction[0]),
        score=score,
    )


def plan_views(pyramid: ImagePyramid, smallest: float = 0.0) -> Iterator[list[RotatedSquare]]:
    """Yield groups of views, cheap ones first; the caller stops at the first sufficient group.

    smallest: px of the smallest faces that are looked for.
    """
    whole = _whole(pyramid)
    tilings = list(_plan_tilings(pyramid, FINEST_TILING, smallest))
    # the half-size tiles are always looked at: beside a large face there may be smaller ones
    yield [whole, *(tilings[0] if tilings else [])]
    yield [whole.larger(ROOM_AROUND)]
    yield [whole.larger(1.2).turned(turn) for turn in TURNS]
    yield from tilings[1:]
    if tilings and tilings[-1][0].side > CLOSE_ENOUGH * MIN_SIDE:
        yield _tiles(pyramid, CLOSEST_TILE)
    for tiles in tilings[:2]:  # small and turned at once is rare, and a finer search is slow
        yield [tile.turned(turn) for tile in tiles for turn in TURNS]


def _plan_turned_views(pyramid: ImagePyramid) -> Iterator[list[RotatedSquare]]:
    """Yield groups of views rotated by quarter turns, cheap ones first."""
    whole = _whole(pyramid)
    groups = [[whole], [whole.larger(ROOM_AROUND)], [whole.larger(1.2).turned(t) for t in TURNS]]
    for views in [*groups, *_plan_tilings(pyramid, FINEST_TURNED_TILING)]:
        yield [view.turned(turn) for turn in QUARTER_TURNS for view in views]


def _whole(pyramid: ImagePyramid) -> RotatedSquare:
    return RotatedSquare(pyramid.width / 2, pyramid.height / 2, max(pyramid.width, pyramid.height))


def _plan_tilings(
    pyramid: ImagePyramid, finest: int, smallest: float = 0.0
) -> Iterator[list[RotatedSquare]]:
    """Yield tiles of half, a quarter ... of the image, as long as they are not too small.

    A long strip, such as a panorama, is cut into finer parts than `finest`, as long as there are
    not many more of them than a square has at that.
    """
    parts = 2
    while (side := _whole(pyramid).side / parts) >= SMALLEST_TILE:
        tiles = _tiles(pyramid, side)
        if parts > finest and len(tiles) > MOST_IN_STRIP * finest**2:
            return
        yield tiles
        if side <= CLOSE_ENOUGH * smallest:
            return
        parts *= 2


def _tiles(pyramid: ImagePyramid, side: float) -> list[RotatedSquare]:
    """Return half-overlapping tiles that cover the image."""
    rows, columns = (_tile_centres(size, side) for size in (pyramid.height, pyramid.width))
    return [RotatedSquare(x, y, side) for y in rows for x in columns]


def _tile_centres(length: int, side: float) -> np.ndarray:
    """Return the centres of half-overlapping tiles that cover `length` px."""
    count = max(1, ceil(2 * length / side) - 1)
    if count == 1:
        return np.array([length / 2])
    return np.linspace(side / 2, length - side / 2, count)
