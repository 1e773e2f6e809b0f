"""Small head turns: 2.5-D motion of the head alone, over a background that stays.

The photograph is moved by its landmarks' depth and cut out by a matte; what the head uncovers is
filled with the background beside it. Pixel centres lie at whole numbers.
"""

from __future__ import annotations

from math import ceil, radians, sin
from typing import NamedTuple

import cv2
import numpy as np

from lipwright.core.readonly import read_only
from lipwright.core.rect import Rect
from lipwright.engines.warp.face_frame import smoothstep
from lipwright.engines.warp.head_matte import HeadFrame, cut_head, fill_behind, follow_edge
from lipwright.face.face import Face

# the furthest a head is asked to go, degrees: what the filled background must suffice for
MAX_YAW, MAX_PITCH, MAX_ROLL = 4.0, 3.0, 1.8
EARS = (234, 454)
DEPTH_GRID = 72
DEPTH_SPREAD = 0.11  # face widths
DEPTH_FLOOR = 0.02  # lets the depth fade out where there are no landmarks
# the neck gives way between these heights (face units); the head turns about the pivot
NECK_TOP, NECK_BOTTOM, PIVOT = 0.40, 1.08, 0.78
MIN_MOVE = 0.12  # px: less is not seen
EDGE_REACH = 0.45  # face widths over which a head that the picture cuts off comes to rest


class HeadField(NamedTuple):
    """The motion of the head on a grid of places, for any angles: float32 (rows, columns), px."""

    turning: np.ndarray
    """The depth, which yaw and pitch turn, times how much the neck lets go."""
    from_x: np.ndarray
    """The way from the pivot along x, times the same."""
    from_y: np.ndarray

    def displacement(self, yaw: float, pitch: float, roll: float) -> tuple[np.ndarray, np.ndarray]:
        """Return the backward displacement of the head: a pixel p shows the image's p + d.

        Float32 (rows, columns) each for x and y, px. Angles in degrees, signs as in `Face.pose`.
        """
        side, nod, lean = (sin(radians(angle)) for angle in (yaw, pitch, roll))
        return (
            cv2.addWeighted(self.turning, -side, self.from_y, lean, 0),
            cv2.addWeighted(self.turning, -nod, self.from_x, -lean, 0),
        )


