"""What a picture of a face is like: its skin, its light, how soft its edges are, its grain.

Whatever is painted into the mouth is given the same.
"""

from __future__ import annotations

import cv2
import numpy as np

from lipwright.engines.warp.face_frame import (
    LOWER_OUTER,
    OVAL,
    SKIN_POINTS,
    UPPER_OUTER,
    FaceFrame,
)
from lipwright.media.image.lab import lab_levels

INNER_FACE = 0.85  # of the face's outline: without hair and what is behind
DARKEST, BRIGHTEST = 0.005, 0.97  # quantiles of a face's pixels
MANY_PX = 60_000  # of a face: of more some are as good
USUAL_SHADOW = 0.37
"""The darkest of a face as a share of the skin's light: the median over 13 speakers of GRID."""
OUTLINE_BITS = 4  # of a pixel's fraction in which outlines are filled
EYES = (
    [33, 246, 161, 160, 159, 158, 157, 173, 133, 155, 154, 153, 145, 144, 163, 7],
    [263, 466, 388, 387, 386, 385, 384, 398, 362, 382, 381, 380, 374, 373, 390, 249],
)
LIP_RED = [15, 16, 85, 315, 180, 404]
NOSTRILS = [98, 97, 2, 326, 327]
SEEN_SIZE = 110  # px per mouth width to which a larger face is reduced to measure its edges
STRONG_EDGES = 94  # percentile of the gradients near a feature
CRISPEST = 30  # percentile of the blurs of those edges: lips are soft by themselves
FIRST_BLUR = 0.6  # px: takes the grain away before edges are measured
MAX_SOFTNESS = 0.06  # mw


def skin_colour(frame: FaceFrame, image: np.ndarray) -> np.ndarray:
    """Return the median BGR, float32 (3,), of the cheeks and chin of an image, uint8 (h, w, 3)."""
    height, width = image.shape[:2]
    px = np.round(frame.to_px(frame.points[SKIN_POINTS])).astype(int)
    reach = max(1, int(0.04 * frame.unit))
    patches = []
    for column, row in px:
        column, row = np.clip(column, 0, width - 1), np.clip(row, 0, height - 1)
        patch = image[
            max(0, row - reach) : row + reach + 1, max(0, column - reach) : column + reach + 1
        ]
        patches.append(patch.reshape(-1, 3).mean(0))
    return np.median(np.array(patches, np.float32), 0)


def lip_colour(frame: FaceFrame, image: np.ndarray) -> np.ndarray:
    """Return the median BGR, float32 (3,), of the red of the lips, uint8 (h, w, 3)."""
    height, width = image.shape[:2]
    px = np.round(frame.to_px(frame.points[LIP_RED])).astype(int)
    seen = image[px[:, 1].clip(0, height - 1), px[:, 0].clip(0, width - 1)]
    colour: np.ndarray = np.median(seen.astype(np.float32), 0)
    return colour


def colourfulness(frame: FaceFrame, image: np.ndarray) -> float:
    """Return [0, 1]: 0 for a grey photograph, judged by skin and lips; image: uint8 (h, w, 3)."""
    swatch = np.stack([skin_colour(frame, image), lip_colour(frame, image)])[None]
    lab = lab_levels(swatch.clip(0, 255).astype(np.uint8))[0]
    chroma = np.linalg.norm(lab[:, 1:].astype(np.float32) - 128, axis=1)
    return float(np.clip((chroma.max() - 2) / 8, 0, 1))


