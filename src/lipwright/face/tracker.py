"""Track one face through a video: landmarks without jitter and without lag, frame by frame.

The detector runs at the start, after cuts, and where the face was lost; in between the landmarks
of one frame tell the next where to look. A few frames are held back, so that smoothing can look
ahead as far as it looks back (Savitzky and Golay 1964), and so that a face that is found late is
followed backwards to where it came in.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

import cv2
import numpy as np

from lipwright.core.rect import Box
from lipwright.face.embedding import embed_face
from lipwright.face.face import Face
from lipwright.face.finder import MIN_FACE_HEIGHT, FaceFinder, make_face
from lipwright.face.landmark_indices import (
    LEFT_IRIS,
    LIPS,
    PICTURE_LEFT_EYE,
    PICTURE_RIGHT_EYE,
    RIGHT_IRIS,
)
from lipwright.face.landmarks import INPUT_SIZE, view_of_landmarks
from lipwright.media.video.color import even_box
from lipwright.media.video.yuv_frame import YuvFrame

REACH = 4
"""Frames on either side over which the head is smoothed."""
FAST_REACH = 2
"""The same for lips and eyes, which move faster than heads."""
SEARCH_EVERY = 4
"""Frames between two searches while there is no face."""
CUT = 26.0  # grey levels by which two frames differ on average
JUMP = 0.3  # of the face's width: further in one frame no head goes
THUMBNAIL = (32, 18)  # px
SAME_FACE = 0.9
"""Similarity from which two successive frames show one person (on GRID at least 0.977, and at
most 0.854 where a face was followed across a cut to somebody else)."""
THINNED = 2  # only each so-many-th px of each so-many-th row goes into a thumbnail
FAST = sorted({*LIPS, *PICTURE_LEFT_EYE, *PICTURE_RIGHT_EYE, *LEFT_IRIS, *RIGHT_IRIS})


HALF_DIAGONAL = 0.75  # of a square, in sides, and some room
ROOM = 0.95
"""From a face's middle to the edges of its window, in parts of its longer side."""

Choose = Callable[[np.ndarray, Sequence[Face]], Face | None]
"""Choose the face to follow from those (the largest first) of a BGR image; None for none."""


@dataclass(frozen=True, eq=False)
class TrackedFrame:
    """A frame of a video, with the tracked face in a window around it."""

    image: np.ndarray
    """BGR uint8 (h, w, 3): the face and what is around it; empty where there is none."""
    face: Face | None
    """In px of the window; None where the face is not seen."""
    shot: int
    """Number of the shot; it grows at every cut and where the face was gone."""
    box: Box
    """(x0, y0, x1, y1) in px: the window in the frame."""
    whole: YuvFrame
    """The frame itself."""
    covered: float = 0.0
    """How far the mouth is to be left alone because something is before it, [0, 1]."""

    @classmethod
    def of(cls, frame: YuvFrame, face: Face | None, shot: int = 0) -> TrackedFrame:
        """Cut the window around a face. face: in px of the frame."""
        box = _window_of(face, frame) if face is not None else None
        if face is None or box is None:
            return cls(np.empty((0, 0, 3), np.uint8), None, shot, (0, 0, 0, 0), frame)
        return cls(frame.window(box), face.moved(-box[0], -box[1]), shot, box, frame)

    def towards(self, other: TrackedFrame, share: float) -> TrackedFrame:
        """Return the frame with its face moved by `share` of the way to where the other has it.

        It stays where it is unless both have tracked the same face.
        """
        if self.face is None or other.face is None:
            return self
        mine, theirs = (one.face.moved(*one.box[:2]) for one in (self, other) if one.face)
        if _jumped(mine, theirs):
            return self
        landmarks = mine.landmarks + np.float32(share) * (theirs.landmarks - mine.landmarks)
        moved = TrackedFrame.of(self.whole, make_face(landmarks, mine.score), self.shot)
        return replace(moved, covered=self.covered)


@dataclass
class _Entry:
    frame: YuvFrame
    face: Face | None
    shot: int
    """Smoothing does not reach across shots."""


