"""The `warp` engine: what depends on the picture is prepared once, then frames are drawn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from math import floor, inf
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lipwright.articulation import articulate
from lipwright.articulation.curves import CHANNELS, Articulation
from lipwright.articulation.streaming import PartialCurves, articulate_prefixes
from lipwright.core.errors import UsageError
from lipwright.engines.base import frame_count
from lipwright.engines.warp.expression import Seen, with_expressions
from lipwright.engines.warp.eyes import Eyes
from lipwright.engines.warp.face_templates import FaceTemplates, is_inside
from lipwright.engines.warp.head_motion import HeadMotion
from lipwright.engines.warp.idle_motion import FORESIGHT, IdleState, plan_idle
from lipwright.engines.warp.mouth_closing import close_mouth
from lipwright.engines.warp.mouth_warp import Mouth
from lipwright.engines.warp.renderer import Renderer

if TYPE_CHECKING:
    from lipwright.engines.warp.buffers import RenderBuffers
    from lipwright.engines.warp.lower_face import LowerFace
    from lipwright.face.face import Face
    from lipwright.face.tracker import TrackedFrame
    from lipwright.speech.speech import Speech

MOTIONS = ("still", "subtle", "lively")
BATCH = 250  # frames whose articulation is looked up at once


@dataclass(frozen=True)
class WarpAvatar:
    """A prepared portrait, which drawing does not change."""

    renderer: Renderer

    @property
    def dirty_box(self) -> tuple[int, int, int, int]:
        """(x0, y0, x1, y1) in px: outside it all frames are the same."""
        region = self.renderer.region
        return region.x0, region.y0, region.x1, region.y1


class WarpFrames(Iterator[np.ndarray]):
    """The frames of one run, drawn into memory of its own: each is valid until the next."""

    def __init__(self, renderer: Renderer, moments: Iterator[tuple[Mouth, IdleState]]) -> None:
        """moments: what mouth and head do in each frame."""
        self._renderer, self._moments = renderer, moments
        self._buffers = renderer.allocate()

    def __next__(self) -> np.ndarray:
        return self._renderer.render(*next(self._moments), self._buffers)

    def warp_plane(self, plane: np.ndarray) -> np.ndarray:
        """A plane of the picture, uint8 (h, w), as the last of these frames moved the picture."""
        return self._renderer.warp_plane(plane, self._buffers)


class WarpEngine:
    """Two-layer warp of the photograph with a painted mouth interior.

    motion: "still" (only the mouth moves), "subtle" or "lively" (blinks, gaze, brows and small
    head movements as well). seed: same input and seed, same frames.
    """

    name = "warp"

    def __init__(self, motion: str = "subtle", seed: int = 0) -> None:
        if motion not in MOTIONS:
            raise UsageError(f'Unknown motion "{motion}": choose one of {", ".join(MOTIONS)}.')
        self.motion, self.seed = motion, seed

    def prepare(self, source: np.ndarray, face: Face) -> WarpAvatar:
        """source: (h, w, 3) BGR uint8 at output size. face: landmarks in px of source."""
        return self.prepare_cutout(source, face, None)

    def prepare_cutout(
        self, source: np.ndarray, face: Face, alpha: np.ndarray | None
    ) -> WarpAvatar:
        """The same of a picture that can be seen through; alpha: uint8 (h, w)."""
        landmarks = face.landmarks.copy()
        landmarks[:, :2] -= 0.5  # from here on pixel centres are whole numbers
        portrait = close_mouth(source, landmarks)
        if self.motion == "still":
            return WarpAvatar(Renderer(portrait))
        centred = replace(face, landmarks=landmarks)
        head = HeadMotion(portrait.image, centred, alpha)
        eyes = Eyes(portrait.image, centred)
        return WarpAvatar(Renderer(portrait, head, eyes))

    def frames(
        self,
        avatar: WarpAvatar,
        speech: Speech,
        fps: Fraction,
        first: int = 0,
        articulation: Articulation | None = None,
    ) -> WarpFrames:
        """Frame i stands at i / fps seconds; an array is valid until the next one.

        articulation: what the lips do, for who knows it already; None works it out of the speech.
        """
        return WarpFrames(avatar.renderer, self._moments(speech, fps, first, articulation))

    def _moments(
        self, speech: Speech, fps: Fraction, first: int, articulation: Articulation | None
    ) -> Iterator[tuple[Mouth, IdleState]]:
        """What mouth and head do in each frame, as far as it is known."""
        if articulation is None:
            stages = articulate_prefixes(speech)
        else:
            stages = iter([PartialCurves(articulation, inf, speech.duration)])
        done = first
        for lips, stable_until, duration in stages:
            count = frame_count(duration, fps)
            if stable_until < inf:
                count = min(count, floor((stable_until - FORESIGHT) * fps))
            yield from self._planned(lips, duration, fps, range(done, count))
            done = max(done, count)

    def prepare_film(self, examples: Iterable[TrackedFrame]) -> FaceTemplates:
        """Finds the frames that lend their lower faces."""
        return FaceTemplates(examples)

    def dub(
        self,
        cast: FaceTemplates,
        film: Iterable[TrackedFrame],
        speech: Speech,
        fps: Fraction,
        first: int = 0,
    ) -> Iterator[np.ndarray]:
        """The windows of a film with another mouth, drawn in place where there is a face."""
        lips = articulate(speech)
        frames = with_expressions(_seen(cast, film), float(fps))
        for number, ((frame, drawing), expression) in enumerate(frames, first):
            if drawing and frame.face and expression:
                mouth = Mouth.of(lips.at(float(number / fps))[0])
                drawing.lower_face.put(
                    frame.image, frame.face, expression.on(mouth), drawing.buffers
                )
            yield frame.image

    def _planned(
        self, lips: Articulation, duration: float, fps: Fraction, numbers: range
    ) -> Iterator[tuple[Mouth, IdleState]]:
        """What mouth and head do in the frames with these numbers."""
        plan = plan_idle(_activity(lips), lips.rate, duration, self.seed, self.motion)
        for first in numbers[::BATCH]:
            times = [float(index / fps) for index in range(first, min(first + BATCH, numbers.stop))]
            for time, row in zip(times, lips.at(np.array(times)), strict=True):
                yield Mouth.of(row), plan.at(time)


class _Drawing(NamedTuple):
    """A lower face, and the memory it is drawn in during one run."""

    lower_face: LowerFace
    buffers: RenderBuffers


def _seen(
    cast: FaceTemplates, film: Iterable[TrackedFrame]
) -> Iterator[tuple[tuple[TrackedFrame, _Drawing | None], Seen]]:
    """Each frame with its shot's lower face and, where it can be laid on, the expression there."""
    shot: int | None = None
    drawing: _Drawing | None = None
    for frame in film:
        if drawing is None or frame.shot != shot:
            shot, drawing = frame.shot, _drawing_of(cast.lower_face(frame), drawing)
        expression = None
        if drawing and frame.face and is_inside(frame.image, frame.face):
            expression = drawing.lower_face.expression(frame.face)
        yield (frame, drawing), (frame.shot, expression)


def _drawing_of(lower_face: LowerFace | None, before: _Drawing | None) -> _Drawing | None:
    """What a shot is drawn with; before: in the last one, whose memory may serve again."""
    if lower_face is None:
        return None
    if before is not None and before.lower_face is lower_face:
        return before
    return _Drawing(lower_face, lower_face.allocate())


def _activity(articulation: Articulation) -> np.ndarray:
    """How much the mouth does over time, for the head to nod along: (T,) float32."""
    jaw, gap = (articulation.curves[:, CHANNELS.index(name)] for name in ("jaw", "gap"))
    return jaw + gap