def face_light(frame: FaceFrame, image: np.ndarray) -> tuple[float, float]:
    """Return the darkest (nostrils, pupils, lashes) and the brightest of a face, 0-255.

    image: BGR uint8 (h, w, 3).
    """
    outline = frame.to_px(frame.points[OVAL])
    middle = outline.mean(axis=0)
    rows, columns = np.nonzero(filled(middle + (outline - middle) * INNER_FACE, image))
    if not len(rows):
        skin = float(skin_colour(frame, image).mean())
        return USUAL_SHADOW * skin, skin
    every = max(1, len(rows) // MANY_PX)
    blue, green, red = image[rows[::every], columns[::every]].astype(np.int64).T
    counts = np.bincount(blue + green + red)
    return _quantile(counts, DARKEST) / 3, _quantile(counts, BRIGHTEST) / 3


def _quantile(counts: np.ndarray, share: float) -> float:
    """Return the quantile, as of `np.quantile`, of whole numbers. counts: of 0, 1, 2 ..., (n,)."""
    upto = np.cumsum(counts)
    place = share * float(upto[-1] - 1)
    low, high = np.searchsorted(upto, [int(place), min(int(place) + 1, upto[-1] - 1)], "right")
    return float(low + (high - low) * (place - int(place)))


def filled(outline: np.ndarray, image: np.ndarray) -> np.ndarray:
    """Return bool (h, w): the px of an image within an outline, float (n, 2) px."""
    inside: np.ndarray = np.zeros(image.shape[:2], np.uint8)
    corners = np.round(outline * 2**OUTLINE_BITS).astype(np.int32)
    cv2.fillPoly(inside, [corners], 1, shift=OUTLINE_BITS)
    return inside > 0


def edge_softness(frame: FaceFrame, image: np.ndarray) -> float:
    """Return the blur of the face's own edges: Gaussian sigma, px.

    It is measured at eyes, nostrils and the outline of the lips. image: BGR uint8 (h, w, 3). By
    re-blurring (Zhuo and Sim 2011, "Defocus map estimation from a single image").
    """
    reach = 0.12 * frame.unit
    scale = min(1.0, SEEN_SIZE / frame.unit)
    found = []
    for points in (*EYES, NOSTRILS, UPPER_OUTER, LOWER_OUTER):
        px = frame.to_px(frame.points[points])
        x0, y0 = np.maximum(px.min(0) - reach, 0).astype(int)
        x1, y1 = np.maximum(px.max(0) + reach, 0).astype(int)
        part = image[y0:y1, x0:x1]
        if min(part.shape[:2]) * scale >= 6:
            found.append(_blur_of_edges(part, scale))
    if not found:
        return 0.0
    blur = float(np.quantile(found, 0.4)) / scale
    # what is painted is half a pixel soft already
    softer = float(np.sqrt(max(blur**2 - 0.5**2, 0.0)))
    return min(softer, MAX_SOFTNESS * frame.unit)


def lip_softness(frame: FaceFrame, image: np.ndarray) -> float:
    """Return the blur of the edges of the lips, mw: Gaussian sigma (see `edge_softness`).

    Lips that move fast are soft where the rest of the face is not. image: BGR uint8 (h, w, 3).
    """
    px = frame.to_px(frame.points[[*UPPER_OUTER, *LOWER_OUTER]])
    reach, scale = 0.1 * frame.unit, min(1.0, SEEN_SIZE / frame.unit)
    (x0, y0), (x1, y1) = (
        np.maximum(edge, 0).astype(int) for edge in (px.min(0) - reach, px.max(0) + reach)
    )
    part = image[y0:y1, x0:x1]
    if min(part.shape[:2]) * scale < 6:
        return 0.0
    return _blur_of_edges(part, scale) / scale / frame.unit


def _blur_of_edges(part: np.ndarray, scale: float) -> float:
    """Return the blur (px after scaling) of the crispest strong edges of a part of an image."""
    grey = cv2.cvtColor(part, cv2.COLOR_BGR2GRAY).astype(np.float32)
    if scale < 1:
        size = round(grey.shape[1] * scale), round(grey.shape[0] * scale)
        grey = cv2.resize(grey, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    sigma = 1.5  # well above the grain
    sharp, soft = (
        _gradient(cv2.GaussianBlur(grey, (0, 0), float(blur)))
        for blur in (FIRST_BLUR, np.hypot(FIRST_BLUR, sigma))
    )
    strong = sharp >= np.percentile(sharp, STRONG_EDGES)
    ratio = np.maximum(sharp[strong] / np.maximum(soft[strong], 1e-3), 1.02)
    blur = sigma / np.sqrt(ratio**2 - 1)
    seen = float(np.percentile(blur, CRISPEST))
    return float(np.sqrt(max(seen**2 - FIRST_BLUR**2, 0.0)))


def _gradient(grey: np.ndarray) -> np.ndarray:
    return np.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1))


def grain_tile(frame: FaceFrame, image: np.ndarray, size: int = 256) -> np.ndarray:
    """Return the photograph's own grain as a tile, float32 (size, size, 3).

    It is a cheek's high-pass, mirrored. image: BGR uint8 (h, w, 3).
    """
    cheek = np.round(frame.to_px(np.array([[-0.62, -0.25]])))[0].astype(int)
    reach = max(6, int(0.16 * frame.unit))
    height, width = image.shape[:2]
    column = int(np.clip(cheek[0], reach, max(reach, width - reach)))
    row = int(np.clip(cheek[1], reach, max(reach, height - reach)))
    patch = image[row - reach : row + reach, column - reach : column + reach].astype(np.float32)
    if patch.size == 0:
        return np.zeros((size, size, 3), np.float32)
    high = patch - cv2.GaussianBlur(patch, (0, 0), 1.6)
    spread = float(np.median(np.abs(high))) * 1.48
    high = np.clip(high, -2.5 * spread - 1, 2.5 * spread + 1)
    mirrored = np.block([[[high], [high[:, ::-1]]], [[high[::-1]], [high[::-1, ::-1]]]])
    repeat = (size // mirrored.shape[0] + 1, size // mirrored.shape[1] + 1, 1)
    return np.tile(mirrored, repeat)[:size, :size].astype(np.float32)
