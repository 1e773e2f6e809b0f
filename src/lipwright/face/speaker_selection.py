"""Speaker selection: which person of an image or a video speaks."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lipwright.core.errors import FaceError, UsageError
from lipwright.face.embedding import SIMILARITY_THRESHOLD, FaceEmbedding
from lipwright.face.face import Face
from lipwright.face.finder import MIN_FACE_HEIGHT, FaceFinder, find_faces
from lipwright.face.identities import Person, match_identities, other_main_people, people_in_image
from lipwright.face.tracker import nearest

WIDEST_YAW = 30.0
LEAST_LIKENESS = 0.5
"""Similarity below which what was found is no face of the person, however turned or blurred: an
eye or a shoulder that looks like a face has 0.2 to 0.46, other people most often 0.75."""
LEAST_FOLLOWED = 0.3
"""The same for what is where the person's face was in the frame before."""
BESIDE = 0.25
"""Of a face's size: so far beside its box a place still means that face."""
CHOICES = "auto, a number from 0, X,Y in px, or name=reference.jpg"

log = logging.getLogger("lipwright")

SpeakerLike = int | str | tuple[float, float]
"""How to name a speaker: "auto", a number (0 is the largest), a place (x, y) in px or as
text, or "name=reference.jpg"."""


@dataclass(frozen=True)
class Speaker:
    """A speaker as the caller chose it; all fields None is `auto`."""

    number: int | None = None
    place: tuple[float, float] | None = None
    name: str = ""
    reference: Path | None = None

    @classmethod
    def of(cls, given: SpeakerLike | Speaker) -> Speaker:
        """Parse a speaker. Raises UsageError for what names nobody."""
        if isinstance(given, Speaker):
            return given
        if isinstance(given, str):
            return _read(given)
        if isinstance(given, tuple) and len(given) == 2:
            return cls(place=(float(given[0]), float(given[1])))
        if isinstance(given, int) and not isinstance(given, bool) and given >= 0:
            return cls(number=given)
        raise _nobody(given)

    @property
    def is_auto(self) -> bool:
        """Whether the caller left the choice open."""
        return self == Speaker()

    def __str__(self) -> str:
        if self.place is not None:
            return ",".join(f"{value:g}" for value in self.place)
        if self.reference is not None:
            return f"{self.name}={self.reference}"
        return "auto" if self.number is None else str(self.number)


def choose_face(
    image: np.ndarray,
    speaker: SpeakerLike | None,
    name: str,
    finder: FaceFinder | None = None,
) -> Face:
    """Return the face that speaks.

    image: BGR uint8 (h, w, 3). speaker: None is "auto", the largest face, with a notice in the log
    where there are several. name: of the image, for messages. Raises FaceError where there is no
    such face or it is less than 64 px high.
    """
    people = people_in_image(image, find_faces(image, finder))
    return choose_person(people, Speaker.of("auto" if speaker is None else speaker), name).face


def choose_person(people: Sequence[Person], speaker: Speaker, name: str) -> Person:
    """Return the chosen one of these people; `auto` is the first.

    name: of the image or video, for messages. Raises FaceError where there is no such person, or
    where the face is too small.
    """
    if not people:
        raise FaceError(
            f"No human face was found in {name}: use a picture in which a person's face is seen "
            "from the front."
        )
    person = _find(people, speaker, name)
    if speaker.is_auto and len(people) > 1:
        log.info(
            "%s has %d faces: the largest speaks, choose another speaker from 0 to %d "
            '("lipwright faces" shows them)',
            name,
            len(people),
            len(people) - 1,
        )
    if person.height < MIN_FACE_HEIGHT:
        raise FaceError(
            f"The face in {name} is only {person.height:.0f} px high: use a picture in which it "
            f"has at least {MIN_FACE_HEIGHT} px."
        )
    yaw = abs(person.face.pose[0])
    if yaw > WIDEST_YAW and not person.sightings:  # in a video a head turns back again
        log.warning(
            "the head in %s is turned by %.0f degrees; beyond %.0f the mouth may look wrong",
            name,
            yaw,
            WIDEST_YAW,
        )
    return person


def check_different(chosen: Sequence[tuple[Speaker, Person]]) -> None:
    """Raise UsageError where two speakers are the same person."""
    seen: dict[int, Speaker] = {}
    for speaker, person in chosen:
        if person.number in seen:
            raise UsageError(
                f"{seen[person.number]} and {speaker} are one person, number {person.number}: "
                "give each person one speech."
            )
        seen[person.number] = speaker