class HeadMotion:
    """One portrait's head. `region` is the rectangle (x0, y0, x1, y1) of px it can change."""

    def __init__(self, image: np.ndarray, face: Face, alpha: np.ndarray | None = None) -> None:
        """Cut out the head of an image.

        image: BGR uint8 (h, w, 3); face: its landmarks in px of the image; alpha: uint8 (h, w), the
        transparency of the image where it has one.
        """
        self.frame = HeadFrame.of(face.landmarks)
        self._window = self.frame.window(image.shape)
        self._image = read_only(image)
        self._alpha = None if alpha is None else read_only(alpha)
        self._depth = self._measure_depth(face.landmarks)
        self._pivot = self.frame.centre + PIVOT * self.frame.height * self.frame.down
        self._matte = self._make_matte()
        self._cut_off = self._find_cuts()
        furthest = self._furthest()
        border = (self._matte > 0) & (self._matte < 255)
        self._reach = ceil(float(furthest[border].max())) if border.any() else 1
        self.region = self._moving_region(furthest)
        self._plate = self.behind(image)

    def field_on(self, x: np.ndarray, y: np.ndarray) -> HeadField:
        """Return the head's motion at the places x, y: float32 (rows, columns), px."""
        window = self._window
        step_x = (window.x1 - 1 - window.x0) / (DEPTH_GRID - 1)
        step_y = (window.y1 - 1 - window.y0) / (DEPTH_GRID - 1)
        depth = cv2.remap(
            self._depth,
            ((x - window.x0) / step_x).astype(np.float32),
            ((y - window.y0) / step_y).astype(np.float32),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        u, v = self.frame.units(x, y)
        # shoulders stay sooner than the neck
        free = smoothstep(NECK_BOTTOM, NECK_TOP, v + 0.8 * np.maximum(np.abs(u) - 0.5, 0))
        free = free * self._freedom_at_edges(x, y)
        return HeadField(
            depth * free,
            ((x - np.float32(self._pivot[0])) * free).astype(np.float32),
            ((y - np.float32(self._pivot[1])) * free).astype(np.float32),
        )

    def matte(self, rect: Rect) -> np.ndarray:
        """Return uint8 (h, w) of a rectangle of the image: 255 where the moving layer is seen."""
        matte = np.zeros((rect.y1 - rect.y0, rect.x1 - rect.x0), np.uint8)
        shared = rect.clipped(self._window)
        if not shared.empty:
            target = shared.moved(-rect.x0, -rect.y0)
            matte[target.slices] = self._matte[
                shared.moved(-self._window.x0, -self._window.y0).slices
            ]
        return matte

    def blend(self, layer: np.ndarray, region: Rect, target: np.ndarray) -> None:
        """Blend the moved head over the filled background.

        layer: BGRA uint8 (h, w, 4) of `region`, moved image and moved matte; target: BGR uint8
        (h, w, 3), a view of the frame, written in place.
        """
        alpha = cv2.extractChannel(layer, 3)
        cv2.cvtColor(layer, cv2.COLOR_BGRA2BGR, dst=target)
        plate = self._plate[region.slices]
        cv2.copyTo(plate, cv2.inRange(alpha, 0, 0), target)
        soft = np.flatnonzero(((alpha - np.uint8(1)) < 254).ravel())
        if soft.size:
            rows, columns = np.divmod(soft, alpha.shape[1])
            weight = alpha[rows, columns, None].astype(np.int32)
            front, back = layer[rows, columns, :3].astype(np.int32), plate[rows, columns]
            target[rows, columns] = (front * weight + back * (255 - weight) + 127) // 255

    def behind(self, image: np.ndarray) -> np.ndarray:
        """Return the image without the head's border, which motion uncovers.

        image: uint8 (h, w, 3), or a plane of it (h, w); the result has its shape.
        """
        plate = image.copy()
        picture = image[self._window.slices]
        plate[self._window.slices] = fill_behind(picture, self._matte == 255, self._reach + 2)
        return plate

    # ---- what depends on the picture only

    def _measure_depth(self, landmarks: np.ndarray) -> np.ndarray:
        """Return float32 (DEPTH_GRID, DEPTH_GRID) over the window: px towards the camera.

        It is 0 at the ears and fades to 0 outside the face.
        """
        points = landmarks[:468].astype(np.float32)
        height = points[list(EARS), 2].mean() - points[:, 2]
        window = self._window
        x = np.linspace(window.x0, window.x1 - 1, DEPTH_GRID, dtype=np.float32)
        y = np.linspace(window.y0, window.y1 - 1, DEPTH_GRID, dtype=np.float32)
        spread = np.float32(2 * (DEPTH_SPREAD * self.frame.width) ** 2)
        near_x = np.exp(-((x[:, None] - points[:, 0]) ** 2) / spread)
        near_y = np.exp(-((y[:, None] - points[:, 1]) ** 2) / spread)
        # so small that einsum is quicker than waking the threads behind `@`
        total = np.einsum("yp,xp->yx", near_y, near_x)
        weighted = np.einsum("yp,xp->yx", near_y * height, near_x)
        depth: np.ndarray = weighted / (total + DEPTH_FLOOR * total.max())
        return depth

    def _make_matte(self) -> np.ndarray:
        """Return uint8 of the window; its soft border lies outside the head, on background."""
        window = self._window
        head = cut_head(self._image[window.slices], self.frame, window)
        if self._alpha is not None:
            head = follow_edge(head, self._alpha[window.slices], self.frame, window)
        away = cv2.distanceTransform((head <= 0.5).astype(np.uint8), cv2.DIST_L2, 5)
        clear = max(2.0, 0.008 * self.frame.width)
        soft = max(1.5, 0.010 * self.frame.width)
        return (255 * smoothstep(clear + soft, clear, away)).astype(np.uint8)

    def _find_cuts(self) -> tuple[bool, bool, bool, bool]:
        """Return whether the image cuts the moving head off on the left, top, right, bottom."""
        window, (height, width) = self._window, self._image.shape[:2]
        few = 0.02 * self.frame.width
        bottom_moves = (height - 1 - self.frame.centre[1]) / self.frame.height < NECK_BOTTOM
        # shoulders may touch the sides: they do not move
        above_neck = self._matte[: max(1, round(self._neck_row() - window.y0))] > 0
        return (
            window.x0 == 0 and bool(above_neck[:, 0].sum() > few),
            window.y0 == 0 and bool((self._matte[0] > 0).sum() > few),
            window.x1 == width and bool(above_neck[:, -1].sum() > few),
            window.y1 == height and bool(bottom_moves),
        )

    def _neck_row(self) -> float:
        return float(self.frame.centre[1] + NECK_TOP * self.frame.height)

    def _freedom_at_edges(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Return [0, 1]: nothing moves where the image cuts the head off, as nothing is beyond."""
        height, width = self._image.shape[:2]
        reach = EDGE_REACH * self.frame.width
        away = (x, y, width - 1 - x, height - 1 - y)
        free = np.ones_like(x)
        for cut, distance in zip(self._cut_off, away, strict=True):
            if cut:
                free *= smoothstep(0.0, reach, distance)
        return free

    def _furthest(self) -> np.ndarray:
        """Return float32 of the window: the largest motion of each place, px."""
        window = self._window
        x, y = np.meshgrid(
            np.arange(window.x0, window.x1, 8, dtype=np.float32),
            np.arange(window.y0, window.y1, 8, dtype=np.float32),
        )
        field, largest = self.field_on(x, y), np.zeros(x.shape, np.float32)
        for pitch in (-MAX_PITCH, MAX_PITCH):
            for roll in (-MAX_ROLL, MAX_ROLL):  # the opposite yaw mirrors these
                moved = field.displacement(MAX_YAW, pitch, roll)
                largest = np.maximum(largest, cv2.magnitude(*moved))
        size = (window.x1 - window.x0, window.y1 - window.y0)
        return cv2.resize(largest, size, interpolation=cv2.INTER_LINEAR)

    def _moving_region(self, furthest: np.ndarray) -> Rect:
        moves = ((furthest > MIN_MOVE) & (self._matte > 0)).astype(np.uint8)
        x, y, width, height = cv2.boundingRect(moves)
        margin = self._reach + 2
        rect = Rect(x - margin, y - margin, x + width + margin, y + height + margin)
        return rect.moved(self._window.x0, self._window.y0).clipped(self._window)
