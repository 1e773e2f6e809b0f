"""Where are the faces? BlazeFace (Bazarevsky et al. 2019, short range) at every size and roll.

The network looks at 128x128 px and finds upright faces that fill at least a seventh of them. So
the picture is looked at as a whole first, then turned, with room around it, and in ever smaller
tiles, until a face that is large enough for its view turns up.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import atan2, ceil, radians
from typing import Any

import cv2
import numpy as np

from lipwright.core.once import Once
from lipwright.face.image_pyramid import Picture, Square, transform_points
from lipwright.face.networks import open_session

INPUT_SIZE = 128
MIN_SCORE = 0.5
MAX_OVERLAP = 0.3
# a face smaller than this part of its view is found by chance: look closer as well
TRUSTED_PART = 0.12
TURNS = tuple(radians(angle) for angle in (-30, 30, -45, 45))
ROOM_AROUND = 1.6
SMALLEST_TILE = 160
FINEST_TILING = 8


@dataclass(frozen=True)
class Detection:
    """A detected face: centre and side of its square box (px), roll (radians), score [0, 1]."""

    centre: np.ndarray
    side: float
    roll: float
    score: float


class FaceDetector:
    """The detector network; opened at the first picture. Threads may use it at once."""

    def __init__(self, threads: int = 2) -> None:
        self._threads = threads
        self._session = Once[Any]()
        self._anchors = make_anchors()

    def search(self, picture: Picture) -> Iterator[tuple[list[Detection], float]]:
        """Look ever more closely: (faces of this look, px a face must have to be trusted in it).

        The first looks are cheap (1 to 4 runs of the network), the last ones are not (hundreds):
        stop as soon as the faces are good enough.
        """
        for views in _plan_views(picture):
            found = [face for view in views for face in self._detect_in(picture, view)]
            yield suppress_overlaps(found), TRUSTED_PART * views[-1].side

    def _detect_in(self, picture: Picture, view: Square) -> list[Detection]:
        """The faces of one square view; overlapping answers are merged by score."""
        session = self._session.get(lambda: open_session("face_detector.onnx", self._threads))
        crop = picture.crop(view, INPUT_SIZE, cv2.BORDER_CONSTANT)[..., ::-1]
        tensor = crop[None].astype(np.float32) / 127.5 - 1
        regressors, logits = session.run(["regressors", "classificators"], {"image": tensor})
        scores = 1 / (1 + np.exp(-np.clip(logits.ravel(), -80, 80)))
        likely = np.flatnonzero(scores >= MIN_SCORE)
        if not likely.size:
            return []
        values = regressors.reshape(-1, 8, 2)[likely] / INPUT_SIZE
        points = values + self._anchors[likely, None]
        points[:, 1] = values[:, 1]  # the second pair is the box's width and height
        to_picture = view.to_picture(INPUT_SIZE)
        return [
            _make_detection(merged * INPUT_SIZE, score, to_picture)
            for merged, score in _merge_boxes(points, scores[likely])
        ]


def make_anchors() -> np.ndarray:
    """float32 (896, 2): the centres the network's boxes are relative to, in [0, 1]."""
    grids = []
    for cells, per_cell in ((16, 2), (8, 6)):
        row, column = np.mgrid[:cells, :cells]
        centres = np.stack([column.ravel() + 0.5, row.ravel() + 0.5], axis=1) / cells
        grids.append(np.repeat(centres, per_cell, axis=0))
    return np.concatenate(grids).astype(np.float32)


def suppress_overlaps(found: list[Detection]) -> list[Detection]:
    """Of detections that overlap, keep the one with the best score."""
    kept: list[Detection] = []
    for face in sorted(found, key=lambda face: -face.score):
        boxes = np.array([[*other.centre, other.side, other.side] for other in kept])
        box = np.array([*face.centre, face.side, face.side])
        if not kept or overlap(box, boxes).max() < MAX_OVERLAP:
            kept.append(face)
    return kept


def overlap(box: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """Shared area over the smaller area, of one box and (n, 4) boxes (centre x, y, size x, y)."""
    low = np.maximum(box[:2] - box[2:] / 2, boxes[:, :2] - boxes[:, 2:] / 2)
    high = np.minimum(box[:2] + box[2:] / 2, boxes[:, :2] + boxes[:, 2:] / 2)
    shared = np.clip(high - low, 0, None).prod(axis=1)
    return shared / np.maximum(np.minimum(box[2:].prod(), boxes[:, 2:].prod(axis=1)), 1e-12)


def _merge_boxes(points: np.ndarray, scores: np.ndarray) -> Iterator[tuple[np.ndarray, float]]:
    """BlazeFace's own non-maximum suppression: the mean of overlapping boxes, by score."""
    boxes = points[:, :2].reshape(-1, 4)
    rest = np.argsort(-scores)
    while rest.size:
        same = overlap(boxes[rest[0]], boxes[rest]) > MAX_OVERLAP
        same[0] = True
        group = rest[same]
        weights = scores[group] / scores[group].sum()
        yield np.tensordot(weights, points[group], 1), float(scores[group[0]])
        rest = rest[~same]


def _make_detection(merged: np.ndarray, score: float, to_picture: np.ndarray) -> Detection:
    """merged: (8, 2) centre, size, right eye, left eye, ... in crop px."""
    right_eye, left_eye = transform_points(to_picture, merged[2:4])
    direction = left_eye - right_eye
    return Detection(
        centre=transform_points(to_picture, merged[0]),
        side=float(merged[1].max() * np.hypot(*to_picture[:, 0])),
        roll=atan2(direction[1], direction[0]),
        score=score,
    )


def _plan_views(picture: Picture) -> Iterator[list[Square]]:
    """Groups of views, cheap ones first; the caller stops at the first group that is enough."""
    whole = max(picture.width, picture.height)
    centre = (picture.width / 2, picture.height / 2)
    tilings = []
    parts = 2
    while parts <= FINEST_TILING and whole / parts >= SMALLEST_TILE:
        side = whole / parts
        tilings.append(
            [
                Square(x, y, side)
                for y in _tile_centres(picture.height, side)
                for x in _tile_centres(picture.width, side)
            ]
        )
        parts *= 2
    # the half-size tiles are always looked at: beside a large face there may be smaller ones
    yield [Square(*centre, whole), *(tilings[0] if tilings else [])]
    yield [Square(*centre, whole * ROOM_AROUND)]
    yield [Square(*centre, whole * 1.2, turn) for turn in TURNS]
    yield from tilings[1:]
    for tiles in tilings[:2]:  # small and turned at once is rare, and a finer search is slow
        yield [
            Square(tile.centre_x, tile.centre_y, tile.side, turn)
            for tile in tiles
            for turn in TURNS
        ]


def _tile_centres(length: int, side: float) -> np.ndarray:
    """Centres of half-overlapping tiles that cover `length` px."""
    count = max(1, ceil(2 * length / side) - 1)
    if count == 1:
        return np.array([length / 2])
    return np.linspace(side / 2, length - side / 2, count)
