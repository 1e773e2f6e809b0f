"""Who is in a picture or a film: each person once, with a number that stays the same.

A film is looked at in some places spread over it. Faces of one place are different people; faces of
different places are one person where they look alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import cv2
import numpy as np

from lipwright.core.prefetch import prefetch
from lipwright.face.embedding import LIKENESS, FaceEmbedding
from lipwright.face.face import Face
from lipwright.face.finder import MIN_FACE_HEIGHT, FaceFinder

if TYPE_CHECKING:
    from lipwright.media.video.source import VideoSource
    from lipwright.media.video.yuv_frame import YuvFrame

    Keep = Callable[[int, YuvFrame], None]

PICTURES_AHEAD = 2  # read in a thread of their own while faces are looked for
MANY_PLACES = 96
PASSING = 0.1
"""Of somebody else's weight: whoever has less is passing by."""
MAX_LOOKS = 24
"""So many of one person are kept."""
NOTHING_NEW = 0.97
"""A look that is so much like a known one need not be kept."""
HEAD = 1.9  # of a face's height: the side of a square that shows the whole head
HEAD_SIZE = 256  # px


@dataclass(frozen=True, eq=False)
class Person:
    """Somebody in a picture or a film."""

    number: int
    """0 is the largest; in a film who is seen largest and longest."""
    face: Face
    """In px of the picture, or of the film's first looked-at frame with that face."""
    looks: tuple[FaceEmbedding, ...]
    """What the person looks like."""
    head: np.ndarray
    """BGR uint8 (h, w, 3): the head, at most 256 px high."""
    height: float
    """Of the face, px: the median where it is seen in several frames."""
    share: float = 1.0
    """Part of the film in which the person is seen, 0 to 1."""
    first: float = 0.0
    """Seconds: where the person is seen first."""
    sightings: tuple[tuple[int, Face], ...] = ()
    """Frames of the film in which the person was seen, by number, and the face there."""

    @property
    def place(self) -> tuple[int, int]:
        """The middle of `face`, px (x, y)."""
        x0, y0, x1, y1 = self.face.box
        return round((x0 + x1) / 2), round((y0 + y1) / 2)

    @property
    def weight(self) -> float:
        """How much is seen of the face, all in all: px, times the part of the film."""
        return self.height**2 * self.share

    def similarity(self, look: FaceEmbedding) -> float:
        """How alike a look is to the most alike of this person's, at most about 1."""
        return max(look.similarity(known) for known in self.looks)


def people_in_image(image: np.ndarray, faces: Sequence[Face]) -> list[Person]:
    """Everybody in a picture, BGR uint8 (h, w, 3), whose faces were found, the largest first."""
    return [
        Person(number, face, (FaceEmbedding.of(image, face),), cut_head(image, face), face.height)
        for number, face in enumerate(faces)
    ]


def people_in_video(
    footage: VideoSource, finder: FaceFinder, keep: Keep | None = None
) -> list[Person]:
    """Everybody in a film whose face is at least 64 px high, who is seen most first.

    keep: is given each frame that is looked at, by number, and may keep it.
    """
    return _look_through(footage, finder, footage.sample_frames(), keep) or _look_through(
        footage, finder, _many_places(footage.count), keep
    )


def _look_through(
    footage: VideoSource, finder: FaceFinder, numbers: Sequence[int], keep: Keep | None
) -> list[Person]:
    """Who is seen in these frames."""
    crowd = _Crowd(float(footage.fps))
    frames = prefetch(footage.frames(numbers), PICTURES_AHEAD)
    for number, frame in zip(numbers, frames, strict=True):
        image = frame.bgr()
        if keep is not None:
            keep(number, frame)
        faces = [face for face in finder.find(image) if face.height >= MIN_FACE_HEIGHT]
        crowd.add(number, image, faces)
    return crowd.people(_stand_for(numbers, footage.count))


def _many_places(count: int) -> list[int]:
    """Numbers of frames all over a film, where nobody was seen in the usual ones."""
    return sorted({round(place) for place in np.linspace(0, count - 1, MANY_PLACES)})


def _stand_for(numbers: Sequence[int], count: int) -> dict[int, float]:
    """The part of the film, 0 to 1, that is nearer to each of these frames than to the others."""
    between = [(one + other) / 2 for one, other in zip(numbers, numbers[1:], strict=False)]
    edges = [0.0, *between, float(count)]
    parts = np.diff(edges) / count
    return dict(zip(numbers, parts.tolist(), strict=True))


