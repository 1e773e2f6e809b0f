"""A person's own teeth, kept as a plate fixed to the skull.

They also give the teeth that are painted beside them their colour and the line where they end.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np

from lipwright.engines.warp.face_frame import FaceFrame, smooth_curve, smoothstep
from lipwright.engines.warp.teeth_finder import COLUMNS, INSET, MIN_WIDTH, ROWS, SeenTeeth

FIRST = 0.09  # mw: upper teeth begin within this of the upper lip
VALLEY = 0.05  # two rows of teeth are parted by a line darker by this share
LONGEST = 0.19  # mw, of an upper tooth
UNEVEN = 0.012  # mw by which a tooth may stand out from the arch
HIDDEN = 0.015  # mw of a tooth that the lower lip covers
EDGES = 0.035, 0.13  # mw below the line of the closed lips, at least and at most
ABOVE = 0.14  # mw of tooth that a raised lip shows beyond what was seen


@dataclass(frozen=True)
class OwnTeeth:
    """What is kept of a person's own teeth."""

    enamel: np.ndarray  # BGR float32 (3,): of the brighter half of them
    plate: np.ndarray | None = None  # (h, w, 4) float32 BGRA, skull-fixed; None: lower teeth alone
    origin: tuple[int, int] = (0, 0)  # px of the plate's top left
    edge: float | None = None  # mw of the upper teeth's edges below the closed lip line


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
    bottom = _even(x, bottom)
    middle = np.abs(frame.u(x)) < 0.25
    below = bottom - np.interp(x, seen.borders.x, line)
    sure = used & middle if (used & middle).any() else used
    # edges that the lower lip covers stand a little further down
    found = float(np.median(below[sure])) + (0 if ends else HIDDEN)
    edge = float(np.clip(found, *EDGES))
    # of a laugh the upper lip comes down further than speech raises it: teeth come along
    row = _Row(x, top, bottom, None if ends else line + edge, max(edge - found, 0.0))
    plate, origin = _plate(frame, image, row, seen)
    return OwnTeeth(enamel, plate, origin, edge)


def _even(x: np.ndarray, edge: np.ndarray) -> np.ndarray:
    """Return an edge, float64 (n,) with NaN, whose teeth stand out from its arch but little."""
    used = np.isfinite(edge)
    weights = np.ones(int(used.sum()))
    for _ in range(4):
        arch = np.polyval(np.polyfit(x[used], edge[used], 2, w=weights), x)
        weights = 1 / (UNEVEN + np.abs(edge - arch)[used])
    even: np.ndarray = np.clip(edge, arch - UNEVEN, arch + UNEVEN)
    return even


class _Row(NamedTuple):
    """The row of upper teeth over x, float64 (n,) mw, NaN where none is seen."""

    x: np.ndarray
    top: np.ndarray
    bottom: np.ndarray
    cut: np.ndarray | None  # y over the borders' x where teeth end whose edges are not seen
    shift: float  # mw by which they are drawn further down than they were seen


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
    frame: FaceFrame, image: np.ndarray, row: _Row, seen: SeenTeeth
) -> tuple[np.ndarray, tuple[int, int]]:
    """Return the upper teeth as a BGRA plate, and its top left pixel.

    Above the lip's border, and below it where the lower lip covered their edges, the last row that
    is seen is repeated.
    """
    used = np.isfinite(row.top)
    pixel = 1 / frame.unit
    (x0, y0, x1, y1), q = pixels_of(frame, image, np.array([-0.75, -0.5]), np.array([0.75, 0.6]))
    x, y = q[..., 0], q[..., 1] - np.float32(row.shift)
    width = 9
    columns = row.x[used]
    tops, bottoms = (
        smooth_curve(_median(np.interp(row.x, columns, edge[used]), width), width)
        for edge in (row.top, row.bottom)
    )
    high, low = np.interp(x, row.x, tops), np.interp(x, row.x, bottoms)
    inset = np.minimum(INSET + 0.8 * pixel, 0.40 * (low - high))
    first, last = columns[0] + 0.02, columns[-1] - 0.02
    at = np.stack([np.clip(x, first, last), np.clip(y, high + inset, low - inset)], -1)
    at = (frame.to_px(at) - [x0, y0]).astype(np.float32)
    colour = cv2.remap(
        _without_gaps(frame, image[y0:y1, x0:x1], q, seen),
        at[..., 0],
        at[..., 1],
        cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    )
    colour = colour * (1 - 0.18 * smoothstep(0, ABOVE, high - y))[..., None]
    end = low
    if row.cut is not None:
        end = np.maximum(low, np.interp(x, seen.borders.x, row.cut) - row.shift)
    alpha = smoothstep(0.5 * pixel + 0.004, -0.5 * pixel - 0.004, y - end)
    alpha = alpha * smoothstep(-ABOVE - 0.04, -ABOVE, y - high)
    alpha = alpha * smoothstep(0, 0.05, x - first) * smoothstep(0, 0.05, last - x)
    return np.dstack([colour, alpha]).astype(np.float32), (x0, y0)


def _median(curve: np.ndarray, width: int) -> np.ndarray:
    padded = np.pad(curve, width // 2, "edge")
    middle: np.ndarray = np.median(np.lib.stride_tricks.sliding_window_view(padded, width), -1)
    return middle


def _without_gaps(frame: FaceFrame, part: np.ndarray, q: np.ndarray, seen: SeenTeeth) -> np.ndarray:
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
    """Return the pixel rectangle of a face-frame box, and each pixel's face-frame position.

    image: uint8 (h, w, 3); low, high: corners of the box, float64 (2,), mw. The positions are
    float32 (rows, columns, 2), mw.
    """
    height, width = image.shape[:2]
    corners = frame.to_px(
        np.array([[low[0], low[1]], [high[0], low[1]], [high[0], high[1]], [low[0], high[1]]])
    )
    x0, y0 = np.maximum(np.floor(corners.min(0)), 0).astype(int)
    x1, y1 = np.minimum(np.ceil(corners.max(0)) + 1, [width, height]).astype(int)
    px = np.stack(np.meshgrid(np.arange(x0, x1), np.arange(y0, y1)), -1)
    rect = (int(x0), int(y0), int(x1), int(y1))
    return rect, frame.to_face(px.astype(np.float64)).astype(np.float32)
