"""Blinks, gaze and brows: edits of the frame's backward map, and shading.

The eye stays where it is while the upper lid travels down over it. The edge carries the lashes
along, foreshortened; between it and the crease lies synthesized skin, which also takes the place
of lashes that stood there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from lipwright.core.rect import Rect
from lipwright.engines.warp.eye_aperture import measure_aperture
from lipwright.engines.warp.eye_shape import (
    LASH_LINE,
    LEFT_EYE,
    RIGHT_EYE,
    Columns,
    EyeShape,
)
from lipwright.engines.warp.eye_weights import BROW_RISE, brow_weight, iris_weight
from lipwright.engines.warp.eyelid_texture import LidSkin, lash_height
from lipwright.engines.warp.face_frame import smoothstep, smoothstep_of
from lipwright.engines.warp.glasses import wears_glasses
from lipwright.engines.warp.motion.state import MotionState
from lipwright.face.face import Face

MIN_BLINK, MIN_GAZE, MIN_BROW = 0.01, 0.001, 0.02
ROOM = 0.14  # eye widths around a window, for what turns or stretches
EDIT_ROOM = 0.2  # eye widths around a box that an edit may reach, with its room
BROW_STEP = 4  # px: brows move so smoothly that a coarse map will do
BEHIND_GLASSES = 0.25  # of their way brows rise behind glasses, the rims of which would bend
CLOSED_LASHES = 0.45  # height of the lash strip of a closed eye, relative to the open one's
FADE = 0.8  # of the lid above the lash line: where its skin passes into the synthesized one
CLOSED_BELOW = 0.03  # the closed lash line lies this far below the lower lid's edge


@dataclass(frozen=True)
class ClosingLid:
    """What `shade` needs to know of a lid that `warp` has moved."""

    eye: int
    rect: Rect  # in the map
    x: np.ndarray  # eye coordinates before the lid moved
    y: np.ndarray
    now: np.ndarray  # the lash line
    columns: Columns
    skin: np.ndarray  # the smooth skin at these places, BGR
    lines: np.ndarray  # lashes and other dark lines there, [0, 1]
    edge: np.ndarray  # the upper end of the strip with the lashes


class Eyes:
    """Both eyes of one portrait. `boxes`: the px rectangles (x0, y0, x1, y1) they can change.

    `room`: px around them that they may reach in a frame, apart from where the head takes them.
    `brow_range`: the share of their way that the brows rise, less behind glasses.
    """

    def __init__(self, image: np.ndarray, face: Face) -> None:
        """Measure both eyes of an image, BGR uint8 (h, w, 3).

        face: its landmarks in px, pixel centres at whole numbers.
        """
        self.shapes = [EyeShape(face.landmarks, indices) for indices in (LEFT_EYE, RIGHT_EYE)]
        self.brow_range = BEHIND_GLASSES if wears_glasses(image, *self.shapes) else 1.0
        whole = Rect.whole(image)
        self.boxes: list[Rect] = []
        self._skins = []
        self._irises, self._brows = [], []
        for shape in self.shapes:
            around = shape.box(-1.0, shape.brow_middle - 0.68, 1.0, shape.open_bottom + 0.5)
            skin = LidSkin(image, shape, around.clipped(whole))
            shape.widen(measure_aperture(image, shape, skin))
            box = shape.box(-1.0, shape.brow_middle - 0.68, 1.0, shape.open_bottom + 0.2)
            self.boxes.append(box.clipped(whole))
            self._skins.append(skin)
            self._irises.append(iris_weight(shape))
            self._brows.append(brow_weight(shape))
        self.room = EDIT_ROOM * max(shape.width for shape in self.shapes) + 3

    def warp(
        self, map_x: np.ndarray, map_y: np.ndarray, origin: tuple[int, int], state: MotionState
    ) -> list[ClosingLid]:
        """Edit a backward map in place: float32 (h, w), px of the unmoved image.

        origin: (x, y) of the map's first element in the frame. Returns the lids that close, for
        `shade`.
        """
        closing = []
        for index in range(len(self.shapes)):
            if state.brow > MIN_BROW:
                self._raise_brow(index, map_x, map_y, origin, self.brow_range * state.brow)
            lid = None
            if state.blink > MIN_BLINK:
                lid = self._close_lid(index, map_x, map_y, origin, state.blink)
                closing.append(lid)
            if abs(state.gaze_x) + abs(state.gaze_y) > MIN_GAZE and state.blink < 0.98:
                self._shift_iris(index, map_x, map_y, origin, state, lid)
        return closing

    def shade(
        self,
        layer: np.ndarray,
        state: MotionState,
        closing: Sequence[ClosingLid],
    ) -> None:
        """Shade the lids that `warp` has closed in the same map, in place.

        layer: uint8 (h, w, 3) or (h, w, 4), BGR first, sampled through the map.
        """
        for lid in closing:
            part = layer[lid.rect.slices]
            colour = part[..., :3].astype(np.float32)
            width = self.shapes[lid.eye].width
            weight = _covered(lid, width, state.blink)
            _darken_only(colour, lid, state.blink)
            self._skins[lid.eye].lay(colour, weight, lid.skin)
            _soften_edge(colour, lid, width)
            colour *= _lid_light(lid, width, state.blink)[..., None]
            part[..., :3] = np.clip(colour + 0.5, 0, 255).astype(np.uint8)

    def _raise_brow(
        self,
        index: int,
        map_x: np.ndarray,
        map_y: np.ndarray,
        origin: tuple[int, int],
        amount: float,
    ) -> None:
        shape = self.shapes[index]
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
        weight = self._brows[index].at(map_x[sparse], map_y[sparse])
        weight *= np.float32(amount * BROW_RISE * shape.width)
        rise = cv2.resize(weight, (rect.width, rect.height))
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
            shape, map_x, map_y, origin, (-0.78, shape.lid_top, 0.78, shape.open_bottom + 0.16)
        )
        x, y = shape.locate(map_x[rect.slices], map_y[rect.slices])
        skin = self._skins[index].at(map_x[rect.slices], map_y[rect.slices])
        at = shape.columns(x)
        closed = np.maximum(at.upper, at.lower + CLOSED_BELOW * np.sqrt(at.bell))
        now = at.upper + (np.float32(closure) * at.closing) * (closed - at.upper)
        lashes = lash_height(at)
        short = CLOSED_LASHES * np.sqrt(at.bell)
        shorter = np.float32(closure) * at.closing * (1 - short)
        lashes_now = np.maximum(lashes * (1 - shorter), 0.005)
        # the rim of the open lid shows a little of the eye: leave it out as soon as it moves
        rim = at.bell * np.float32(1.6 * LASH_LINE * smoothstep_of(0.0, 0.3, closure))
        source = at.upper - rim - (now - y) * ((lashes - rim) / lashes_now)
        strip = (y > now - lashes_now) & (y < now)
        shift = np.where(strip, source - y, 0) * np.float32(shape.width)
        map_x[rect.slices] += shift * np.float32(shape.down[0])
        map_y[rect.slices] += shift * np.float32(shape.down[1])
        return ClosingLid(index, rect, x, y, now, at, skin[..., :3], skin[..., 3], now - lashes_now)

    def _shift_iris(
        self,
        index: int,
        map_x: np.ndarray,
        map_y: np.ndarray,
        origin: tuple[int, int],
        state: MotionState,
        lid: ClosingLid | None,
    ) -> None:
        shape = self.shapes[index]
        rect = _window(shape, map_x, map_y, origin, (-0.5, shape.open_top, 0.5, shape.open_bottom))
        weight = self._irises[index].at(map_x[rect.slices], map_y[rect.slices])
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


def _covered(lid: ClosingLid, width: float, closure: float) -> np.ndarray:
    """Return float32 (h, w) in [0, 1]: where the closing lid shows synthesized skin."""
    at, y, side = lid.columns, lid.y, np.abs(lid.x)
    soft = max(0.02, 0.6 / width)
    parted = smoothstep_of(0.0, 0.35, closure)
    # what was the eye, its outline and the foot of its lashes
    covered = smoothstep(soft, -soft, y - lid.edge)
    # above it the skin passes slowly into the picture's: lids shine there
    fade = np.maximum(FADE * (at.upper - at.top), 0.05 + soft)
    covered *= smoothstep(0.0, 1.0, (y - at.above + 0.02 + fade) / fade)
    covered *= np.where(y > at.upper, 1.0, parted) * at.closing
    # what of it lies beyond the corners
    corner = smoothstep(0.5, 0.6, side)
    beside = smoothstep(-0.04, 0.0, y - at.above) * smoothstep(0.04, 0.0, y - at.below)
    beside *= smoothstep(0.0, 0.03, at.below - at.above)
    # inside them it is covered at last, with the outline that goes on below the lashes' ends
    outline = lid.lines * smoothstep(0.34, 0.42, side) * smoothstep(0.76, 0.60, side)
    outline *= smoothstep(0.16, 0.10, y - lid.now)
    under = np.maximum(beside, outline) * (y > lid.now) * at.closing
    under *= np.float32(smoothstep_of(0.6, 1.0, closure))
    beside *= smoothstep(0.46, 0.54, side)
    # lashes that stood above it leave the skin behind
    standing = lid.lines * smoothstep(0.0, 0.08, y - at.top)
    end = lid.edge + corner * (at.upper + 0.1 - lid.edge)
    standing *= smoothstep(0.03, -0.03, y - end) * smoothstep(0.76, 0.60, side)
    standing *= smoothstep(0.36, 0.24, at.upper - y)
    # under the moving edge the strip's own skin passes into it
    passing = smoothstep(-soft, 0.0, y - lid.edge) * (y < lid.now) * at.closing**4
    passing *= smoothstep(0.5, 0.0, (y - lid.edge) / (lid.now - lid.edge + 1e-4))
    gone = np.maximum(standing, beside).astype(np.float32)
    gone = cv2.GaussianBlur(gone, (0, 0), max(0.6, 0.012 * width))
    weight = np.maximum(covered, np.maximum(parted * np.maximum(gone, passing), under))
    return np.asarray(weight, np.float32)


def _darken_only(colour: np.ndarray, lid: ClosingLid, closure: float) -> None:
    """Let what the lid's edge carries along darken the skin, as lashes do, in place."""
    strip = (lid.y > lid.edge) & (lid.y < lid.now) & (lid.columns.bell > 0)
    parted = np.float32(smoothstep_of(0.0, 0.35, closure))
    colour[strip] -= parted * np.maximum(colour[strip] - lid.skin[strip], 0)


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
