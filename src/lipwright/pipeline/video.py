"""A film whose speaker says something else: heads, eyes and all else stay as they were."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from lipwright.core.atomic_file import fingerprint
from lipwright.core.errors import UsageError
from lipwright.core.frame_counter import FrameCounter
from lipwright.core.validation import (
    LENGTHS,
    QUALITIES,
    Length,
    Quality,
    check_choice,
    check_not_an_input,
    parse_fps,
)
from lipwright.media.video.containers import check_output
from lipwright.pipeline.dialogue import Dialogue, check_captions
from lipwright.pipeline.options import Progress, SyncResult
from lipwright.pipeline.render_job import RenderJob
from lipwright.pipeline.video_people import VideoPeople, no_face
from lipwright.pipeline.write_video import write_video

if TYPE_CHECKING:
    import numpy as np

    from lipwright.face.identities import Person
    from lipwright.face.speaker_selection import SpeakerLike
    from lipwright.media.video.chunks import Chunk
    from lipwright.media.video.yuv_frame import YuvFrame
    from lipwright.pipeline.captions import Captions
    from lipwright.pipeline.dialogue import SpeechInput
    from lipwright.pipeline.dubbing import Tracked

log = logging.getLogger("lipwright")

FRAMES_AHEAD = 4
"""Read and tracked in a thread of their own while the one before is dubbed."""


class Video:
    """A video of somebody, to be dubbed with as many speeches as one likes, also at once."""

    def __init__(
        self,
        source: str | Path,
        *,
        engine: str = "warp",
        quality: Quality = "high",
        encoder: str = "auto",
        length: Length = "bounce",
        keep_audio: float | None = None,
        speaker: SpeakerLike = "auto",
        gpu: bool = False,
        engine_options: Mapping[str, object] | None = None,
    ) -> None:
        """Looks at the video's frames and times, and makes the engine ready.

        Args:
            source: a video file; the dubbed one has its size and rate.
            engine: a name from `lipwright.engines.ENGINES` that can dub films.
            quality: how well the video is encoded.
            encoder: by what, see `lipwright.media.video.encoder_selection.choose_encoder`.
            length: what happens where the speech is longer: "bounce" (the film runs back and
                forth), "loop", "freeze" (its last frame stays), "remap" (it runs slower or faster,
                to fill the speech); "cut" ends with the shorter of the two.
            keep_audio: decibels, such as -20: the film's own sound is heard under the speech, so
                much quieter than it is. It starts again where the film ends before the speech,
                forwards and at its own speed, and with "freeze" fades out. None leaves it out.
            speaker: who speaks: "auto" (whose lips move with the film's own sound, else the
                largest; which is said), a number (0 is seen largest and longest), a place (x, y)
                in px of the first frame with that face, or "name=reference.jpg", a picture of the
                person. Where several speak, each speech names its own.
            gpu, engine_options: as for `Portrait`.

        Raises:
            UsageError: an option that does not exist, an engine for pictures alone, or a film
                without a sound that could be kept.
            MediaError: the video cannot be read.
        """
        check_choice("quality", quality, QUALITIES)
        check_choice("length", length, LENGTHS)
        from lipwright.engines import create_engine
        from lipwright.face.speaker_selection import Speaker
        from lipwright.media.video.encoder_selection import check_encoder
        from lipwright.media.video.original_sound import original_sound
        from lipwright.media.video.source import open_video_source

        check_encoder(encoder)
        self.footage = open_video_source(source)
        device = "cuda" if gpu else "cpu"
        made = self.engine = create_engine(engine, engine_options, device=device)
        if "video" not in made.spec.inputs:
            raise UsageError(
                f'The engine "{made.spec.name}" animates pictures, and {source} is a video: choose '
                'an engine that dubs videos, such as "warp", or give a picture.'
            )
        if self.footage.variable:
            rate = float(self.footage.fps)
            log.info("%s has a variable frame rate: it is read at %.3f frames/s.", source, rate)
        self.width, self.height = self.footage.size
        self.quality, self.length = quality, length
        self.encoder, self._gpu = encoder, gpu
        self._kept = (
            None if keep_audio is None else original_sound(self.footage, keep_audio, length)
        )
        self._settings: dict[str, object] = {"length": length, "gpu": gpu}
        self._settings |= {"engine options": engine_options}
        self._video_people = VideoPeople(self.footage, made, Speaker.of(speaker))

    def frames(
        self,
        speech: SpeechInput,
        fps: float | str | Fraction | None = None,
        first: int = 0,
    ) -> Iterator[np.ndarray]:
        """The frames of the film saying `speech`, one at a time: BGR uint8 (height, width, 3).

        speech: a sound file, a `Speech`, or a mapping from speakers to what each of them says.
        fps: None keeps the film's own rate. first: the number of the first one, the beginning of a
        stretch (see `lipwright.media.video.chunks`). Raises FaceError where no face is seen.
        """
        talk, rate = Dialogue.of(speech), self._rate(fps)
        count, people = self._count(talk, rate), self._cast(talk)
        return (
            frame.bgr() for frame in self._dub(talk, people, rate, count, FrameCounter(), first)
        )

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
        """Writes the film saying `speech` (as for `frames`), in place of its own sound.

        The file appears only when it is whole. resume: goes on where an earlier run broke off.
        Raises MediaError where it cannot be written, FaceError where no face is seen, and
        UsageError where there is nothing to resume.
        """
        from lipwright.media.video.encoder_selection import choose_encoder, tell_lost_shape

        rate, output = self._rate(fps), check_output(output)
        talk = Dialogue.of(speech)
        check_not_an_input(output, self.footage.path, *talk.paths)
        check_captions(captions, talk)
        count, people = self._count(talk, rate), self._cast(talk)
        encoder = choose_encoder(self.encoder, output, self._gpu)
        tell_lost_shape(encoder, output, self.footage.aspect)
        recording = RenderJob(
            output=output,
            size=(self.width, self.height),
            fps=rate,
            frames=count,
            speech=talk.longest,
            quality=self.quality,
            engine=self.engine.spec.name,
            speakers=tuple(person.number for person in people),
            sound_seconds=float(count / rate) if self.length == "cut" else None,
            sound=talk.sound(under=self._kept),
            captions=captions,
            encoder=encoder,
            colour=self.footage.colour,
            aspect=self.footage.aspect,
            fingerprint_fields=lambda: {
                "film": fingerprint(self.footage.path),
                **self._settings,
                "speeches": talk.fingerprints(),
            },
        )
        counter = recording.counter
        result = write_video(
            recording,
            lambda first: self._dub(talk, people, rate, count, counter, first),
            progress,
            resume,
        )
        if result.faceless:
            log.info(
                "Nobody who speaks is seen in %d frames: they are as they were.", result.faceless
            )
        if result.unreadable:
            log.warning(
                "%s could not be read everywhere: %d frames show the picture before.",
                self.footage.path,
                result.unreadable,
            )
        return result

    def _dub(
        self,
        talk: Dialogue,
        people: Sequence[Person],
        rate: Fraction,
        count: int,
        counter: FrameCounter,
        first: int,
    ) -> Iterator[YuvFrame]:
        """The frames from number `first`, which begins a stretch, up to `count`."""
        from lipwright.core.prefetch import prefetch
        from lipwright.face.speaker_selection import FollowPerson
        from lipwright.pipeline.dubbing import VideoSpeaker, dub, follow

        casts = self._video_people.prepare(people)
        choices = [FollowPerson(person, self.people) for person in people]
        followed = follow(self._chunks(rate, count, first), choices, self._video_people.finder)
        film = _counted(prefetch(followed, FRAMES_AHEAD), counter, first)
        speakers = [
            VideoSpeaker(person.number, avatar, speech)
            for person, avatar, speech in zip(people, casts, talk.padded, strict=True)
        ]
        yield from dub(self.engine, speakers, film, rate, first, counter=counter)
        if counter.total("faceless") == count:
            raise no_face(self.footage.path)

    def _rate(self, fps: float | str | Fraction | None) -> Fraction:
        return self.footage.fps if fps is None else parse_fps(fps)

    def _count(self, talk: Dialogue, rate: Fraction) -> int:
        from lipwright.media.video.frame_schedule import frames_of

        return frames_of(self.length, talk.longest.duration, self.footage.duration, rate)

    @property
    def people(self) -> list[Person]:
        """Who is in the film, as `lipwright faces` shows it: number 0 is seen largest and longest.

        Raises FaceError where there is nobody.
        """
        return self._video_people.people

    def _cast(self, talk: Dialogue) -> list[Person]:
        casting = self._video_people
        return talk.cast(casting.people, lambda: casting.speaker, str(self.footage.path))

    def _chunks(self, rate: Fraction, count: int, first: int) -> Iterator[Chunk]:
        from lipwright.media.video.chunks import chunk_length, first_needed, split_chunks
        from lipwright.media.video.frame_schedule import picture_order

        footage = self.footage
        order = picture_order(
            self.length, footage.count, footage.fps, count, rate, first_needed(first)
        )
        return split_chunks(footage.frames(order), first, count, chunk_length(rate))


def _counted(film: Iterator[Tracked], counter: FrameCounter, first: int) -> Iterator[Tracked]:
    """The frames from number `first` on; counted are those in which nobody who speaks is seen, and
    those that could not be read."""
    for number, frame in enumerate(film, first):
        if all(window.face is None for window in frame):
            counter.add("faceless", number)
        if any(window.whole.stale for window in frame):
            counter.add("unreadable", number)
        yield frame
