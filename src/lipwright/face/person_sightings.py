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
) -> Iterator[tuple[YuvFrame, Face]]:
    """Yield frames from all over a video in which a person is seen, and the face there, px.

    people: everybody in the video, with the person. looked: called after each frame, also where the
    person is not seen.
    """
    runs = video.sample_runs()
    numbers = [number for run in runs for number in run]
    begins = {run[0] for run in runs}
    follower = _Follower(person, people, finder)
    for number, frame in zip(numbers, prefetch(video.frames(numbers), AHEAD), strict=True):
        if number in begins:
            follower = _Follower(person, people, finder)
        face = follower.look(frame.bgr())
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

    def look(self, image: np.ndarray) -> Face | None:
        """Return the person's face in the next frame, BGR uint8 (h, w, 3)."""
        found = self._refine(image)
        if found is None and (self._last is not None or self._wait == 0):
            found = self._search(image)
            self._wait = SEARCH_EVERY
        self._last, self._wait = found, max(self._wait - 1, 0)
        return found and found[0]

    def _refine(self, image: np.ndarray) -> tuple[Face, FaceEmbedding] | None:
        """Return the face near where it just was, unless it is somebody else's."""
        if self._last is None:
            return None
        before, look = self._last
        face = self._finder.refine(image, before)
        if face is None or _jumped(before, face):
            return None
        seen = FaceEmbedding.of(image, face)
        return (face, seen) if seen.similarity(look) >= SAME_FACE else None

    def _search(self, image: np.ndarray) -> tuple[Face, FaceEmbedding] | None:
        faces = self._finder.find(image)
        for face, who in zip(faces, match_identities(image, faces, self._people), strict=True):
            if who is not None and who.number == self._person.number:
                return face, FaceEmbedding.of(image, face)
        return None


def _jumped(before: Face, face: Face) -> bool:
    off = face.landmarks[:, :2].mean(axis=0) - before.landmarks[:, :2].mean(axis=0)
    return float(np.hypot(*off)) > JUMP * before.height
