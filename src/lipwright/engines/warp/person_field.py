"""The displacement of a person's head, neck, shoulders and chest."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, radians, sin

import cv2
import numpy as np

from lipwright.core.rect import Rect
from lipwright.engines.warp.face_frame import smoothstep
from lipwright.engines.warp.head_depth import HeadDepth
from lipwright.engines.warp.motion.state import MotionState
from lipwright.engines.warp.person_frame import PersonFrame

# The landmark network flattens turned heads and deepens nodding ones: gains that bring turned
# pictures nearest to pictures of heads that did turn (benchmarks/turning.py).
YAW_GAIN, PITCH_GAIN = 1.25, 0.9
# the neck gives way between these heights (face units); the head leans about the pivot
NECK_TOP, NECK_BOTTOM, PIVOT = 0.40, 1.10, 0.78
EARS_LEVEL = -0.02  # height about which the head nods
BODY_END = 1.9, 3.2  # the body comes to rest between these heights
CHEST = 0.75, 1.5  # the chest rises from the first height on, most from the second
BREATH = 0.011  # face widths that it rises
EDGE_REACH = 0.40  # face widths over which what the picture cuts off comes to rest
CHIN_ROOM = 0.6  # face heights below its middle that a picture must show of a head
INVERSE_STEPS = 2


@dataclass(frozen=True)
class PersonShape:
    """What of a person decides how the picture's places move."""

    frame: PersonFrame
    depth: HeadDepth
    size: tuple[int, int]  # of the picture, px
    cuts: tuple[bool, bool, bool, bool]
    """Whether the picture cuts the person off on the left, top, right, bottom."""
    cut_above_neck: bool
    """Whether it cuts off the head."""

    @classmethod
    def of(
        cls,
        frame: PersonFrame,
        depth: HeadDepth,
        alpha: np.ndarray,
        window: Rect,
        shape: tuple[int, ...],
    ) -> PersonShape:
        """Look where a matte, uint8 (h, w) of the window, touches the edges of the picture."""
        height, width = shape[:2]
        few = 0.03 * frame.width
        neck = max(1, round(float(frame.place(0, NECK_TOP)[1]) - window.y0))
        seen = alpha > 127
        left, right = window.x0 == 0, window.x1 == width
        top = window.y0 == 0 and bool(seen[0].sum() > few)
        cuts = (
            left and bool(seen[:, 0].sum() > few),
            top,
            right and bool(seen[:, -1].sum() > few),
            window.y1 == height and bool(seen[-1].sum() > few),
        )
        sides = (left and seen[:neck, 0].sum() > few) or (right and seen[:neck, -1].sum() > few)
        chin_cut = (height - 1 - frame.centre[1]) / frame.height < CHIN_ROOM
        return cls(frame, depth, (width, height), cuts, bool(top or sides or chin_cut))


