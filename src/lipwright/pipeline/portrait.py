"""A picture made ready to speak."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lipwright.core.errors import FaceError, UsageError
from lipwright.core.once import Once
from lipwright.core.validation import DEFAULT_FPS
from lipwright.pipeline.options import Progress, RenderOptions, SyncResult, report
from lipwright.pipeline.prepared_source import PreparedSource
from lipwright.pipeline.render_job import RenderJob
from lipwright.pipeline.write_video import write_video

if TYPE_CHECKING:
    import numpy as np

    from lipwright.core.given import PictureLike
    from lipwright.core.rect import Box
    from lipwright.engines.base import AudioFeatures
    from lipwright.face.face import Face
    from lipwright.face.identities import Person
    from lipwright.pipeline.captions.overlay import Picture
    from lipwright.pipeline.dialogue import Dialogue
    from lipwright.pipeline.image_frames import ImageFrames, ImageSpeaker
    from lipwright.pipeline.sinks.base import RenderedStream
    from lipwright.speech.speech import Speech

log = logging.getLogger("lipwright")

DEFAULT_RATE = Fraction(DEFAULT_FPS)


class Portrait(PreparedSource):
    """A picture made ready to speak: everything that depends on it alone is done once, here.

    Any number of threads may ask one portrait for frames and files at the same time.
    """

    def __init__(
        self,
        source: PictureLike,
        options: RenderOptions | None = None,
        *,
        progress: Progress | None = None,
        **changes: Any,
    ) -> None:
        """Read the picture, find the face that shall speak and prepare it.

        Args:
            source: a picture: a file, its bytes, an open binary file, a Pillow image, BGR uint8
                (h, w, 3), BGRA (h, w, 4) or grey (h, w). A transparent one stays so in a .webm, or
                a .mov by the encoder "prores".
            options: what the caller chooses; those of videos alone do nothing here.
            progress: told how far the work is.
            changes: options by name, such as quality="low", instead of those in `options`.

        Raises:
            UsageError: an option that does not exist. MediaError: the picture cannot be read.
            FaceError: no usable face in it.
        """
        self.options = options = RenderOptions.of(options, changes)
        from lipwright.core.readonly import read_only
        from lipwright.engines import create_engine
        from lipwright.face.finder import find_faces
        from lipwright.face.identities import people_in_image
        from lipwright.face.speaker_selection import Speaker, choose_person
        from lipwright.media.image.given import read_given
        from lipwright.media.image.read import fit_size, resize

        if options.keep_audio is not None:
            raise UsageError(
                "A picture has no sound that could be kept: ask for none.",
                option="keep-audio",
            )
        if options.mouth != "auto":
            log.info(
                "A picture has one mouth, so there is none to choose: the choice is left out.",
                extra={"option": "mouth"},
            )
        self.engine = create_engine(
            options.engine,
            options.engine_options,
            motion=options.motion,
            workers=options.workers,
            device=options.chosen_device,
        )
        if "image" not in self.engine.spec.inputs:
            raise UsageError(
                f'The engine "{self.engine.spec.name}" animates videos only: choose another one, '
                "or give a video."
            )
        report(progress, "portrait", 0, 3)
        name, image, cutout = read_given(source)
        report(progress, "portrait", 1, 3)
        self._name = name
        self.people = people_in_image(image, find_faces(image))
        """Who is in the picture, as `lipwright faces` shows it: number 0 is the largest."""
        person = choose_person(self.people, Speaker.of(options.speaker), name)
        report(progress, "portrait", 2, 3)
        height, width = image.shape[:2]
        self.width, self.height = fit_size(width, height, options.quality)
        self._scale = self.width / width, self.height / height
        self.face = person.face.scaled(*self._scale)
        self._path = Path(source) if isinstance(source, str | Path) else None
        resized = resize(image, (self.width, self.height))
        # the caller may go on drawing into an array that was given
        self._image = read_only(resized.copy() if resized is source else resized)
        self._cutout = cutout and cutout.resized((self.width, self.height))
        self._look = sha256(self._image.data).hexdigest()
        self._person = person
        self._members = {one.number: Once["ImageSpeaker"]() for one in self.people}
        self._member(person)
        report(progress, "portrait", 3, 3)

    @property
    def dirty_box(self) -> Box | None:
        """(x0, y0, x1, y1) in px outside which all frames of the speaker are the same.

        None where that is not known.
        """
        return self._member(self._person).dirty_box

    def live_frames(
        self, audio: AudioFeatures, fps: Fraction, see_through: bool = False
    ) -> Iterator[np.ndarray]:
        """Yield frames without end, moved by what `audio` says when each is asked for.

        Args:
            audio: what the engine hears.
            fps: frames per second.
            see_through: whether a transparent picture stays so: BGRA uint8 (h, w, 4).

        Returns:
            BGR uint8 (h, w, 3); a frame may be overwritten by the next one.
        """
        from lipwright.pipeline.image_frames import ImageFrames
        from lipwright.speech.speech import Speech

        endless = Speech(rate=1, duration=1e9)
        members = [self._member(self._person)]
        frames = ImageFrames(
            self.engine, self._image, members, [endless], fps, 0, self.options.seed, audio
        )
        return self._seen(frames, members, see_through)

    def segment_frames(
        self, speech: Speech, fps: Fraction, seed: int, planar: bool = False
    ) -> ImageFrames:
        """Yield the frames of a video that ends as it begins, so that another may follow it.

        Args:
            speech: whole, and as long as a number of frames.
            fps: frames per second.
            seed: of the movements.
            planar: whether `ImageFrames.pictures` is what is used.

        Returns:
            BGR uint8 (h, w, 3); a frame may be overwritten by the next one.

        Raises:
            UsageError: the engine moves heads that cannot be brought back.
        """
        from dataclasses import replace

        from lipwright.pipeline.image_frames import ImageFrames

        audio = self.engine.spec.audio
        if not hasattr(audio, "pinned"):
            raise UsageError(
                f'The engine "{self.engine.spec.name}" makes no videos that can be joined: choose '
                'the engine "warp".',
                option="engine",
            )
        pinned: AudioFeatures = replace(audio, pinned=True)  # type: ignore[type-var]
        members = [self._member(self._person)]
        return ImageFrames(
            self.engine, self._image, members, [speech], fps, 0, seed, pinned, planar
        )

    def _stream(self, talk: Dialogue, rate: Fraction | None) -> RenderedStream:
        from lipwright.media.video.output_spec import OutputSpec
        from lipwright.pipeline.image_frames import changed_box
        from lipwright.pipeline.sinks.base import RenderedStream

        fps, members = rate or DEFAULT_RATE, self._cast(talk)
        box = changed_box(members)
        return RenderedStream(
            OutputSpec((self.width, self.height), fps),
            talk.sound() or talk.longest,
            lambda first: (
                (frame, box) for frame in self._frames(talk, members, fps, first, False)
            ),
        )

    def _write(
        self, talk: Dialogue, options: RenderOptions, output: Path, progress: Progress | None
    ) -> SyncResult:
        from lipwright.media.video.encoder_selection import keeps_alpha
        from lipwright.media.video.output_spec import OutputSpec
        from lipwright.pipeline.encoding_choice import chosen_encoder, coding_threads
        from lipwright.pipeline.image_frames import changed_box

        rate, members = options.rate or DEFAULT_RATE, self._cast(talk)
        encoder = chosen_encoder(options, output)
        if self._cutout is not None and keeps_alpha(encoder, output):
            encoder = encoder.with_alpha()
        job = RenderJob(
            output=output,
            spec=OutputSpec(
                (self.width, self.height),
                rate,
                options.quality,
                encoder,
                threads=coding_threads(options, output),
            ),
            options=options,
            speech=talk.longest,
            engine=self.engine.spec.name,
            speakers=tuple(member.number for member in members),
            dirty_box=changed_box(members),
            sound=talk.sound(),
            face_to_keep_clear=members[0].face,
            fingerprint_fields=lambda: {
                "picture": self._look,
                **options.fingerprint("motion"),
                "speeches": talk.fingerprints(),
            },
        )
        return write_video(
            job,
            lambda first: self._encoded(
                self._frames(talk, members, rate, first, not encoder.alpha), members, encoder.alpha
            ),
            progress,
        )

    def _encoded(
        self, frames: ImageFrames, members: Sequence[ImageSpeaker], see_through: bool
    ) -> Iterator[Picture]:
        """Frames in the form that is nearest to what is encoded."""
        return self._seen(frames, members, True) if see_through else frames.pictures()

    def _seen(
        self, frames: ImageFrames, members: Sequence[ImageSpeaker], see_through: bool
    ) -> Iterator[np.ndarray]:
        """Frames as they are encoded: BGRA uint8 (h, w, 4) where they can be seen through."""
        from lipwright.pipeline.image_frames import changed_box

        if not see_through or self._cutout is None:
            return frames
        return self._cutout.lift(frames, frames.warp_plane, changed_box(members))

    def _frames(
        self, talk: Dialogue, cast: Sequence[ImageSpeaker], fps: Fraction, first: int, planar: bool
    ) -> ImageFrames:
        from lipwright.pipeline.image_frames import ImageFrames

        speeches = talk.padded if talk.is_multi_speaker else (talk.longest,)
        seed = self.options.seed
        return ImageFrames(
            self.engine, self._image, cast, speeches, fps, first, seed, planar=planar
        )

    def _cast(self, talk: Dialogue) -> list[ImageSpeaker]:
        """Those who speak, made ready."""
        cast = talk.cast(self.people, lambda: self._person, self._name)
        return [self._member(person) for person in cast]

    def _member(self, person: Person) -> ImageSpeaker:
        """Somebody made ready to speak, once."""
        return self._members[person.number].get(partial(self._prepare, person))

    def _prepare(self, person: Person) -> ImageSpeaker:
        from lipwright.face.mouth_visibility import warn_of_mouth
        from lipwright.pipeline.image_frames import prepare_speaker

        _check_roll(person.face, self._name)
        face = person.face.scaled(*self._scale)
        warn_of_mouth(self._image, face, self._name)
        alpha = None if self._cutout is None else self._cutout.alpha
        return prepare_speaker(self.engine, self._image, face, person.number, alpha)


def _check_roll(face: Face, name: str) -> None:
    """Raise FaceError for a face that lies on its side or stands on its head."""
    from lipwright.face.finder import is_turned

    if is_turned(face):
        raise FaceError(
            f"The face in {name} is turned by {abs(face.pose[2]):.0f} degrees: rotate the picture "
            "until the face is upright."
        )
