"""Who is in a video, which of them speaks, and what an engine makes of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from lipwright.core.errors import FaceError
from lipwright.core.once import Once
from lipwright.core.prefetch import prefetch
from lipwright.pipeline.options import report

if TYPE_CHECKING:
    from lipwright.engines.base import Engine
    from lipwright.face.finder import FaceFinder
    from lipwright.face.identities import Person
    from lipwright.face.person_look import PersonLook, Texture
    from lipwright.face.speaker_selection import Speaker
    from lipwright.face.tracker import TrackedFrame
    from lipwright.media.video.source import VideoSource
    from lipwright.media.video.yuv_frame import YuvFrame
    from lipwright.pipeline.options import Progress

KEPT_BYTES = 200 << 20
"""Frames that engines will look at are kept as far as this goes, not read again."""
FRAMES_AHEAD = 4
FOLLOWED_AHEAD = 2
"""Frames in which a person is followed while one before is looked at."""
STAGE = "film"


class Cast(NamedTuple):
    """A person in a video who speaks."""

    avatar: Any
    """What the engine made of the person."""
    look: PersonLook
    """How the person's lower face looks where nothing is before it."""


class VideoPeople:
    """The people of one video, found when first asked for, once for all threads."""

    def __init__(self, video: VideoSource, engine: Engine, speaker: Speaker) -> None:
        self._video, self._engine, self._asked = video, engine, speaker
        self._kept: dict[int, YuvFrame] = {}
        self._casts: dict[int, Once[Cast]] = {}
        self._finder, self._people = Once["FaceFinder"](), Once["list[Person]"]()
        self._speaker = Once["Person"]()
        self._progress: Progress | None = None
        self._looked = 0

    def tell(self, progress: Progress | None) -> None:
        """Let somebody know, from now on, how many frames were looked at before any is made."""
        self._progress = progress
        report(progress, STAGE, 0, self._to_look_at)

    @cached_property
    def _samples(self) -> frozenset[int]:
        return frozenset(self._video.sample_frames())

    @cached_property
    def _to_look_at(self) -> int:
        return len(self._samples) + sum(map(len, self._video.sample_runs()))

    @cached_property
    def _to_keep(self) -> frozenset[int]:
        """Numbers of the frames that are kept: the first of those that engines look at."""
        width, height = self._video.size
        runs = {number for run in self._video.sample_runs() for number in run}
        wanted = sorted(runs | self._samples)
        return frozenset(wanted[: KEPT_BYTES // (width * height * 3 // 2)])

    @property
    def finder(self) -> FaceFinder:
        """It runs in one thread, because frames are read, and others drawn, at the same time."""
        from lipwright.face.finder import MIN_FACE_HEIGHT, FaceFinder

        return self._finder.get(lambda: FaceFinder(threads=1, smallest=MIN_FACE_HEIGHT))

    @property
    def people(self) -> list[Person]:
        """Everybody, seen largest and longest first; raises FaceError where there is nobody."""
        return self._people.get(self._find_people)

    @property
    def speaker(self) -> Person:
        """Who speaks where a speech does not say it."""
        return self._speaker.get(self._choose_speaker)

    def prepare(self, people: Sequence[Person]) -> list[Cast]:
        """Return what is known of each of these people, found out once."""
        casts = [
            self._casts.setdefault(person.number, Once()).get(partial(self._prepare, person))
            for person in people
        ]
        self._kept.clear()
        report(self._progress, STAGE, self._to_look_at, self._to_look_at)
        return casts

    def _prepare(self, person: Person) -> Cast:
        from lipwright.core.opencv_threads import one_opencv_thread
        from lipwright.engines.base import PersonInVideo
        from lipwright.face.person_look import PersonLook

        textures: list[Texture] = []
        with one_opencv_thread():
            examples = _noting(self._examples(person), textures)
            avatar = self._engine.prepare(PersonInVideo(examples))
            for _ in examples:
                pass  # an engine need not read all
        return Cast(avatar, PersonLook(textures))

    def _find_people(self) -> list[Person]:
        from lipwright.core.opencv_threads import one_opencv_thread
        from lipwright.face.identities import people_in_video

        with one_opencv_thread():
            people = people_in_video(self._video, self.finder, self._keep, sorted(self._to_keep))
        if not people:
            raise no_face(self._video.path)
        return people

    def _choose_speaker(self) -> Person:
        from lipwright.face.speaker_selection import choose_person
        from lipwright.pipeline.active_speaker import detect_active_speaker

        if self._asked.is_auto:
            heard = detect_active_speaker(self._video, self.people, self.finder)
            if heard is not None:
                return heard
        return choose_person(self.people, self._asked, str(self._video.path))

    def _look_at(self) -> None:
        self._count_looked()
        self._tell_looked()

    def _count_looked(self) -> None:
        self._looked += 1

    def _tell_looked(self) -> None:
        report(self._progress, STAGE, min(self._looked, self._to_look_at), self._to_look_at)

    def _keep(self, number: int, frame: YuvFrame) -> None:
        if number in self._samples:
            self._look_at()
        if number in self._to_keep:
            self._kept[number] = frame

    def _read(self, numbers: Sequence[int]) -> Iterator[YuvFrame]:
        """Frames of the video, in order; those that were kept are not read again."""
        known = dict(self._kept)  # another thread may let them go meanwhile
        others = self._video.sampled([number for number in numbers if number not in known])
        for number in numbers:
            yield known[number] if number in known else next(others)

    def _examples(self, person: Person) -> Iterator[TrackedFrame]:
        """Frames from all over the video in which the person is seen, each once."""
        from lipwright.face.person_sightings import follow_person
        from lipwright.face.tracker import TrackedFrame

        runs = {number for run in self._video.sample_runs() for number in run}
        beside = {number: face for number, face in person.sightings if number not in runs}
        read = prefetch(self._read(list(beside)), FRAMES_AHEAD)
        for face, frame in zip(beside.values(), read, strict=True):
            yield TrackedFrame.of(frame, face)
        given = self._video, person, self.people, self.finder, self._count_looked, self._read
        for frame, face in prefetch(follow_person(*given), FOLLOWED_AHEAD):
            self._tell_looked()
            yield TrackedFrame.of(frame, face)


def _noting(examples: Iterator[TrackedFrame], textures: list[Texture]) -> Iterator[TrackedFrame]:
    """Yield frames, and note how the lower face looks in each."""
    for frame in examples:
        if frame.texture is not None:
            textures.append(frame.texture)
        yield frame


def no_face(path: Path) -> FaceError:
    """Return what is raised where a video shows nobody."""
    return FaceError(
        f"No human face was found in {path}: use a video in which a face of at least 64 px is "
        "seen from the front."
    )
