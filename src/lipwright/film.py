"""A film whose speaker says something else: heads, eyes and all else stay as they were."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from lipwright.casting import Casting, no_face
from lipwright.checks import (
    LENGTHS,
    QUALITIES,
    Length,
    Quality,
    check_choice,
    check_not_an_input,
    check_output,
    parse_fps,
)
from lipwright.errors import UsageError
from lipwright.media.files import fingerprint
from lipwright.rendering import Progress, Recording, SyncResult, has_cuda
from lipwright.talk import Talk, check_captions
from lipwright.tally import Tally

if TYPE_CHECKING:
    import numpy as np

    from lipwright.captions import Captions
    from lipwright.dubbing import Tracked
    from lipwright.face.people import Person
    from lipwright.face.speakers import SpeakerLike
    from lipwright.media.frames import YuvFrame
    from lipwright.stretches import Stretch
    from lipwright.talk import Said

log = logging.getLogger("lipwright")

FRAMES_AHEAD = 4
"""Read and tracked in a thread of their own while the one before is dubbed."""


class Film:
    """A video of somebody, to be dubbed with as many speeches as one likes, also at once."""

    def __init__(
        self,
        source: str | Path,
        *,
        engine: str = "portrait",
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
            encoder: by what, see `lipwright.media.encoders.choose_encoder`.
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
        from lipwright.engines import FilmEngine, create_engine
        from lipwright.face.speakers import Speaker
        from lipwright.media.encoders import check_encoder
        from lipwright.media.footage import read_footage
        from lipwright.media.mixing import film_sound

        check_encoder(encoder)
        self.footage = read_footage(source)
        made = create_engine(engine, engine_options, gpu=gpu and has_cuda())
        if not isinstance(made, FilmEngine):
            raise UsageError(
                f'The engine "{engine}" animates pictures, and {source} is a video: choose an '
                'engine that dubs films, such as "portrait", or give a picture.'
            )
        self.engine = made
        if self.footage.variable:
            rate = float(self.footage.fps)
            log.info("%s has a variable frame rate: it is read at %.3f frames/s.", source, rate)
        self.width, self.height = self.footage.size
        self.quality, self.length = quality, length
        self.encoder, self._gpu = encoder, gpu
        self._kept = None if keep_audio is None else film_sound(self.footage, keep_audio, length)
        self._settings: dict[str, object] = {"length": length, "gpu": gpu}
        self._settings |= {"engine options": engine_options}
        self._casting = Casting(self.footage, made, Speaker.of(speaker))

    def frames(
        self,
        speech: Said,
        fps: float | str | Fraction | None = None,
        first: int = 0,
    ) -> Iterator[np.ndarray]:
        """The frames of the film saying `speech`, one at a time: BGR uint8 (height, width, 3).

        speech: a sound file, a `Speech`, or a mapping from speakers to what each of them says.
        fps: None keeps the film's own rate. first: the number of the first one, the beginning of a
        stretch (see `lipwright.stretches`). Raises FaceError where no face is seen.
        """
        talk, rate = Talk.of(speech), self._rate(fps)
        count, people = self._count(talk, rate), self._cast(talk)
        return (frame.bgr() for frame in self._dub(talk, people, rate, count, Tally(), first))

    def save(
        self,
        speech: Said,
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
        from lipwright.media.encoders import choose_encoder, tell_lost_shape

        rate, output = self._rate(fps), check_output(output)
        talk = Talk.of(speech)
        check_not_an_input(output, self.footage.path, *talk.paths)
        check_captions(captions, talk)
        count, people = self._count(talk, rate), self._cast(talk)
        encoder = choose_encoder(self.encoder, output, self._gpu)
        tell_lost_shape(encoder, output, self.footage.aspect)
        recording = Recording(
            output=output,
            size=(self.width, self.height),
            fps=rate,
            frames=count,
            speech=talk.longest,
            quality=self.quality,
            engine=self.engine.name,
            speakers=tuple(person.number for person in people),
            sound_seconds=float(count / rate) if self.length == "cut" else None,
            sound=talk.sound(under=self._kept),
            captions=captions,
            encoder=encoder,
            colour=self.footage.colour,
            aspect=self.footage.aspect,
            made_of=lambda: {
                "film": fingerprint(self.footage.path),
                **self._settings,
                "speeches": talk.fingerprints(),
            },
        )
        tally = recording.tally
        result = recording.write(
            lambda first: self._dub(talk, people, rate, count, tally, first), progress, resume
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
        talk: Talk,
        people: Sequence[Person],
        rate: Fraction,
        count: int,
        tally: Tally,
        first: int,
    ) -> Iterator[YuvFrame]:
        """The frames from number `first`, which begins a stretch, up to `count`."""
        from lipwright.ahead import ahead
        from lipwright.dubbing import follow, speak
        from lipwright.face.speakers import Follow

        casts = self._casting.prepare(people)
        choices = [Follow(person, self.people) for person in people]
        followed = follow(self._stretches(rate, count, first), choices, self._casting.finder)
        film = _counted(ahead(followed, FRAMES_AHEAD), tally, first)
        speakers = list(zip(casts, talk.lengthened, strict=True))
        yield from speak(film, speakers, self.engine, rate, first)
        if tally.total("faceless") == count:
            raise no_face(self.footage.path)

    def _rate(self, fps: float | str | Fraction | None) -> Fraction:
        return self.footage.fps if fps is None else parse_fps(fps)

    def _count(self, talk: Talk, rate: Fraction) -> int:
        from lipwright.media.lengths import frames_of

        return frames_of(self.length, talk.longest.duration, self.footage.duration, rate)

    @property
    def people(self) -> list[Person]:
        """Who is in the film, as `lipwright faces` shows it: number 0 is seen largest and longest.

        Raises FaceError where there is nobody.
        """
        return self._casting.people

    def _cast(self, talk: Talk) -> list[Person]:
        casting = self._casting
        return talk.cast(casting.people, lambda: casting.speaker, str(self.footage.path))

    def _stretches(self, rate: Fraction, count: int, first: int) -> Iterator[Stretch]:
        from lipwright.media.lengths import picture_order
        from lipwright.stretches import cut_stretches, first_needed, stretch_length

        footage = self.footage
        order = picture_order(
            self.length, footage.count, footage.fps, count, rate, first_needed(first)
        )
        return cut_stretches(footage.frames(order), first, count, stretch_length(rate))


def _counted(film: Iterator[Tracked], tally: Tally, first: int) -> Iterator[Tracked]:
    """The frames from number `first` on; counted are those in which nobody who speaks is seen, and
    those that could not be read."""
    for number, frame in enumerate(film, first):
        if all(window.face is None for window in frame):
            tally.add("faceless", number)
        if any(window.whole.stale for window in frame):
            tally.add("unreadable", number)
        yield frame
