"""Measures of dubbed mouths on pixels: beside real frames, over time, and where drawing ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from dub_clips import View
from dub_methods import similarity, warp, whole
from edge_measures import steps

from lipwright.core.rect import Rect
from lipwright.evaluation.mouth_metrics import CHIN, LEFT_CORNER, RIGHT_CORNER
from lipwright.face.embedding import FaceEmbedding
from lipwright.face.landmark_indices import LIPS

AROUND_LIPS = 0.35  # mouth widths of skin that belong to the mouth region
BESIDE, BELOW = 0.6, 0.1  # mouth widths beside the corners and below the chin: the lower face
UNDER_NOSE = 2
CHANGED = 1  # grey levels by which a drawn pixel is another one
RAMP = 0.12  # mouth widths: the edge of what is drawn that is looked at
PICTURE = ("mouth", "face", "edges")  # what `against_real` measures
EVERY = 5  # frames of which one is looked at, where all are much alike


def mouth_width_of(landmarks: np.ndarray) -> float:
    """Px."""
    return float(np.linalg.norm(landmarks[LEFT_CORNER, :2] - landmarks[RIGHT_CORNER, :2]))


def mouth_box(landmarks: np.ndarray) -> Rect:
    """The box around lips and the skin next to them. landmarks: (478, 2 or 3) px."""
    room = AROUND_LIPS * mouth_width_of(landmarks)
    lips = landmarks[list(LIPS), :2]
    return _rect(lips.min(axis=0) - room, lips.max(axis=0) + room)


def lower_face_box(landmarks: np.ndarray) -> Rect:
    """The box from under the nose to below the chin, and to the cheeks."""
    unit = mouth_width_of(landmarks)
    x = landmarks[[LEFT_CORNER, RIGHT_CORNER], 0]
    low = x.min() - BESIDE * unit, landmarks[UNDER_NOSE, 1]
    return _rect(low, (x.max() + BESIDE * unit, landmarks[CHIN, 1] + BELOW * unit))


def _rect(low: Sequence[float], high: Sequence[float]) -> Rect:
    return Rect(*(int(np.floor(v)) for v in low), *(int(np.ceil(v)) for v in high))


def against_real(drawn: np.ndarray, view: View, real: View) -> dict[str, float]:
    """How far a drawn view is from a real frame with the mouth it should have (grey levels).

    The real frame is moved by one similarity transform to where the head is in the view. "mouth"
    and "face": mean absolute differences; "edges": those of gradient magnitudes at the mouth.
    """
    there = similarity(real.landmarks, view.landmarks)
    landmarks = (real.landmarks[:, :2] - 0.5) @ there[:, :2].T + there[:, 2] + 0.5
    mouth, face = (
        box(landmarks).joined(box(view.landmarks)).clipped(whole(drawn))
        for box in (mouth_box, lower_face_box)
    )
    around = mouth.joined(face)
    truth = real.image[around.slices] if real is view else warp(real.image, there, around)
    shown = drawn[around.slices]
    of_mouth, of_face = (box.moved(-around.x0, -around.y0).slices for box in (mouth, face))
    return {
        "mouth": difference(shown[of_mouth], truth[of_mouth]),
        "face": difference(shown[of_face], truth[of_face]),
        "edges": difference(gradients(shown)[of_mouth], gradients(truth)[of_mouth]),
    }


def difference(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(one.astype(np.float32) - other.astype(np.float32)).mean())


def gradients(image: np.ndarray) -> np.ndarray:
    """Magnitudes of the gradient of the brightness, grey levels a px, float32 (h, w)."""
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY).astype(np.float32)
    across, down = (cv2.Sobel(grey, cv2.CV_32F, *way, scale=1 / 8) for way in ((1, 0), (0, 1)))
    return np.hypot(across, down)


def flicker(images: Sequence[np.ndarray], views: Sequence[View]) -> float:
    """How much px at the mouth differ from the mean of the frames before and after (grey levels).

    The head is held still by the landmarks of the views, which are the real frames'.
    """
    first = views[0]
    box = mouth_box(first.landmarks).clipped(whole(first.image))
    held = [
        warp(image, similarity(view.landmarks, first.landmarks), box)
        for image, view in zip(images, views, strict=True)
    ]
    return float(
        np.mean(
            [
                difference(b, a / 2 + c / 2)
                for a, b, c in zip(held, held[1:], held[2:], strict=False)
            ]
        )
    )


def seam(images: Sequence[np.ndarray], views: Sequence[View]) -> tuple[float, float]:
    """Differences across the edge of what was drawn, over those of the source at the same place.

    Between neighbouring px and between the two sides of the edge, as in seams.py; NaN where
    nothing was drawn.
    """
    pairs = list(zip(images, views, strict=True))[::EVERY]
    rows = []
    for image, view in pairs:
        mask = drawn_mask(image, view)
        if mask is not None:
            rows.append((*steps(image, mask), *steps(view.image, mask)))
    if not rows:
        return float("nan"), float("nan")
    near, far, near_source, far_source = np.mean(rows, axis=0)
    return float(near / near_source), float(far / far_source)


def drawn_mask(image: np.ndarray, view: View) -> np.ndarray | None:
    """Where a view was drawn over, float32 (h, w), with an edge as broad as RAMP; None: nowhere."""
    changed = (np.abs(image.astype(np.int16) - view.image).max(axis=2) > CHANGED).astype(np.uint8)
    ramp = max(3.0, RAMP * mouth_width_of(view.landmarks))
    size = 2 * round(ramp) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    solid = cv2.morphologyEx(
        cv2.morphologyEx(changed, cv2.MORPH_CLOSE, kernel), cv2.MORPH_OPEN, kernel
    )
    if not solid.any():
        return None
    inside = np.clip(cv2.distanceTransform(solid, cv2.DIST_L2, 5) / ramp, 0, 1)
    smooth: np.ndarray = inside.astype(np.float32)
    return smooth


def identity(
    images: Sequence[np.ndarray], landmarks: np.ndarray, views: Sequence[View]
) -> tuple[float, float]:
    """How alike drawn frames, and real ones, are to the film's other real frames: 5th percentiles.

    landmarks: of the drawn images, (T, 478, 3).
    """
    numbers = range(0, len(views), EVERY)
    real = [embedded(views[n].image, views[n], views[n].landmarks) for n in numbers]
    drawn = [embedded(images[n], views[n], landmarks[n]) for n in numbers]
    pairs = [(i, j) for i in range(len(real)) for j in range(len(real)) if i != j]
    return (
        low_percentile([drawn[i].similarity(real[j]) for i, j in pairs]),
        low_percentile([real[i].similarity(real[j]) for i, j in pairs]),
    )


def embedded(image: np.ndarray, view: View, landmarks: np.ndarray) -> FaceEmbedding:
    return FaceEmbedding.of(image, replace(view.face, landmarks=landmarks))


def low_percentile(similarities: Sequence[float]) -> float:
    return float(np.percentile(similarities, 5))
