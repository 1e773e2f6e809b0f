"""Shading that follows the articulators: folds, the shadow under the lower lip, the pucker.

Every term is a fixed image (log gain) in the face's own material, weighted by the moment's
articulation. It deepens the photograph's own detail;
nothing is drawn where the photograph shows nothing.
"""

from __future__ import annotations

import cv2
import numpy as np

from lipwright.engines.warp.face_frame import FaceFrame, smoothstep
from lipwright.engines.warp.face_look import colourfulness
from lipwright.engines.warp.mouth_warp import Mouth

COLUMNS, ROWS = 192, 200
LOW = np.array([-1.1, -1.0], np.float32)
HIGH = np.array([1.1, 1.3], np.float32)
SKIN_SHADOW = np.array([1.15, 1.08, 0.80], np.float32)
"""Shadows on skin turn red rather than grey: exponents of a gain for B, G, R."""
CHIN_GRAIN = 0.02  # relief (log lightness) below this is the picture's grain
UNIT_GAIN = 192  # the 8-bit value that stands for a gain of one
LOG_STEP, DARKEST = 0.006, -176  # log gains are told apart so finely, from so many steps on


def shadow_exponents(saturation: float) -> np.ndarray:
    """Return the exponents of a shadow's gain for B, G and R, float32 (3,).

    saturation: of the face, [0, 1]; in a grey photograph shadows are grey.
    """
    exponents: np.ndarray = 1 + np.float32(saturation) * (SKIN_SHADOW - 1)
    return exponents


