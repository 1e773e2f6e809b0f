"""A film whose speaker says something else: heads, eyes and all else stay as they were."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

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
from lipwright.errors import FaceError, UsageError
from lipwright.media.files import fingerprint
from lipwright.rendering import Progress, Recording, SyncResult, has_cuda, read_speech
from lipwright.tally import Tally

if TYPE_CHECKING:
    import numpy as np

    from lipwright.captions import Captions
    from lipwright.dubbing import Tracked
    from lipwright.face import Face, FaceFinder
    from lipwright.face.track import TrackedFrame
    from lipwright.media.frames import YuvFrame
    from lipwright.media.mixing import Mix
    from lipwright.speech.base import Speech
    from lipwright.stretches import Stretch

log = logging.getLogger("lipwright")

FRAMES_AHEAD = 4
"""Read and tracked in a thread of their own while the one before is dubbed."""


class Film:
    """A video of somebody, to be dubbed with as many speeches as one likes."""

    def __init__(
        self,
        source: str | Path,
        *,
        engine: str = "portrait",
        quality: Quality = "high",
        encoder: str = "auto",
        length: Length = "bounce",
        keep_audio: float | None = None,
        face: int | None = None,
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
            face: which face speaks, 1 the largest at the start and after every cut.
            gpu, engine_options: as for `Portrait`.

        Raises:
            UsageError: an option that does not exist, an engine for pictures alone, or a film
                without a sound that could be kept.
            MediaError: the video cannot be read.
        """
        check_choice("quality", quality, QUALITIES)
        check_choice("length", length, LENGTHS)
        from lipwright.engines import FilmEngine, create_engine
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
        self.face_number = 1 if face is None else face
        self._settings: dict[str, object] = {"length": length, "face": self.face_number}
        self._settings |= {"gpu": gpu, "engine options": engine_options}

    def frames(
        self,
        speech: Speech | str | Path,
        fps: float | str | Fraction | None = None,
        first: int = 0,
    ) -> Iterator[np.ndarray]:
        """The frames of the film saying `speech`, one at a time: BGR uint8 (height, width, 3).

        fps: None keeps the film's own rate. first: the number of the first one, the beginning of a
        stretch (see `lipwright.stretches`). Raises FaceError at the end where no face was seen.
        """
        spoken, rate = read_speech(speech), self._rate(fps)
        count = self._count(spoken, rate)
        return (frame.bgr() for frame in self._dub(spoken, rate, count, Tally(), first))

    def save(
        self,
        speech: Speech | str | Path,
        output: str | Path,
        *,
        fps: float | str | Fraction | None = None,
        captions: Captions | None = None,
        progress: Progress | None = None,
        resume: bool = False,
    ) -> SyncResult:
        """Writes the film saying `speech`, in place of its own sound.

        The file appears only when it is whole. resume: goes on where an earlier run broke off.
        Raises MediaError where it cannot be written, FaceError where no face was seen, and
        UsageError where there is nothing to resume.
        """
        from lipwright.media.encoders import choose_encoder

        rate, output = self._rate(fps), check_output(output)
        spoken = read_speech(speech)
        check_not_an_input(output, self.footage.path, spoken.path)
        count = self._count(spoken, rate)
        recording = Recording(
            output=output,
            size=(self.width, self.height),
            fps=rate,
            frames=count,
            speech=spoken,
            quality=self.quality,
            engine=self.engine.name,
            face=self.face_number,
            sound_seconds=float(count / rate) if self.length == "cut" else None,
            sound=self._sound(spoken),
            captions=captions,
            encoder=choose_encoder(self.encoder, output, self._gpu),
            colour=self.footage.colour,
            made_of=lambda: {"film": fingerprint(self.footage.path), **self._settings},
        )
        tally = recording.tally
        result = recording.write(
            lambda first: self._dub(spoken, rate, count, tally, first), progress, resume
        )
        if result.faceless:
            log.info("No face was seen in %d frames: they are as they were.", result.faceless)
        return result

    def _dub(
        self, speech: Speech, rate: Fraction, count: int, tally: Tally, first: int = 0
    ) -> Iterator[YuvFrame]:
        """The frames from number `first`, which begins a stretch, up to `count`."""
        from lipwright.ahead import ahead
        from lipwright.dubbing import follow, speak
        from lipwright.face import FaceFinder

        finder = FaceFinder()
        cast = self.engine.prepare_film(self._examples(finder))
        stretches = self._stretches(rate, count, first)
        film = _counted(
            ahead(follow(stretches, [self._choose], finder), FRAMES_AHEAD), tally, first
        )
        yield from speak(film, [(cast, speech)], self.engine, rate, first)
        if tally.total("faceless") == count:
            raise FaceError(
                f"No face was found in {self.footage.path}: use a video in which a face of at "
                "least 64 px is seen from the front."
            )

    def _sound(self, speech: Speech) -> Mix | None:
        """What is heard, where that is more than the speech."""
        from lipwright.media.mixing import Mix, Track

        return None if self._kept is None else Mix((Track(speech), self._kept))

    def _rate(self, fps: float | str | Fraction | None) -> Fraction:
        return self.footage.fps if fps is None else parse_fps(fps)

    def _count(self, speech: Speech, rate: Fraction) -> int:
        from lipwright.media.lengths import frames_of

        return frames_of(self.length, speech.duration, self.footage.duration, rate)

    def _choose(self, image: np.ndarray, faces: Sequence[Face]) -> Face | None:
        place = self.face_number - 1
        return faces[place] if place < len(faces) else None

    def _examples(self, finder: FaceFinder) -> Iterator[TrackedFrame]:
        """Some frames of the film, each with the face that will speak."""
        from lipwright.face.track import TrackedFrame

        for frame in self.footage.frames(self.footage.places()):
            image = frame.bgr()
            yield TrackedFrame.of(frame, self._choose(image, finder.find(image)))

    def _stretches(self, rate: Fraction, count: int, first: int) -> Iterator[Stretch]:
        from lipwright.media.lengths import picture_order
        from lipwright.stretches import cut_stretches, first_needed, stretch_length

        footage = self.footage
        order = picture_order(
            self.length, footage.count, footage.fps, count, rate, first_needed(first)
        )
        return cut_stretches(footage.frames(order), first, count, stretch_length(rate))


def _counted(film: Iterator[Tracked], tally: Tally, first: int) -> Iterator[Tracked]:
    """The frames from number `first` on; those in which nobody who speaks is seen are counted."""
    for number, frame in enumerate(film, first):
        if all(window.face is None for window in frame):
            tally.add("faceless", number)
        yield frame
