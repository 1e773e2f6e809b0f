"""One frame: head, mouth and eyes composed into a single backward map and a single resampling.

The displacement is worked out on every fourth pixel of the region that can move and enlarged; only
the rectangle around the lips, where the two layers part, and the eyes are mapped pixel by pixel.
The picture is sampled from a copy twice its size, which keeps it as sharp as a cubic kernel would
at a third of the time.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from lipwright.core.readonly import freeze, read_only
from lipwright.core.rect import Rect
from lipwright.engines.warp.buffers import RenderBuffers
from lipwright.engines.warp.face_frame import FaceFrame
from lipwright.engines.warp.lip_contour import Lips
from lipwright.engines.warp.mouth_closing import ClosedPortrait
from lipwright.engines.warp.mouth_painter import MouthDetail, MouthPainter
from lipwright.engines.warp.mouth_warp import Mouth, MouthField
from lipwright.engines.warp.sampling_grid import STEP, Grids, face_rect
from lipwright.engines.warp.skin_shading import HIGH as SHADE_HIGH
from lipwright.engines.warp.skin_shading import LOW as SHADE_LOW
from lipwright.engines.warp.skin_shading import UNIT_GAIN, Shading

if TYPE_CHECKING:
    from lipwright.engines.warp.eyes import Eyes
    from lipwright.engines.warp.motion.state import MotionState
    from lipwright.engines.warp.mouth_tone import Tone
    from lipwright.engines.warp.person_motion import PersonMotion

ATLAS = 2  # enlargement of the picture that frames are sampled from
SHADE_STEP = 2
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
        self._grids = Grids(self.region, self.frame)
        self._face_box = self._grids.node_box(self.field.low, self.field.high, 0.2)
        self._shade_box = self._grids.face_box(SHADE_LOW, SHADE_HIGH, 0.3)
        self._person_field = None if person is None else person.field_on(*self._grids.nodes)
        self._atlas = self._make_atlas()
        freeze(self)

    # ---- what depends on the picture only

    def _moving_region(self) -> Rect:
        region = face_rect(self.frame, self.field.low, self.field.high)
        if self.person is not None:
            region = region.joined(Rect(*self.person.region))
        if self.eyes is not None:
            for box in self.eyes.boxes:
                region = region.joined(Rect(*box))
        height, width = self.portrait.image.shape[:2]
        return region.clipped(Rect(0, 0, width, height))

    def _make_atlas(self) -> np.ndarray:
        """The region, enlarged, with the person's matte as a fourth channel."""
        picture = self.portrait.image[self.region.slices]
        alpha = np.full(picture.shape[:2], 255, np.uint8)
        if self.person is not None:
            picture = self.person.colours(self.region)
            alpha = self.person.matte(self.region)
        colour = self._enlarged(picture)
        matte = cv2.resize(alpha, colour.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        return np.dstack([colour, matte])

    @staticmethod
    def _enlarged(picture: np.ndarray) -> np.ndarray:
        size = (picture.shape[1] * ATLAS, picture.shape[0] * ATLAS)
        return cv2.resize(picture, size, interpolation=cv2.INTER_CUBIC)

    # ---- one frame

    def allocate(self) -> RenderBuffers:
        """Memory for one run of frames."""
        return RenderBuffers(self.portrait.image, self._grids)

    def render(
        self, mouth: Mouth, motion: MotionState, buffers: RenderBuffers | None = None
    ) -> np.ndarray:
        """-> (h, w, 3) uint8, valid until the next call with the same buffers.

        buffers: of the run; None allocates new ones for this frame alone.
        """
        buffers = buffers or self.allocate()
        if self.person is not None:
            motion = self.person.within_range(motion)
        head_x, head_y = self._person_displacement(motion)
        upper, lower, face_x, face_y = self._mouth_displacement(mouth, head_x, head_y)
        lips = Lips(*self.field.lips(mouth))
        weight = lips.lower_weight(face_x, face_y, 0.5 / self.frame.unit)
        box = self._face_box.slices
        coarse = []
        for axis, head in enumerate((head_x, head_y)):
            total = head.copy()
            total[box] += upper[axis] + (lower[axis] - upper[axis]) * weight
            coarse.append(total)
        self._grids.place_map(coarse, buffers.enlarged, buffers.maps)
        map_x, map_y = buffers.maps
        mouth_rect = self._mouth_rect(lips, head_x, head_y)
        detail = None
        if not mouth_rect.empty and not (mouth.at_rest and self.portrait.contact is None):
            detail = self._part_lips(
                mouth_rect, lips, upper, lower, face_x, face_y, (head_x, head_y), map_x, map_y
            )
        lids = []
        if self.eyes is not None:
            lids = self.eyes.warp(map_x, map_y, (self.region.x0, self.region.y0), motion)
        layer = self._sample(buffers)
        if not mouth.at_rest:
            self._shade(layer, mouth, map_x, map_y)
        if detail is not None:
            seen = detail.rect.slices
            material = self._face_position(map_x[seen], map_y[seen])
            self.painter.paint(layer[seen], mouth, lips, detail, material)
        if self.eyes is not None:
            self.eyes.shade(layer, map_x, map_y, motion, lids)
        return self._compose(layer, buffers.frame)

    def warp_plane(self, plane: np.ndarray, buffers: RenderBuffers) -> np.ndarray:
        """What stands in the region of a plane that was moved as the last frame in these buffers.

        plane: uint8 (h, w), like the picture. Returns uint8 of the region.
        """
        if buffers.carried is None or buffers.carried[0] is not plane:
            behind = None if self.person is None else self.person.behind(plane)
            buffers.carried = plane, self._enlarged(plane[self.region.slices]), behind
        _, atlas, behind = buffers.carried
        map_x, map_y = buffers.atlas_maps
        moved = cv2.remap(atlas, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        if behind is None:
            return moved
        matte = buffers.layer[..., 3].astype(np.float32) / 255
        below = np.ascontiguousarray(behind[self.region.slices])
        return cv2.blendLinear(moved, below, matte, 1 - matte)

    def _person_displacement(self, motion: MotionState) -> tuple[np.ndarray, np.ndarray]:
        if self._person_field is None:
            zero = np.zeros_like(self._grids.nodes[0])
            return zero, zero
        return self._person_field.displacement(motion)

    def _mouth_displacement(
        self, mouth: Mouth, head_x: np.ndarray, head_y: np.ndarray
    ) -> tuple[list[np.ndarray], list[np.ndarray], np.ndarray, np.ndarray]:
        """Both layers' displacement (px) on the face box, and its face-frame positions."""
        box = self._face_box.slices
        frame, field = self.frame, self.field
        off_x = self._grids.nodes[0][box] + head_x[box] - np.float32(frame.centre[0])
        off_y = self._grids.nodes[1][box] + head_y[box] - np.float32(frame.centre[1])
        face_x, face_y = self._along_face(off_x, off_y)
        at = (
            (face_x - field.low[0]) * np.float32(field.scale[0]),
            (face_y - field.low[1]) * np.float32(field.scale[1]),
        )
        layers = []
        for backward in field.backward(mouth):
            sampled = cv2.remap(
                backward, at[0], at[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT
            )
            along, across = sampled[..., 0] * frame.unit, sampled[..., 1] * frame.unit
            layers.append(
                [
                    (along * frame.right[i] + across * frame.down[i]).astype(np.float32)
                    for i in (0, 1)
                ]
            )
        return layers[0], layers[1], face_x, face_y

    def _mouth_rect(self, lips: Lips, head_x: np.ndarray, head_y: np.ndarray) -> Rect:
        """Coarse nodes (within the face box) around the parted lips."""
        margin = MOUTH_MARGIN + 2.5 / self.frame.unit
        low = np.array([lips.left - margin, lips.top - margin])
        high = np.array([lips.right + margin, lips.bottom + margin])
        corners = self.frame.to_px(np.array([low, [high[0], low[1]], high, [low[0], high[1]]]))
        # backward displacement: the mouth stands where the map points back to it
        at = (corners - [self.region.x0, self.region.y0]) // STEP
        column, row = np.clip(at, 0, np.array(head_x.shape[::-1]) - 1).astype(int).T
        moved = corners - np.stack([head_x[row, column], head_y[row, column]], -1)
        pad = 0.02 * self.frame.unit
        origin = np.array([self.region.x0, self.region.y0]) + STEP * np.array(
            [self._face_box.x0, self._face_box.y0]
        )
        first = np.floor((moved.min(0) - pad - origin) / STEP).astype(int)
        last = np.ceil((moved.max(0) + pad - origin) / STEP).astype(int)
        bounds = Rect(
            0, 0, self._face_box.x1 - self._face_box.x0, self._face_box.y1 - self._face_box.y0
        )
        return Rect(int(first[0]), int(first[1]), int(last[0]), int(last[1])).clipped(bounds)

    def _part_lips(
        self,
        rect: Rect,
        lips: Lips,
        upper: list[np.ndarray],
        lower: list[np.ndarray],
        face_x: np.ndarray,
        face_y: np.ndarray,
        head: tuple[np.ndarray, np.ndarray],
        map_x: np.ndarray,
        map_y: np.ndarray,
    ) -> MouthDetail:
        """Map the rectangle around the lips pixel by pixel, with a crisp parting."""
        full = Rect(rect.x0 * STEP, rect.y0 * STEP, rect.x1 * STEP, rect.y1 * STEP)
        full = full.moved(self._face_box.x0 * STEP, self._face_box.y0 * STEP)
        full = full.clipped(Rect.whole(map_x))
        size = (full.y1 - full.y0, full.x1 - full.x0)
        x, y = (self._grids.enlarge_part(f, rect, size) for f in (face_x, face_y))
        weight = lips.lower_weight(x, y, 0.5 / self.frame.unit)
        heads = []
        for axis, target in enumerate((map_x, map_y)):
            up = self._grids.enlarge_part(upper[axis], rect, size)
            low = self._grids.enlarge_part(lower[axis], rect, size)
            head_part = self._grids.enlarge_part(head[axis][self._face_box.slices], rect, size)
            place = self._grids.pixels[axis][full.slices] + head_part
            target[full.slices] = place + up + (low - up) * weight
            heads.append(place)
        return MouthDetail(full, x, y, heads[0], heads[1])

    def _sample(self, buffers: RenderBuffers) -> np.ndarray:
        """-> BGRA of the region."""
        scale, half = float(ATLAS), (ATLAS - 1) / 2
        for atlas_map, source_map, corner in zip(
            buffers.atlas_maps, buffers.maps, (self.region.x0, self.region.y0), strict=True
        ):
            np.multiply(source_map, np.float32(scale), out=atlas_map)
            atlas_map += np.float32(half - scale * corner)
        return cv2.remap(
            self._atlas,
            buffers.atlas_maps[0],
            buffers.atlas_maps[1],
            cv2.INTER_LINEAR,
            dst=buffers.layer,
            borderMode=cv2.BORDER_REPLICATE,
        )

    def _shade(self, layer: np.ndarray, mouth: Mouth, map_x: np.ndarray, map_y: np.ndarray) -> None:
        rows, columns = self._shade_box.slices
        sparse = (
            slice(rows.start, rows.stop, SHADE_STEP),
            slice(columns.start, columns.stop, SHADE_STEP),
        )
        x, y = self._face_position(map_x[sparse], map_y[sparse])
        gain = self.shading.gain(mouth, x, y)
        part = layer[rows, columns]
        gain = cv2.resize(gain, (part.shape[1], part.shape[0]), interpolation=cv2.INTER_LINEAR)
        cv2.multiply(part, gain, dst=part, scale=1 / UNIT_GAIN)

    def _face_position(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return self._along_face(
            x - np.float32(self.frame.centre[0]), y - np.float32(self.frame.centre[1])
        )

    def _along_face(self, off_x: np.ndarray, off_y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        right, down = (
            (v / self.frame.unit).astype(np.float32) for v in (self.frame.right, self.frame.down)
        )
        return off_x * right[0] + off_y * right[1], off_x * down[0] + off_y * down[1]

    def _compose(self, layer: np.ndarray, frame: np.ndarray) -> np.ndarray:
        target = frame[self.region.slices]
        if self.person is None:
            cv2.cvtColor(layer, cv2.COLOR_BGRA2BGR, dst=target)
        else:
            self.person.blend(layer, self.region, target)
        return frame
