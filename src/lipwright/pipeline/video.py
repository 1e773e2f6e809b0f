"""A video whose speaker says something else: heads, eyes and all else stay as they were."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lipwright.core.atomic_file import fingerprint
from lipwright.core.errors import UsageError
from lipwright.core.frame_counter import FrameCounter
from lipwright.core.left_alone import EXPLANATIONS, NOBODY
from lipwright.core.once import Once
from lipwright.pipeline.options import Progress, RenderOptions, SyncResult
from lipwright.pipeline.prepared_source import PreparedSource
from lipwright.pipeline.render_job import RenderJob
from lipwright.pipeline.video_people import VideoPeople, no_face
from lipwright.pipeline.write_video import write_video

if TYPE_CHECKING:
    from lipwright.face.identities import Person
    from lipwright.media.audio.mixer import Track
    from lipwright.media.video.chunks import Chunk
    from lipwright.media.video.source import VideoSource
    from lipwright.media.video.yuv_frame import YuvFrame
    from lipwright.pipeline.av_offset import AvOffset
    from lipwright.pipeline.dialogue import Dialogue
    from lipwright.pipeline.dubbing import Tracked
    from lipwright.pipeline.sinks.base import RenderedStream

log = logging.getLogger("lipwright")

FRAMES_AHEAD = 8
"""Read and tracked in a thread of their own while the one before is dubbed: enough to go on with
while a shot's first frame is made ready for."""


