"""The frames of a picture whose people speak."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from typing import TYPE_CHECKING, Any

import numpy as np

from lipwright.core.rect import Box, Rect
from lipwright.engines.base import Engine, Patch, PersonInImage
from lipwright.media.video.chunks import chunk_length
from lipwright.media.video.frame_schedule import frame_count
from lipwright.pipeline.compositing import Pasted, patch_box
from lipwright.pipeline.face_view import FaceView
from lipwright.pipeline.frame_rates import FrameRates
from lipwright.pipeline.multi_speaker import BlendRegion, blend_regions, joined_box
from lipwright.pipeline.windows import (
    Patches,
    VideoFrame,
    draw_frames,
    read_audio,
)

if TYPE_CHECKING:
    from lipwright.engines.base import AudioFeatures
    from lipwright.face.face import Face
    from lipwright.pipeline.captions.overlay import Picture
    from lipwright.speech.speech import Speech


@dataclass(frozen=True, eq=False)
class ImageSpeaker:
    """A person in a picture, made ready to speak."""

    number: int
    """The person's number in the picture."""
    face: Face
    """In px of the picture."""
    avatar: Any
    """What the engine made of the person."""
    view: FaceView
    """How the engine sees the person."""

    @property
    def dirty_box(self) -> Box | None:
        """(x0, y0, x1, y1) in px outside which all frames are the same; None: not known."""
        compositor = self.view.compositor
        if compositor is not None:
            return compositor.box.box
        box: Box | None = self.avatar.dirty_box
        return box


def prepare_speaker(
    engine: Engine, image: np.ndarray, face: Face, number: int = 0, alpha: np.ndarray | None = None
) -> ImageSpeaker:
    """Make a person in a picture ready to speak.

    Args:
        engine: what draws the person.
        image: BGR uint8 (h, w, 3) at output size, both even; not changed later.
        face: in px of the image.
        number: the person's number in the picture.
        alpha: uint8 (h, w): the picture's transparency; None for an opaque one.

    Raises:
        FaceError: the engine cannot see the face.
    """
    view = FaceView(image, face, engine.spec.crop)
    view.check()
    avatar = engine.prepare(PersonInImage(image, face, alpha, view.crop))
    return ImageSpeaker(number, face, avatar, view)


