"""Identities: each person of an image or a video once, with a stable number.

A video is sampled at frames spread over it. Faces of one frame are different people; faces of
different frames are one person where their embeddings are similar, or where one is followed to the
other within a shot.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import cv2
import numpy as np

from lipwright.core.call_ahead import Call, call_ahead
from lipwright.core.cores import USUAL_WORKERS, usable_cores
from lipwright.core.prefetch import prefetch
from lipwright.face.embedding import SIMILARITY_THRESHOLD, FaceEmbedding
from lipwright.face.face import Face
from lipwright.face.finder import MIN_FACE_HEIGHT, FaceFinder
from lipwright.face.same_person import FaceLinks

if TYPE_CHECKING:
    from lipwright.media.video.source import VideoSource
    from lipwright.media.video.yuv_frame import YuvFrame

    Keep = Callable[[int, YuvFrame], None]
    Looked = tuple[int, np.ndarray, list[Face]]

PICTURES_AHEAD = 2  # read in a thread of their own while faces are looked for
MANY_PLACES = 96
PASSING = 0.1
"""Share of the main person's weight below which somebody is a passer-by."""
MAX_EMBEDDINGS = 24
"""The most that are kept of one person."""
NOTHING_NEW = 0.97
"""Above this similarity to a known embedding another one adds nothing."""
HEAD = 1.9  # of a face's height: the side of a square that shows the whole head
HEAD_SIZE = 256  # px


@dataclass(frozen=True, eq=False)
class Person:
    """A person in an image or a video."""

    number: int
    """0 is the largest; in a video the one seen largest and longest."""
    face: Face
    """In px of the image, or of the first sampled frame of the video with that face."""
    embeddings: tuple[FaceEmbedding, ...]
    """Of the person, from different frames."""
    head: np.ndarray
    """BGR uint8 (h, w, 3): the head, at most 256 px high."""
    height: float
    """Of the face, px: the median where it is seen in several frames."""
    share: float = 1.0
    """Share of the video in which the person is seen, 0 to 1."""
    first: float = 0.0
    """Seconds: when the person is first seen."""
    sightings: tuple[tuple[int, Face], ...] = ()
    """Frames of the video in which the person was seen, by number, and the face there."""

    @property
    def place(self) -> tuple[int, int]:
        """The middle of `face`, px (x, y)."""
        x0, y0, x1, y1 = self.face.box
        return round((x0 + x1) / 2), round((y0 + y1) / 2)

    @property
    def weight(self) -> float:
        """How much is seen of the face: px, times the share of the video in which it is seen."""
        return self.height**2 * self.share

    def similarity(self, embedding: FaceEmbedding) -> float:
        """Return the similarity, at most about 1, to the most similar embedding of this person."""
        return max(embedding.similarity(known) for known in self.embeddings)


def people_in_image(image: np.ndarray, faces: Sequence[Face]) -> list[Person]:
    """Return everybody whose face was found in an image, BGR uint8 (h, w, 3), the largest first."""
    return [
        Person(number, face, (FaceEmbedding.of(image, face),), cut_head(image, face), face.height)
        for number, face in enumerate(faces)
    ]


def people_in_video(
    video: VideoSource, finder: FaceFinder, keep: Keep | None = None, passing: Sequence[int] = ()
) -> list[Person]:
    """Return everybody in a video whose face is at least 64 px high, the most visible first.

    keep: receives each sampled frame with its number, and may keep it. passing: numbers of further
    frames that it receives, in which nobody is looked for.
    """
    return _look_through(video, finder, video.sample_frames(), keep, passing) or _look_through(
        video, finder, _many_places(video.count), keep
    )


