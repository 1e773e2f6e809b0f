"""Measure the mouth in a video independently of the head's place, pose and size.

All lengths are in widths of the resting mouth, so that two videos of one person, or of two, can be
compared. Landmark numbers are MediaPipe's.
"""

from __future__ import annotations

import numpy as np

from lipwright.evaluation.audio import speech_span

__all__ = ["align_rigidly", "measure_mouth", "rest_shape", "speech_span"]

STABLE_POINTS = [33, 133, 362, 263, 168, 6, 197, 195, 5]
"""Eye corners and the bridge of the nose: what neither speech nor a smile moves."""
NOSE_POINTS = [6, 197, 195, 5]
UPPER_INNER_LIP, LOWER_INNER_LIP = 13, 14
LEFT_CORNER, RIGHT_CORNER = 61, 291
LEFT_EYE, RIGHT_EYE = 33, 263
"""The outer corners of the eyes."""
CHIN = 152
CLOSED_GAP = 0.03
"""Lips nearer than this share of the mouth's width count as closed."""
_TRUST = np.array([1, 1, 0.5])
"""Depth is the network's guess: it counts half."""


def rest_shape(landmarks: np.ndarray) -> np.ndarray:
    """Return the median stable points of a video, float64 (9, 3): the template of `align_rigidly`.

    landmarks: float32 (T, 478, 3), px.
    """
    return np.median(landmarks[:, STABLE_POINTS].astype(np.float64), axis=0)


def align_rigidly(landmarks: np.ndarray, template: np.ndarray | None = None) -> np.ndarray:
    """Return landmarks, float64 (T, 478, 3), without the head's motion and size, eyes level.

    Every frame is fitted by rotation, shift and scale to the stable points of `template` (9, 3);
    None takes the video's own median, twice refined. Least squares after Umeyama (1991),
    "Least-squares estimation of transformation parameters between two point patterns".
    """
    landmarks = landmarks.astype(np.float64)
    goal = rest_shape(landmarks) if template is None else template
    aligned = _laid_over(landmarks, goal)
    if template is None:
        goal = np.median(aligned[:, STABLE_POINTS], axis=0)
        aligned = _laid_over(landmarks, goal)
        goal = np.median(aligned[:, STABLE_POINTS], axis=0)
    eyes = goal[3, :2] - goal[0, :2]
    angle = np.arctan2(eyes[1], eyes[0])
    cosine, sine = np.cos(angle), np.sin(angle)
    aligned[..., :2] = aligned[..., :2] @ np.array([[cosine, -sine], [sine, cosine]])
    return aligned


def _laid_over(landmarks: np.ndarray, goal: np.ndarray) -> np.ndarray:
    stable = landmarks[:, STABLE_POINTS]
    middle = stable.mean(axis=1, keepdims=True)
    source = (stable - middle) * _TRUST
    target = (goal - goal.mean(axis=0)) * _TRUST
    turn, scale = rigid_fit(source, target)
    aligned: np.ndarray = (landmarks - middle) @ turn * scale[:, None, None] + goal.mean(axis=0)
    return aligned


def rigid_fit(source: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return turn, float64 (T, 3, 3), and scale, (T,), that lay points over others, least squares.

    source, target: float64 (T or 1, n, 3), each around its middle; source @ turn * scale is near
    target. After Umeyama (1991), as in `align_rigidly`.
    """
    u, singular, v = np.linalg.svd(source.swapaxes(-1, -2) @ target)
    sign = np.ones_like(singular)
    sign[:, 2] = np.sign(np.linalg.det(u @ v))
    scale: np.ndarray = (singular * sign).sum(axis=1) / (source**2).sum(axis=(1, 2))
    turn: np.ndarray = (u * sign[:, None, :]) @ v
    return turn, scale


def measure_mouth(landmarks: np.ndarray) -> np.ndarray:
    """Return opening, width change, chin drop: float32 (T, 3), in widths of the resting mouth.

    landmarks: float32 (T, 478, 3), px. Opening is the distance of the inner lips at their middle,
    never negative; the resting mouth is the median of the frames in which the lips are closed or,
    where they never are, of the tenth in which they are nearest to it.
    """
    points = align_rigidly(landmarks)
    opening = points[:, LOWER_INNER_LIP, 1] - points[:, UPPER_INNER_LIP, 1]
    corners = points[:, LEFT_CORNER, :2] - points[:, RIGHT_CORNER, :2]
    width = np.linalg.norm(corners, axis=1)
    chin = points[:, CHIN, 1] - points[:, NOSE_POINTS, 1].mean(axis=1)
    shut = opening <= max(CLOSED_GAP * np.median(width), np.percentile(opening, 10))
    rest_width, rest_chin = np.median(width[shut]), np.median(chin[shut])
    measures = [np.maximum(opening, 0), width - rest_width, chin - rest_chin]
    scaled: np.ndarray = (np.stack(measures, axis=1) / rest_width).astype(np.float32)
    return scaled