def other_main_people(person: Person, people: Sequence[Person]) -> list[Person]:
    """The others of whom so much is seen that the film is about them too, not passers-by or
    pictures on the wall."""
    least = PASSING * person.weight
    return [one for one in people if one.number != person.number and one.weight >= least]


def match_identities(
    image: np.ndarray, faces: Sequence[Face], people: Sequence[Person]
) -> list[Person | None]:
    """Which of the people each face of one picture is; nobody is there twice, None is a stranger.

    image: BGR uint8 (h, w, 3); faces: in px of it.
    """
    looks = [FaceEmbedding.of(image, face) for face in faces]
    alike = [[person.similarity(look) for person in people] for look in looks]
    found: list[Person | None] = [None] * len(faces)
    for place, other in best_pairs(np.array(alike).reshape(len(faces), len(people)), LIKENESS):
        found[place] = people[other]
    return found


def best_pairs(alike: np.ndarray, least: float) -> Iterable[tuple[int, int]]:
    """Pairs (row, column) of a matrix, the largest values first, each row and column once."""
    alike = alike.copy()
    while alike.size and alike.max() >= least:
        row, column = np.unravel_index(int(alike.argmax()), alike.shape)
        yield int(row), int(column)
        alike[row], alike[:, column] = -np.inf, -np.inf


def cut_head(image: np.ndarray, face: Face) -> np.ndarray:
    """The head, BGR uint8 (h, w, 3), at most 256 px high, where the picture reaches that far."""
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
    """A person while the film is being looked at."""

    face: Face
    head: np.ndarray
    looks: list[FaceEmbedding]
    sightings: list[tuple[int, Face]] = field(default_factory=list)

    def size(self, parts: Mapping[int, float]) -> float:
        """Px that the face covers, on average over the film."""
        return sum(parts[number] * face.width * face.height for number, face in self.sightings)

    def similarity(self, look: FaceEmbedding) -> float:
        return max(look.similarity(known) for known in self.looks)

    def see(self, number: int, face: Face, look: FaceEmbedding) -> None:
        self.sightings.append((number, face))
        new = not self.looks or self.similarity(look) < NOTHING_NEW
        if new and len(self.looks) < MAX_LOOKS:
            self.looks.append(look)

    def join(self, other: _Member) -> None:
        self.sightings = sorted(self.sightings + other.sightings, key=lambda seen: seen[0])
        self.looks = [*self.looks, *other.looks]
        if self.sightings[0] in other.sightings:
            self.face, self.head = other.face, other.head

    def met(self, other: _Member) -> bool:
        """Whether both are seen in one frame."""
        mine = {number for number, _ in self.sightings}
        return any(number in mine for number, _ in other.sightings)


class _Crowd:
    """Sorts the faces of a film by person."""

    def __init__(self, fps: float) -> None:
        self._members: list[_Member] = []
        self._fps = fps

    def add(self, number: int, image: np.ndarray, faces: Sequence[Face]) -> None:
        looks = [FaceEmbedding.of(image, face) for face in faces]
        alike = [[member.similarity(look) for member in self._members] for look in looks]
        shape = len(faces), len(self._members)
        known = dict(best_pairs(np.array(alike).reshape(shape), LIKENESS))
        for place, (face, look) in enumerate(zip(faces, looks, strict=True)):
            if place not in known:
                self._members.append(_Member(face, cut_head(image, face), []))
            self._members[known.get(place, -1)].see(number, face, look)

    def people(self, parts: Mapping[int, float]) -> list[Person]:
        """Who was seen. parts: how much of the film each frame stands for."""
        self._join_members()
        ranked = sorted(self._members, key=lambda member: -member.size(parts))
        return [self._person(number, member, parts) for number, member in enumerate(ranked)]

    def _join_members(self) -> None:
        """Whoever was taken for two people, because looks between them were seen only later."""
        for member in list(self._members):
            for other in self._members:
                if other is member or other.met(member):
                    continue
                if max(other.similarity(look) for look in member.looks) >= LIKENESS:
                    other.join(member)
                    self._members = [one for one in self._members if one is not member]
                    break

    def _person(self, number: int, member: _Member, parts: Mapping[int, float]) -> Person:
        return Person(
            number=number,
            face=member.face,
            looks=tuple(member.looks),
            head=member.head,
            height=float(np.median([face.height for _, face in member.sightings])),
            share=sum(parts[place] for place, _ in member.sightings),
            first=member.sightings[0][0] / self._fps,
            sightings=tuple(member.sightings),
        )