class FollowPerson:
    """Tells a tracker which face is the person to follow: a `Choose`.

    That is the face most similar to this person, and less similar to any other person there. Where
    nobody is similar enough it is the one that was followed so far, unless it is somebody else's;
    and in a video of one person it is the likeliest face that could be the person's: there the
    person is hardly ever lost.
    """

    def __init__(self, person: Person, people: Sequence[Person]) -> None:
        self._person, self._people = person, people
        self._alone = not other_main_people(person, people)

    def __call__(
        self, image: np.ndarray, faces: Sequence[Face], last: Face | None = None
    ) -> Face | None:
        """Return the person's face in an image, BGR uint8 (h, w, 3); None: it is not there.

        last: the face in the frame before.
        """
        named = list(zip(faces, match_identities(image, faces, self._people), strict=True))
        for face, who in named:
            if who is not None and who.number == self._person.number:
                return face
        unknown = [face for face, who in named if who is None]
        followed = nearest(unknown, last)
        if followed is not None and self._likeness(image, followed) >= LEAST_FOLLOWED:
            return followed
        if not self._alone:
            return None
        likely = max(unknown, key=lambda face: self._likeness(image, face), default=None)
        is_possible = likely is not None and self._likeness(image, likely) >= LEAST_LIKENESS
        return likely if is_possible else None

    def _likeness(self, image: np.ndarray, face: Face) -> float:
        return self._person.similarity(FaceEmbedding.of(image, face))


def _read(text: str) -> Speaker:
    stripped = text.strip()
    if stripped == "auto":
        return Speaker()
    if re.fullmatch(r"\d{1,6}", stripped):
        return Speaker(number=int(stripped))
    number = r"-?\d{1,7}(?:\.\d+)?"
    place = re.fullmatch(rf"({number})\s*,\s*({number})", stripped)
    if place:
        return Speaker(place=(float(place[1]), float(place[2])))
    name, _, reference = stripped.partition("=")
    if name and reference:
        return Speaker(name=name, reference=Path(reference))
    raise _nobody(text)


def _nobody(given: object) -> UsageError:
    return UsageError(f'"{given}" is no speaker: give {CHOICES}.')


def _find(people: Sequence[Person], speaker: Speaker, name: str) -> Person:
    if speaker.place is not None:
        return _find_at(people, speaker.place, name)
    if speaker.reference is not None:
        return _find_alike(people, speaker.reference, name)
    number = speaker.number or 0
    if number >= len(people):
        count = "only 1 face" if len(people) == 1 else f"{len(people)} faces"
        raise FaceError(
            f"Speaker {number} was asked for but {name} has {count}: choose a number from 0 (the "
            f'largest) to {len(people) - 1} ("lipwright faces {name}" shows them).'
        )
    return people[number]


def _find_at(people: Sequence[Person], place: tuple[float, float], name: str) -> Person:
    def off(person: Person) -> float:
        """Return how far outside the face's box the place is, in its sizes."""
        x0, y0, x1, y1 = person.face.box
        other_main_people = (
            max(x0 - place[0], place[0] - x1, 0),
            max(y0 - place[1], place[1] - y1, 0),
        )
        return float(np.hypot(*other_main_people)) / person.face.height

    def apart(person: Person) -> float:
        return float(np.hypot(*np.subtract(person.place, place)))

    near = [person for person in people if off(person) <= BESIDE]
    if not near:
        x, y = place
        faces = "; ".join(f"{p.number} at {p.place[0]},{p.place[1]}" for p in people[:8])
        raise FaceError(f"There is no face at {x:g},{y:g} in {name}: choose one of {faces}.")
    return min(near, key=lambda person: (off(person), apart(person)))


def _find_alike(people: Sequence[Person], reference: Path, name: str) -> Person:
    from lipwright.media.image.read import read_image

    image = read_image(reference)
    faces = find_faces(image)
    if not faces:
        raise FaceError(
            f"No human face was found in {reference}: use a picture in which a person's face is "
            "seen from the front."
        )
    embedding = FaceEmbedding.of(image, faces[0])
    best = max(people, key=lambda person: person.similarity(embedding))
    if best.similarity(embedding) < SIMILARITY_THRESHOLD:
        raise FaceError(
            f"Nobody in {name} is similar enough to {reference}: choose number {best.number}, "
            'the most similar, or another number that "lipwright faces" shows.'
        )
    return best
