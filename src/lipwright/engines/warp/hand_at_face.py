"""Whether a hand may be at somebody's cheek: something of the skin's colour beside the jaw.

Fair hair can look the same; where it does a head moves a little less than it could.
"""

from __future__ import annotations

import cv2
import numpy as np

from lipwright.core.rect import Rect
from lipwright.engines.warp.face_frame import smoothstep
from lipwright.engines.warp.person_frame import PersonFrame
from lipwright.media.image.lab import lab_of

BESIDE_U, BESIDE_V = (0.35, 0.85), (0.0, 0.5)  # where hands lean on faces, face units
AWAY = 0.05  # face widths from the face's outline
LIKE_COLOUR, LIKE_LIGHT = 9.0, 45.0  # CIELAB distances in which a colour counts as skin
GREY = 6.0  # chroma of the skin below which a picture's colours say nothing
SEEN = 0.22, 0.30
"""Share of the place beside the jaw from which a hand may be there, and counts in full."""
SIDE = 500  # px of the window, longer side


def hand_at_face(picture: np.ndarray, alpha: np.ndarray, frame: PersonFrame, window: Rect) -> float:
    """Return [0, 1]: how likely a hand is beside the jaw.

    picture: BGR uint8 (h, w, 3) of the window; alpha: uint8 (h, w), the person's matte there.
    """
    scale = min(1.0, SIDE / max(picture.shape[:2]))
    size = (max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale)))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    person = cv2.resize(alpha, size, interpolation=cv2.INTER_AREA) > 127
    u, v = frame.grid(window, *size)
    lab = lab_of(small)
    lab = cv2.GaussianBlur(lab, (0, 0), max(0.5, 0.02 * frame.width * scale))
    cheeks = np.hypot(u / 0.3, (v - 0.15) / 0.2) < 1
    if not cheeks.any():
        return 0.0
    skin = np.median(lab[cheeks], axis=0)
    if np.hypot(skin[1], skin[2]) < GREY:
        return 0.0
    off = np.abs(lab - skin)
    like = (np.hypot(off[..., 1], off[..., 2]) < LIKE_COLOUR) & (off[..., 0] < LIKE_LIGHT) & person
    outside = _outside_of_face(frame, window, size)
    shares = []
    for side in (-1, 1):
        across = side * u
        beside = (across > BESIDE_U[0]) & (across < BESIDE_U[1]) & outside
        beside &= (v > BESIDE_V[0]) & (v < BESIDE_V[1])
        shares.append(float((like & beside).sum()) / max(int(beside.sum()), 1))
    return float(smoothstep(*SEEN, max(shares)))


def _outside_of_face(frame: PersonFrame, window: Rect, size: tuple[int, int]) -> np.ndarray:
    scale = np.array([size[0] / window.width, size[1] / window.height])
    oval: np.ndarray = np.zeros(size[::-1], np.uint8)
    outline = (frame.oval - [window.x0, window.y0]) * scale
    cv2.fillPoly(oval, [np.round(outline).astype(np.int32).reshape(-1, 1, 2)], 1)
    reach = 2 * max(1, round(AWAY * frame.width * scale[0])) + 1
    outside: np.ndarray = cv2.dilate(oval, np.ones((reach, reach), np.uint8)) == 0
    return outside
