"""Where a person is in many frames of a video: found where runs of frames begin, then followed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from lipwright.core.prefetch import prefetch
from lipwright.face.embedding import FaceEmbedding
from lipwright.face.face import Face
from lipwright.face.finder import FaceFinder
from lipwright.face.identities import Person, match_identities
from lipwright.face.refinement import embedding_in, refine_face
from lipwright.face.tracker import SAME_FACE

if TYPE_CHECKING:
    from lipwright.media.video.source import VideoSource
    from lipwright.media.video.yuv_frame import YuvFrame

AHEAD = 4  # frames read in a thread of their own
SEARCH_EVERY = 2  # frames that are looked at, between two searches while the person is not seen
JUMP = 0.35  # face heights from one frame to the next: more is another face, or another shot


def follow_person(
    video: VideoSource,
    person: Person,
    people: Sequence[Person],
    finder: FaceFinder,
    looked: Callable[[], None] = lambda: None,
    read: Callable[[Sequence[int]], Iterator[YuvFrame]] | None = None,
) -> Iterator[tuple[YuvFrame, Face]]:
    """Yield frames from all over a video in which a person is seen, and the face there, px.

    Each of `VideoSource.sample_runs` once; where the person was seen already the face is that of
    the sighting.

    people: everybody in the video, with the person. looked: called after each frame, also where the
    person is not seen. read: gives the frames with these numbers; None reads them from the video.
    """
    runs = video.sample_runs()
    numbers = [number for run in runs for number in run]
    begins = {run[0] for run in runs}
    follower = _Follower(person, people, finder)
    frames = (read or video.sampled)(numbers)
    sightings = dict(person.sightings)
    for number, frame in zip(numbers, prefetch(frames, AHEAD), strict=True):
        if number in begins:
            follower = _Follower(person, people, finder)
        face = follower.look(frame, sightings.get(number))
        looked()
        if face is not None:
            yield frame, face


class _Follower:
    """Follows a person through one run of frames, across cuts as well."""

    def __init__(self, person: Person, people: Sequence[Person], finder: FaceFinder) -> None:
        self._person, self._people, self._finder = person, people, finder
        self._last: tuple[Face, FaceEmbedding] | None = None
        self._wait = 0
        """Frames until the person is searched for again."""

    def look(self, frame: YuvFrame, known: Face | None = None) -> Face | None:
        """Return the person's face in the next frame, px. known: the same, where it is known."""
        found = _recognised(frame, known) if known is not None else self._refine(frame)
        if found is None and (self._last is not None or self._wait == 0):
            found = self._search(frame.bgr())
            self._wait = SEARCH_EVERY
        self._last, self._wait = found, max(self._wait - 1, 0)
        return found and found[0]

    def _refine(self, frame: YuvFrame) -> tuple[Face, FaceEmbedding] | None:
        """Return the face near where it just was, unless it is somebody else's."""
        if self._last is None:
            return None
        before, look = self._last
        found = refine_face(self._finder, frame, before)
        if found is None or _jumped(before, found.face):
            return None
        seen = FaceEmbedding.of(found.window, found.seen)
        return (found.face, seen) if seen.similarity(look) >= SAME_FACE else None

    def _search(self, image: np.ndarray) -> tuple[Face, FaceEmbedding] | None:
        faces = self._finder.find(image)
        for face, who in zip(faces, match_identities(image, faces, self._people), strict=True):
            if who is not None and who.number == self._person.number:
                return face, FaceEmbedding.of(image, face)
        return None


def _recognised(frame: YuvFrame, face: Face) -> tuple[Face, FaceEmbedding] | None:
    look = embedding_in(frame, face)
    return None if look is None else (face, look)


def _jumped(before: Face, face: Face) -> bool:
    off = face.landmarks[:, :2].mean(axis=0) - before.landmarks[:, :2].mean(axis=0)
    return float(np.hypot(*off)) > JUMP * before.height