def _look_through(
    video: VideoSource,
    finder: FaceFinder,
    numbers: Sequence[int],
    keep: Keep | None,
    passing: Sequence[int] = (),
) -> list[Person]:
    """Return the people seen in these frames."""
    crowd = _Crowd(float(video.fps))
    looked_at, order = set(numbers), sorted({*numbers, *passing})

    def calls() -> Iterator[Call[Looked]]:
        frames = prefetch(video.sampled(order), PICTURES_AHEAD)
        for number, frame in zip(order, frames, strict=True):
            if keep is not None:
                keep(number, frame)
            if number in looked_at:
                yield Call(partial(_faces_of, number, frame.bgr(), finder), followed=True)

    for seen in call_ahead(calls(), min(usable_cores(), USUAL_WORKERS)):
        crowd.add(*seen)
    crowd.join(FaceLinks(video, finder))
    return crowd.people(_stand_for(numbers, video.count))


def _faces_of(number: int, image: np.ndarray, finder: FaceFinder) -> Looked:
    """Return a frame's number, its picture, BGR uint8 (h, w, 3), and its faces."""
    return number, image, [one for one in finder.find(image) if one.height >= MIN_FACE_HEIGHT]


def _many_places(count: int) -> list[int]:
    """Return frame numbers all over a video, for one where the usual samples show nobody."""
    return sorted({round(place) for place in np.linspace(0, count - 1, MANY_PLACES)})


def _stand_for(numbers: Sequence[int], count: int) -> dict[int, float]:
    """Return the share of the video, 0 to 1, that is nearest to each of these frames."""
    between = [(one + other) / 2 for one, other in zip(numbers, numbers[1:], strict=False)]
    edges = [0.0, *between, float(count)]
    parts = np.diff(edges) / count
    return dict(zip(numbers, parts.tolist(), strict=True))


def other_main_people(person: Person, people: Sequence[Person]) -> list[Person]:
    """Return the other people who are prominent enough to be a subject of the video.

    Passers-by and pictures on the wall are not.
    """
    least = PASSING * person.weight
    return [one for one in people if one.number != person.number and one.weight >= least]


def match_identities(
    image: np.ndarray, faces: Sequence[Face], people: Sequence[Person]
) -> list[Person | None]:
    """Match each face of one image to one of the people, nobody twice; None is a stranger.

    image: BGR uint8 (h, w, 3); faces: in px of it.
    """
    embeddings = [FaceEmbedding.of(image, face) for face in faces]
    alike = [[person.similarity(embedding) for person in people] for embedding in embeddings]
    found: list[Person | None] = [None] * len(faces)
    for place, other in best_pairs(
        np.array(alike).reshape(len(faces), len(people)), SIMILARITY_THRESHOLD
    ):
        found[place] = people[other]
    return found


def best_pairs(alike: np.ndarray, least: float) -> Iterable[tuple[int, int]]:
    """Yield pairs (row, column) of a matrix, float64 (rows, columns), the largest values first.

    Each row and each column occurs once; values below `least` do not occur.
    """
    alike = alike.copy()
    while alike.size and alike.max() >= least:
        row, column = np.unravel_index(int(alike.argmax()), alike.shape)
        yield int(row), int(column)
        alike[row], alike[:, column] = -np.inf, -np.inf


def cut_head(image: np.ndarray, face: Face) -> np.ndarray:
    """Crop the head where the image reaches that far: BGR uint8 (h, w, 3), at most 256 px high."""
    height, width = image.shape[:2]
    x0, y0, x1, y1 = face.box
    x, y, half = (x0 + x1) / 2, (y0 + y1) / 2 - 0.1 * face.height, HEAD / 2 * face.height
    left, right = (int(min(max(edge, 0), width)) for edge in (x - half, x + half))
    top, bottom = (int(min(max(edge, 0), height)) for edge in (y - half, y + half))
    head = image[top:bottom, left:right]
    if not head.size:
        return np.zeros((1, 1, 3), np.uint8)
    scale = min(1.0, HEAD_SIZE / max(head.shape[:2]))
    size = max(1, round(head.shape[1] * scale)), max(1, round(head.shape[0] * scale))
    return cv2.resize(head, size, interpolation=cv2.INTER_AREA)