class Shading:
    """The shading terms of one portrait."""

    def __init__(self, frame: FaceFrame, image: np.ndarray) -> None:
        """Compute the terms of an image with a closed mouth, uint8 (h, w, 3).

        frame: the face frame of the closed mouth.
        """
        self.scale = np.array([COLUMNS - 1, ROWS - 1], np.float32) / (HIGH - LOW)
        x, y = np.meshgrid(
            np.linspace(LOW[0], HIGH[0], COLUMNS, dtype=np.float32),
            np.linspace(LOW[1], HIGH[1], ROWS, dtype=np.float32),
        )
        border = smoothstep(1.08, 0.9, np.abs(x)) * smoothstep(LOW[1], LOW[1] + 0.15, y)
        border = border * smoothstep(HIGH[1], HIGH[1] - 0.15, y)
        saturation = colourfulness(frame, image)
        self._gains = _tabulate(shadow_exponents(saturation))
        luminance = _log_luminance(frame, image, x, y)
        terms = _terms(frame, luminance, x, y, 1 / float(self.scale[0]))
        self._terms = [(t * border).astype(np.float32) for t in terms]

    def gain(self, mouth: Mouth, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Return a BGRA gain, uint8 (h, w, 4), UNIT_GAIN = 1, at positions x and y (h, w), mw."""
        # term by term: a product with so flat a matrix would be spread over the cores
        texture = np.zeros((ROWS, COLUMNS), np.float32)
        for weight, term in zip(_weights(mouth), self._terms, strict=True):
            if weight:
                cv2.scaleAdd(term, weight, texture, dst=texture)
        column, row = (
            cv2.addWeighted(place, scale, place, 0, -low * scale)
            for place, low, scale in zip((x, y), LOW.tolist(), self.scale.tolist(), strict=True)
        )
        steps: np.ndarray = cv2.remap(
            texture, column, row, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT
        )
        steps -= np.float32(DARKEST * LOG_STEP)
        np.maximum(steps, 0, out=steps)
        index: np.ndarray = cv2.convertScaleAbs(steps, alpha=1 / LOG_STEP)
        gains: np.ndarray = self._gains.take(index).view(np.uint8).reshape(*x.shape, 4)
        return gains


def _tabulate(exponents: np.ndarray) -> np.ndarray:
    """Return BGRA gains, each packed in uint32 (256,), from the darkest on in steps of the log."""
    # the matte that travels with the picture has no shadows
    powers = np.append(exponents, np.float32(0))
    logs = LOG_STEP * np.arange(DARKEST, DARKEST + 256, dtype=np.float32)
    gains = cv2.convertScaleAbs(np.exp(logs[:, None] * powers), alpha=UNIT_GAIN)
    packed: np.ndarray = gains.view(np.uint32).ravel()
    return packed


def _weights(mouth: Mouth) -> tuple[float, float, float, float]:
    jaw = min(mouth.jaw / 0.2, 1.0)
    pucker = min(mouth.round / 0.2, 1.2)
    fold = 18.0 * max(mouth.spread, 0.0) + 0.7 * jaw - 0.6 * min(pucker, 1.0)
    under = (
        0.16 * min(mouth.opening / 0.15, 1.2)
        + 0.9 * mouth.round
        + 0.10 * mouth.tuck
        + 0.07 * mouth.press
    )
    chin = 0.3 * mouth.press + 0.3 * mouth.tuck
    return fold, under, chin, pucker


def _terms(
    frame: FaceFrame, luminance: np.ndarray, x: np.ndarray, y: np.ndarray, cell: float
) -> list[np.ndarray]:
    u = frame.u(x)
    r = y - frame.slit.at(x)
    side = np.abs(u)
    return [
        _fold(frame, luminance, x, y, cell),
        _under_lip(frame, u, r),
        _chin(frame, luminance, u, y, cell),
        _pucker(frame, luminance, u, side, r, cell),
    ]


def _log_luminance(frame: FaceFrame, image: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    px = frame.to_px(np.stack([x, y], -1)).astype(np.float32)
    # a picture much finer than this grid is averaged first, so that grain is not taken for folds
    blur = frame.unit * float((HIGH - LOW)[0]) / COLUMNS / 2
    if blur > 0.6:
        image = cv2.GaussianBlur(image, (0, 0), blur)
    sample = cv2.remap(
        image, px[..., 0], px[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    logs: np.ndarray = np.log(sample.astype(np.float32).mean(-1) + 8)
    return logs


def _fold(
    frame: FaceFrame, luminance: np.ndarray, x: np.ndarray, y: np.ndarray, cell: float
) -> np.ndarray:
    """Return the nasolabial fold of the photograph, and a faint broad shade along it."""
    detail = cv2.GaussianBlur(luminance, (0, 0), 0.02 / cell) - cv2.GaussianBlur(
        luminance, (0, 0), 0.12 / cell
    )
    mask, broad = np.zeros_like(luminance), np.zeros_like(luminance)
    for landmark, sign in ((129, -1), (358, 1)):
        wing = frame.points[landmark]
        top = wing[1] - 0.02
        along = np.clip((y - top) / (0.22 - top), 0, 1)
        fold_x = wing[0] + sign * (0.05 + (0.66 - abs(wing[0])) * along**1.35)
        off = (x - fold_x) * sign
        span = smoothstep(top - 0.10, top + 0.12, y) * smoothstep(0.30, 0.08, y)
        mask = np.maximum(mask, span * np.exp(-((off / 0.13) ** 2)))
        ridge = np.exp(-(((off + 0.05) / 0.10) ** 2)) - 0.3 * np.exp(-(((off - 0.12) / 0.12) ** 2))
        broad = broad - span * 0.045 * ridge
    relief: np.ndarray = 0.45 * np.clip(detail, -0.5, 0.25) * mask + broad
    return relief


def _under_lip(frame: FaceFrame, u: np.ndarray, r: np.ndarray) -> np.ndarray:
    depth = frame.lower_lip + 0.085
    return -np.exp(-(((r - depth) / 0.055) ** 2) - (u / 0.26) ** 2)


def _chin(
    frame: FaceFrame, luminance: np.ndarray, u: np.ndarray, y: np.ndarray, cell: float
) -> np.ndarray:
    """Return the relief of the chin in the photograph; nothing where it is smooth."""
    middle = (frame.lower_lip + 0.085 + frame.chin) * 0.52
    detail = cv2.GaussianBlur(luminance, (0, 0), 0.025 / cell) - cv2.GaussianBlur(
        luminance, (0, 0), 0.10 / cell
    )
    relief = np.sign(detail) * np.maximum(np.abs(detail) - CHIN_GRAIN, 0)
    mask = np.exp(-(((y - middle - 0.03) / 0.13) ** 2) - (u / 0.22) ** 2)
    deepened: np.ndarray = np.clip(relief, -0.25, 0.12) * mask
    return deepened


def _pucker(
    frame: FaceFrame,
    luminance: np.ndarray,
    u: np.ndarray,
    side: np.ndarray,
    r: np.ndarray,
    cell: float,
) -> np.ndarray:
    """Return the shading of rounded lips, which stand forward.

    The red's own creases deepen, its middle catches the light, the corners and the skin right
    above and below fall into shade.
    """
    upper, lower = frame.upper_lip, frame.lower_lip
    red = smoothstep(-upper * 1.25, -upper * 0.8, r) * smoothstep(lower * 1.2, lower * 0.8, r)
    red = red * (1 - smoothstep(0.30, 0.46, side))
    crease = cv2.GaussianBlur(luminance, (0, 0), sigmaX=0.7, sigmaY=0.02 / cell) - cv2.GaussianBlur(
        luminance, (0, 0), sigmaX=0.045 / cell, sigmaY=0.02 / cell
    )
    term: np.ndarray = 0.9 * red * np.clip(crease, -0.25, 0.08)
    term -= 0.12 * np.exp(-(((side - 0.36) / 0.10) ** 2) - (r / 0.07) ** 2)
    # the lips' line is pressed flat beyond them
    line = cv2.GaussianBlur(luminance, (0, 0), 0.008 / cell)
    line = line - cv2.GaussianBlur(luminance, (0, 0), 0.07 / cell)
    end = smoothstep(0.36, 0.44, side) * smoothstep(0.66, 0.54, side) * np.exp(-((r / 0.12) ** 2))
    term -= 0.25 * end * np.clip(line, -0.6, 0)
    term += 0.10 * np.exp(-(((r - lower * 0.55) / 0.035) ** 2) - (u / 0.2) ** 2)
    term += 0.05 * np.exp(-(((r + upper * 0.6) / 0.03) ** 2) - (u / 0.16) ** 2)
    philtrum = smoothstep(-upper - 0.22, -upper - 0.08, r) * smoothstep(
        -upper - 0.02, -upper - 0.07, r
    )
    term -= 0.06 * np.exp(-(((side - 0.085) / 0.04) ** 2)) * philtrum
    term -= 0.10 * np.exp(-(((r + upper + 0.05) / 0.045) ** 2) - (u / 0.3) ** 2)
    return term
