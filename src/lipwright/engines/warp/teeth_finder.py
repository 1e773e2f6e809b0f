"""Teeth and the lips' borders, found in the picture rather than by the landmarks.

Landmarks take many a smile for closed lips. Teeth are what is bright and not red between the outer
borders of the lips, in one piece along the line where they meet, with red above and below.
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
)
from lipwright.engines.warp.face_look import colourfulness, skin_colour
from lipwright.engines.warp.tooth_look import Looks

COLUMNS, ROWS = 161, 96  # of the picture of the lips laid straight
SURE_GAP = 0.05  # mw: from here landmarks are right that the lips are parted
DARK_REACH = 0.06  # mw around where the landmarks see the lips meet
DARK_HEIGHT, DARK_SHARE, DARK_TEETH = 0.03, 0.35, 4
"""Lips that seem closed are parted where it is dark so far, mw, along this share of the mouth, with
so many teeth in the dark."""
LIGHTER_LIPS = 2.0  # times the light of a dark gap
OFF_MIDDLE = 0.14  # of the mouth: the middle of teeth is no further from its own
CERTAIN_RED, CERTAIN_REDDER = 0.62, 0.10
CERTAIN_LEAD, COLOUR_LEAD, CERTAIN_SHARE = 0.80, 0.96, 0.6
"""Teeth between lips that seem closed: their redness over the skin's, how much redder the lips next
to them are, those lips' light over theirs (in grey, in colour), and along which share of them."""
BESIDE = 0.03  # mw from teeth or a gap: there it is lip
WARMEST = 0.9  # of the skin's redness: redder teeth are lips or a painter's brown
BEYOND, MOST = 0.045, 0.4
"""Mw by which teeth may reach beyond parted lips as the landmarks have them, and the share of a
piece of them that is between those lips."""
NEAR = 0.025  # mw from where lips meet: so near they begin
MIN_WIDTH = 0.17  # mw of the mouth along which teeth are seen
MIN_HEIGHT = 0.02  # mw
MIN_PIECE = 40  # cells of the picture laid straight
RIM = 0.10  # of the height between the outer borders is red at least
RIM_SPARE = 0.03  # teeth between lips that seem closed hardly come so near to that
RIM_WIDTH = 0.008  # mw: the rim of a tooth is darker than it
INSET = 0.012  # mw from the lips: there teeth are mixed with red


class LipBorders(NamedTuple):
    """The four borders of the lips over x, float64 (n,) each, mw."""

    x: np.ndarray
    outer_up: np.ndarray
    inner_up: np.ndarray
    inner_low: np.ndarray
    outer_low: np.ndarray


@dataclass(frozen=True)
class SeenTeeth:
    """Where teeth are seen in a picture, and the lips' borders corrected by it."""

    borders: LipBorders
    mask: np.ndarray  # bool (ROWS, COLUMNS) between the outer borders
    colour: np.ndarray  # float32 (ROWS, COLUMNS, 3) BGR
    y: np.ndarray  # (ROWS, COLUMNS) mw
    tooth_coloured: bool  # or in too warm a shade to be repeated
    parted: bool  # teeth or the dark behind them are seen between the lips

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
    colour = _sampled(frame, image, x, y)
    grey = colourfulness(frame, image) < 0.5
    looks = Looks.of(colour, skin_colour(frame, image), share, grey)
    within = (y > in_up + INSET) & (y < in_low - INSET) & (in_low - in_up > SURE_GAP)
    inner = abs(share - 0.5) < 0.5 - RIM
    parted = float((in_low - in_up).max()) > SURE_GAP
    reach = BEYOND if parted else 1.0
    inner = inner & (y > in_up - reach) & (y < in_low + reach)
    opening = (y > in_up) & (y < in_low)
    mask = (looks.teeth() | (within & looks.teeth_in_open_mouth())) & inner
    if parted:
        mask = _pieces(mask, opening, MOST)
    else:
        mask = _pieces(mask, (y > in_up - NEAR) & (y < in_low + NEAR), 0.0)
    mask &= _between_red(mask, ~looks.teeth())
    if mask.any():
        mask = _grown(mask, looks.like(mask) & (opening if parted else inner))
    height = (low - up) / ROWS
    wide = (mask.sum(0) * height > MIN_HEIGHT).sum() * float(x[1] - x[0]) >= MIN_WIDTH
    mask &= wide and (parted or _certain(mask, looks, height))
    near = (y > in_up - DARK_REACH) & (y < in_low + DARK_REACH)
    dark = np.zeros_like(mask)
    if not parted and not mask.any():
        dark = _dark_gap(looks.dark() & near, looks, height)
    warm = bool(mask.any()) and not grey and looks.red_of(mask) > WARMEST * looks.skin_red
    corrected = _corrected(borders, x, y, mask | dark)
    return SeenTeeth(corrected, mask, colour, y, not warm, bool((mask | dark).any()))


