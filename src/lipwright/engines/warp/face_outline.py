"""The outline of the face: nothing is drawn beyond it, where a turned head shows background."""

from __future__ import annotations

import cv2
import numpy as np

from lipwright.engines.warp.face_frame import OVAL, smoothstep

PARTS = 4  # bits of a fraction in which the outline is placed
FADE = 0.02, 0.16  # mw inside of the outline between which a drawing comes to full strength


def within_outline(
    landmarks: np.ndarray, shape: tuple[int, int], corner: np.ndarray, step: float, unit: float
) -> np.ndarray:
    """Return float32 (h, w) on a grid: 1 well inside a face, 0 at its outline and beyond.

    landmarks: (478, 2) px; corner: px of the grid's first point; step: px between its points; unit:
    px per mouth width.
    """
    low, high = (edge * unit / step for edge in FADE)
    around = int(np.ceil(high)) + 1  # an outline just beside the grid counts too
    inside: np.ndarray = np.zeros((shape[0] + 2 * around, shape[1] + 2 * around), np.uint8)
    outline = (landmarks[OVAL] - corner) / step + around
    cv2.fillPoly(inside, [np.round(outline * 2**PARTS).astype(np.int32)], 1, shift=PARTS)
    away = cv2.distanceTransform(inside, cv2.DIST_L2, 5)[around:-around, around:-around]
    return smoothstep(low, high, np.minimum(away, high))