class ImageFrames(Iterator[np.ndarray]):
    """The frames of one run, BGR uint8 (h, w, 3), each valid until the next."""

    def __init__(
        self,
        engine: Engine,
        image: np.ndarray,
        speakers: Sequence[ImageSpeaker],
        speeches: Sequence[Speech],
        fps: Fraction,
        first: int = 0,
        seed: int = 0,
        audio: AudioFeatures | None = None,
        planar: bool = False,
    ) -> None:
        """Draw the frames from number `first` on.

        Args:
            engine: what draws them.
            image: BGR uint8 (h, w, 3), which all speakers were prepared of; not changed later.
            speakers: who speaks.
            speeches: what each of them says, all of one length.
            fps: frames per second.
            first: the number of the first frame.
            seed: same seed, same input: same frames.
            audio: what moves the lips instead of the engine's own `spec.audio`.
            planar: whether `pictures` is what is used of it.
        """
        self._engine, self._image, self._frame = engine, image, image.copy()
        self._speakers, self._first = speakers, first
        self._regions = _regions(speakers, image)
        self._patches: Patches = (None,) * len(speakers)
        self._painted: Rect | None = None
        self._rates = FrameRates.of(fps, engine.spec.fps)
        begin = self._first_drawn()
        kind = audio or engine.spec.audio
        readers = [
            read_audio(kind, one.number, one.avatar, speech, self._rates, begin, seed, planar)
            for one, speech in zip(speakers, speeches, strict=True)
        ]
        views = tuple(speaker.view for speaker in speakers)
        numbers = frame_numbers(speeches[0], self._rates.video, begin)
        frames = (VideoFrame(number, views, None) for number in numbers)
        # without a reference to this object: who drops it ends the run, no garbage collector has to
        self._drawn = _from_number(first, draw_frames(engine, readers, frames, self._rates, seed))

    def __next__(self) -> np.ndarray:
        """Return the next frame."""
        self._patches = next(self._drawn)
        return self._shown()

    def pictures(self) -> Iterator[Picture]:
        """Yield the frames in planes where the engine has them so, else BGR uint8 (h, w, 3)."""
        try:
            for patches in self._drawn:
                self._patches = patches
                only = patches[0] if len(patches) == 1 else None
                yield self._shown() if only is None or only.planes is None else only.planes
        finally:
            self.close()

    def _shown(self) -> np.ndarray:
        pasted = [
            None if patch is None else speaker.view.paste(patch)
            for speaker, patch in zip(self._speakers, self._patches, strict=True)
        ]
        if self._regions:
            self._blend(pasted)
            return self._frame
        return self._replace(pasted[0])

    def close(self) -> None:
        """Stop drawing."""
        self._drawn.close()

    def warp_plane(self, plane: np.ndarray) -> np.ndarray:
        """Return a plane of the picture, uint8 (h, w), as the last frame moved the picture."""
        moved = plane.copy()
        planes = [_moved_plane(patch, plane) for patch in self._patches]
        if not self._regions:
            for box, part in filter(None, planes):
                moved[box.slices] = part
            return moved
        for region, found in zip(self._regions, planes, strict=True):
            region.composite(_over(found, plane, region.box), moved)
        return moved

    def _first_drawn(self) -> int:
        """The frame with which drawing begins: windows are counted from a chunk's first frame."""
        if self._engine.spec.window.frames == 1 and self._engine.spec.fps is None:
            return self._first
        length = chunk_length(self._rates.video)
        return self._first // length * length

    def _replace(self, pasted: Pasted | None) -> np.ndarray:
        """Return the frame with what is new of the only person."""
        if pasted is not None and pasted.box == Rect.whole(self._image):
            return pasted.pixels
        if self._painted is not None and (pasted is None or pasted.box != self._painted):
            self._frame[self._painted.slices] = self._image[self._painted.slices]
        self._painted = None if pasted is None else pasted.box
        if pasted is not None:
            self._frame[pasted.box.slices] = pasted.pixels
        return self._frame

    def _blend(self, pasted: Sequence[Pasted | None]) -> None:
        """Show what is new of each person in the person's own part."""
        for (x0, y0, x1, y1), _ in self._regions:
            self._frame[y0:y1, x0:x1] = self._image[y0:y1, x0:x1]
        for found, region in zip(pasted, self._regions, strict=True):
            region.composite(_over(found, self._image, region.box), self._frame)


def _from_number(
    first: int, drawn: Iterable[tuple[VideoFrame[None], Patches]]
) -> Generator[Patches, None, None]:
    for frame, patches in drawn:
        if frame.number >= first:
            yield patches


def _regions(speakers: Sequence[ImageSpeaker], image: np.ndarray) -> list[BlendRegion]:
    """Where each of several speakers is seen; nothing for one alone."""
    if len(speakers) == 1:
        return []
    faces = [speaker.face for speaker in speakers]
    boxes = [speaker.dirty_box for speaker in speakers]
    return blend_regions(faces, boxes, (image.shape[1], image.shape[0]))


def changed_box(speakers: Sequence[ImageSpeaker]) -> Box | None:
    """Return (x0, y0, x1, y1) in px outside which all frames are the same; None: not known."""
    return joined_box([speaker.dirty_box for speaker in speakers])


def _moved_plane(patch: Patch | None, plane: np.ndarray) -> tuple[Rect, np.ndarray] | None:
    if patch is None or patch.warp_plane is None:
        return None
    return patch_box(patch, plane), patch.warp_plane(plane)


def _over(found: tuple[Rect, np.ndarray] | None, below: np.ndarray, box: Box) -> np.ndarray:
    """What stands in a box where something new was laid over a picture or a plane."""
    if found is not None and found[0] == box:
        return found[1]
    x0, y0, x1, y1 = box
    if found is None:
        return below[y0:y1, x0:x1]
    whole = below.copy()
    whole[found[0].slices] = found[1]
    return whole[y0:y1, x0:x1]


def frame_numbers(speech: Speech, fps: Fraction, first: int = 0) -> Iterator[int]:
    """Yield `first`, `first` + 1 ... for as many frames as the speech has.

    Each comes as soon as it is known to be there.
    """
    done = first
    for known, whole in speech.prefixes():
        count = frame_count(known.duration, fps) if whole else floor(known.duration * fps)
        yield from range(done, count)
        done = max(done, count)
