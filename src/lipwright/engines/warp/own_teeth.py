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
LIP_LEAD, GREY_LIP_LEAD = 0.07, 0.20  # and brighter than the lips by this share of the skin's light
RED_LEAD = 0.45  # of the way from the skin's redness towards the lips' they may be red
OPEN_LIGHT, OPEN_LEAD, OPEN_RED = 0.42, 0.25, 0.12
"""Between lips that the landmarks, too, see parted less is asked: of the skin's light, ahead of the
lips' light, or less red than they."""
SURE_GAP = 0.05  # mw: from here landmarks are right that the lips are parted
DARK, DARK_REACH = 0.38, 0.06  # of the lips' light; mw around where the landmarks see them meet
DARK_HEIGHT, DARK_SHARE = 0.03, 0.35
"""Lips that seem closed are parted where it is dark so far, mw, along this share of the mouth."""
WARMEST = 0.9  # of the skin's redness: redder teeth are lips or a painter's brown
GROW_LIGHT, GROW_RED = 0.55, 0.06  # what touches teeth is tooth too: of their light; less red
NEAR = 0.025  # mw from where lips meet: so near they begin
MIN_WIDTH = 0.17  # mw of the mouth along which teeth are seen
MIN_HEIGHT = 0.02  # mw
RIM = 0.10  # of the height between the outer borders is red at least
RIM_WIDTH = 0.008  # mw: the rim of a tooth is darker than it
INSET = 0.012  # mw from the lips: there teeth are mixed with red
FIRST = 0.09  # mw: upper teeth begin within this of the upper lip
VALLEY = 0.05  # two rows of teeth are parted by a line darker by this share
LONGEST = 0.19  # mw, of an upper tooth
HIDDEN = 0.015  # mw of a tooth that the lower lip covers
EDGES = 0.035, 0.13  # mw below the line of the closed lips, at least and at most
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
    px = frame.to_px(np.stack([np.broadcast_to(x, y.shape), y], -1)).astype(np.float32)
    blur = frame.unit * 0.004
    soft = cv2.GaussianBlur(image, (0, 0), blur) if blur > 0.5 else image
    colour = cv2.remap(
        soft, px[..., 0], px[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    ).astype(np.float32)
    grey = colourfulness(frame, image) < 0.5
    looks = _Looks.of(colour, skin_colour(frame, image), share, grey)
    within = (y > in_up + INSET) & (y < in_low - INSET) & (in_low - in_up > SURE_GAP)
    seeds = (looks.teeth() | (within & looks.teeth_in_open_mouth())) & (abs(share - 0.5) < 0.4)
    mask = _one_piece(seeds, (y > in_up - NEAR) & (y < in_low + NEAR))
    mask &= _between_red(mask, ~looks.teeth())
    if mask.any():
        mask = _grown(mask, looks.like(mask) & (abs(share - 0.5) < 0.4))
    width = float(x[-1] - x[0]) / COLUMNS
    tall = mask.sum(0) * (low - up) / ROWS
    if (tall > MIN_HEIGHT).sum() * width < MIN_WIDTH:
        mask = np.zeros_like(mask)
    dark = looks.dark() & (y > in_up - DARK_REACH) & (y < in_low + DARK_REACH)
    dark = cv2.morphologyEx(dark.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((1, 11), np.uint8)) > 0
    thick = dark.sum(0) * (low - up) / ROWS > DARK_HEIGHT
    dark &= bool(thick.mean() > DARK_SHARE) & thick
    if mask.any():
        dark[:] = False
    corrected = _corrected(borders, x, y, mask | dark)
    warm = bool(mask.any()) and not looks.grey and looks.red_of(mask) > WARMEST * looks.skin_red
    return SeenTeeth(corrected, mask, colour, y, not warm, bool((mask | dark).any()))


class _Looks(NamedTuple):
    """Light and redness of the picture of the lips, (h, w), of the lips themselves and the skin."""

    light: np.ndarray
    red: np.ndarray
    lip_light: float
    lip_red: float
    skin_light: float
    skin_red: float
    grey: bool

    @classmethod
    def of(cls, colour: np.ndarray, skin: np.ndarray, share: np.ndarray, grey: bool) -> _Looks:
        """Measure a picture, float32 (h, w, 3); share: (h, 1), of the way down the lips."""
        middle = slice(colour.shape[1] // 4, -colour.shape[1] // 4)
        rows = ((share > 0.08) & (share < 0.22)) | ((share > 0.75) & (share < 0.9))
        lips = np.median(colour[rows[:, 0], middle].reshape(-1, 3), 0)
        light = (float(c.mean()) for c in (lips, skin))
        red = (float(_redness(c)) for c in (lips, skin))
        (lip_light, skin_light), (lip_red, skin_red) = light, red
        return cls(
            colour.mean(-1), _redness(colour), lip_light, lip_red, skin_light, skin_red, grey
        )

    def teeth(self) -> np.ndarray:
        """Return bool (h, w): what is bright and not red, wherever it is."""
        if self.grey:
            lead, least = GREY_LIP_LEAD * self.skin_light, GREY_SKIN_SHARE * self.skin_light
            return self.light > max(least, self.lip_light + lead)
        lead = max(self.lip_red - self.skin_red, 0)
        pale = self.red < min(0.9 * self.skin_red, self.lip_red - RED_LEAD * lead, self.lip_red - 0.1)
        # clearly white teeth may be no brighter than pale lips
        white = self.red < min(self.skin_red, self.lip_red) - 0.2
        least = SKIN_SHARE * self.skin_light
        bright = self.light > max(least, self.lip_light + LIP_LEAD * self.skin_light)
        found: np.ndarray = pale & (bright | (white & (self.light > least)))
        return found

    def teeth_in_open_mouth(self) -> np.ndarray:
        """Return bool (h, w): what is not as dark as the throat and not as red as a tongue."""
        brighter = self.light > self.lip_light + OPEN_LEAD * self.skin_light
        paler = np.zeros_like(brighter) if self.grey else self.red < self.lip_red - OPEN_RED
        found: np.ndarray = (self.light > OPEN_LIGHT * self.skin_light) & (paler | brighter)
        return found

    def dark(self) -> np.ndarray:
        """Return bool (h, w): what is as dark as the inside of a mouth, against either lip."""
        upper, lower = (
            np.median(self.light[rows], 0) for rows in (slice(8, 24), slice(-24, -8))
        )
        found: np.ndarray = self.light < DARK * np.maximum(
            np.minimum(upper, lower), 0.35 * self.skin_light
        )
        return found

    def red_of(self, mask: np.ndarray) -> float:
        """Return the median redness of a part, bool (h, w)."""
        return float(np.median(self.red[mask]))

    def like(self, mask: np.ndarray) -> np.ndarray:
        """Return bool (h, w): what may belong to teeth that touch it."""
        own = float(np.median(self.light[mask]))
        if self.grey:
            return self.light > max(GROW_LIGHT * own, 0.58 * self.lip_light + 0.42 * own)
        found: np.ndarray = (self.light > GROW_LIGHT * own) & (self.red < self.lip_red - GROW_RED)
        return found & (self.red < (self.lip_red + self.red_of(mask)) / 2)


def _redness(colour: np.ndarray) -> np.ndarray:
    red: np.ndarray = np.log((colour[..., 2] + 8) / ((colour[..., 0] + colour[..., 1]) / 2 + 8))
    return red


def _grown(mask: np.ndarray, allowed: np.ndarray) -> np.ndarray:
    """Return the mask and all that is allowed and connected with it."""
    _, labels = cv2.connectedComponents((mask | allowed).astype(np.uint8), connectivity=4)
    grown = np.isin(labels, np.unique(labels[mask])).astype(np.uint8)
    # the dark between two teeth is theirs too
    return cv2.morphologyEx(grown, cv2.MORPH_CLOSE, np.ones((3, 9), np.uint8)) > 0


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
    """Move the inner borders to where teeth are seen.

    Of lips that are parted anyway they only move outwards: not all of a tooth need be found.
    """
    seen = mask.any(0)
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
        near = np.interp(borders.x, x, cv2.blur(seen.astype(np.float64)[None], (9, 1))[0])
        found += sign * RIM_WIDTH * near
        if parted:
            found = np.minimum(own, found) if sign < 0 else np.maximum(own, found)
        inner.append(smooth_curve(found, 9))
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
    # edges that the lower lip covers stand a little further down
    edge = float(np.clip(np.median(below[sure]) + (0 if ends else HIDDEN), *EDGES))
    plate, origin = _plate(frame, image, x, top, bottom, None if ends else line + edge, seen)
    return OwnTeeth(enamel, plate, origin, edge)


def _upper_row(
    seen: SeenTeeth, in_up: np.ndarray, in_low: np.ndarray
) -> tuple[np.ndarray, np.ndarray, bool]:
    """Return top and bottom, mw, NaN where none, of the upper teeth, and whether edges are seen."""
    columns = seen.mask.shape[1]
    light = cv2.GaussianBlur(seen.colour.mean(-1), (0, 0), sigmaX=2, sigmaY=0.7)
    top, bottom = np.full(columns, np.nan), np.full(columns, np.nan)
    parted = np.full(columns, np.nan)
    for column in range(columns):
        run = _first_run(seen.mask[:, column])
        y = seen.y[:, column]
        if run is None or y[run[0]] > in_up[column] + FIRST:
            continue
        top[column], bottom[column] = y[run[0]], y[run[1]]
        if bottom[column] - top[column] > 0.08:
            between = slice(run[0], run[1] + 1)
            parted[column] = _parting(light[between, column], y[between])
    used = np.isfinite(top)
    if np.isfinite(parted).sum() > 0.4 * used.sum():
        bottom = np.fmin(bottom, parted)
        ends = True
    else:
        bottom = np.minimum(bottom, top + LONGEST)
        free = in_low[used] - bottom[used] > 0.03
        ends = bool(used.any() and free.mean() > 0.5)
    return top, bottom, ends


def _first_run(column: np.ndarray) -> tuple[int, int] | None:
    """Return the first and the last row of the first run of at least two."""
    padded = np.r_[False, column, False].astype(np.int8)
    starts, stops = np.flatnonzero(np.diff(padded) == 1), np.flatnonzero(np.diff(padded) == -1)
    for start, stop in zip(starts, stops, strict=True):
        if stop - start >= 2:
            return int(start), int(stop) - 1
    return None


def _parting(light: np.ndarray, y: np.ndarray) -> float:
    """Return y of the upper edge of the line between two rows of teeth; NaN if there is one row."""
    count = len(light)
    first, last = int(0.3 * count), max(int(0.85 * count), int(0.3 * count) + 1)
    lowest = int(light[first:last].argmin()) + first
    sides = min(light[:lowest].max(initial=0), light[lowest + 1 :].max(initial=0))
    if sides > 0 and light[lowest] < (1 - VALLEY) * sides:
        return float(y[max(lowest - 1, 1)])
    return float("nan")


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
    tops, bottoms = (
        smooth_curve(_median(np.interp(columns, columns[used], edge[used]), width), width)
        for edge in (top, bottom)
    )
    high, low = np.interp(x, columns, tops), np.interp(x, columns, bottoms)
    inset = np.minimum(INSET + 0.8 * pixel, 0.40 * (low - high))
    first = columns[used][0] + 0.02, columns[used][-1] - 0.02
    at = np.stack([np.clip(x, *first), np.clip(y, high + inset, low - inset)], -1)
    at = frame.to_px(at).astype(np.float32)
    enamel = _without_gaps(frame, image[y0:y1, x0:x1], q, seen)
    corner = np.float32([x0, y0])
    colour = cv2.remap(
        enamel,
        at[..., 0] - corner[0],
        at[..., 1] - corner[1],
        cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    )
    colour *= (1 - 0.18 * smoothstep(0, ABOVE, high - y))[..., None]
    end = low if cut is None else np.maximum(low, np.interp(x, seen.borders.x, cut))
    alpha = smoothstep(0.5 * pixel + 0.004, -0.5 * pixel - 0.004, y - end)
    alpha = alpha * smoothstep(-ABOVE - 0.04, -ABOVE, y - high)
    alpha = alpha * smoothstep(0, 0.05, x - first[0]) * smoothstep(0, 0.05, first[1] - x)
    return np.dstack([colour, alpha]).astype(np.float32), (x0, y0)


def _median(curve: np.ndarray, width: int) -> np.ndarray:
    padded = np.pad(curve, width // 2, "edge")
    middle: np.ndarray = np.median(np.lib.stride_tricks.sliding_window_view(padded, width), -1)
    return middle


def _without_gaps(
    frame: FaceFrame, part: np.ndarray, q: np.ndarray, seen: SeenTeeth
) -> np.ndarray:
    """Return a part of the image, float32 (h, w, 3), in which all that is no tooth is filled.

    It takes the colour of the teeth around it. q: face-frame position of each pixel.
    """
    borders = seen.borders
    up, low = (np.interp(q[..., 0], borders.x, c) for c in (borders.outer_up, borders.outer_low))
    column = (q[..., 0] - borders.x[0]) / (borders.x[-1] - borders.x[0]) * (COLUMNS - 1)
    row = (q[..., 1] - up) / np.maximum(low - up, 1e-3) * ROWS - 0.5
    tooth = cv2.remap(
        seen.mask.astype(np.float32),
        column.astype(np.float32),
        row.astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
    )
    picture = part.astype(np.float32)
    blur = 0.03 * frame.unit
    share = cv2.GaussianBlur(tooth, (0, 0), blur)[..., None]
    around = cv2.GaussianBlur(picture * tooth[..., None], (0, 0), blur) / np.maximum(share, 1e-3)
    filled: np.ndarray = around + (picture - around) * tooth[..., None]
    return filled


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
