"""The lower face of one template frame, closed, animated and composited onto all other frames.

A frame whose mouth is nearly closed is closed and animated as a portrait is. In every frame of the
video that mouth is placed by the landmarks that speech does not move and blended through a soft
mask, in the light of the frame. Before that the frame's own jaw is moved to where the new speech
has it, so that the outline of the face and the neck stay the video's and fit.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import cv2
import numpy as np

from lipwright.core.readonly import freeze
from lipwright.core.rect import Rect
from lipwright.engines.base import Patch
from lipwright.engines.warp.buffers import RenderBuffers
from lipwright.engines.warp.expression import JAW_AT_CORNERS, Expression
from lipwright.engines.warp.face_frame import NOSE_BASE, smoothstep
from lipwright.engines.warp.face_outline import within_outline
from lipwright.engines.warp.landmark_transfer import LandmarkTransfer, centred
from lipwright.engines.warp.motion.state import MotionState
from lipwright.engines.warp.mouth_closing import close_mouth
from lipwright.engines.warp.mouth_tone import Tone, expected_tone, face_shadow
from lipwright.engines.warp.mouth_warp import DisplacementLayer, Mouth, face_envelope, reach_of
from lipwright.engines.warp.renderer import Renderer
from lipwright.engines.warp.sampling_grid import STEP, face_rect
from lipwright.engines.warp.sharpness import NOSE, crisp, is_seen, missing_blur, part_around
from lipwright.face.face import Face

MASK_SIDES = 0.98, 0.62
"""The mask fades between these distances from the middle, in the mouth's own coordinate."""
MASK_TOP = 0.98, 0.55  # of the way from the mouth up to below the nose
MASK_CHIN = 1.0, 0.8  # of the way down to the chin
SOFTNESS = 0.03  # mw, of the mask
MAX_JAW = 0.4  # mw: further no speech lowers it
MIN_JAW = 0.003  # mw: a smaller difference between two jaws is not worth a resampling
MATCH_SIZE = 48  # px of the small pictures in which colours are compared
MATCH_REACH = 9  # of these px go into one reach of the seam's light
MAX_LIGHT = 3.0  # times more or less light than in the template frame