class Video(PreparedSource):
    """A video of somebody, to be dubbed with as many speeches as one likes, also at once."""

    def __init__(
        self,
        source: str | Path | VideoSource,
        options: RenderOptions | None = None,
        **changes: Any,
    ) -> None:
        """Look at the video's frames and times, and make the engine ready.

        Args:
            source: a video file; the dubbed one has its size and rate.
            options: what the caller chooses; `motion` does nothing here.
            changes: options by name, such as length="loop", instead of those in `options`.

        Raises:
            UsageError: an option that does not exist, an engine for pictures alone, or a video
                without a sound that could be kept.
            MediaError: the video cannot be read.
        """
        self.options = options = RenderOptions.of(options, changes)
        from lipwright.engines import create_engine
        from lipwright.face.speaker_selection import Speaker
        from lipwright.media.video.original_sound import original_sound

        self.source = _open_film(source, options) if isinstance(source, str | Path) else source
        self.engine = create_engine(
            options.engine,
            options.engine_options,
            mouth=options.mouth,
            workers=options.workers,
            device=options.chosen_device,
        )
        if "video" not in self.engine.spec.inputs:
            raise UsageError(
                f'The engine "{self.engine.spec.name}" animates pictures, and '
                f"{self.source.path} is a video: choose an engine that dubs videos, such as "
                '"warp", or give a picture.'
            )
        if self.source.variable:
            rate = float(self.source.fps)
            log.info(
                "%s has a variable frame rate: it is read at %.3f frames/s.",
                self.source.path,
                rate,
            )
        self._path = self.source.path
        self.width, self.height = self.source.size
        self._kept = (
            None
            if options.keep_audio is None
            else original_sound(self.source, options.keep_audio, options.length)
        )
        self._video_people = VideoPeople(self.source, self.engine, Speaker.of(options.speaker))
        self._in_step = Once["tuple[Track, AvOffset]"]()

    def _stream(self, talk: Dialogue, rate: Fraction | None) -> RenderedStream:
        """The frames are `YuvFrame`s."""
        from lipwright.media.video.output_spec import OutputSpec
        from lipwright.pipeline.sinks.base import RenderedStream

        fps = rate or self.source.fps
        count, people = self._count(talk, fps), self._cast(talk)
        return RenderedStream(
            OutputSpec(self.source.size, fps),
            talk.sound(under=self._kept_sound()) or talk.longest,
            lambda first: (
                (frame, None)
                for frame in self._dub(talk, people, fps, count, FrameCounter(), first)
            ),
            self._sound_seconds(count, fps),
        )

    def _write(
        self, talk: Dialogue, options: RenderOptions, output: Path, progress: Progress | None
    ) -> SyncResult:
        from lipwright.media.video.containers import container_for
        from lipwright.media.video.encoder_selection import tell_lost_shape
        from lipwright.media.video.extras import read_extras
        from lipwright.media.video.output_spec import OutputSpec
        from lipwright.pipeline.encoding_choice import chosen_encoder, coding_threads

        source, rate = self.source, options.rate or self.source.fps
        self._video_people.tell(progress)
        count, people = self._count(talk, rate), self._cast(talk)
        encoder = chosen_encoder(options, output)
        tell_lost_shape(encoder, output, source.aspect)
        seconds = float(count / rate)
        stretch = seconds / source.duration if options.length == "remap" else 1.0
        extras = read_extras(source.path, source.sound_track)
        job = RenderJob(
            output=output,
            spec=OutputSpec(
                source.size,
                rate,
                options.quality,
                encoder,
                source.colour,
                source.aspect,
                threads=coding_threads(options, output),
            ),
            options=options,
            frames=count,
            speech=talk.longest,
            engine=self.engine.spec.name,
            speakers=tuple(person.number for person in people),
            sound_seconds=self._sound_seconds(count, rate),
            sound=talk.sound(under=self._kept_sound()),
            extras=extras.fitted(container_for(output), stretch, seconds),
            fingerprint_fields=lambda: {
                "film": fingerprint(source.path),
                **options.fingerprint("length", "mouth"),
                "speeches": talk.fingerprints(),
            },
        )
        result = write_video(
            job,
            lambda first: self._dub(talk, people, rate, count, job.counter, first),
            progress,
        )
        _tell_unchanged(result, source.path)
        return self._with_offset(result)

    def _kept_sound(self) -> Track | None:
        """The video's own sound where it is kept, in step with the lips if that is wanted."""
        if self._kept is None or not self.options.fix_sync:
            return self._kept
        return self._in_step.get(partial(self._put_in_step, self._kept))[0]

    def _put_in_step(self, kept: Track) -> tuple[Track, AvOffset]:
        from lipwright.pipeline.video_offset import find_own_offset, fix_sync

        who = self._video_people
        offset = find_own_offset(self.source, who.speaker, who.people, who.finder)
        return fix_sync(kept, offset, self.source.path), offset

    def _with_offset(self, result: SyncResult) -> SyncResult:
        """What was made, with what was found out about the video's own sound and done about it."""
        if self._kept is None or not self.options.fix_sync:
            return result
        moved, offset = self._in_step.get(partial(self._put_in_step, self._kept))
        return replace(result, own_offset=offset, sound_moved=moved.start - self._kept.start)

    def _sound_seconds(self, count: int, rate: Fraction) -> float | None:
        """Where the sound is cut off; None lets it play to its end."""
        return float(count / rate) if self.options.length == "cut" else None

    def _dub(
        self,
        talk: Dialogue,
        people: Sequence[Person],
        rate: Fraction,
        count: int,
        counter: FrameCounter,
        first: int,
    ) -> Iterator[YuvFrame]:
        """The frames from number `first`, which begins a chunk, up to `count`."""
        from lipwright.core.prefetch import prefetch
        from lipwright.face.speaker_selection import FollowPerson
        from lipwright.pipeline.dubbing import VideoSpeaker, dub, follow

        casts = self._video_people.prepare(people)
        choices = [FollowPerson(person, self.people) for person in people]
        followed = follow(
            self._chunks(rate, count, first),
            choices,
            self._video_people.finder,
            [cast.look for cast in casts],
            self.engine.spec.crop,
        )
        counted = _counted(prefetch(followed, FRAMES_AHEAD), counter, first)
        speakers = [
            VideoSpeaker(person.number, cast.avatar, speech)
            for person, cast, speech in zip(people, casts, talk.padded, strict=True)
        ]
        yield from dub(self.engine, speakers, counted, rate, first, self.options.seed, counter)
        if sum(counter.total(reason) for reason in NOBODY) == count:
            raise no_face(self.source.path)

    def _count(self, talk: Dialogue, rate: Fraction) -> int:
        from lipwright.media.video.frame_schedule import frames_of

        return frames_of(self.options.length, talk.longest.duration, self.source.duration, rate)

    @property
    def people(self) -> list[Person]:
        """Who is in the video, as `lipwright faces` shows it: number 0 is seen largest and longest.

        Raises FaceError where there is nobody.
        """
        return self._video_people.people

    def _cast(self, talk: Dialogue) -> list[Person]:
        casting = self._video_people
        return talk.cast(casting.people, lambda: casting.speaker, str(self.source.path))

    def _chunks(self, rate: Fraction, count: int, first: int) -> Iterator[Chunk]:
        from lipwright.media.video.chunks import chunk_length, first_needed, split_chunks
        from lipwright.media.video.frame_schedule import picture_order

        source = self.source
        order = picture_order(
            self.options.length, source.count, source.fps, count, rate, first_needed(first)
        )
        return split_chunks(source.frames(order), first, count, chunk_length(rate))


def _open_film(path: str | Path, options: RenderOptions) -> VideoSource:
    from lipwright.media.video.original_sound import own_track
    from lipwright.media.video.source import open_video_source

    needed = options.keep_audio is not None
    return open_video_source(path, own_track(Path(path), options.audio_track, needed))


def _counted(frames: Iterator[Tracked], counter: FrameCounter, first: int) -> Iterator[Tracked]:
    """The frames from number `first` on, with two kinds counted.

    Those in which nobody who speaks is seen, by the reason, and those that could not be read.
    """
    for number, frame in enumerate(frames, first):
        if all(window.face is None for window in frame):
            reasons = {window.missing for window in frame}
            counter.add(next(reason for reason in NOBODY if reason in reasons), number)
        if any(window.whole.stale for window in frame):
            counter.add("unreadable", number)
        yield frame


def _tell_unchanged(result: SyncResult, path: Path) -> None:
    """Say which frames were left as they were, and why."""
    for reason, explanation in EXPLANATIONS.items():
        if result.left_alone.get(reason):
            log.info(explanation, result.left_alone[reason])
    if result.unreadable:
        log.warning(
            "%s could not be read everywhere: %d frames show the picture before.",
            path,
            result.unreadable,
        )
