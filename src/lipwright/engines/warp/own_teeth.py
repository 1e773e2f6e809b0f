"""A person's own teeth, found in the picture between the lips rather than by the landmarks.

Landmarks take many a smile for closed lips. Teeth are what is bright and not red between the outer
borders of the lips, in one piece along the line where they meet, with red above and below. They
are kept as a plate fixed to the skull, and give the teeth that are painted beside them their colour.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np

from lipwright.engines.warp.face_frame import (
    LOWER_INNER,
    LOWER_OUTER,
    UPPER_INNER,
    UPPER_OUTER,
    FaceFrame,
    smooth_curve,
    smoothstep,
)
from lipwright.engines.warp.face_look import colourfulness, skin_colour

COLUMNS, ROWS = 161, 96  # of the picture of the lips laid straight
SKIN_SHARE, GREY_SKIN_SHARE = 0.58, 0.66  # teeth are at least so bright
LIP_LEAD = 0.07  # and brighter than the lips by this share of the skin's light
GREY_LIP_LEAD = 0.20
RED_LEAD = 0.45  # of the way from the skin's redness towards the lips' they may be red
NEAR = 0.025  # mw from where lips meet: so near they begin
MIN_WIDTH = 0.17  # mw of the mouth along which teeth are seen
MIN_HEIGHT = 0.02  # mw
RIM = 0.10  # of the height between the outer borders is red at least
INSET = 0.012  # mw from the lips: there teeth are mixed with red
FIRST = 0.09  # mw: upper teeth begin within this of the upper lip
VALLEY = 0.05  # two rows of teeth are parted by a line darker by this share
LONGEST = 0.19  # mw, of an upper tooth
ABOVE = 0.14  # mw of tooth that a raised lip shows beyond what was seen


class LipBorders(NamedTuple):
    """The four borders of the lips over x, float64 (n,) each, mw."""

    x: np.ndarray
    outer_up: np.ndarray
    inner_up: np.ndarray
    inner_low: np.ndarray
    outer_low: np.ndarray


@dataclass(frozen=True)
class OwnTeeth:
    """What is kept of a person's own teeth."""

    enamel: np.ndarray  # BGR float32 (3,): of the brighter half of them
    plate: np.ndarray | None = None  # (h, w, 4) float32 BGRA, skull-fixed; None: lower teeth alone
    origin: tuple[int, int] = (0, 0)  # px of the plate's top left
    edge: float | None = None  # mw of the upper teeth's edges below the closed lip line


@dataclass(frozen=True)
class SeenTeeth:
    """Where teeth are seen in a picture, and the lips' borders corrected by it."""

    borders: LipBorders
    mask: np.ndarray  # bool (ROWS, COLUMNS) between the outer borders
    colour: np.ndarray  # float32 (ROWS, COLUMNS, 3) BGR
    y: np.ndarray  # (ROWS, COLUMNS) mw

    @property
    def any(self) -> bool:
        """Whether teeth are seen at all."""
        return bool(self.mask.any())


def landmark_borders(frame: FaceFrame) -> LipBorders:
    """Return the borders of the lips where the landmarks have them."""
    x, points = frame.slit.x, frame.points
    curves = (
        smooth_curve(np.interp(x, points[ids, 0], points[ids, 1]), 15)
        for ids in (UPPER_OUTER, UPPER_INNER, LOWER_INNER, LOWER_OUTER)
    )
    return LipBorders(x, *curves)


