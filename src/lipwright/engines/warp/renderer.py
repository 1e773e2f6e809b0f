"""One frame: head, mouth and eyes composed into a single backward map and a single resampling.

The displacement is worked out on every fourth pixel of the region that can move and enlarged; only
the rectangle around the lips, where the two layers part, and the eyes are mapped pixel by pixel.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import ceil, floor
from typing import TYPE_CHECKING

import cv2
import numpy as np

from lipwright.core.readonly import freeze, read_only
from lipwright.core.rect import Rect
from lipwright.engines.warp.bgra import enlarged, with_alpha
from lipwright.engines.warp.buffers import RenderBuffers
from lipwright.engines.warp.eye_room import around, room_of_eyes
from lipwright.engines.warp.face_frame import FaceFrame
from lipwright.engines.warp.lip_contour import Lips
from lipwright.engines.warp.mouth_closing import ClosedPortrait
from lipwright.engines.warp.mouth_painter import MouthDetail, MouthPainter
from lipwright.engines.warp.mouth_warp import Mouth, MouthField, sample
from lipwright.engines.warp.resampling import Resampler
from lipwright.engines.warp.sampling_grid import STEP, Grids, face_rect
from lipwright.engines.warp.skin_shading import HIGH as SHADE_HIGH
from lipwright.engines.warp.skin_shading import LOW as SHADE_LOW
from lipwright.engines.warp.skin_shading import UNIT_GAIN, Shading

if TYPE_CHECKING:
    from lipwright.engines.warp.eyes import ClosingLid, Eyes
    from lipwright.engines.warp.motion.state import MotionState
    from lipwright.engines.warp.mouth_tone import Tone
    from lipwright.engines.warp.person_motion import PersonMotion

SHADE_STEP = 2
FACE_MARGIN = 0.25  # mw around the lower face, for where the head takes it
EYE_ROOM = 0.8  # mw around the eyes, the same
MOUTH_MARGIN = 0.10  # mw around the lips that is mapped pixel by pixel


class Renderer:
    """Draws frames of one portrait.

    It is not changed by drawing: what is written belongs to the buffers of a run, so any number of
    runs may draw at once, also in different threads.
    """

    def __init__(
        self,
        portrait: ClosedPortrait,
        person: PersonMotion | None = None,
        eyes: Eyes | None = None,
        within: Rect | None = None,
        tone: Tone | None = None,
    ) -> None:
        """Work out what depends on the picture alone.

        within: what shall be drawn of what moves, px; None draws all of it. tone: of the mouth's
        inside, where it is drawn into a video.
        """
        portrait = replace(portrait, image=read_only(portrait.image))
        self.portrait, self.person, self.eyes = portrait, person, eyes
        self.frame: FaceFrame = portrait.frame
        self.field = MouthField(self.frame)
        self.shading = Shading(self.frame, portrait.image)
        self.painter = MouthPainter(portrait, tone)
        self.region = self._moving_region()
        if within is not None:
            self.region = self.region.clipped(within)
        grids = self._grids = Grids(self.region, self.frame)
        self._detail = self._detail_region()
        self._face_box = self._grids.node_box(self.field.low, self.field.high, FACE_MARGIN)
        self._shade_box = grids.on_nodes(self._grids.face_box(SHADE_LOW, SHADE_HIGH, 0.3))
        axes = self.frame.unit * np.stack([self.frame.right, self.frame.down], 1)
        self._to_px = np.kron(np.eye(2), axes).astype(np.float32)  # of both layers
        self._still = [np.zeros_like(grids.nodes[0])] * 2
        x, y = grids.nodes
        self._person_field = None if person is None else person.field_on(x, y, person.shared_nodes)
        moving = None if person is None else person.moving(self.region)
        plate = None if person is None else with_alpha(person.plate(self.region), 0)
        of_head = None if self._person_field is None else self._person_field.of_head
        self._resampler = Resampler(self._picture(), grids, self._detail, moving, of_head, plate)
        self._map = self._resampler.map
        freeze(self)

    # ---- what depends on the picture only

    def _moving_region(self) -> Rect:
        region = face_rect(self.frame, self.field.low, self.field.high)
        if self.person is not None:
            region = region.joined(self.person.region)
        if self.eyes is not None:
            for box in self.eyes.boxes:
                region = region.joined(box)
        return region.clipped(Rect.whole(self.portrait.image))

    def _detail_region(self) -> Rect:
        """Mouth and eyes wherever the head takes them, px from the region's corner."""
        region = self.region
        if self.person is None:
            return Rect(0, 0, region.width, region.height)
        detail = face_rect(self.frame, self.field.low, self.field.high, FACE_MARGIN)
        if self.eyes is not None:
            room = ceil(EYE_ROOM * self.frame.unit)
            detail = detail.joined(around(self.eyes.boxes, room))
        x0, y0, x1, y1 = detail.clipped(region).moved(-region.x0, -region.y0)
        # what is beside it starts on nodes too
        x1, y1 = (-(-end // STEP) * STEP for end in (x1, y1))
        whole = Rect(0, 0, region.width, region.height)
        return Rect(x0 // STEP * STEP, y0 // STEP * STEP, x1, y1).clipped(whole)

    def _picture(self) -> np.ndarray:
        """The region, with the person's matte as a fourth channel."""
        picture = self.portrait.image[self.region.slices]
        if self.person is None:
            return with_alpha(picture, 255)
        return with_alpha(self.person.colours(self.region), self.person.matte(self.region))

    # ---- one frame

    def allocate(self) -> RenderBuffers:
        """Memory for one run of frames."""
        return RenderBuffers(self.portrait.image, self.region)

    def render(
        self,
        mouth: Mouth,
        motion: MotionState,
        buffers: RenderBuffers | None = None,
        planar: bool = False,
    ) -> np.ndarray:
        """-> (h, w, 3) uint8, valid until the next call with the same buffers.

        buffers: of the run; None allocates new ones for this frame alone. planar: whether the frame
        is shown in `buffers.planes` as well.
        """
        buffers = buffers or self.allocate()
        if self.person is not None:
            motion = self.person.within_range(motion)
        head = self._person_displacement(motion)
        head_x, head_y = head
        upper, lower, face_x, face_y = self._mouth_displacement(mouth, head_x, head_y)
        lips = Lips(*self.field.lips(mouth))
        weight = lips.lower_weight(face_x, face_y, 0.5 / self.frame.unit)
        buffers.places = [
            cv2.add(part, nodes) for part, nodes in zip(head, self._grids.nodes, strict=True)
        ]
        for axis, place in enumerate(buffers.places):
            place[self._face_box.slices] += upper[axis] + (lower[axis] - upper[axis]) * weight
        self._map.begin(buffers)
        detail = None
        mouth_rect = self._mouth_rect(lips, head_x, head_y)
        if not mouth_rect.empty and not (mouth.at_rest and self.portrait.contact is None):
            layers = upper, lower, face_x, face_y
            detail = self._part_lips(buffers, mouth_rect, lips, *layers, (head_x, head_y))
        if self.eyes is not None:
            eye_room = room_of_eyes(self.eyes, head, self._grids)
            lids = self._move_eyes(buffers, self.eyes, eye_room, motion)
        body = motion.shoulder_x, motion.shoulder_y, motion.breath
        self._resampler.sample(buffers, with_body=body != buffers.body)
        buffers.body = body
        if not mouth.at_rest:
            self._shade(mouth, buffers)
        if detail is not None:
            seen = detail.rect.moved(*self._detail[:2]).slices
            self.painter.paint(buffers.layer[seen], mouth, lips, detail)
        if self.eyes is not None:
            self.eyes.shade(buffers.layer[eye_room.slices], motion, lids)
        self._resampler.finish(buffers, planar)
        return buffers.frame

    def warp_plane(self, plane: np.ndarray, buffers: RenderBuffers) -> np.ndarray:
        """What stands in the region of a plane that was moved as the last frame in these buffers.

        plane: uint8 (h, w), like the picture. Returns uint8 of the region.
        """
        if buffers.carried is None or buffers.carried[0] is not plane:
            behind = None if self.person is None else self.person.behind(plane)
            carried = np.ascontiguousarray(plane[self.region.slices])
            buffers.carried = plane, enlarged(carried), behind
        _, atlas, behind = buffers.carried
        moved = self._resampler.sample_plane(plane[self.region.slices], atlas, buffers)
        if behind is None:
            return moved
        matte = buffers.layer[..., 3].astype(np.float32) / 255
        below = np.ascontiguousarray(behind[self.region.slices])
        return cv2.blendLinear(moved, below, matte, 1 - matte)

    def _person_displacement(self, motion: MotionState) -> tuple[np.ndarray, np.ndarray]:
        if self._person_field is None:
            return self._still[0], self._still[1]
        return self._person_field.displacement(motion)

    def _move_eyes(
        self, buffers: RenderBuffers, eyes: Eyes, room: Rect, motion: MotionState
    ) -> list[ClosingLid]:
        """Edit the maps around the eyes; returns the lids that close, for `Eyes.shade`."""
        map_x, map_y = self._map.sources(buffers, room)
        corner = self.region.x0 + room.x0, self.region.y0 + room.y0
        lids = eyes.warp(map_x, map_y, corner, motion)
        self._map.edit(buffers, room, map_x, map_y)
        return lids

    def _mouth_displacement(
        self, mouth: Mouth, head_x: np.ndarray, head_y: np.ndarray
    ) -> tuple[Sequence[np.ndarray], Sequence[np.ndarray], np.ndarray, np.ndarray]:
        """Both layers' displacement (px) on the face box, and its face-frame positions."""
        box = self._face_box.slices
        field = self.field
        nodes_x, nodes_y = self._grids.nodes
        face_x, face_y = self.frame.locate(nodes_x[box] + head_x[box], nodes_y[box] + head_y[box])
        at = (
            cv2.addWeighted(face, scale, face, 0, -low * scale)
            for face, low, scale in zip(
                (face_x, face_y), field.low.tolist(), field.scale.tolist(), strict=True
            )
        )
        sampled = sample(cv2.transform(field.backward(mouth), self._to_px), *at)
        # one by one: cv2.split takes four times as long
        layers = [cv2.extractChannel(sampled, channel) for channel in range(4)]
        return layers[:2], layers[2:], face_x, face_y

    def _mouth_rect(self, lips: Lips, head_x: np.ndarray, head_y: np.ndarray) -> Rect:
        """Coarse nodes (within the face box) around the parted lips."""
        margin = MOUTH_MARGIN + 2.5 / self.frame.unit
        low_x, high_x = lips.left - margin, lips.right + margin
        low_y, high_y = lips.top - margin, lips.bottom + margin
        corners = np.array([[low_x, low_y], [high_x, low_y], [high_x, high_y], [low_x, high_y]])
        # backward displacement: the mouth stands where the map points back to it
        x0, y0 = self._grids.region.x0, self._grids.region.y0
        rows, columns = head_x.shape
        moved = []
        for x, y in self.frame.to_px(corners).tolist():
            column = min(max(int((x - x0) // STEP), 0), columns - 1)
            row = min(max(int((y - y0) // STEP), 0), rows - 1)
            moved.append((x - float(head_x[row, column]), y - float(head_y[row, column])))
        pad = 0.02 * self.frame.unit
        box = self._face_box
        (left, right), (top, bottom) = (
            (floor((min(ends) - pad - origin) / STEP), ceil((max(ends) + pad - origin) / STEP))
            for ends, origin in zip(
                zip(*moved, strict=True), (x0 + STEP * box.x0, y0 + STEP * box.y0), strict=True
            )
        )
        return Rect(left, top, right, bottom).clipped(Rect(0, 0, box.width, box.height))

    def _part_lips(
        self,
        buffers: RenderBuffers,
        rect: Rect,
        lips: Lips,
        upper: Sequence[np.ndarray],
        lower: Sequence[np.ndarray],
        face_x: np.ndarray,
        face_y: np.ndarray,
        head: tuple[np.ndarray, np.ndarray],
    ) -> MouthDetail:
        """Map the rectangle around the lips pixel by pixel, with a crisp parting."""
        full = Rect(rect.x0 * STEP, rect.y0 * STEP, rect.x1 * STEP, rect.y1 * STEP)
        full = full.moved(self._face_box.x0 * STEP, self._face_box.y0 * STEP)
        full = full.clipped(Rect(0, 0, self.region.width, self.region.height))
        size = (full.y1 - full.y0, full.x1 - full.x0)
        x, y = (self._grids.enlarge(nodes, rect, size) for nodes in (face_x, face_y))
        weight = lips.lower_weight(x, y, 0.5 / self.frame.unit)
        heads, sources = [], []
        for axis in (0, 1):
            carried = head[axis][self._face_box.slices]
            up, low, place = (
                self._grids.enlarge(nodes, rect, size)
                for nodes in (upper[axis], lower[axis], carried)
            )
            place += self._grids.pixels[axis][full.slices]
            sources.append(place + up + (low - up) * weight)
            heads.append(place)
        self._map.edit(buffers, full, sources[0], sources[1])
        material = self.frame.locate(sources[0], sources[1])
        within = full.moved(-self._detail.x0, -self._detail.y0)
        return MouthDetail(within, x, y, heads[0], heads[1], material)

    def _shade(self, mouth: Mouth, buffers: RenderBuffers) -> None:
        there = self._shade_box
        x, y = self.frame.locate(*self._map.sparse_sources(buffers, there, SHADE_STEP))
        gain = self.shading.gain(mouth, x, y)
        gain = cv2.resize(gain, (there.width, there.height), interpolation=cv2.INTER_LINEAR)
        part = buffers.layer[there.slices]
        cv2.multiply(part, gain, dst=part, scale=1 / UNIT_GAIN)
