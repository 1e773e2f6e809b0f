"""The engine `musetalk`: the lower face redrawn by MuseTalk 1.5."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from lipwright.core.device import CPU, Device
from lipwright.core.errors import EngineError, FaceError, MissingExtraError
from lipwright.core.peek import peek
from lipwright.core.readonly import freeze
from lipwright.core.rect import Box, Rect
from lipwright.engines.base import (
    CropSpec,
    Drawn,
    EngineSpec,
    Patch,
    PersonInImage,
    PersonInVideo,
    SourceFrame,
    Window,
)
from lipwright.engines.musetalk.audio_features import WhisperFeatures
from lipwright.engines.musetalk.configs import SIZE
from lipwright.engines.musetalk.drawer import TOO_LITTLE, Drawer, Job, is_memory_error
from lipwright.engines.musetalk.face_box import MIN_SIDE, face_box
from lipwright.engines.musetalk.jaw_mask import (
    SOFT_OFFLINE,
    labels_by_landmarks,
    parse_square,
    parsed_mask,
    soft_mask,
    square_around,
)
from lipwright.engines.musetalk.official_paste import OfficialPaste, cut_face
from lipwright.engines.musetalk.options import MuseTalkOptions
from lipwright.engines.musetalk.weight_files import find_weights
from lipwright.engines.requirements import Requirements

if TYPE_CHECKING:
    from lipwright.engines.musetalk.networks import Networks
    from lipwright.face.face import Face

DEFAULTS = MuseTalkOptions()
SOFT_CROP = CropSpec(SIZE, around=face_box)


@dataclass(frozen=True, eq=False)
class MuseTalkAvatar:
    """A prepared portrait, which drawing does not change."""

    seen: np.ndarray
    """float32 (8, 32, 32): what the networks see of the face."""
    place: OfficialPaste | None = None
    """Where the face goes back; None where the pipeline knows."""
    dirty_box: Box | None = None
    """(x0, y0, x1, y1) in px outside of which nothing changes."""


class MuseTalkEngine:
    """MuseTalk 1.5 (Zhang et al. 2024): the lower face redrawn at 256 px from 0.2 s of sound."""

    spec = EngineSpec(
        name="musetalk",
        summary="The lower face redrawn at 256 px by MuseTalk 1.5, in step with any voice.",
        audio=WhisperFeatures(),
        licence="MIT; weights CreativeML OpenRAIL-M, commercial use allowed",
        needs="lipwright models download musetalk; the extra [musetalk]; better a GPU",
        requires=Requirements("musetalk", ("torch", "diffusers", "safetensors"), ("musetalk",)),
        speed="10 s a frame on one core, no GPU measured",
        crop=SOFT_CROP,
        runtime="torch",
        options=MuseTalkOptions,
    )

    def __init__(self, options: MuseTalkOptions = DEFAULTS, device: Device = CPU) -> None:
        """Load the networks onto a device.

        Raises:
            ModelError: weights are missing, damaged or another network's.
            MissingExtraError: torch, diffusers or safetensors is not installed.
            EngineError: the device has too little memory.
        """
        networks = options.networks or _load(options, device)
        audio = WhisperFeatures(networks.hear, options.timing)
        self._official = options.paste == "official"
        crop = None if self._official else self.spec.crop
        self.spec = replace(self.spec, audio=audio, crop=crop)
        self._networks = networks
        self._drawer = Drawer(networks, options.batch_size)

    def prepare(self, source: PersonInImage | PersonInVideo) -> MuseTalkAvatar | None:
        """Look at the face of a picture, once; of a video the networks look at each frame.

        Raises FaceError where next to nothing of the face is in the picture.
        """
        if isinstance(source, PersonInVideo):
            return None
        if source.crop is not None:
            avatar = MuseTalkAvatar(self._drawer.see(source.crop.pixels))
        else:
            place = place_face(source.image, source.face, self._networks)
            if place is None:
                raise FaceError(
                    "The face lies outside the picture: use one in which it is seen whole."
                )
            seen = self._drawer.see(cut_face(source.image, place.box))
            dirty = place.square.clipped(Rect.whole(source.image))
            avatar = MuseTalkAvatar(seen, place, dirty.box)
        freeze(avatar)
        return avatar

    def render(self, windows: Iterable[tuple[Window, ...]]) -> Iterator[Drawn]:
        """Draw as many frames at once as fit a batch, those of several people together."""
        first, given = peek(windows)
        people = 1 if first is None else len(first)
        while batch := list(islice(given, max(1, self._drawer.batch_size // people))):
            yield from self._draw(batch)

    def _draw(self, batch: list[tuple[Window, ...]]) -> Iterator[Drawn]:
        places = [
            [self._place(window) if self._official else None for window in together]
            for together in batch
        ]
        jobs = [
            [_job(window, place) for window, place in zip(*pair, strict=True)]
            for pair in zip(batch, places, strict=True)
        ]
        faces = self._drawer.draw([job for together in jobs for job in together if job])
        for together, own, mine in zip(batch, places, jobs, strict=True):
            yield tuple(
                [_patch(window.frames[0], place, next(faces)) if job else None]
                for window, place, job in zip(together, own, mine, strict=True)
            )

    def _place(self, window: Window) -> OfficialPaste | None:
        if isinstance(window.avatar, MuseTalkAvatar):
            return window.avatar.place
        frame = window.frames[0]
        if frame.face is None:
            return None
        return place_face(frame.image, frame.face, self._networks)

    def close(self) -> None:
        """Let go of the networks."""
        del self._networks, self._drawer


def place_face(image: np.ndarray, face: Face, networks: Networks) -> OfficialPaste | None:
    """Return where a face of a picture, BGR uint8 (h, w, 3), goes back officially.

    None where next to nothing of it is in the picture.
    """
    box = Rect(*(int(value) for value in face_box(face))).clipped(Rect.whole(image))
    if min(box.width, box.height) < MIN_SIDE:
        return None
    square = square_around(box)
    labels = parse_square(image, square, networks.parse)
    if labels is None:
        labels = labels_by_landmarks(face, square)
    return OfficialPaste(box, square, soft_mask(parsed_mask(labels), box, square, SOFT_OFFLINE))


def _job(window: Window, place: OfficialPaste | None) -> Job | None:
    """What is drawn of a window; nothing where the face is not seen."""
    frame, avatar = window.frames[0], window.avatar
    if isinstance(avatar, MuseTalkAvatar):
        return Job(frame.audio, seen=avatar.seen)
    if place is not None:
        return Job(frame.audio, face=cut_face(frame.image, place.box))
    return None if frame.crop is None else Job(frame.audio, face=frame.crop.pixels)


def _patch(frame: SourceFrame, place: OfficialPaste | None, drawn: np.ndarray) -> Patch:
    if place is None:
        return Patch(drawn[frame.crop.rows :] if frame.crop else drawn)
    box, pixels = place.paste(frame.image, drawn)
    return Patch(pixels, box.box)


def _load(options: MuseTalkOptions, device: Device) -> Networks:
    files = find_weights(options.checkpoint)
    try:
        from lipwright.engines.musetalk.loading import load_networks
    except ImportError:
        raise MissingExtraError('The engine "musetalk"', "musetalk") from None
    try:
        return load_networks(files, device, options.compile, options.paste == "official")
    except Exception as error:  # torch has no common base for its errors
        if is_memory_error(error):
            raise EngineError(TOO_LITTLE.format("MuseTalk's networks")) from error
        raise