def find_teeth(frame: FaceFrame, image: np.ndarray) -> SeenTeeth:
    """Find the teeth in an image, BGR uint8 (h, w, 3)."""
    borders = landmark_borders(frame)
    x = np.linspace(borders.x[0], borders.x[-1], COLUMNS)
    up, in_up, in_low, low = (np.interp(x, borders.x, curve) for curve in borders[1:])
    share = (np.arange(ROWS) + 0.5)[:, None] / ROWS
    y = up + (low - up) * share
    px = frame.to_px(np.stack([np.broadcast_to(x, y.shape), y], -1)).astype(np.float32)
    blur = frame.unit * 0.004
    soft = cv2.GaussianBlur(image, (0, 0), blur) if blur > 0.5 else image
    colour = cv2.remap(
        soft, px[..., 0], px[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    ).astype(np.float32)
    mask = _tooth_like(colour, skin_colour(frame, image), share)
    inside = (share > RIM) & (share < 1 - RIM)
    mask = _one_piece(mask & inside, (y > in_up - NEAR) & (y < in_low + NEAR))
    mask &= _between_red(mask, ~_tooth_like(colour, skin_colour(frame, image), share))
    width = float(x[-1] - x[0]) / COLUMNS
    tall = mask.sum(0) * (low - up) / ROWS
    if (tall > MIN_HEIGHT).sum() * width < MIN_WIDTH:
        mask = np.zeros_like(mask)
    return SeenTeeth(_corrected(borders, x, y, mask), mask, colour, y)


def _tooth_like(colour: np.ndarray, skin: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Return bool (h, w): what is bright and not red, compared with the skin and these lips."""
    middle = slice(colour.shape[1] // 4, -colour.shape[1] // 4)
    rows = ((share > 0.08) & (share < 0.22)) | ((share > 0.75) & (share < 0.9))
    lips = np.median(colour[rows[:, 0], middle].reshape(-1, 3), 0)
    light = colour.mean(-1)
    redness, red_lips, red_skin = (
        np.log((c[..., 2] + 8) / ((c[..., 0] + c[..., 1]) / 2 + 8)) for c in (colour, lips, skin)
    )
    if colourfulness(skin) < 0.5:
        lead, least = GREY_LIP_LEAD, GREY_SKIN_SHARE
        pale = np.ones_like(light, bool)
    else:
        lead, least = LIP_LEAD, SKIN_SHARE
        pale = redness < min(red_skin * 0.9, red_lips - RED_LEAD * max(red_lips - red_skin, 0))
        pale &= redness < red_lips - 0.10
    bright = light > max(least * float(skin.mean()), float(lips.mean()) + lead * float(skin.mean()))
    dark_lips = light > least * float(skin.mean())
    # clearly white teeth may be no brighter than pale lips
    clearly = redness < min(red_skin, red_lips) - 0.20
    tooth: np.ndarray = pale & (bright | (dark_lips & clearly))
    return tooth


def _one_piece(mask: np.ndarray, near: np.ndarray) -> np.ndarray:
    """Return the pieces, each of some size, that begin near the line where the lips meet."""
    closed = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((3, 5), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(closed, connectivity=8)
    kept = [
        piece
        for piece in range(1, count)
        if (near & (labels == piece)).any() and stats[piece, cv2.CC_STAT_AREA] > 40
    ]
    return np.isin(labels, kept)


def _between_red(mask: np.ndarray, red: np.ndarray) -> np.ndarray:
    """Return bool (1, w): columns whose teeth have lip above and below."""
    first = mask.argmax(0)
    last = mask.shape[0] - 1 - mask[::-1].argmax(0)
    row = np.arange(mask.shape[0])[:, None]
    above = (red & (row < first)).sum(0)
    below = (red & (row > last)).sum(0)
    least = RIM * mask.shape[0]
    good: np.ndarray = (above >= least) & (below >= least)
    return good[None]


def _corrected(borders: LipBorders, x: np.ndarray, y: np.ndarray, mask: np.ndarray) -> LipBorders:
    """Move the inner borders out to where teeth are seen."""
    seen = mask.any(0)
    if not seen.any():
        return borders
    top = np.where(mask, y, np.inf).min(0)
    bottom = np.where(mask, y, -np.inf).max(0)
    # they end on the landmarks' borders at the corners
    places = np.r_[borders.x[0], x[seen], borders.x[-1]]
    inner = []
    for edge, own, sign in ((top, borders.inner_up, -1), (bottom, borders.inner_low, 1)):
        found = np.interp(borders.x, places, np.r_[own[0], edge[seen], own[-1]])
        # a pixel beyond: the rim of a tooth is darker than it
        found = found + sign * 0.008 * np.interp(
            borders.x, x, cv2.blur(seen.astype(np.float64)[None], (9, 1))[0]
        )
        further = np.minimum(own, found) if sign < 0 else np.maximum(own, found)
        inner.append(smooth_curve(further, 9))
    return borders._replace(inner_up=inner[0], inner_low=inner[1])


def keep_teeth(frame: FaceFrame, image: np.ndarray, seen: SeenTeeth, line: np.ndarray) -> OwnTeeth:
    """Return what is kept of the teeth seen.

    line: float64 (n,), y of the closed lips' line over borders.x, mw.
    """
    mask, light = seen.mask, seen.colour.mean(-1)
    bright = mask & (light >= np.median(light[mask]))
    enamel = np.median(seen.colour[bright], 0).astype(np.float32)
    x = np.linspace(seen.borders.x[0], seen.borders.x[-1], COLUMNS)
    in_up, in_low = (np.interp(x, seen.borders.x, c) for c in seen.borders[2:4])
    top, bottom, ends = _upper_row(seen, in_up, in_low)
    used = np.isfinite(top)
    if used.sum() * (x[-1] - x[0]) / COLUMNS < MIN_WIDTH:
        return OwnTeeth(enamel)
    middle = np.abs(frame.u(x)) < 0.25
    below = bottom - np.interp(x, seen.borders.x, line)
    sure = used & middle if (used & middle).any() else used
    edge = float(np.clip(np.median(below[sure]) if ends else 0.0, 0.045, 0.12))
    plate, origin = _plate(frame, image, x, top, bottom, None if ends else line + edge, seen)
    return OwnTeeth(enamel, plate, origin, edge)


def _upper_row(
    seen: SeenTeeth, in_up: np.ndarray, in_low: np.ndarray
) -> tuple[np.ndarray, np.ndarray, bool]:
    """Return top and bottom, mw, NaN where none, of the upper teeth, and whether edges are seen."""
    rows, columns = seen.mask.shape
    light = cv2.GaussianBlur(seen.colour.mean(-1), (0, 0), sigmaX=2, sigmaY=0.7)
    top, bottom = np.full(columns, np.nan), np.full(columns, np.nan)
    free = np.zeros(columns, bool)
    for column in range(columns):
        run = _first_run(seen.mask[:, column])
        if run is None:
            continue
        start, stop = run
        y = seen.y[:, column]
        if y[start] > in_up[column] + FIRST:
            continue
        if y[stop] - y[start] > 0.08:
            stop = _parted(light[start : stop + 1, column], y[start : stop + 1]) + start
        top[column], bottom[column] = y[start], y[stop]
        free[column] = in_low[column] - y[stop] > 0.03
    used = np.isfinite(top)
    ends = bool(used.any() and free[used].mean() > 0.5)
    return top, bottom, ends


def _first_run(column: np.ndarray) -> tuple[int, int] | None:
    """Return the first and the last row of the first run of at least two."""
    padded = np.r_[False, column, False].astype(np.int8)
    starts, stops = np.flatnonzero(np.diff(padded) == 1), np.flatnonzero(np.diff(padded) == -1)
    for start, stop in zip(starts, stops, strict=True):
        if stop - start >= 2:
            return int(start), int(stop) - 1
    return None


def _parted(light: np.ndarray, y: np.ndarray) -> int:
    """Return the last row of the upper of two rows of teeth, or of the one row there is."""
    count = len(light)
    inner = slice(int(0.3 * count), max(int(0.85 * count), int(0.3 * count) + 1))
    lowest = int(light[inner].argmin()) + inner.start
    sides = min(light[:lowest].max(initial=0), light[lowest + 1 :].max(initial=0))
    if sides > 0 and light[lowest] < (1 - VALLEY) * sides:
        return max(lowest - 1, 1)
    return int(np.searchsorted(y, y[0] + LONGEST).clip(1, count - 1))


def _plate(
    frame: FaceFrame,
    image: np.ndarray,
    columns: np.ndarray,
    top: np.ndarray,
    bottom: np.ndarray,
    cut: np.ndarray | None,
    seen: SeenTeeth,
) -> tuple[np.ndarray, tuple[int, int]]:
    """Return the upper teeth as a BGRA plate, and its top left pixel.

    Above the lip's border, and below it where the lower lip covered their edges, the last row that
    is seen is repeated. cut: float64 (n,), y where they end if their edges are not seen.
    """
    used = np.isfinite(top)
    pixel = 1 / frame.unit
    (x0, y0, x1, y1), q = pixels_of(frame, image, np.array([-0.75, -0.5]), np.array([0.75, 0.6]))
    x, y = q[..., 0], q[..., 1]
    width = 9
    tops = smooth_curve(np.interp(columns, columns[used], top[used]), width)
    bottoms = smooth_curve(np.interp(columns, columns[used], bottom[used]), width)
    high, low = np.interp(x, columns, tops), np.interp(x, columns, bottoms)
    inset = np.minimum(INSET + 0.8 * pixel, 0.40 * (low - high))
    first = columns[used][0] + 0.02, columns[used][-1] - 0.02
    at = np.stack([np.clip(x, *first), np.clip(y, high + inset, low - inset)], -1)
    at = frame.to_px(at).astype(np.float32)
    colour = cv2.remap(
        image, at[..., 0], at[..., 1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    ).astype(np.float32)
    colour *= (1 - 0.18 * smoothstep(0, ABOVE, high - y))[..., None]
    end = low if cut is None else np.maximum(low, np.interp(x, seen.borders.x, cut))
    alpha = smoothstep(0.5 * pixel + 0.004, -0.5 * pixel - 0.004, y - end)
    alpha = alpha * smoothstep(-ABOVE - 0.04, -ABOVE, y - high)
    alpha = alpha * smoothstep(0, 0.05, x - first[0]) * smoothstep(0, 0.05, first[1] - x)
    return np.dstack([colour, alpha]).astype(np.float32), (x0, y0)


def pixels_of(
    frame: FaceFrame, image: np.ndarray, low: np.ndarray, high: np.ndarray
) -> tuple[tuple[int, int, int, int], np.ndarray]:
    """Return the pixel rectangle of a face-frame box, and each pixel's face-frame position."""
    height, width = image.shape[:2]
    corners = frame.to_px(
        np.array([[low[0], low[1]], [high[0], low[1]], [high[0], high[1]], [low[0], high[1]]])
    )
    x0, y0 = np.maximum(np.floor(corners.min(0)), 0).astype(int)
    x1, y1 = np.minimum(np.ceil(corners.max(0)) + 1, [width, height]).astype(int)
    px = np.stack(np.meshgrid(np.arange(x0, x1), np.arange(y0, y1)), -1)
    rect = (int(x0), int(y0), int(x1), int(y1))
    return rect, frame.to_face(px.astype(np.float64)).astype(np.float32)
