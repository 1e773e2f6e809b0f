"""A picture made ready to speak."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from lipwright.core.errors import FaceError, UsageError
from lipwright.core.once import Once
from lipwright.core.validation import (
    DEFAULT_FPS,
    MOTIONS,
    QUALITIES,
    Motion,
    Quality,
    check_choice,
    check_not_an_input,
    parse_fps,
)
from lipwright.media.video.containers import check_output
from lipwright.pipeline.dialogue import Dialogue, check_captions
from lipwright.pipeline.options import Progress, SyncResult, report
from lipwright.pipeline.render_job import RenderJob
from lipwright.pipeline.write_video import write_video

if TYPE_CHECKING:
    import numpy as np

    from lipwright.face.face import Face
    from lipwright.face.identities import Person
    from lipwright.face.speaker_selection import SpeakerLike
    from lipwright.media.image.alpha import Cutout
    from lipwright.pipeline.captions import Captions
    from lipwright.pipeline.dialogue import SpeechInput
    from lipwright.pipeline.image_frames import ImageFrames, ImageSpeaker


class Portrait:
    """A picture made ready to speak: everything that depends on it alone is done once, here.

    Any number of threads may ask one portrait for frames and files at the same time.
    """

    def __init__(
        self,
        source: str | Path | np.ndarray,
        *,
        engine: str = "warp",
        quality: Quality = "high",
        encoder: str = "auto",
        motion: Motion = "subtle",
        speaker: SpeakerLike = "auto",
        gpu: bool = False,
        seed: int = 0,
        engine_options: Mapping[str, object] | None = None,
        progress: Progress | None = None,
    ) -> None:
        """Reads the picture, finds the face that shall speak and prepares it.

        Args:
            source: a picture file, BGR uint8 (h, w, 3), or BGRA (h, w, 4). A transparent one stays
                so in a .webm, or a .mov by the encoder "prores".
            engine: a name from `lipwright.engines.ENGINES`.
            quality: size of the video by its height: "low" 480, "medium" 720, "high" 1080.
            encoder: by what it is encoded, a name from `lipwright encoders`.
            motion: "still" moves the mouth alone; "subtle" and "lively" add eyes and head.
            speaker: who speaks: "auto" (the largest, which is said), a number (0 is the largest),
                a place (x, y) in px of the picture, or "name=reference.jpg", a picture of the
                person. Where several speak, each speech names its own.
            gpu: use CUDA where the engine and this machine can.
            seed: same seed, same input: same frames.
            engine_options: what this engine alone takes, such as Wav2Lip's paste and batch_size.

        Raises:
            UsageError: an option that does not exist. MediaError: the picture cannot be read.
            FaceError: no usable face in it.
        """
        check_choice("quality", quality, QUALITIES)
        check_choice("motion", motion, MOTIONS)
        from lipwright.core.readonly import read_only
        from lipwright.engines import create_engine
        from lipwright.face.finder import find_faces
        from lipwright.face.identities import people_in_image
        from lipwright.face.speaker_selection import Speaker, choose_person
        from lipwright.media.image.read import fit_size, resize
        from lipwright.media.video.encoder_selection import check_encoder

        check_encoder(encoder)
        device = "cuda" if gpu else "cpu"
        self.engine = create_engine(engine, engine_options, motion=motion, device=device)
        if "image" not in self.engine.spec.inputs:
            raise UsageError(
                f'The engine "{self.engine.spec.name}" animates videos only: choose another one, '
                "or give a video."
            )
        report(progress, "portrait", 0, 3)
        name, image, cutout = _read_source(source)
        report(progress, "portrait", 1, 3)
        self._name = name
        self.people = people_in_image(image, find_faces(image))
        """Who is in the picture, as `lipwright faces` shows it: number 0 is the largest."""
        person = choose_person(self.people, Speaker.of(speaker), name)
        report(progress, "portrait", 2, 3)
        height, width = image.shape[:2]
        self.width, self.height = fit_size(width, height, quality)
        self._scale = self.width / width, self.height / height
        self.face = person.face.scaled(*self._scale)
        self.quality = quality
        self.encoder, self._gpu = encoder, gpu
        self._source = Path(source) if isinstance(source, str | Path) else None
        resized = resize(image, (self.width, self.height))
        # the caller may go on drawing into an array that was given
        self._image = read_only(resized.copy() if resized is source else resized)
        self._cutout = cutout and cutout.resized((self.width, self.height))
        self._seed = seed
        self._settings = {
            "motion": motion,
            "seed": seed,
            "gpu": gpu,
            "engine options": engine_options,
        }
        self._look = sha256(self._image.data).hexdigest()
        self._person = person
        self._members = {one.number: Once["ImageSpeaker"]() for one in self.people}
        self._member(person)
        report(progress, "portrait", 3, 3)

    def frames(
        self,
        speech: SpeechInput,
        fps: float | str | Fraction | None = None,
        first: int = 0,
    ) -> Iterator[np.ndarray]:
        """The frames of the portrait saying `speech`, one at a time; fps: None takes 25.

        speech: a sound file, a `Speech`, or a mapping from speakers to what each of them says.
        first: the number of the first frame. Each is BGR uint8 (height, width, 3) and may be
        overwritten by the next one of the same iterator: copy it to keep it.
        """
        talk = Dialogue.of(speech)
        return self._frames(talk, self._cast(talk), _rate(fps), first)

    def save(
        self,
        speech: SpeechInput,
        output: str | Path,
        *,
        fps: float | str | Fraction | None = None,
        captions: Captions | None = None,
        progress: Progress | None = None,
        resume: bool = False,
    ) -> SyncResult:
        """Writes the video of the portrait saying `speech` (as for `frames`), sound included.

        The file appears only when it is whole. resume: goes on where an earlier run broke off.
        Raises MediaError where it cannot be written, UsageError where there is nothing to resume.
        """
        from lipwright.media.video.encoder_selection import choose_encoder, keeps_alpha
        from lipwright.pipeline.image_frames import changed_box

        rate, output = _rate(fps), check_output(output)
        talk = Dialogue.of(speech)
        check_not_an_input(output, self._source, *talk.paths)
        check_captions(captions, talk)
        members = self._cast(talk)
        encoder = choose_encoder(self.encoder, output, self._gpu)
        if self._cutout is not None and keeps_alpha(encoder, output):
            encoder = encoder.with_alpha()
        recording = RenderJob(
            output=output,
            size=(self.width, self.height),
            fps=rate,
            speech=talk.longest,
            quality=self.quality,
            engine=self.engine.spec.name,
            speakers=tuple(member.number for member in members),
            dirty_box=changed_box(members),
            sound=talk.sound(),
            captions=captions,
            encoder=encoder,
            face_to_keep_clear=members[0].face,
            fingerprint_fields=lambda: {
                "picture": self._look,
                **self._settings,
                "speeches": talk.fingerprints(),
            },
        )
        return write_video(
            recording,
            lambda first: self._seen(
                self._frames(talk, members, rate, first), members, encoder.alpha
            ),
            progress,
            resume,
        )

    def _seen(
        self, frames: ImageFrames, members: Sequence[ImageSpeaker], see_through: bool
    ) -> Iterator[np.ndarray]:
        """Frames as they are encoded: BGRA uint8 (h, w, 4) where they can be seen through."""
        from lipwright.pipeline.image_frames import changed_box

        if not see_through or self._cutout is None:
            return frames
        return self._cutout.lift(frames, frames.warp_plane, changed_box(members))

    def _frames(
        self, talk: Dialogue, members: Sequence[ImageSpeaker], rate: Fraction, first: int
    ) -> ImageFrames:
        from lipwright.pipeline.image_frames import ImageFrames

        speeches = talk.padded if talk.is_multi_speaker else (talk.longest,)
        return ImageFrames(self.engine, self._image, members, speeches, rate, first, self._seed)

    def _cast(self, talk: Dialogue) -> list[ImageSpeaker]:
        """Those who speak, made ready."""
        cast = talk.cast(self.people, lambda: self._person, self._name)
        return [self._member(person) for person in cast]

    def _member(self, person: Person) -> ImageSpeaker:
        """Somebody made ready to speak, once."""
        return self._members[person.number].get(partial(self._prepare, person))

    def _prepare(self, person: Person) -> ImageSpeaker:
        from lipwright.pipeline.image_frames import prepare_speaker

        _check_roll(person.face, self._name)
        face = person.face.scaled(*self._scale)
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


def _rate(fps: float | str | Fraction | None) -> Fraction:
    return parse_fps(DEFAULT_FPS if fps is None else fps)


def _read_source(source: str | Path | np.ndarray) -> tuple[str, np.ndarray, Cutout | None]:
    """The picture's name for messages, its pixels, and what of it can be seen through."""
    import numpy as np

    from lipwright.media.image.alpha import cut_out, read_cutout
    from lipwright.media.image.read import read_image

    if isinstance(source, np.ndarray):
        if source.ndim != 3 or source.shape[2] not in (3, 4) or source.dtype != np.uint8:
            raise UsageError(
                f"The picture is {source.dtype} {source.shape}: give BGR uint8 (height, width, 3)."
            )
        cutout = cut_out(source) if source.shape[2] == 4 else None
        return "the picture", source if cutout is None else cutout.image, cutout
    image = read_image(source)
    return str(source), image, read_cutout(source, image)
