"""A frame's lower face resampled so that its mouth has another shape.

Works in the face frame of the person's closed mouth, into which the landmarks that speech does not
move carry each frame (`landmark_transfer`). Of a large face most is mapped on every few pixels; the
rectangle around the lips, where the two layers part, pixel by pixel.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

from lipwright.core.rect import Rect
from lipwright.engines.warp.displaced import displaced, settled
from lipwright.engines.warp.face_frame import FaceFrame, smoothstep
from lipwright.engines.warp.frame_view import FrameView, FrameViews
from lipwright.engines.warp.landmark_transfer import LandmarkTransfer
from lipwright.engines.warp.lip_contour import Lips
from lipwright.engines.warp.mouth_warp import MouthField, reach_of, sample
from lipwright.engines.warp.own_shape import OwnShape
from lipwright.engines.warp.reshaping import Reshaped, Reshaping, Target
from lipwright.engines.warp.sampling_grid import face_rect
from lipwright.face.face import Face

if TYPE_CHECKING:
    from lipwright.engines.warp.mouth_bank import Entry

MIN_SIDE = 8  # px of the smallest lower face that is drawn
BESIDE, BEYOND = 0.25, 0.1  # mw around the red of the lips that is mapped pixel by pixel
STRETCHED = 1.7  # times the red's height at rest
EDGE = 0.35  # mw beside the edges of a frame in which nothing moves across them freely


class ReshapedFrame(NamedTuple):
    """What a frame shows of the lower face after its mouth has got another shape."""

    rect: Rect
    """The pixels of the frame that may differ."""
    pixels: np.ndarray
    """BGR uint8 (h, w, 3) of it."""
    near: Rect
    """The pixels of the frame around the lips."""
    x: np.ndarray
    """float32 of `near`: the places in the face frame of what is wanted there, mw."""
    y: np.ndarray
    target: Target
    """What is wanted: between its lip lines nothing of the frame may be seen."""

    @property
    def lips(self) -> Lips:
        """The wanted lip lines."""
        return self.target.lips


class FrameReshaping:
    """Reshapes the lower face of frames of one person."""

    def __init__(self, frame: FaceFrame, field: MouthField, carrying: LandmarkTransfer) -> None:
        """Prepare for a person.

        frame: of the face with a closed mouth; field: that moves it; carrying: from it to others.
        """
        self._frame, self._field = frame, field
        self._views = FrameViews(frame, carrying)
        self._shapes = Reshaping(frame, field)
        self._region = face_rect(frame, *reach_of(frame))

    def reshape(
        self,
        image: np.ndarray,
        face: Face,
        own: OwnShape,
        want: OwnShape,
        wry: tuple[float, float] = (0.0, 0.0),
    ) -> ReshapedFrame | None:
        """Give the mouth of a frame another shape; None where too little of it is in the frame.

        Args:
            image: BGR uint8 (h, w, 3), which stays as it is.
            face: its landmarks in px of the image.
            own: the shape that its mouth has.
            want: the shape that it shall have.
            wry: tilt and shift of the mouth, mw, which stay as they are.
        """
        view = self._views.of(face, wry)
        rect = carried(self._region, view.forward).clipped(Rect.whole(image))
        if rect.empty or min(rect.width, rect.height) < MIN_SIDE:
            return None
        target = self._shapes.target(want)
        shape = self._shapes.between(own, target)
        nodes, right, down = self._at_nodes(view, shape, rect)
        near = self._near(view, shape.lips).clipped(rect)
        part = _moving(right, down, nodes, near).clipped(rect)
        if part.empty:
            return None
        moved = [_enlarged(values, nodes, part) for values in (right, down)]
        x, y = view.places(np.arange(near.x0, near.x1), np.arange(near.y0, near.y1))
        if not near.empty:
            inner = near.moved(-part.x0, -part.y0).slices
            for whole, exact in zip(
                moved, self._moved(view, shape, x, y, parted=True), strict=True
            ):
                whole[inner] = exact
        _hold_at_edges(moved, part, image, EDGE * view.unit)
        return ReshapedFrame(part, displaced(image, part, *moved), near, x, y, target)

    def borrow(self, entry: Entry, seen: ReshapedFrame) -> np.ndarray:
        """Return what another frame shows around the lips, given the wanted shape.

        Between the lips it is what stands between them there, spread over the wanted opening.

        Args:
            entry: the other frame; its mouth loses its tilt and shift.
            seen: the frame that it is for.

        Returns:
            BGR uint8 (h, w, 3) of `seen.near`.
        """
        view = self._views.of(entry.face, entry.wry)
        right, down = self._mixed(
            self._layers(self._shapes.lent(entry, seen.target), seen.x, seen.y),
            _across(seen.lips, seen.x, seen.y, self._frame),
        )
        at = view.in_picture(seen.x + right, seen.y + down)
        return cv2.remap(entry.picture, *at, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)

    def _at_nodes(
        self, view: FrameView, shape: Reshaped, rect: Rect
    ) -> tuple[_Nodes, np.ndarray, np.ndarray]:
        """Return nodes over a rectangle of the frame, and the displacement there, px."""
        nodes = _Nodes(rect, view.step)
        middle = (nodes.step - 1) / 2
        x, y = view.places(
            np.arange(rect.x0 + middle, rect.x1 + middle, nodes.step),
            np.arange(rect.y0 + middle, rect.y1 + middle, nodes.step),
        )
        return nodes, *self._moved(view, shape, x, y, parted=False)

    def _near(self, view: FrameView, lips: Lips) -> Rect:
        """Return the pixels of a frame around wanted lips."""
        above, below = (
            BEYOND + STRETCHED * height for height in (self._frame.upper_lip, self._frame.lower_lip)
        )
        low = np.array([lips.left - BESIDE, lips.top - above])
        high = np.array([lips.right + BESIDE, lips.bottom + below])
        return carried(face_rect(self._frame, low, high), view.forward)

    def _moved(
        self, view: FrameView, shape: Reshaped, x: np.ndarray, y: np.ndarray, parted: bool
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the displacement, px of the frame, of what is seen at wanted places (mw).

        parted: whether the places are around the lips, where nothing between them may be read.
        """
        layers = self._layers(shape.layers, x, y)
        if parted:
            for (right, down), border, clamp in zip(
                layers, shape.borders, (np.minimum, np.maximum), strict=True
            ):
                clamp(down, border.at(x + right) - y, out=down)
        weight = shape.lips.lower_weight(x, y, 0.5 / self._frame.unit)
        return settled(*view.in_frame(x, y, *self._mixed(layers, weight)))

    def _layers(
        self, layers: tuple[np.ndarray, np.ndarray], x: np.ndarray, y: np.ndarray
    ) -> list[tuple[np.ndarray, np.ndarray]]:
        """Return x and y of the displacement of both layers at places, float32 (h, w) each, mw."""
        low, scale = self._field.low, self._field.scale
        at = (x - low[0]) * np.float32(scale[0]), (y - low[1]) * np.float32(scale[1])
        # OpenCV samples four channels in half the time of two
        both = sample(cv2.merge(layers), *at)
        upper_x, upper_y, lower_x, lower_y = (cv2.extractChannel(both, axis) for axis in range(4))
        return [(upper_x, upper_y), (lower_x, lower_y)]

    @staticmethod
    def _mixed(
        layers: Sequence[tuple[np.ndarray, np.ndarray]], weight: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return x and y of both layers together; weight: of the lower one, float32 (h, w)."""
        right, down = (
            upper + (lower - upper) * weight for upper, lower in zip(*layers, strict=True)
        )
        return right, down


def _across(lips: Lips, x: np.ndarray, y: np.ndarray, frame: FaceFrame) -> np.ndarray:
    """Return float32 (h, w): 0 on the upper lip, 1 on the lower one, evenly between."""
    upper, lower = lips.edges(x)
    least = np.float32(1 / frame.unit)
    middle, half = (upper + lower) / 2, np.maximum((lower - upper) / 2, least)
    half = np.where(lips.outside(x) > 0, 0.004 + 0.8 * lips.outside(x), half)
    across: np.ndarray = ((y - middle) / (2 * half) + np.float32(0.5)).clip(0, 1)
    return across


class _Nodes(NamedTuple):
    """The middles of square blocks of pixels."""

    rect: Rect
    """The pixels of the frame that they cover."""
    step: int
    """Px from one to the next."""


def _moving(right: np.ndarray, down: np.ndarray, nodes: _Nodes, near: Rect) -> Rect:
    """Return whole blocks around all that moves, and around a rectangle, px of the frame."""
    step, origin = nodes.step, nodes.rect
    moving = cv2.findNonZero(((right != 0) | (down != 0)).astype(np.uint8))
    part = Rect(*(near.moved(-origin.x0, -origin.y0)))
    if moving is not None:
        x0, y0, width, height = cv2.boundingRect(moving)
        moved = Rect(x0 * step, y0 * step, (x0 + width) * step, (y0 + height) * step)
        part = moved if part.empty else moved.joined(part)
    x0, y0, x1, y1 = part
    whole = Rect(x0 // step * step, y0 // step * step, -(-x1 // step) * step, -(-y1 // step) * step)
    return whole.moved(origin.x0, origin.y0)


def carried(rect: Rect, forward: np.ndarray) -> Rect:
    """Return the pixels around a rectangle of the template frame in another frame.

    forward: float64 (2, 3), px of the template frame to px of the other.
    """
    corners = np.array([(x, y) for x in (rect.x0, rect.x1) for y in (rect.y0, rect.y1)])
    return Rect.around(corners @ forward[:, :2].T + forward[:, 2])


def _hold_at_edges(
    moved: Sequence[np.ndarray], part: Rect, image: np.ndarray, reach: float
) -> None:
    """Let a displacement across the edges of an image fade beside them, in place.

    There is nothing beyond them to be seen. moved: to the right and down, float32 (h, w) of the
    part, px; reach: px.
    """
    height, width = image.shape[:2]
    ends = (part.x0, part.x1, width), (part.y0, part.y1, height)
    for values, (first, after, size) in zip(moved, ends, strict=True):
        place = np.arange(first, after)
        if min(first, size - after) >= reach:
            continue
        free = smoothstep(0.0, reach, np.minimum(place, size - 1 - place))
        values *= free if values is moved[0] else free[:, None]


def _enlarged(values: np.ndarray, nodes: _Nodes, part: Rect) -> np.ndarray:
    """Enlarge values at nodes to the pixels of a part that begins with a block."""
    x0, y0, x1, y1 = part.moved(-nodes.rect.x0, -nodes.rect.y0)
    rows, columns = (slice(a // nodes.step, -(-b // nodes.step)) for a, b in ((y0, y1), (x0, x1)))
    used = np.ascontiguousarray(values[rows, columns])
    size = used.shape[1] * nodes.step, used.shape[0] * nodes.step
    whole = cv2.resize(used, size, interpolation=cv2.INTER_LINEAR)
    return whole[: part.height, : part.width]
