"""A person's lower face in the frames of a video, speaking something else.

The frame that is there is reshaped from the mouth it has to the wanted one: its own skin, folds,
beard and lips. What it does not show is lent by others of the person's frames, in which the mouth
is much like the wanted one (`mouth_bank`): the inside of the mouth, and the lips where a frame's
own are far from what is wanted, in the light of the frame. Where the film has no such mouth, it is
drawn: one template frame, whose mouth is nearly closed, is closed and animated as a portrait is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from lipwright.core.readonly import freeze
from lipwright.core.rect import Rect
from lipwright.engines.base import Patch
from lipwright.engines.warp.buffers import RenderBuffers
from lipwright.engines.warp.chin_movement import ChinMovement
from lipwright.engines.warp.corner_movement import CornerMovement
from lipwright.engines.warp.expression import Observation
from lipwright.engines.warp.face_frame import LOWER_OUTER, UPPER_OUTER, FaceFrame
from lipwright.engines.warp.frame_reshaping import FrameReshaping, ReshapedFrame, carried
from lipwright.engines.warp.grain import Grain, middle_of, texture_of
from lipwright.engines.warp.landmark_transfer import LandmarkTransfer, centred
from lipwright.engines.warp.lent_lips import LentLips
from lipwright.engines.warp.motion.state import MotionState
from lipwright.engines.warp.mouth_bank import Chosen, Entry, MouthBank
from lipwright.engines.warp.mouth_closing import close_mouth
from lipwright.engines.warp.mouth_examples import Example
from lipwright.engines.warp.mouth_tone import Tone, expected_tone, face_shadow
from lipwright.engines.warp.mouth_warp import Mouth
from lipwright.engines.warp.own_shape import OwnShape, ShapeReader
from lipwright.engines.warp.renderer import Renderer
from lipwright.engines.warp.sampling_grid import face_rect
from lipwright.engines.warp.sharpness import (
    NOSE,
    as_sharp,
    crisp,
    is_seen,
    missing_blur,
    part_around,
)
from lipwright.engines.warp.uncovering import uncovered
from lipwright.face.face import Face

BESIDE, ABOVE = 0.25, 0.3  # mw around the lips at rest within which the template is drawn
BELOW = 0.75  # mw: as far as a jaw takes the lower lip
MATCH_SIZE = 48  # px of the small pictures in which colours are compared
MATCH_REACH = 6  # of these px go into one reach of the seam's light
MAX_LIGHT = 2.0  # times more or less light than in the frame that lends


class LowerFace:
    """The lower face of one person, which never changes while frames are drawn."""

    def __init__(
        self,
        image: np.ndarray,
        face: Face,
        tone: Tone | None = None,
        examples: Sequence[Example] = (),
        always_own: bool = False,
    ) -> None:
        """Close the mouth of the template frame, prepare its animation, and measure examples.

        Args:
            image: BGR uint8 (h, w, 3) that is not changed later.
            face: its landmarks in px.
            tone: of the inside of the mouth in the video; None estimates it from this frame.
            examples: mouths of the person; with few or none all mouths are drawn.
            always_own: whether these are lent however unlike the wanted mouth they are.
        """
        landmarks = centred(face).astype(np.float32)
        portrait = close_mouth(image, landmarks)
        frame = self._frame = portrait.frame
        self._carrying = LandmarkTransfer(landmarks, frame)
        self._area = _area_of(frame).clipped(Rect.whole(image))
        """All that is ever drawn, px of the template frame."""
        self._nose = part_around(landmarks[NOSE, :2], image)
        self._skin = middle_of(face, image)
        self._lent_skin = image[self._skin.slices]
        tone = tone or expected_tone(face_shadow(image, face))
        self._lent_nose = portrait.image[self._nose.slices]
        portrait = replace(portrait, image=crisp(portrait.image))
        self._renderer = Renderer(portrait, within=self._area, tone=tone)
        self._chin = ChinMovement(image, frame, self._carrying, examples)
        self._shapes = ShapeReader(frame, self._carrying, self._chin.seen)
        self._reshaping = FrameReshaping(frame, self._renderer.field, self._carrying)
        self._lips = LentLips(frame)
        self.bank = MouthBank(frame, self._shapes, examples, always_own)
        """The person's mouths."""
        self._corners = CornerMovement(self._carrying, self.bank.entries)
        freeze(self)

    def allocate(self) -> RenderBuffers:
        """Return buffers for one run of frames."""
        return self._renderer.allocate()

    def observe(self, image: np.ndarray, face: Face) -> Observation:
        """Return what is seen of a frame's mouth.

        image: BGR uint8 (h, w, 3) of the frame; face: its landmarks in px of it.
        """
        offsets = self._shapes.offsets(face)
        offsets[-1, 1] = self._chin.down(float(offsets[-1, 1]), image, face)
        expression = self._corners.expression(face, self._shapes.shape(offsets).gap)
        return Observation(expression, offsets)

    def draw(
        self,
        image: np.ndarray,
        face: Face,
        mouth: Mouth,
        offsets: np.ndarray | None = None,
        buffers: RenderBuffers | None = None,
        chosen: Chosen | None = None,
        covered: float = 0.0,
    ) -> Patch | None:
        """Give the mouth of a frame another shape; None where nothing of it is in the frame.

        Args:
            image: BGR uint8 (h, w, 3), which stays as it is.
            face: its landmarks in px of the image.
            mouth: what it does.
            offsets: float64 (45, 2), of its own mouth, as `observe` gives them, which may be
                averaged over time; None takes those of the face.
            buffers: of the run; None allocates new ones for this frame alone.
            chosen: what the bank lends; None chooses for this frame alone.
            covered: how far the mouth is to be left as the frame has it, [0, 1).
        """
        own = self._own(face, mouth, offsets)
        chosen = chosen or self.bank.choose(mouth, image, face)
        if covered:
            there = Entry(image, face, own, (mouth.tilt, mouth.shift))
            chosen = uncovered(chosen, there, covered, self._shapes)
        seen = self._reshaping.reshape(image, face, own, chosen.shape, (mouth.tilt, mouth.shift))
        if seen is None:
            return None
        drawn = 0.0
        grain = self._grain(image, face)
        foreign = np.zeros(seen.pixels.shape[:2], np.float32)
        if not seen.near.empty:
            share, red = self._lips.shares(seen, own, chosen.shape)
            if share.max() > 0:
                drawn = chosen.foreign * float(share.max())
                lent = self._lent(seen, chosen, image, face, mouth, red, buffers)
                lent = grain.removed(lent) if grain else lent
                _lay_over(seen, lent, share)
                foreign[seen.near.moved(-seen.rect.x0, -seen.rect.y0).slices] = share
        if grain:
            grain.complete(seen.pixels, image[seen.rect.slices], foreign)
        return Patch(seen.pixels, seen.rect.box, own=1 - drawn)

    def mask(self, size: tuple[int, int], face: Face, mouth: Mouth | None = None) -> np.ndarray:
        """Return float32 (h, w): where in a frame lips may be lent.

        size: (width, height) of the frame; face: its landmarks in px. Without a mouth it is the one
        that the frame has.
        """
        mask = np.zeros(size[::-1], np.float32)
        own = self._own(face, mouth or Mouth())
        blank = np.zeros((*mask.shape, 3), np.uint8)
        want = own if mouth is None else self.bank.choose(mouth, blank, face).shape
        seen = self._reshaping.reshape(blank, face, own, want)
        if seen is not None and not seen.near.empty:
            mask[seen.near.slices] = self._lips.shares(seen, own, want)[1]
        return mask

    def _own(self, face: Face, mouth: Mouth, offsets: np.ndarray | None = None) -> OwnShape:
        """Return the shape of a frame's mouth, apart from how wry it stays."""
        seen = self._shapes.offsets(face) if offsets is None else offsets
        return self._shapes.shape(seen - self._shapes.wry_offsets(mouth.tilt, mouth.shift))

    def _lent(
        self,
        seen: ReshapedFrame,
        chosen: Chosen,
        image: np.ndarray,
        face: Face,
        mouth: Mouth,
        red: np.ndarray,
        buffers: RenderBuffers | None,
    ) -> np.ndarray:
        """Return a mouth of the person's that does what is wanted, uint8 (h, w, 3) of `seen.near`.

        From the bank, or where that has none of the kind, drawn. red: where the lips are, as of
        `LentLips.shares`.
        """
        own = seen.pixels[seen.near.moved(-seen.rect.x0, -seen.rect.y0).slices]
        layers = []
        if chosen.foreign < 1:
            for entry, weight in zip(chosen.entries, chosen.weights, strict=True):
                lent = self._reshaping.borrow(entry, seen)
                _match_colours(lent, own, red)
                lent = as_sharp(lent, own, red)
                layers.append((lent, (1 - chosen.foreign) * weight))
        if chosen.foreign > 0:
            drawn = self._drawn(seen, image, face, mouth, buffers)
            _match_colours(drawn, own, red)
            layers.append((drawn, chosen.foreign))
        total = sum(picture * np.float32(weight) for picture, weight in layers)
        return np.round(total).astype(np.uint8)

    def _drawn(
        self,
        seen: ReshapedFrame,
        image: np.ndarray,
        face: Face,
        mouth: Mouth,
        buffers: RenderBuffers | None,
    ) -> np.ndarray:
        """Return the template's mouth as it does what is wanted, uint8 (h, w, 3) of `seen.near`."""
        drawn = self._renderer.render(mouth, MotionState(), buffers)[self._area.slices]
        frame = self._frame
        corner = frame.centre - [self._area.x0, self._area.y0]
        axes = (np.c_[frame.right, frame.down] * frame.unit).astype(np.float32)
        across, down = (
            seen.x * row[0] + seen.y * row[1] + np.float32(start)
            for row, start in zip(axes, corner, strict=True)
        )
        carried = cv2.remap(drawn, across, down, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        blur = self._missing_blur(image, self._carrying.forward(face))
        return cv2.GaussianBlur(carried, (0, 0), blur) if blur else carried

    def _grain(self, image: np.ndarray, face: Face) -> Grain | None:
        """Return the grain of a frame, besides what the template shows of it as well."""
        grain = Grain.of(image, face)
        if grain is None or self._skin.empty:
            return grain
        here, forward = middle_of(face, image), self._carrying.forward(face)
        there = _warped(self._lent_skin, forward, self._skin, here)
        return grain.besides(texture_of(image[here.slices], there))

    def _missing_blur(self, image: np.ndarray, forward: np.ndarray) -> float:
        """Return the blur (px) by which a frame is less sharp than the template."""
        nose = carried(self._nose, forward).clipped(Rect.whole(image))
        if not (is_seen(nose) and is_seen(self._nose)):
            return 0.0
        return missing_blur(_warped(self._lent_nose, forward, self._nose, nose), image[nose.slices])


def _area_of(frame: FaceFrame) -> Rect:
    """Return the pixels of the template frame around its lips, wherever the jaw takes them."""
    lips = frame.points[[*UPPER_OUTER, *LOWER_OUTER]]
    return face_rect(frame, lips.min(0) - [BESIDE, ABOVE], lips.max(0) + [BESIDE, BELOW])


def _warped(part: np.ndarray, forward: np.ndarray, origin: Rect, target: Rect) -> np.ndarray:
    """Return a part of the template frame as seen in a rectangle of the frame."""
    shift = forward[:, :2] @ [origin.x0, origin.y0] + forward[:, 2] - [target.x0, target.y0]
    return cv2.warpAffine(
        part,
        np.c_[forward[:, :2], shift],
        (target.width, target.height),
        flags=cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    )


def _lay_over(seen: ReshapedFrame, lent: np.ndarray, share: np.ndarray) -> None:
    """Lay a lent mouth over a reshaped frame, in place.

    lent: uint8 (h, w, 3) of `seen.near`; share: as of `LentLips.shares`.
    """
    own = seen.pixels[seen.near.moved(-seen.rect.x0, -seen.rect.y0).slices]
    own[...] = cv2.blendLinear(lent, np.ascontiguousarray(own), share, 1 - share)


def _match_colours(lent: np.ndarray, own: np.ndarray, mask: np.ndarray) -> None:
    """Match a lent mouth to the light of the frame around what the mask covers, in place.

    lent, own: uint8 (h, w, 3); mask: float32 (h, w), [0, 1].
    """
    scale = min(1.0, MATCH_SIZE / max(mask.shape))
    size = (max(8, round(mask.shape[1] * scale)), max(8, round(mask.shape[0] * scale)))
    small, wanted, share = (
        cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.float32)
        for picture in (lent, own, mask)
    )
    skin = (1 - share).clip(1e-3) ** 2  # lips that were open otherwise say nothing about light
    reach = size[0] / MATCH_REACH
    there, here = (
        cv2.GaussianBlur((picture + 1) * skin[..., None], (0, 0), reach)
        for picture in (wanted, small)
    )
    light = (there + 1e-3) / (here + 1e-3)
    light = light.clip(1 / MAX_LIGHT, MAX_LIGHT).astype(np.float32)
    cv2.multiply(lent, cv2.resize(light, mask.shape[::-1]), dst=lent, dtype=cv2.CV_8U)
