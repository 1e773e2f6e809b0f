"""How near one picture of a face comes to another: similarity transforms and what they leave.

Positions are px, pixel centres at whole numbers. A similarity is float64 (2, 3): it leads from a
place in the target to the place in the source that is shown there.
"""

from __future__ import annotations

import cv2
import numpy as np

from lipwright.face.landmark_indices import FACE_OVAL, LIPS, PICTURE_LEFT_EYE, PICTURE_RIGHT_EYE

MOVING = sorted({*LIPS, *PICTURE_LEFT_EYE, *PICTURE_RIGHT_EYE})
STEADY = np.setdiff1d(np.arange(468), MOVING)
"""Landmarks that neither lips, lids nor brows move."""
EYES = (PICTURE_LEFT_EYE[:16], PICTURE_RIGHT_EYE[:16])
"""The lids' edges."""
ROUNDS = 25
ENOUGH = 1e-3  # px: a smaller step ends the fit


def fit_similarity(target: np.ndarray, source: np.ndarray) -> np.ndarray:
    """The least-squares similarity from points (n, 2) to points (n, 2)."""
    z, w = (points.astype(np.float64) @ [1, 1j] for points in (target, source))
    turn = np.vdot(z - z.mean(), w - w.mean()) / np.vdot(z - z.mean(), z - z.mean())
    shift = w.mean() - turn * z.mean()
    return np.array([[turn.real, -turn.imag, shift.real], [turn.imag, turn.real, shift.imag]])


def apply(similarity: np.ndarray, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    (a, b, right), (c, d, down) = similarity
    return a * x + b * y + right, c * x + d * y + down


def left_over(target: np.ndarray, source: np.ndarray) -> float:
    """Mean distance that the best similarity leaves between points (n, 2), in the target's px."""
    moved = np.stack(apply(fit_similarity(source, target), *source.T), axis=1)
    return float(np.linalg.norm(moved - target, axis=1).mean())


def compared_area(landmarks: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """The face oval without mouth and eyes, which move by themselves: bool (h, w).

    landmarks: (478, 2) px.
    """
    width = float(np.ptp(landmarks[list(FACE_OVAL), 0]))
    area = np.zeros(shape[:2], np.uint8)
    cv2.fillPoly(area, [np.round(landmarks[list(FACE_OVAL)]).astype(np.int32)], 1)
    area = cv2.erode(area, disc(0.03 * width), borderValue=0)
    moving = np.zeros_like(area)
    for part in (LIPS, *EYES):
        hull = cv2.convexHull(np.round(landmarks[list(part)]).astype(np.int32))
        cv2.fillConvexPoly(moving, hull, 1)
    return (area > 0) & (cv2.dilate(moving, disc(0.04 * width)) == 0)


def disc(radius: float) -> np.ndarray:
    side = 2 * max(1, round(radius)) + 1
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))


def normalised(values: np.ndarray) -> np.ndarray:
    """Values with mean 0 and standard deviation 1."""
    return (values - values.mean()) / max(float(values.std()), 1e-6)


def refine_similarity(
    source: np.ndarray, target: np.ndarray, area: np.ndarray, similarity: np.ndarray
) -> np.ndarray:
    """The similarity with the least squared error of normalised lightness (Gauss and Newton).

    source, target: float32 (h, w); area: bool (h, w) of the target.
    """
    rows, columns = np.nonzero(area)
    x, y = columns.astype(np.float64), rows.astype(np.float64)
    middle_x, middle_y = x.mean(), y.mean()
    wanted = normalised(target[area])
    slopes = [cv2.Scharr(source, cv2.CV_32F, *axis) / 32 for axis in ((1, 0), (0, 1))]
    best, least = similarity, np.inf
    for _ in range(ROUNDS):
        place_x, place_y = apply(similarity, x, y)
        seen = sample(source, place_x, place_y)
        error = normalised(seen) - wanted
        if float(error @ error) >= least:
            break
        best, least = similarity, float(error @ error)
        along, over = (sample(slope, place_x, place_y) / seen.std() for slope in slopes)
        away_x, away_y = x - middle_x, y - middle_y
        steps = np.stack([along * away_x + over * away_y, over * away_x - along * away_y,
                          along, over], axis=1)  # fmt: skip
        grow, turn, right, down = np.linalg.lstsq(steps, -error, rcond=None)[0]
        change = np.array([[grow, -turn, 0.0], [turn, grow, 0.0]])
        change[:, 2] = [right, down] - change[:, :2] @ [middle_x, middle_y]
        similarity = similarity + change
        if max(abs(grow), abs(turn)) * np.ptp(x) < ENOUGH and np.hypot(right, down) < ENOUGH:
            break
    return best


def sample(picture: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The picture, float32 (h, w), at places (n,): float64 (n,)."""
    found = cv2.remap(
        picture,
        x.astype(np.float32)[None],
        y.astype(np.float32)[None],
        cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return found[0].astype(np.float64)


def mean_difference(seen: np.ndarray, wanted: np.ndarray) -> float:
    """Mean absolute difference of two lightnesses (n,), each brought to mean 0 and deviation 1."""
    return float(np.abs(normalised(seen) - normalised(wanted)).mean())


def best_gain(gains: np.ndarray, errors: np.ndarray) -> float:
    """The gain (n,) of the least median error (pairs, n), between the gains by a parabola."""
    medians = np.median(errors, axis=0)
    place = int(np.argmin(medians))
    if not 0 < place < len(gains) - 1:
        return float(gains[place])
    before, here, after = medians[place - 1 : place + 2]
    bend = before - 2 * here + after
    part = 0.0 if bend <= 0 else 0.5 * (before - after) / bend
    return float(gains[place] + part * (gains[place + 1] - gains[place]))


def fit_gains(
    target: np.ndarray, source: np.ndarray, by_yaw: np.ndarray, by_pitch: np.ndarray
) -> np.ndarray:
    """The gains of two motions of the source that, with a similarity, best give the target.

    All (n, 2), px. Returns float64 (2,); motions that a similarity can make as well count nothing.
    """
    x, y = (source - source.mean(axis=0)).T.astype(np.float64)
    ones, zeros = np.ones_like(x), np.zeros_like(x)
    free = np.concatenate(
        [np.stack([x, -y, ones, zeros], axis=1), np.stack([y, x, zeros, ones], axis=1)]
    )
    columns = np.stack([by_yaw.T.ravel(), by_pitch.T.ravel()], axis=1)
    goal = (target - source).T.ravel()
    found = np.linalg.lstsq(np.c_[columns, free], goal, rcond=None)[0]
    gains: np.ndarray = found[:2]
    return gains
