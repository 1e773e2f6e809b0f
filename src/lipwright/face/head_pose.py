"""Head pose, from the landmarks alone."""

from __future__ import annotations

from math import atan2, cos, degrees, hypot, radians, sin

import numpy as np

# points that mirror each other, the image's left one first; neither jaw nor lips, which move
MIRROR_PAIRS = (
    (33, 263), (133, 362), (70, 300), (54, 284), (127, 356), (234, 454), (93, 323),
    (116, 345), (50, 280), (103, 332),
)  # fmt: skip
# the midline from the forehead to below the nose: mean of the upper points, mean of the lower ones
UPPER_MIDLINE = (10, 151, 9)
LOWER_MIDLINE = (152, 175, 199)
# how far the network leans that midline when a head looks straight ahead: the median over 20
# people filmed from the front, degrees
MIDLINE_LEAN = 5.0


def estimate_pose(landmarks: np.ndarray) -> tuple[float, float, float]:
    """Return (yaw, pitch, roll) in degrees of float32 (478, 3) landmarks; signs as in `Face`.

    The axis across the face is the sum over mirror pairs, so single outliers hardly matter.
    """
    pairs = np.array(MIRROR_PAIRS)
    across = (landmarks[pairs[:, 1]] - landmarks[pairs[:, 0]]).sum(axis=0)
    roll = atan2(across[1], across[0])
    yaw = atan2(across[2], hypot(across[0], across[1]))
    down = landmarks[list(LOWER_MIDLINE)].mean(axis=0) - landmarks[list(UPPER_MIDLINE)].mean(axis=0)
    down = _turn_about(across / max(float(np.linalg.norm(across)), 1e-6), down, MIDLINE_LEAN)
    upright = -np.sin(roll) * down[0] + np.cos(roll) * down[1]
    pitch = atan2(down[2], upright)
    return degrees(yaw), degrees(pitch), degrees(roll)


def _turn_about(axis: np.ndarray, vector: np.ndarray, angle: float) -> np.ndarray:
    """Rotate `vector` by `angle` degrees about the unit `axis`, so that +y goes to -z."""
    cosine, sine = cos(radians(angle)), -sin(radians(angle))
    along = axis * (axis @ vector) * (1 - cosine)
    rotated: np.ndarray = vector * cosine + np.cross(axis, vector) * sine + along
    return rotated
