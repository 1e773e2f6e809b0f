"""Motion of a photographed person: the head turns and shifts, shoulders follow, the chest breathes.

The photograph is moved by the head's relief and cut out by a matte over a background that stays;
what the person uncovers is filled with the background beside it. Pixel centres lie at whole
numbers.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from itertools import product
from math import ceil, copysign, tanh

import cv2
import numpy as np

from lipwright.core.rect import Rect
from lipwright.engines.warp.background_fill import BackgroundFill
from lipwright.engines.warp.face_frame import smoothstep
from lipwright.engines.warp.hand_at_face import hand_at_face
from lipwright.engines.warp.head_depth import HeadDepth
from lipwright.engines.warp.motion.gaze import regazed
from lipwright.engines.warp.motion.levels import LEVELS, SHIFT_LIMIT
from lipwright.engines.warp.motion.state import MotionState
from lipwright.engines.warp.person_field import BREATH, PersonField, PersonShape
from lipwright.engines.warp.person_frame import PersonFrame
from lipwright.engines.warp.person_matte import cut_person
from lipwright.face.face import Face

log = logging.getLogger("lipwright")

SHOULDERS = 0.03  # face widths
BODY_UNITS = {"shoulder_x": 1.0, "shoulder_y": 1.0, "breath": BREATH}  # face widths of motion
BODY_STEP = 0.5  # px
MIN_MOVE = 0.12  # px: less is not seen
TURNED = 14.0, 34.0  # degrees of yaw in the photograph between which the range shrinks
TURNED_RANGE = 0.4
CUT_RANGE = HAND_RANGE = 0.6
EDGE_MARGIN = 0.02  # face widths beside the person that the background is not taken from
PX_PER_NODE = 80  # of a face's width for each node that shares one motion
MOST_SHARED = 4
PROBE = 8  # px between the places at which the furthest motion is looked for


class PersonMotion:
    """One portrait's head and body. `region` is the rectangle of px it can change."""

    def __init__(
        self,
        image: np.ndarray,
        face: Face,
        alpha: np.ndarray | None = None,
        limits: tuple[float, float, float] = LEVELS["lively"].limits,
    ) -> None:
        """Cut the person out of an image.

        image: BGR uint8 (h, w, 3); face: its landmarks in px of the image; alpha: uint8 (h, w), the
        transparency of the image where it has one; limits: the furthest yaw, pitch and roll that
        will be asked for, degrees.
        """
        shifts = dict.fromkeys(("x", "y"), SHIFT_LIMIT)
        self._limits = dict(zip(("yaw", "pitch", "roll"), limits, strict=True)) | shifts
        self.frame = PersonFrame.of(face.landmarks)
        self._window = window = self.frame.window(image.shape)
        transparency = None if alpha is None else alpha[window.slices]
        matte = cut_person(image[window.slices], self.frame, window, transparency)
        self._matte = matte.alpha
        self._person = image.copy()
        self._person[window.slices] = matte.person
        depth = HeadDepth(face.landmarks, matte.alpha, self.frame, window)
        self._shape = PersonShape.of(self.frame, depth, matte.alpha, window, image.shape)
        hand = hand_at_face(image[window.slices], matte.alpha, self.frame, window)
        self.range = self._safe_range(face, hand)
        furthest = self._furthest()
        border = (self._matte > 0) & (self._matte < 255)
        self._reach = ceil(float(furthest[border].max())) + 2 if border.any() else 1
        self._moving = self._find_moving(furthest)
        self.region = self._moving_region()
        self._fill = BackgroundFill(self._matte, self._reach, EDGE_MARGIN * self.frame.width)
        self._plate = self._make_plate(image, matte.background)

    @property
    def shared_nodes(self) -> int:
        """How many nodes side by side may share one motion: small faces need finer relief."""
        return min(max(int(self.frame.width) // PX_PER_NODE, 1), MOST_SHARED)

    def within_range(self, state: MotionState) -> MotionState:
        """Return a moment of which this picture bears every turn and shift.

        The body moves in steps that are too small to be seen, so that it need not be drawn anew in
        each frame.
        """
        changes = {
            name: _rounded(getattr(state, name), BODY_STEP / (unit * self.frame.width))
            for name, unit in BODY_UNITS.items()
        }
        if self.range < 1:
            bounded = {
                name: _bounded(getattr(state, name), self.range * limit)
                for name, limit in self._limits.items()
            }
            state = regazed(state, bounded["yaw"], bounded["pitch"])
            changes |= bounded
        return replace(state, **changes)

    def field_on(self, x: np.ndarray, y: np.ndarray, coarser: int = 1) -> PersonField:
        """Return the person's motion on a regular grid of places x, y, float32 (rows, columns).

        coarser: how many places side by side share one that is computed.
        """
        return PersonField(self._shape, x, y, coarser)

    def moving(self, rect: Rect) -> np.ndarray:
        """Return bool (h, w) of a rectangle of the image: where a person may be drawn anew."""
        return self._part(self._moving, rect)

    def colours(self, rect: Rect) -> np.ndarray:
        """Return BGR uint8 (h, w, 3) of a rectangle: what the moving layer shows there."""
        return self._person[rect.slices]

    def matte(self, rect: Rect) -> np.ndarray:
        """Return uint8 (h, w) of a rectangle of the image: 255 where the moving layer is seen."""
        return self._part(self._matte, rect)

    def plate(self, rect: Rect) -> np.ndarray:
        """Return BGR uint8 (h, w, 3) of a rectangle: what is behind the person."""
        return self._plate[rect.slices]

    def behind(self, image: np.ndarray) -> np.ndarray:
        """Return an image without the person's border, which motion uncovers.

        image: uint8 (h, w, 3), or a plane of it (h, w); the result has its shape.
        """
        return self._make_plate(image, image[self._window.slices])

    def _part(self, of_window: np.ndarray, rect: Rect) -> np.ndarray:
        """Return a rectangle of the image from what is known of the window; 0 beyond it."""
        part = np.zeros((rect.height, rect.width), of_window.dtype)
        shared = rect.clipped(self._window)
        if not shared.empty:
            source = shared.moved(-self._window.x0, -self._window.y0)
            part[shared.moved(-rect.x0, -rect.y0).slices] = of_window[source.slices]
        return part

    # ---- what depends on the picture only

    def _make_plate(self, image: np.ndarray, background: np.ndarray) -> np.ndarray:
        plate = image.copy()
        plate[self._window.slices] = self._fill.fill(background)
        return plate

    def _safe_range(self, face: Face, hand: float) -> float:
        """Return how much of each turn and shift the picture bears, [0, 1]."""
        yaw = abs(face.pose[0])
        turned = 1 - (1 - TURNED_RANGE) * float(smoothstep(*TURNED, yaw))
        cut = CUT_RANGE if self._shape.cut_above_neck else 1.0
        if turned < 0.99:
            log.info("The head is turned by %.0f degrees already: it moves less.", yaw)
        if cut < 1:
            log.info("The edge of the picture cuts the head off: it moves less.")
        if hand > 0:
            log.info("A hand may be at the face: the head moves less.")
        return turned * cut * (1 - (1 - HAND_RANGE) * hand)

    def _furthest(self) -> np.ndarray:
        """Return float32 of the window: the largest motion of each place, px."""
        window = self._window
        x, y = np.meshgrid(
            np.arange(window.x0, window.x1, PROBE, dtype=np.float32),
            np.arange(window.y0, window.y1, PROBE, dtype=np.float32),
        )
        field, largest = self.field_on(x, y), np.zeros(x.shape, np.float32)
        most = {name: self.range * limit for name, limit in self._limits.items()}
        for yaw, pitch, roll, side in product((-1, 1), repeat=4):
            state = MotionState(
                yaw=yaw * most["yaw"],
                pitch=pitch * most["pitch"],
                roll=roll * most["roll"],
                x=side * most["x"],
                y=pitch * most["y"],
                shoulder_x=side * SHOULDERS,
                shoulder_y=pitch * SHOULDERS,
                breath=float(side > 0),
            )
            moved = field.displacement(state)
            largest = np.maximum(largest, cv2.magnitude(*moved))
        return cv2.resize(largest, (window.width, window.height), interpolation=cv2.INTER_LINEAR)

    def _find_moving(self, furthest: np.ndarray) -> np.ndarray:
        """Return bool of the window: where the person may move, and where the matte is not hard.

        There a frame shows colours that were told apart.
        """
        soft = (self._matte > 0) & (self._matte < 255)
        moves = (((furthest > MIN_MOVE) & (self._matte > 0)) | soft).astype(np.uint8)
        side = 2 * self._reach + 1
        return cv2.dilate(moves, np.ones((side, side), np.uint8)) > 0

    def _moving_region(self) -> Rect:
        x, y, width, height = cv2.boundingRect(self._moving.astype(np.uint8))
        return Rect(x, y, x + width, y + height).moved(self._window.x0, self._window.y0)


def _bounded(value: float, limit: float) -> float:
    """Bend a value so that it stays within the limit, and leave it alone far below it."""
    half = limit / 2
    if abs(value) <= half:
        return value
    return copysign(half + half * tanh((abs(value) - half) / half), value)


def _rounded(value: float, step: float) -> float:
    return step * round(value / step)