class PersonField:
    """The motion of a person on a regular grid of places, for any moment."""

    def __init__(self, shape: PersonShape, x: np.ndarray, y: np.ndarray, coarser: int = 1) -> None:
        """Work out what depends on the picture alone.

        x, y: float32 (rows, columns), px, evenly spaced. coarser: how many places side by side
        share one that is computed.
        """
        frame = self._frame = shape.frame
        self._shape, self._coarser = x.shape, coarser
        x, y = _coarse_places(x, coarser), _coarse_places(y.T, coarser).T
        x, y = np.broadcast_arrays(x[:1], y[:, :1])
        u, v = frame.units(x, y)
        free_x, free_y = _freedom(shape, x, y)
        # shoulders stay sooner than the neck
        head = smoothstep(NECK_BOTTOM, NECK_TOP, v + 0.8 * np.maximum(np.abs(u) - 0.5, 0))
        body = (1 - head) * smoothstep(BODY_END[1], BODY_END[0], v)
        chest = (1 - head) * smoothstep(*CHEST, v) * smoothstep(BODY_END[1], BODY_END[0], v)
        pivot = frame.place(0, PIVOT)
        ears = frame.place(0, EARS_LEVEL)
        depth = shape.depth.at(x, y) * head
        parts = {
            "depth": (depth, depth),
            "around": ((x - ears[0]) * head, (y - ears[1]) * head),
            "side": ((y - pivot[1]) * head, (x - pivot[0]) * head),
            "lean": ((x - pivot[0]) * head, (y - pivot[1]) * head),
            "head": (head * frame.width, head * frame.width),
            "body": (body * frame.width, body * frame.width),
            "chest": (0 * chest, chest * frame.width),
        }
        self._parts = {
            name: (
                np.ascontiguousarray(across * free_x, np.float32),
                np.ascontiguousarray(over * free_y, np.float32),
            )
            for name, (across, over) in parts.items()
        }
        rows, columns = x.shape
        self._index = np.meshgrid(
            np.arange(columns, dtype=np.float32), np.arange(rows, dtype=np.float32)
        )
        self._step = (
            float(x[0, 1] - x[0, 0]) if columns > 1 else 1.0,
            float(y[1, 0] - y[0, 0]) if rows > 1 else 1.0,
        )

    @property
    def of_head(self) -> np.ndarray:
        """Return bool (rows, columns): places that the head takes along."""
        of_head: np.ndarray = self._enlarged(np.maximum(*self._parts["head"])) > 0
        return of_head

    def displacement(self, state: MotionState) -> tuple[np.ndarray, np.ndarray]:
        """Return the backward displacement: a pixel p shows the image's p + d.

        In x and y, float32 (rows, columns) each, px.
        """
        forward = self._forward(state)
        backward = [-part for part in forward]
        column, row = self._index
        for _ in range(INVERSE_STEPS):
            at = (
                column + backward[0] * np.float32(1 / self._step[0]),
                row + backward[1] * np.float32(1 / self._step[1]),
            )
            backward = [
                -cv2.remap(part, *at, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
                for part in forward
            ]
        return self._enlarged(backward[0]), self._enlarged(backward[1])

    def _enlarged(self, values: np.ndarray) -> np.ndarray:
        if self._coarser == 1:
            return values
        rows, columns = values.shape
        size = columns * self._coarser, rows * self._coarser
        every = cv2.resize(values, size, interpolation=cv2.INTER_LINEAR)
        return every[: self._shape[0], : self._shape[1]]

    def _forward(self, state: MotionState) -> tuple[np.ndarray, np.ndarray]:
        yaw, pitch, roll = (radians(v) for v in (state.yaw, state.pitch, state.roll))
        frame = self._frame
        turn = YAW_GAIN * sin(yaw) * frame.right + PITCH_GAIN * sin(pitch) * frame.down
        shares = {
            "depth": (float(turn[0]), float(turn[1])),
            "around": (cos(yaw) - 1, cos(pitch) - 1),
            "side": (-sin(roll), sin(roll)),
            "lean": (cos(roll) - 1, cos(roll) - 1),
            "head": (state.x, state.y),
            "body": (state.shoulder_x, state.shoulder_y),
            "chest": (0.0, -BREATH * state.breath),
        }
        moved = []
        for axis in (0, 1):
            total: np.ndarray | None = None
            for name, share in shares.items():
                if share[axis] == 0:
                    continue
                part = self._parts[name][axis]
                if total is None:
                    total = part * np.float32(share[axis])
                else:
                    cv2.scaleAdd(part, share[axis], total, dst=total)
            moved.append(np.zeros_like(self._index[0]) if total is None else total)
        return moved[0], moved[1]


def _coarse_places(x: np.ndarray, coarser: int) -> np.ndarray:
    """Return the middles of so many neighbouring columns of places, beyond the last if need be."""
    if coarser == 1:
        return x
    columns = -(-x.shape[1] // coarser)
    step = float(x[0, 1] - x[0, 0])
    row = x[0, 0] + step * ((coarser - 1) / 2 + coarser * np.arange(columns, dtype=np.float32))
    rows = -(-x.shape[0] // coarser)
    places: np.ndarray = np.tile(row.astype(np.float32), (rows, 1))
    return places


def _freedom(shape: PersonShape, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return [0, 1] along x and y: across an edge that cuts it off, a person cannot move."""
    width, height = shape.size
    reach = EDGE_REACH * shape.frame.width
    left, top, right, bottom = shape.cuts
    free_x, free_y = np.ones_like(x), np.ones_like(y)
    for cut, distance, free in (
        (left, x, free_x),
        (right, width - 1 - x, free_x),
        (top, y, free_y),
        (bottom, height - 1 - y, free_y),
    ):
        if cut:
            free *= smoothstep(0.0, reach, distance)
    return free_x, free_y
