"""Where a person is in many frames of a video: found where runs of frames begin, then followed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from lipwright.core.prefetch import prefetch
from lipwright.face.face import Face
from lipwright.face.finder import FaceFinder
from lipwright.face.identities import Person, match_identities

if TYPE_CHECKING:
    from lipwright.media.video.source import VideoSource
    from lipwright.media.video.yuv_frame import YuvFrame

AHEAD = 4  # frames read in a thread of their own
JUMP = 0.35  # face heights from one frame to the next: more is another face, or another shot


def follow_person(
    video: VideoSource, person: Person, people: Sequence[Person], finder: FaceFinder
) -> Iterator[tuple[YuvFrame, Face]]:
    """Yield frames from all over a video in which a person is seen, and the face there, px.

    people: everybody in the video, with the person.
    """
    runs = video.sample_runs()
    numbers = [number for run in runs for number in run]
    begins = {run[0] for run in runs}
    face: Face | None = None
    for number, frame in zip(numbers, prefetch(video.frames(numbers), AHEAD), strict=True):
        image = frame.bgr()
        before = None if number in begins else face
        face = before and finder.refine(image, before)
        if face is None or before is None or _jumped(before, face):
            face = _find(image, person, people, finder)
        if face is not None:
            yield frame, face


def _find(
    image: np.ndarray, person: Person, people: Sequence[Person], finder: FaceFinder
) -> Face | None:
    faces = finder.find(image)
    for face, who in zip(faces, match_identities(image, faces, people), strict=True):
        if who is not None and who.number == person.number:
            return face
    return None


def _jumped(before: Face, face: Face) -> bool:
    off = face.landmarks[:, :2].mean(axis=0) - before.landmarks[:, :2].mean(axis=0)
    return float(np.hypot(*off)) > JUMP * before.height