def largest(image: np.ndarray, faces: Sequence[Face]) -> Face | None:
    """Choose the largest face: a `Choose`. image: BGR uint8 (h, w, 3)."""
    return faces[0] if faces else None


class FaceTracker:
    """Tracks one face through a video."""

    def __init__(
        self, finder: FaceFinder | None = None, choose: Choose = largest, shot: int = 0
    ) -> None:
        """Prepare tracking from the first frame on.

        choose: called at the start, after cuts, and where the face was lost. shot: number of the
        first shot.
        """
        self._finder = finder or FaceFinder()
        self._choose = choose
        self._shot = shot
        self._last: Face | None = None
        self._last_embedding: np.ndarray | None = None
        self._thumbnail: np.ndarray | None = None
        self._since_search = SEARCH_EVERY

    def track(self, frames: Iterable[YuvFrame]) -> Iterator[TrackedFrame]:
        """Yield the frames of a video with the face in each, in order, some frames late.

        Each frame needs memory of its own.
        """
        entries: deque[_Entry] = deque()
        ready = 0  # of the entries, that many were given already and only serve to smooth
        for frame in frames:
            entries.append(_Entry(frame, *self._look(frame)))
            self._follow_back(entries, ready)
            if len(entries) > ready + REACH:
                yield _smoothed(entries, ready)
                ready += 1
            if ready > REACH:
                entries.popleft()
                ready -= 1
        while ready < len(entries):
            yield _smoothed(entries, ready)
            ready += 1

    def _look(self, frame: YuvFrame) -> tuple[Face | None, int]:
        """Return the face in the next frame, and the number of the shot."""
        thumbnail = _thumbnail(frame)
        cut = self._thumbnail is not None and _differs(thumbnail, self._thumbnail)
        self._thumbnail = thumbnail
        found = None
        if self._last is not None and not cut:
            found = self._refine(frame, self._last)
            if found is not None and _is_another(found[1], self._last_embedding):
                cut, found = True, None
        if found is None and (cut or self._last is not None or self._since_search >= SEARCH_EVERY):
            found = self._search(frame, None if cut else self._last)
            self._since_search = 0
        self._since_search += 1
        face, embedding = found or (None, None)
        if cut or (face is not None and (self._last is None or _jumped(face, self._last))):
            self._shot += 1
        self._last, self._last_embedding = face, embedding
        return face, self._shot

    def _refine(self, frame: YuvFrame, face: Face) -> tuple[Face, np.ndarray] | None:
        """Return the face near where it just was, and its embedding."""
        view = view_of_landmarks(face.landmarks)
        reduced = 1 << max(0, int(np.log2(max(view.side / INPUT_SIZE, 1.0))))
        box = _square_box(view.centre_x, view.centre_y, view.side * HALF_DIAGONAL, frame)
        if box is None:
            return None
        across, down = ((box[i + 2] - box[i]) // reduced * reduced for i in (0, 1))
        box = (box[0], box[1], box[0] + across, box[1] + down)
        seen = face.moved(-box[0], -box[1]).scaled(1 / reduced, 1 / reduced)
        window = frame.window(box, reduced)
        found = self._finder.refine(window, seen)
        if found is None:
            return None
        embedding = embed_face(window, found)
        return found.scaled(reduced, reduced).moved(box[0], box[1]), embedding

    def _search(self, frame: YuvFrame, last: Face | None) -> tuple[Face, np.ndarray] | None:
        """Return the face to track and its embedding: where it just was, else the chosen one."""
        image = frame.bgr()
        # somebody known may be out of focus or in motion here
        found = self._finder.find(image, any_face=True)
        faces = [f for f in found if f.height >= MIN_FACE_HEIGHT]
        near = [] if last is None else [f for f in faces if not _jumped(f, last)]
        if last is not None and near:
            face: Face | None = min(near, key=lambda f: _distance(f, last))
        else:
            face = self._choose(image, faces)
        return None if face is None else (face, embed_face(image, face))

    def _follow_back(self, entries: deque[_Entry], ready: int) -> None:
        """Look for a newly found face in earlier frames, as far as they are still held."""
        newest = entries[-1]
        if newest.face is None:
            return
        face, embedding, later = newest.face, self._last_embedding, newest
        for entry in list(entries)[ready:-1][::-1]:
            if entry.face is not None or _differs(_thumbnail(entry.frame), _thumbnail(later.frame)):
                return
            found = self._refine(entry.frame, face)
            if found is None or _jumped(found[0], face) or _is_another(found[1], embedding):
                return
            (face, embedding), later = found, entry
            entry.face, entry.shot = face, newest.shot


def _is_another(embedding: np.ndarray, before: np.ndarray | None) -> bool:
    """Return whether a face is another person than the one in the frame before."""
    return before is not None and float(embedding @ before) < SAME_FACE


def _smoothed(entries: deque[_Entry], place: int) -> TrackedFrame:
    """Return the frame at `place`, its landmarks fitted by parabolas through those around it."""
    entry = entries[place]
    if entry.face is None:
        return TrackedFrame.of(entry.frame, None, entry.shot)
    landmarks = _fitted(entries, place, REACH)
    landmarks[FAST] = _fitted(entries, place, FAST_REACH)[FAST]
    return TrackedFrame.of(entry.frame, make_face(landmarks, entry.face.score), entry.shot)


def _fitted(entries: deque[_Entry], place: int, reach: int) -> np.ndarray:
    """Return float32 (478, 3): landmarks of the frame at `place`, smoothed over its own shot."""
    shot = entries[place].shot
    before, after = (_same_shot(entries, place, direction, reach, shot) for direction in (-1, 1))
    weights = _weights(before, after)
    fitted: np.ndarray = np.zeros((478, 3), np.float32)
    for weight, neighbour in zip(weights, range(place - before, place + after + 1), strict=True):
        face = entries[neighbour].face
        assert face is not None
        fitted += weight * face.landmarks
    return fitted


def _same_shot(entries: deque[_Entry], place: int, step: int, reach: int, shot: int) -> int:
    """Count the frames on one side that belong to the same shot and show the face."""
    count = 0
    while count < reach:
        neighbour = place + step * (count + 1)
        if not 0 <= neighbour < len(entries):
            break
        if entries[neighbour].face is None or entries[neighbour].shot != shot:
            break
        count += 1
    return count


@cache
def _weights(before: int, after: int) -> np.ndarray:
    """Return the weights, float32 (n,), that give a fitted parabola's value at the frame itself.

    The parabola is fitted to the frames from `before` earlier to `after` later.
    """
    times = np.arange(-before, after + 1, dtype=np.float64)
    degree = 2 if len(times) > 3 else min(1, len(times) - 1)
    powers = np.vander(times, degree + 1, increasing=True)
    weights: np.ndarray = np.linalg.pinv(powers)[0].astype(np.float32)
    return weights


def _window_of(face: Face, frame: YuvFrame) -> Box | None:
    """Return the box around a face; None where the face is outside the frame."""
    x0, y0, x1, y1 = face.box
    return _square_box((x0 + x1) / 2, (y0 + y1) / 2, ROOM * max(face.width, face.height), frame)


def _square_box(x: float, y: float, reach: float, frame: YuvFrame) -> Box | None:
    edges = (int(x - reach), int(y - reach), int(x + reach), int(y + reach))
    return even_box(edges, *frame.size)


def _thumbnail(frame: YuvFrame) -> np.ndarray:
    coarse = np.ascontiguousarray(frame.luma[::THINNED, ::THINNED])
    return cv2.resize(coarse, THUMBNAIL, interpolation=cv2.INTER_AREA).astype(np.float32)


def _differs(thumbnail: np.ndarray, other: np.ndarray) -> bool:
    return float(np.abs(thumbnail - other).mean()) > CUT


def _jumped(face: Face, last: Face) -> bool:
    return _distance(face, last) > JUMP * max(face.width, last.width)


def _distance(face: Face, other: Face) -> float:
    """Return px between the middles of two faces, plus the difference of their sizes."""
    first, second = (np.array(one.box) for one in (face, other))
    middle = np.abs((first[:2] + first[2:]) - (second[:2] + second[2:])) / 2
    return float(np.hypot(*middle) + abs(face.height - other.height))
