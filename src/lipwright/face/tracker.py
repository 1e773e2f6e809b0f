"""Track one face through a video: landmarks without jitter and without lag, frame by frame.

The detector runs at the start, after cuts, where the face was lost, and where it suddenly has
another look; in between the landmarks of one frame tell the next where to look. Cuts are found from
the picture alone: how fast a head turns says nothing about them. A few frames are held back, so
that smoothing can look ahead as far as it looks back, and so that a face that is found late is
followed backwards to where it came in.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np

from lipwright.core.left_alone import LeftAlone
from lipwright.core.neighbours import with_neighbours
from lipwright.core.rect import Box
from lipwright.face.embedding import embed_face
from lipwright.face.face import Face
from lipwright.face.finder import MIN_FACE_HEIGHT, FaceFinder, make_face
from lipwright.face.person_look import Texture, texture_of
from lipwright.face.refinement import refine_face, square_box
from lipwright.face.smoothing import REACH, smoothed
from lipwright.media.video.cuts import find_cuts
from lipwright.media.video.yuv_frame import YuvFrame

SEARCH_EVERY = 4
"""Frames between two searches while there is no face."""
JUMP = 0.3  # of the face's width: further apart, two faces of one frame are two people's
NEAR = 0.8
"""Of the face's width: further a head does not go from one frame to the next."""
SAME_FACE = 0.9
"""Similarity from which two successive frames show one person for sure (on GRID at least 0.977,
and at most 0.854 where a face was followed across a cut to somebody else)."""


class Room(NamedTuple):
    """Where the window of a face is, in parts of the face's longer side."""

    half: float
    """From the middle of the window to its edges."""
    lower: float
    """How far below the middle of the face that of the window is."""


ROOM = Room(0.95, 0.0)
"""Holds any crop of a face."""
CLOSE = Room(0.75, 0.2)
"""Holds all that moves with a mouth: reaches as far below the face, but not above it."""

Choose = Callable[[np.ndarray, Sequence[Face], Face | None], Face | None]
"""Choose the face to follow from those (the largest first) of a BGR image; None for none.

The last argument is the face where it was followed up to the frame before, None without one.
"""


@dataclass(frozen=True, eq=False)
class TrackedFrame:
    """A frame of a video, with the tracked face in a window around it."""

    image: np.ndarray
    """BGR uint8 (h, w, 3): the face and what is around it; empty where there is none."""
    face: Face | None
    """In px of the window; None where the face is not seen."""
    shot: int
    """Number of the shot; it grows at every cut."""
    box: Box
    """(x0, y0, x1, y1) in px: the window in the frame."""
    whole: YuvFrame
    """The frame itself."""
    missing: LeftAlone = LeftAlone.NO_FACE
    """Why there is no face, where there is none."""
    covered: float = 0.0
    """How far the mouth is to be left alone because something is before it, [0, 1]."""
    room: Room = ROOM
    """Where its window is."""

    @cached_property
    def texture(self) -> Texture | None:
        """Of the lower face, by which covered mouths are told; None without a face."""
        return None if self.face is None else texture_of(self.image, self.face)

    @classmethod
    def of(
        cls,
        frame: YuvFrame,
        face: Face | None,
        shot: int = 0,
        missing: LeftAlone = LeftAlone.NO_FACE,
        room: Room = ROOM,
    ) -> TrackedFrame:
        """Cut the window around a face. face: in px of the frame; missing: why there is none."""
        box = _window_of(face, frame, room) if face is not None else None
        if face is None or box is None:
            return cls(np.empty((0, 0, 3), np.uint8), None, shot, (0, 0, 0, 0), frame, missing)
        there = face.moved(-box[0], -box[1])
        return cls(frame.window(box), there, shot, box, frame, room=room)

    def towards(self, other: TrackedFrame, share: float) -> TrackedFrame:
        """Return the frame with its face moved by `share` of the way to where the other has it.

        It stays where it is unless both have tracked the same face.
        """
        if self.face is None or other.face is None:
            return self
        mine, theirs = (one.face.moved(*one.box[:2]) for one in (self, other) if one.face)
        if not is_near(mine, theirs):
            return self
        landmarks = mine.landmarks + np.float32(share) * (theirs.landmarks - mine.landmarks)
        face = make_face(landmarks, mine.score)
        moved = TrackedFrame.of(self.whole, face, self.shot, room=self.room)
        return replace(moved, covered=self.covered)


@dataclass
class _Entry:
    frame: YuvFrame
    face: Face | None
    shot: int
    """Smoothing does not reach across shots."""
    missing: LeftAlone


def largest(image: np.ndarray, faces: Sequence[Face], last: Face | None = None) -> Face | None:
    """Choose the face that was followed, else the largest: a `Choose`.

    image: BGR uint8 (h, w, 3).
    """
    return nearest(faces, last) or (faces[0] if faces else None)


def nearest(faces: Sequence[Face], last: Face | None) -> Face | None:
    """Return the face that may be the one of the frame before, None without such."""
    near = [] if last is None else [face for face in faces if is_near(face, last, NEAR)]
    return min(near, key=lambda face: _distance(face, last), default=None) if last else None