def _sampled(frame: FaceFrame, image: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the image at positions x (w,) and y (h, w), mw, float32 (h, w, 3)."""
    px = frame.to_px(np.stack([np.broadcast_to(x, y.shape), y], -1)).astype(np.float32)
    size = np.array(image.shape[1::-1])
    left, top = (np.floor(px.min((0, 1))) - 8).clip(0, size - 1).astype(int)
    right, bottom = (np.ceil(px.max((0, 1))) + 9).clip(1, size).astype(int)
    part = image[top : max(bottom, top + 1), left : max(right, left + 1)]
    blur = frame.unit * 0.004  # a cell's size: grain is no tooth
    if blur > 0.5:
        part = cv2.GaussianBlur(part, (0, 0), blur)
    seen: np.ndarray = cv2.remap(
        part,
        px[..., 0] - np.float32(left),
        px[..., 1] - np.float32(top),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    ).astype(np.float32)
    return seen


def _grown(mask: np.ndarray, allowed: np.ndarray) -> np.ndarray:
    """Return the mask and all that is allowed and connected with it, bool (h, w)."""
    _, labels = cv2.connectedComponents((mask | allowed).astype(np.uint8), connectivity=4)
    grown = np.isin(labels, np.unique(labels[mask])).astype(np.uint8)
    # the dark between two teeth is theirs too
    return cv2.morphologyEx(grown, cv2.MORPH_CLOSE, np.ones((3, 9), np.uint8)) > 0


def _pieces(mask: np.ndarray, near: np.ndarray, least: float) -> np.ndarray:
    """Return the pieces, each of some size, of which more than this share is near the opening."""
    closed = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((3, 5), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(closed, connectivity=8)
    kept = [
        piece
        for piece in range(1, count)
        if (area := stats[piece, cv2.CC_STAT_AREA]) > MIN_PIECE
        and (near & (labels == piece)).sum() > least * area
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


def _certain(mask: np.ndarray, looks: Looks, height: np.ndarray) -> bool:
    """Return whether teeth are seen although the landmarks have the lips closed.

    A wet lower lip shines, too: but to one side of the middle, redder than teeth, and with no
    darker red around it. height: of each column's rows, mw.
    """
    if not mask.any():
        return False
    columns = np.flatnonzero(mask.any(0))
    middle = (columns[0] + columns[-1]) / 2 / mask.shape[1]
    if (
        abs(middle - 0.5) > OFF_MIDDLE
        or not looks.grey
        and (looks.red_of(mask) > CERTAIN_RED * looks.skin_red)
    ):
        return False
    rim = round((RIM + RIM_SPARE) * len(mask))
    if not looks.grey and np.vstack([mask[:rim], mask[-rim:]]).any(0).mean() > RIM_SPARE:
        return False
    own = float(np.median(looks.light[mask]))
    lips = _beside(mask, looks.light, height)
    if looks.grey:
        lead, redder = CERTAIN_LEAD, np.ones(mask.shape[1], bool)
    else:
        red = looks.red_of(mask) + CERTAIN_REDDER
        above, below = _beside(mask, looks.red, height)
        lead, redder = COLOUR_LEAD, (above > red) & (below > red)
    darker = (lips[0] < lead * own) & (lips[1] < lead * own)
    return bool((darker & redder)[columns].mean() > CERTAIN_SHARE)


def _dark_gap(dark: np.ndarray, looks: Looks, height: np.ndarray) -> np.ndarray:
    """Return what of the dark is a gap between lips: thick, long, with teeth standing in it.

    Without them it may be the shadow between closed lips.
    """
    closed = cv2.morphologyEx(dark.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((1, 11), np.uint8))
    seen, dark = dark, closed > 0
    above, below = _beside(dark, looks.light, height)
    own = np.where(dark, looks.light, 0).sum(0) / np.maximum(dark.sum(0), 1)
    gap = (dark.sum(0) * height > DARK_HEIGHT) & (np.minimum(above, below) > LIGHTER_LIPS * own)
    columns = np.flatnonzero(gap)
    if gap.mean() <= DARK_SHARE:
        return np.zeros_like(dark)
    row = np.arange(len(dark))[:, None]
    middle = ((row * dark).sum(0) / np.maximum(dark.sum(0), 1))[columns]
    span = np.arange(columns[0], columns[-1] + 1)
    line = smooth_curve(np.interp(span, columns, middle), 15).round().astype(int)
    teeth = int((np.diff(seen[line, span].astype(np.int8)) == 1).sum())
    found: np.ndarray = dark & gap & (teeth >= DARK_TEETH)
    return found


def _beside(
    mask: np.ndarray, light: np.ndarray, height: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the light of the lip a little above and below a mask in each column, float (w,)."""
    rows, columns = mask.shape
    first, last = mask.argmax(0), rows - 1 - mask[::-1].argmax(0)
    step = np.round(BESIDE / np.maximum(height, 1e-4)).astype(int)
    index = np.arange(columns)
    above, below = (np.clip(row, 0, rows - 1) for row in (first - step, last + step))
    return light[above, index], light[below, index]


def _corrected(borders: LipBorders, x: np.ndarray, y: np.ndarray, mask: np.ndarray) -> LipBorders:
    """Move the inner borders to where teeth are seen.

    Of lips that are parted anyway they only move outwards: not all of a tooth need be found.
    """
    seen = np.asarray(mask.any(0))
    if not seen.any():
        return borders
    parted = float((borders.inner_low - borders.inner_up).max()) > SURE_GAP
    top = np.where(mask, y, np.inf).min(0)
    bottom = np.where(mask, y, -np.inf).max(0)
    # they end on the landmarks' borders at the corners
    places = np.r_[borders.x[0], x[seen], borders.x[-1]]
    inner = []
    for edge, own, sign in ((top, borders.inner_up, -1), (bottom, borders.inner_low, 1)):
        found = np.interp(borders.x, places, np.r_[own[0], edge[seen], own[-1]])
        near = np.interp(borders.x, x, smooth_curve(np.where(seen, 1.0, 0.0), 11))
        found += sign * RIM_WIDTH * near
        if parted:
            found = np.minimum(own, found) if sign < 0 else np.maximum(own, found)
        inner.append(smooth_curve(found, 9))
    return borders._replace(inner_up=inner[0], inner_low=inner[1])
