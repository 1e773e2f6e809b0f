"""Blinks, gaze and brows: edits of the frame's backward map, and shading.

The eye stays where it is while the upper lid travels down over it; the strip with the lashes is
foreshortened and only skin above it stretches. Stretched skin would turn to streaks, so it is
replaced by its own smoothed colour with the grain of the cheek.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from lipwright.core.rect import Rect
from lipwright.engines.warp.eye_shape import (
    LASH_HEIGHT,
    LASH_LINE,
    LEFT_EYE,
    RIGHT_EYE,
    Columns,
    EyeShape,
)
from lipwright.engines.warp.eyelid_texture import LidSkin
from lipwright.engines.warp.face_frame import smoothstep
from lipwright.engines.warp.motion.state import MotionState
from lipwright.face.face import Face

MIN_BLINK, MIN_GAZE, MIN_BROW = 0.01, 0.001, 0.02
ROOM = 0.14  # eye widths around a window, for what turns or stretches
BROW_RISE = 0.15  # eye widths at brow = 1
BROW_SPREAD = 0.30
BROW_STEP = 4  # px: brows move so smoothly that a coarse map will do
CLOSED_LASHES = 0.45  # height of the lash strip of a closed eye, relative to the open one's
CLOSED_BELOW = 0.03  # the closed lash line lies this far below the lower lid's edge


@dataclass(frozen=True)
class ClosingLid:
    """What `shade` needs to know of a lid that `warp` has moved."""

    eye: int
    rect: Rect  # in the map
    y: np.ndarray  # eye coordinates before the lid moved
    now: np.ndarray  # the lash line
    columns: Columns
    stretched: np.ndarray  # [0, 1]: how much the skin is stretched


class Eyes:
    """Both eyes of one portrait. `boxes`: the px rectangles (x0, y0, x1, y1) they can change."""

    def __init__(self, image: np.ndarray, face: Face) -> None:
        """Measure both eyes of an image, BGR uint8 (h, w, 3).

        face: its landmarks in px, pixel centres at whole numbers.
        """
        self.shapes = [EyeShape(face.landmarks, indices) for indices in (LEFT_EYE, RIGHT_EYE)]
        whole = Rect.whole(image)
        self.boxes = [
            shape.box(-1.0, shape.brow_middle - 0.68, 1.0, shape.open_bottom + 0.2).clipped(whole)
            for shape in self.shapes
        ]
        self._skins = [
            LidSkin(image, shape, box) for shape, box in zip(self.shapes, self.boxes, strict=True)
        ]

    def warp(
        self, map_x: np.ndarray, map_y: np.ndarray, origin: tuple[int, int], state: MotionState
    ) -> list[ClosingLid]:
        """Edit a backward map in place: float32 (h, w), px of the unmoved image.

        origin: (x, y) of the map's first element in the frame. Returns the lids that close, for
        `shade`.
        """
        closing = []
        for index, shape in enumerate(self.shapes):
            if state.brow > MIN_BROW:
                self._raise_brow(shape, map_x, map_y, origin, state.brow)
            lid = None
            if state.blink > MIN_BLINK:
                lid = self._close_lid(index, map_x, map_y, origin, state.blink)
                closing.append(lid)
            if abs(state.gaze_x) + abs(state.gaze_y) > MIN_GAZE and state.blink < 0.98:
                self._shift_iris(shape, map_x, map_y, origin, state, lid)
        return closing

    def shade(
        self,
        layer: np.ndarray,
        map_x: np.ndarray,
        map_y: np.ndarray,
        state: MotionState,
        closing: Sequence[ClosingLid],
    ) -> None:
        """Shade the lids that `warp` has closed in the same map, in place.

        layer: uint8 (h, w, 3) or (h, w, 4), BGR first, sampled through the map (float32, (h, w)).
        """
        for lid in closing:
            part = layer[lid.rect.slices]
            colour = part[..., :3].astype(np.float32)
            self._skins[lid.eye].lay(
                colour, lid.stretched, map_x[lid.rect.slices], map_y[lid.rect.slices]
            )
            width = self.shapes[lid.eye].width
            _soften_edge(colour, lid, width)
            colour *= _lid_light(lid, width, state.blink)[..., None]
            part[..., :3] = np.clip(colour + 0.5, 0, 255).astype(np.uint8)

    def _raise_brow(
        self,
        shape: EyeShape,
        map_x: np.ndarray,
        map_y: np.ndarray,
        origin: tuple[int, int],
        amount: float,
    ) -> None:
        middle = shape.brow_middle
        rect = _window(shape, map_x, map_y, origin, (-0.92, middle - 0.6, 0.92, shape.open_top))
        size = (rect.x1 - rect.x0) // BROW_STEP, (rect.y1 - rect.y0) // BROW_STEP
        if min(size) < 2:
            return
        rect = Rect(rect.x0, rect.y0, rect.x0 + size[0] * BROW_STEP, rect.y0 + size[1] * BROW_STEP)
        rows, columns = rect.slices
        middle_px = BROW_STEP // 2
        sparse = (
            slice(rows.start + middle_px, rows.stop, BROW_STEP),
            slice(columns.start + middle_px, columns.stop, BROW_STEP),
        )
        x, y = shape.locate(map_x[sparse], map_y[sparse])
        away = (y - shape.columns(x).brow) / BROW_SPREAD
        rise = np.exp(-(away**2)) * smoothstep(0.92, 0.45, np.abs(x))
        rise *= smoothstep(shape.open_top - 0.03, shape.open_top - 0.2, y)
        rise *= smoothstep(middle - 0.6, middle - 0.4, y)
        rise = cv2.resize(
            rise.astype(np.float32), (rect.x1 - rect.x0, rect.y1 - rect.y0)
        ) * np.float32(amount * BROW_RISE * shape.width)
        map_x[rect.slices] += rise * np.float32(shape.down[0])
        map_y[rect.slices] += rise * np.float32(shape.down[1])

    def _close_lid(
        self,
        index: int,
        map_x: np.ndarray,
        map_y: np.ndarray,
        origin: tuple[int, int],
        closure: float,
    ) -> ClosingLid:
        shape = self.shapes[index]
        rect = _window(
            shape, map_x, map_y, origin, (-0.62, shape.lid_top, 0.62, shape.open_bottom + 0.12)
        )
        x, y = shape.locate(map_x[rect.slices], map_y[rect.slices])
        at = shape.columns(x)
        closed = np.maximum(at.upper, at.lower + CLOSED_BELOW * np.sqrt(at.bell))
        now = at.upper + (np.float32(closure) * at.closing) * (closed - at.upper)
        lashes = np.minimum(LASH_HEIGHT, 0.5 * (at.upper - at.top))
        lashes_now = lashes * np.float32(1 - (1 - CLOSED_LASHES) * closure)
        skin_end, skin_end_now = at.upper - lashes, now - lashes_now
        length = np.maximum(skin_end - at.top, 1e-4)
        length_now = np.maximum(skin_end_now - at.top, 1e-4)
        share = (y - at.top) / length_now
        # the rim of the open lid shows a little of the eye: leave it out as soon as it moves
        rim = at.bell * np.float32(1.6 * LASH_LINE * smoothstep(0.0, 0.3, closure))
        source = np.where(
            y < skin_end_now,
            at.top + length * share,
            at.upper - rim - (now - y) * ((lashes - rim) / lashes_now),
        )
        moved = (y > at.top) & (y < now)
        shift = np.where(moved, source - y, 0) * np.float32(shape.width)
        map_x[rect.slices] += shift * np.float32(shape.down[0])
        map_y[rect.slices] += shift * np.float32(shape.down[1])
        stretched = smoothstep(1.15, 1.9, length_now / length)
        stretched *= smoothstep(0.0, 0.6, share) * smoothstep(-0.03, 0.03, skin_end_now - y)
        stretched *= smoothstep(0.0, 0.8, at.bell) * moved
        return ClosingLid(index, rect, y, now, at, stretched)

    def _shift_iris(
        self,
        shape: EyeShape,
        map_x: np.ndarray,
        map_y: np.ndarray,
        origin: tuple[int, int],
        state: MotionState,
        lid: ClosingLid | None,
    ) -> None:
        rect = _window(shape, map_x, map_y, origin, (-0.5, shape.open_top, 0.5, shape.open_bottom))
        x, y = shape.locate(map_x[rect.slices], map_y[rect.slices])
        at = shape.columns(x)
        distance = np.hypot(x - shape.iris[0], y - shape.iris[1]) / np.float32(shape.iris_radius)
        weight = smoothstep(2.2, 1.2, distance)
        weight *= smoothstep(-0.005, 0.03, y - at.upper) * smoothstep(0.0, 0.03, at.lower - y)
        if lid is not None:  # what the closing lid covers is skin
            dy = rect.y0 - lid.rect.y0
            dx = rect.x0 - lid.rect.x0
            now = lid.now[dy : dy + weight.shape[0], dx : dx + weight.shape[1]]
            before = lid.y[dy : dy + weight.shape[0], dx : dx + weight.shape[1]]
            if now.shape != weight.shape:
                return
            weight *= before >= now
        shift = np.array([state.gaze_x, state.gaze_y])
        px = -shape.width * (shift[0] * shape.right + shift[1] * shape.down)
        map_x[rect.slices] += weight * np.float32(px[0])
        map_y[rect.slices] += weight * np.float32(px[1])


def _window(
    shape: EyeShape,
    map_x: np.ndarray,
    map_y: np.ndarray,
    origin: tuple[int, int],
    corners: tuple[float, float, float, float],
) -> Rect:
    """Return the part of a map that shows a rectangle (x0, y0, x1, y1) of eye coordinates."""
    whole = Rect.whole(map_x)
    column = min(max(round(shape.centre[0]) - origin[0], 0), whole.x1 - 1)
    row = min(max(round(shape.centre[1]) - origin[1], 0), whole.y1 - 1)
    # the head carries the eye about as far as the map looks away from where the eye stood
    carried_x = round(float(column + origin[0] - map_x[row, column]))
    carried_y = round(float(row + origin[1] - map_y[row, column]))
    x0, y0, x1, y1 = corners
    rect = shape.box(x0 - ROOM, y0 - ROOM, x1 + ROOM, y1 + ROOM)
    return rect.moved(carried_x - origin[0], carried_y - origin[1]).clipped(whole)


def _soften_edge(colour: np.ndarray, lid: ClosingLid, width: float) -> None:
    """Blur along the lash line, where the map is discontinuous and leaves a staircase; in place."""
    near = np.exp(-(((lid.y - lid.now) / max(0.02, 1.1 / width)) ** 2)) * lid.columns.closing
    near *= smoothstep(0.0, 0.05, lid.now - lid.columns.upper)
    soft = cv2.GaussianBlur(colour, (0, 0), max(0.7, 0.012 * width))
    colour += (soft - colour) * near[..., None]


def _lid_light(lid: ClosingLid, width: float, closure: float) -> np.ndarray:
    """Return a float32 gain: the lash line, its shadow on the eye, and the rounded lid."""
    line_width = max(0.027, 0.6 / width)
    from_line = lid.y - lid.now
    bell = lid.columns.bell * np.float32(closure)
    line = 0.55 * bell * np.exp(-((from_line / line_width) ** 2))
    shadow = 0.22 * bell * np.exp(-((np.maximum(from_line, 0) / 0.07) ** 2)) * (from_line > 0)
    half = 0.5 * np.maximum(lid.now - lid.columns.upper, 0.01)
    middle = (lid.now + lid.columns.upper) / 2
    light = 0.06 * bell * np.exp(-(((lid.y - middle) / half) ** 2))
    gain: np.ndarray = ((1 - line) * (1 - shadow) * (1 + light)).astype(np.float32)
    return gain