class FaceTracker:
    """Tracks one face through a video."""

    def __init__(
        self,
        finder: FaceFinder | None = None,
        choose: Choose = largest,
        shot: int = 0,
        room: Room = ROOM,
    ) -> None:
        """Prepare tracking from the first frame on.

        choose: called at the start, after cuts, and where the face was lost. shot: number of the
        first shot. room: for the face's window.
        """
        self._finder = finder or FaceFinder()
        self._choose = choose
        self._shot, self._room = shot, room
        self._last: Face | None = None
        self._last_embedding: np.ndarray | None = None
        self._since_search = SEARCH_EVERY
        self._missing = LeftAlone.NO_FACE

    def track(self, frames: Iterable[YuvFrame]) -> Iterator[TrackedFrame]:
        """Yield the frames of a video with the face in each, in order, some frames late.

        Each frame needs memory of its own.
        """
        entries = (self._entry(frame, cut) for frame, cut in find_cuts(frames))
        for around, place in with_neighbours(entries, REACH, self._follow_back):
            yield _smoothed(around, place, self._room)

    def _entry(self, frame: YuvFrame, cut: bool) -> _Entry:
        face = self._look(frame, cut)
        return _Entry(frame, face, self._shot, self._missing)

    def _look(self, frame: YuvFrame, cut: bool) -> Face | None:
        """Return the face in the next frame."""
        if cut:
            self._shot += 1
            self._last = self._last_embedding = None
            self._since_search = SEARCH_EVERY
        found = self._refine(frame, self._last) if self._last is not None else None
        is_sure = found is not None and not _is_another(found[1], self._last_embedding)
        if not is_sure and (self._last is not None or self._since_search >= SEARCH_EVERY):
            found = self._search(frame, self._last, found and found[0])
            self._since_search = 0
        self._since_search += 1
        self._last, self._last_embedding = found or (None, None)
        return self._last

    def _refine(self, frame: YuvFrame, face: Face) -> tuple[Face, np.ndarray] | None:
        """Return the face near where it just was, and its embedding."""
        found = refine_face(self._finder, frame, face)
        return found and (found.face, embed_face(found.window, found.seen))

    def _search(
        self, frame: YuvFrame, last: Face | None, refined: Face | None
    ) -> tuple[Face, np.ndarray] | None:
        """Return the face to track and its embedding.

        last: the face in the frame before; refined: what is now where it was, whoever it is.
        """
        image = frame.bgr()
        # somebody known may be out of focus or in motion here
        found = self._finder.find(image, any_face=True)
        faces = [face for face in found if face.height >= MIN_FACE_HEIGHT]
        if refined is not None and not any(is_near(face, refined) for face in faces):
            faces.append(refined)  # turned too far, or moving too fast, for the detector
        face = self._choose(image, faces, last)
        if face is None:
            self._missing = self._why_missing(image, found)
            return None
        return face, embed_face(image, face)

    def _why_missing(self, image: np.ndarray, found: Sequence[Face]) -> LeftAlone:
        """Return why none of the faces that were found is followed."""
        human = [face for face in found if self._finder.is_human(image, face)]
        if not human:
            return LeftAlone.NO_FACE
        large = any(face.height >= MIN_FACE_HEIGHT for face in human)
        return LeftAlone.OTHER_PERSON if large else LeftAlone.TOO_SMALL

    def _follow_back(self, entries: deque[_Entry], ready: int) -> None:
        """Look for a newly found face in earlier frames, as far as they are still held."""
        newest = entries[-1]
        if newest.face is None:
            return
        face, embedding = newest.face, self._last_embedding
        for entry in list(entries)[ready:-1][::-1]:
            if entry.face is not None or entry.shot != newest.shot:
                return
            found = self._refine(entry.frame, face)
            if found is None or not is_near(found[0], face) or _is_another(found[1], embedding):
                return
            face, embedding = found
            entry.face = face


def _is_another(embedding: np.ndarray, before: np.ndarray | None) -> bool:
    """Return whether a face is another person than the one in the frame before."""
    return before is not None and float(embedding @ before) < SAME_FACE


def _smoothed(entries: deque[_Entry], place: int, room: Room) -> TrackedFrame:
    """Return the frame at `place`, its face smoothed over those around it."""
    entry = entries[place]
    if entry.face is None:
        return TrackedFrame.of(entry.frame, None, entry.shot, entry.missing)
    before, after = (_same_shot(entries, place, direction) for direction in (-1, 1))
    face = smoothed(before[::-1], entry.face, after)
    return TrackedFrame.of(entry.frame, face, entry.shot, room=room)


def _same_shot(entries: deque[_Entry], place: int, step: int) -> list[Face]:
    """Return the faces on one side, the nearest first, while the shot shows the face."""
    faces: list[Face] = []
    for distance in range(1, REACH + 1):
        neighbour = place + step * distance
        if not 0 <= neighbour < len(entries):
            break
        face = entries[neighbour].face
        if face is None or entries[neighbour].shot != entries[place].shot:
            break
        faces.append(face)
    return faces


def _window_of(face: Face, frame: YuvFrame, room: Room) -> Box | None:
    """Return the box around a face; None where the face is outside the frame."""
    x0, y0, x1, y1 = face.box
    side = max(face.width, face.height)
    middle = (x0 + x1) / 2, (y0 + y1) / 2 + room.lower * side
    return square_box(*middle, room.half * side, frame)


def is_near(face: Face, other: Face, reach: float = JUMP) -> bool:
    """Return whether two faces are about the same place and size. reach: in widths of the face."""
    return _distance(face, other) <= reach * max(face.width, other.width)


def _distance(face: Face, other: Face) -> float:
    """Return px between the middles of two faces, plus the difference of their sizes."""
    first, second = (np.array(one.box) for one in (face, other))
    middle = np.abs((first[:2] + first[2:]) - (second[:2] + second[2:])) / 2
    return float(np.hypot(*middle) + abs(face.height - other.height))