class LowerFace:
    """The lower face of one frame, ready to be composited onto others; it never changes."""

    def __init__(self, image: np.ndarray, face: Face, tone: Tone | None = None) -> None:
        """Close the mouth of the template frame and prepare its animation.

        image: BGR uint8 (h, w, 3) that is not changed later; face: its landmarks in px; tone: of
        the inside of the mouth in the video, None to estimate it from this frame.
        """
        landmarks = centred(face).astype(np.float32)
        portrait = close_mouth(image, landmarks)
        frame = self._frame = portrait.frame
        self._carrying = LandmarkTransfer(landmarks, frame)
        picture = Rect.whole(image)
        region = face_rect(frame, *reach_of(frame)).clipped(picture)
        x, y = np.meshgrid(
            np.arange(region.x0, region.x1, dtype=np.float64),
            np.arange(region.y0, region.y1, dtype=np.float64),
        )
        place = frame.to_face(np.stack([x, y], -1)).astype(np.float32)
        envelope = face_envelope(frame, place[..., 0], place[..., 1])
        jaw = DisplacementLayer(frame, place[..., 0], place[..., 1], envelope, upper=True).jaw_share
        mask = self._make_mask(place[..., 0], place[..., 1])
        self._jaw = _Map.of(jaw, region, 0.01)
        """How far, mw, each px goes down with a jaw that goes down by one."""
        self._mask = _Map.of(mask, region, 0.002)
        self._area = self._masked(MAX_JAW).clipped(picture)
        """All that is ever drawn, px of the template frame."""
        self._nose = part_around(landmarks[NOSE, :2], image)
        tone = tone or expected_tone(face_shadow(image, face))
        self._lent = portrait.image[self._nose.slices]
        portrait = replace(portrait, image=crisp(portrait.image))
        self._renderer = Renderer(portrait, within=self._area, tone=tone)
        freeze(self)

    def allocate(self) -> RenderBuffers:
        """Return buffers for one run of frames."""
        return self._renderer.allocate()

    def expression(self, face: Face) -> Expression:
        """Return the expression of a frame's mouth corners relative to the template's.

        face: of the frame.
        """
        left, right, chin = self._carrying.moved(face)
        lift = JAW_AT_CORNERS * chin[1] - (left[1] + right[1]) / 2
        return Expression(float(right[0] - left[0]), float(lift))

    def draw(
        self, image: np.ndarray, face: Face, mouth: Mouth, buffers: RenderBuffers | None = None
    ) -> Patch | None:
        """Draw the mouth over a frame; None where nothing of it is in the frame.

        Args:
            image: BGR uint8 (h, w, 3), which stays as it is.
            face: its landmarks in px of the image.
            mouth: what it does.
            buffers: of the run; None allocates new ones for this frame alone.
        """
        forward = self._carrying.forward(face)
        rect = _carried(self._masked(mouth.jaw).clipped(self._area), forward, image)
        if rect.empty or min(rect.x1 - rect.x0, rect.y1 - rect.y0) < 8:
            return None
        backward = cv2.invertAffineTransform(forward)
        image, box = self._with_moved_jaw(image, forward, backward, mouth.jaw - self._own_jaw(face))
        mask = self._mask_in(rect, face, forward, mouth.jaw)
        drawn = self._renderer.render(mouth, MotionState(), buffers)[self._area.slices]
        carried = _warped(drawn, forward, self._area, rect)
        blur = self._missing_blur(image, forward)
        if blur:
            carried = cv2.GaussianBlur(carried, (0, 0), blur)
        own = image[rect.slices]
        _match_colours(carried, own, mask)
        blended = cv2.blendLinear(carried, own, mask, 1 - mask)
        if box.empty:
            return Patch(blended, rect.box)
        whole = box.joined(rect)
        pixels = image[whole.slices].copy()
        pixels[rect.moved(-whole.x0, -whole.y0).slices] = blended
        return Patch(pixels, whole.box)

    def mask(self, size: tuple[int, int], face: Face, mouth: Mouth | None = None) -> np.ndarray:
        """Return float32 (h, w): the share of each px of a frame that `draw` draws anew.

        size: (width, height) of the frame; face: its landmarks in px. Without a mouth the mask is
        that of an unchanged jaw.
        """
        jaw = self._own_jaw(face) if mouth is None else mouth.jaw
        return self._mask_in(Rect(0, 0, *size), face, self._carrying.forward(face), jaw)

    def _make_mask(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Return float32: 1 over mouth and chin, fading before the cheeks, the nose and the jaw."""
        frame = self._frame
        nose = float(frame.points[NOSE_BASE, 1])
        mask = smoothstep(nose * MASK_TOP[0], nose * MASK_TOP[1], y)
        mask = mask * smoothstep(*MASK_SIDES, np.abs(frame.u(x)))
        mask = mask * smoothstep(frame.chin * MASK_CHIN[0], frame.chin * MASK_CHIN[1], y)
        soft: np.ndarray = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), SOFTNESS * frame.unit)
        return soft

    def _mask_in(self, rect: Rect, face: Face, forward: np.ndarray, jaw: float) -> np.ndarray:
        """Return float32: the mask in a rectangle of the frame, moved down with the new jaw."""
        backward = cv2.invertAffineTransform(forward)
        x, y = _nodes(rect, backward)
        drop = self._jaw.at(x, y) * np.float32(jaw * self._frame.unit)
        down = self._frame.down.astype(np.float32)
        mask = self._mask.at(x - drop * down[0], y - drop * down[1])
        corner = np.array([rect.x0, rect.y0]) + (STEP - 1) / 2
        landmarks = self._with_jaw(face, forward, backward, jaw)
        unit = self._frame.unit * float(np.sqrt(abs(np.linalg.det(forward[:, :2]))))
        mask *= within_outline(landmarks, mask.shape, corner, STEP, unit)
        return _enlarged(mask, rect)

    def _with_jaw(
        self, face: Face, forward: np.ndarray, backward: np.ndarray, jaw: float
    ) -> np.ndarray:
        """Return (478, 2): a frame's landmarks, px, with its jaw where the new speech has it."""
        points = centred(face)[:, :2]
        x, y = (points @ backward[:, :2].T + backward[:, 2]).astype(np.float32).T[:, None]
        further = (jaw - self._own_jaw(face)) * self._frame.unit
        moved: np.ndarray = points + self._jaw.at(x, y).T * further * (
            forward[:, :2] @ self._frame.down
        )
        return moved

    def _missing_blur(self, image: np.ndarray, forward: np.ndarray) -> float:
        """Return the blur (px) by which a frame is less sharp than the template."""
        nose = _carried(self._nose, forward, image)
        if not (is_seen(nose) and is_seen(self._nose)):
            return 0.0
        return missing_blur(_warped(self._lent, forward, self._nose, nose), image[nose.slices])

    def _masked(self, jaw: float) -> Rect:
        """Return the rectangle of the mask with a jaw that far down, px of the template."""
        across, down = (round(jaw * self._frame.unit * float(step)) for step in self._frame.down)
        return self._mask.rect.joined(self._mask.rect.moved(across, down))

    def _own_jaw(self, face: Face) -> float:
        """Return how far the jaw of a frame is open, in mouth widths, against the template's."""
        return float(self._carrying.moved(face)[2, 1])

    def _with_moved_jaw(
        self, image: np.ndarray, forward: np.ndarray, backward: np.ndarray, further: float
    ) -> tuple[np.ndarray, Rect]:
        """Move a frame's own jaw by `further` (mw): the new frame, and where it differs."""
        rect = _carried(self._jaw.rect, forward, image)
        if abs(further) < MIN_JAW or rect.empty:
            return image, Rect(0, 0, 0, 0)
        share = self._jaw.at(*_nodes(rect, backward))
        down = (forward[:, :2] @ self._frame.down) * self._frame.unit * further
        moved = image.copy()
        moved[rect.slices] = _resampled(image, rect, *(share * np.float32(d) for d in down))
        return moved, rect


class _Map(NamedTuple):
    """A map over a part of the template frame, 0 around it."""

    rect: Rect
    values: np.ndarray

    @classmethod
    def of(cls, values: np.ndarray, region: Rect, least: float) -> _Map:
        """Cut the part of a region's map that is greater than `least`."""
        used = Rect.around(np.argwhere(values > least)[:, ::-1])
        return cls(used.moved(region.x0, region.y0), np.ascontiguousarray(values[used.slices]))

    def at(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Return float32: the values at places (px) of the template frame."""
        left, top = np.float32(self.rect.x0), np.float32(self.rect.y0)
        return cv2.remap(self.values, x - left, y - top, cv2.INTER_LINEAR, borderValue=0)


def _nodes(rect: Rect, backward: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the middle of each STEP x STEP block of a rectangle, in px of the template frame."""
    middle = (STEP - 1) / 2
    x = np.arange(rect.x0 + middle, rect.x1 + middle, STEP)
    y = np.arange(rect.y0 + middle, rect.y1 + middle, STEP)[:, None]
    across, down = ((row[0] * x + row[1] * y + row[2]).astype(np.float32) for row in backward[:2])
    return across, down


def _enlarged(nodes: np.ndarray, rect: Rect) -> np.ndarray:
    """Enlarge values at a rectangle's nodes to its pixels."""
    size = nodes.shape[1] * STEP, nodes.shape[0] * STEP
    whole = cv2.resize(nodes, size, interpolation=cv2.INTER_LINEAR)
    return whole[: rect.y1 - rect.y0, : rect.x1 - rect.x0]


def _resampled(image: np.ndarray, rect: Rect, right: np.ndarray, down: np.ndarray) -> np.ndarray:
    """Return a rectangle of an image moved by a displacement (px, at its nodes)."""
    reach = 2 + int(np.ceil(max(np.abs(right).max(), np.abs(down).max())))
    seen = Rect(rect.x0 - reach, rect.y0 - reach, rect.x1 + reach, rect.y1 + reach)
    seen = seen.clipped(Rect.whole(image))
    # four channels, enlarged: as sharp as a cubic kernel would be, in less time
    picture = cv2.cvtColor(crisp(image[seen.slices]), cv2.COLOR_BGR2BGRA)
    picture = cv2.resize(picture, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    x = np.arange(rect.x0 - seen.x0, rect.x1 - seen.x0, dtype=np.float32) * 2 + np.float32(0.5)
    y = np.arange(rect.y0 - seen.y0, rect.y1 - seen.y0, dtype=np.float32) * 2 + np.float32(0.5)
    moved = cv2.remap(
        picture,
        x - _enlarged(2 * right, rect),
        y[:, None] - _enlarged(2 * down, rect),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return cv2.cvtColor(moved, cv2.COLOR_BGRA2BGR)


def _carried(rect: Rect, forward: np.ndarray, image: np.ndarray) -> Rect:
    """Return the part of an image onto which a rectangle of the template frame is mapped."""
    corners = np.array([(x, y) for x in (rect.x0, rect.x1) for y in (rect.y0, rect.y1)])
    there = Rect.around(corners @ forward[:, :2].T + forward[:, 2])
    return there.clipped(Rect.whole(image))


def _warped(part: np.ndarray, forward: np.ndarray, origin: Rect, target: Rect) -> np.ndarray:
    """Return a part of the template frame as seen in a rectangle of the frame."""
    shift = forward[:, :2] @ [origin.x0, origin.y0] + forward[:, 2] - [target.x0, target.y0]
    return cv2.warpAffine(
        part,
        np.c_[forward[:, :2], shift],
        (target.x1 - target.x0, target.y1 - target.y0),
        flags=cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    )


def _match_colours(drawn: np.ndarray, own: np.ndarray, mask: np.ndarray) -> None:
    """Match the colours of a drawing to the frame along the mask's edge, in place."""
    scale = min(1.0, MATCH_SIZE / max(mask.shape))
    size = (max(8, round(mask.shape[1] * scale)), max(8, round(mask.shape[0] * scale)))
    small, wanted, share = (
        cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.float32)
        for picture in (drawn, own, mask)
    )
    seam = (share**2 * (1 - share)).clip(0)  # rather inwards: further out there may be no skin
    reach = size[0] / MATCH_REACH
    there, here = (
        cv2.GaussianBlur((picture + 1) * seam[..., None], (0, 0), reach)
        for picture in (wanted, small)
    )
    light = (there + 1e-3) / (here + 1e-3)
    light = light.clip(1 / MAX_LIGHT, MAX_LIGHT).astype(np.float32)
    cv2.multiply(drawn, cv2.resize(light, mask.shape[::-1]), dst=drawn, dtype=cv2.CV_8U)