@dataclass
class _Member:
    """A person while the video is being sampled."""

    face: Face
    head: np.ndarray
    embeddings: list[FaceEmbedding]
    sightings: list[tuple[int, Face]] = field(default_factory=list)

    def size(self, parts: Mapping[int, float]) -> float:
        """Return the px that the face covers, on average over the video."""
        return sum(parts[number] * face.width * face.height for number, face in self.sightings)

    def similarity(self, embedding: FaceEmbedding) -> float:
        return max(embedding.similarity(known) for known in self.embeddings)

    def see(self, number: int, face: Face, embedding: FaceEmbedding) -> None:
        self.sightings.append((number, face))
        new = not self.embeddings or self.similarity(embedding) < NOTHING_NEW
        if new and len(self.embeddings) < MAX_EMBEDDINGS:
            self.embeddings.append(embedding)

    def join(self, other: _Member) -> None:
        self.sightings = sorted(self.sightings + other.sightings, key=lambda seen: seen[0])
        self.embeddings = [*self.embeddings, *other.embeddings]
        if self.sightings[0] in other.sightings:
            self.face, self.head = other.face, other.head

    def is_like(self, other: _Member) -> bool:
        alike = max(self.similarity(embedding) for embedding in other.embeddings)
        return alike >= SIMILARITY_THRESHOLD

    def becomes(self, other: _Member, links: FaceLinks) -> bool:
        """Return whether both are one face, where one is seen soonest after the other."""
        both = [(seen, one) for one in (self, other) for seen in one.sightings]
        both.sort(key=lambda seen: seen[0][0])
        changes = [
            (first, second)
            for (first, one), (second, another) in zip(both, both[1:], strict=False)
            if one is not another
        ]
        first, second = min(changes, key=lambda change: change[1][0] - change[0][0])
        return links.is_linked(first, second)

    def met(self, other: _Member) -> bool:
        """Return whether both are seen in one frame."""
        mine = {number for number, _ in self.sightings}
        return any(number in mine for number, _ in other.sightings)


class _Crowd:
    """Groups the faces of a video by person."""

    def __init__(self, fps: float) -> None:
        self._members: list[_Member] = []
        self._fps = fps

    def add(self, number: int, image: np.ndarray, faces: Sequence[Face]) -> None:
        embeddings = [FaceEmbedding.of(image, face) for face in faces]
        alike = [
            [member.similarity(embedding) for member in self._members] for embedding in embeddings
        ]
        shape = len(faces), len(self._members)
        known = dict(best_pairs(np.array(alike).reshape(shape), SIMILARITY_THRESHOLD))
        for place, (face, embedding) in enumerate(zip(faces, embeddings, strict=True)):
            if place not in known:
                self._members.append(_Member(face, cut_head(image, face), []))
            self._members[known.get(place, -1)].see(number, face, embedding)

    def people(self, parts: Mapping[int, float]) -> list[Person]:
        """Return the people who were seen. parts: the share of the video each frame stands for."""
        ranked = sorted(self._members, key=lambda member: -member.size(parts))
        return [self._person(number, member, parts) for number, member in enumerate(ranked)]

    def join(self, links: FaceLinks) -> None:
        """Merge members that turned out to be one person.

        That is where views between them were seen, or where one face becomes the other.
        """
        self._join_where(lambda one, other: one.is_like(other))
        self._join_where(lambda one, other: one.becomes(other, links))

    def _join_where(self, is_same: Callable[[_Member, _Member], bool]) -> None:
        for member in list(self._members):
            for other in self._members:
                if other is not member and not other.met(member) and is_same(other, member):
                    other.join(member)
                    self._members = [one for one in self._members if one is not member]
                    break

    def _person(self, number: int, member: _Member, parts: Mapping[int, float]) -> Person:
        return Person(
            number=number,
            face=member.face,
            embeddings=tuple(member.embeddings),
            head=member.head,
            height=float(np.median([face.height for _, face in member.sightings])),
            share=sum(parts[place] for place, _ in member.sightings),
            first=member.sightings[0][0] / self._fps,
            sightings=tuple(member.sightings),
        )
