"""Find the faces of an image: detection, then landmarks, the right way up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from lipwright.face.detector import QUARTER_TURNS, Detection, FaceDetector, overlap
from lipwright.face.face import Face
from lipwright.face.head_pose import estimate_pose
from lipwright.face.image_pyramid import ImagePyramid, RotatedSquare
from lipwright.face.landmarks import LandmarkNetwork, view_of_detection, view_of_landmarks
from lipwright.face.plausibility import is_plausible

MIN_PRESENCE = 0.5
MIN_FACE_HEIGHT = 64
# we promise 45 degrees; what seems to lie on its side is seldom a face
WIDEST_ROLL = 70.0
# so much larger than the landmarks' view is that in which a face is judged, and that in which it is
# looked for another way round
JUDGED_ROOM, TURNED_ROOM = 1.2, 1.75
# the detector's score of a face seen upright, 0.85 to 0.96 where landmarks are right; 0.77 at most
# where they lie on a face the wrong way round, 0.86 where they lie askew: from SURE on no other way
# round is looked for (20 portraits at 12 rolls)
SURE, LIKELY = 0.87, 0.85
# how sure it must be of another way round, and how much surer, both added: 0.93 and more on turned
# portraits, blurred, dark and noisy ones too; at most 0.91 on upright ones, masked up to the nose
CLEARLY = 0.92
# share of the landmarks inside the image from which a face counts as whole: the score of one that
# the edge cuts off is too low, and then only a likely face may replace it
WHOLE = 0.95
# landmarks that differ by less in roll (degrees) are those of one way round
SAME_ROLL = 20.0
# of the smaller one: two ways round of one face share at least this part
SAME_PLACE = 0.2
# two answers that share this part of the smaller one are the same face
SAME_FACE = 0.5


@dataclass(frozen=True)
class _Judged:
    """A face, and how sure the detector is that it stands as its landmarks say, [0, 1]."""

    face: Face
    sureness: float

    @property
    def is_likely(self) -> bool:
        return self.sureness >= LIKELY


class FaceFinder:
    """Finds faces; keeps its two networks open between images (not between processes).

    Several threads may use one at the same time.
    """

    def __init__(self, threads: int = 2, smallest: float = 0.0) -> None:
        """Open the networks at the first image.

        threads: how many they may use. smallest: px; where no larger face is seen, faces of at
        least this height are looked for, and no time is spent on smaller ones.
        """
        self._smallest = smallest
        self._detector = FaceDetector(threads)
        self._landmarks = LandmarkNetwork(threads)

    def find(self, image: np.ndarray, any_roll: bool = False, any_face: bool = False) -> list[Face]:
        """Return all human faces of a BGR uint8 (h, w, 3) image, the largest first; [] without any.

        any_roll: also find faces on their side or upside down, which takes longer where there is no
        upright face. Otherwise heads may lean by up to 70 degrees. any_face: also return what may
        be an animal's face, or a person's in a very blurred image.
        """
        pyramid = ImagePyramid(_checked(image))
        searches = self._detector.search(pyramid, self._smallest)
        judged = self._search(pyramid, searches, any_face=any_face)
        if not any_roll:
            judged = [one for one in judged if not is_turned(one.face)]
        else:
            likely = [one for one in judged if one.is_likely]
            if not any(one.face.height >= MIN_FACE_HEIGHT for one in likely):
                searches = self._detector.search_turned(pyramid)
                found = self._search(pyramid, searches, turned=True, any_face=any_face)
                likely = _different([*likely, *found])
            if any(is_turned(one.face) for one in likely):
                judged = likely  # the rest was found in parts of faces that are upside down
        return sorted((one.face for one in judged), key=lambda face: -face.width * face.height)

    def refine(self, image: np.ndarray, face: Face) -> Face | None:
        """Return the face in the next frame of a video: one landmark pass from where it just was.

        image: BGR uint8 (h, w, 3). None where the face is gone or leans by more than 70 degrees.
        """
        pyramid = ImagePyramid(_checked(image))
        landmarks, score = self._landmarks.locate(pyramid, view_of_landmarks(face.landmarks))
        if score < MIN_PRESENCE:
            return None
        found = make_face(landmarks, score)
        return None if is_turned(found) else found

    def is_human(self, image: np.ndarray, face: Face) -> bool:
        """Return whether a face that was found in an image is likely to be a person's.

        image: BGR uint8 (h, w, 3).
        """
        pyramid = ImagePyramid(_checked(image))
        return self._is_human(pyramid, self._judge(pyramid, face))

    def _search(
        self,
        pyramid: ImagePyramid,
        searches: Iterable[tuple[list[Detection], float]],
        *,
        turned: bool = False,
        any_face: bool,
    ) -> list[_Judged]:
        """Return the distinct faces of ever closer searches, each the right way up.

        turned: the searches are for faces that are not upright, which must be likely. any_face: as
        for `find`.
        """
        faces: list[Face] = []
        judged: list[_Judged] = []
        for detections, trusted_side in searches:
            for detection in detections:
                face = self._describe(pyramid, view_of_detection(detection))
                if face is None or any(_is_same(face, other) for other in faces):
                    continue
                if turned or not is_turned(face):
                    one, least = self._righted(pyramid, face), LIKELY if turned else 0.0
                else:
                    one, least = self._judge(pyramid, face), SURE
                if one.sureness >= least and (any_face or self._is_human(pyramid, one)):
                    faces.append(face)
                    judged.append(one)
            if any(face.width >= trusted_side for face in faces):
                break
        return _different(judged)

    def _righted(self, pyramid: ImagePyramid, face: Face) -> _Judged:
        """Return the face, or its upright counterpart where its landmarks are upside down."""
        seen = self._judge(pyramid, face)
        if seen.sureness >= SURE:
            return seen
        found: list[_Judged] = []
        view = view_of_landmarks(face.landmarks).larger(TURNED_ROOM)
        for turn in QUARTER_TURNS:
            for detection in self._detector.detect_in(pyramid, view.turned(turn)):
                other = self._describe(pyramid, view_of_detection(detection))
                if other is not None and _is_other_way_round(face, other):
                    found.append(self._judge(pyramid, other))
        best = max(found, key=lambda one: one.sureness, default=seen)
        clear = best.sureness + (best.sureness - seen.sureness) >= CLEARLY
        return best if clear and (best.is_likely or _is_whole(pyramid, face)) else seen

    def _judge(self, pyramid: ImagePyramid, face: Face) -> _Judged:
        view = view_of_landmarks(face.landmarks).larger(JUDGED_ROOM)
        return _Judged(face, self._detector.sureness(pyramid, view))

    def _is_human(self, pyramid: ImagePyramid, one: _Judged) -> bool:
        # of what is no person's face hardly any is that sure, and most faces are
        return one.sureness >= SURE or is_plausible(self._detector, pyramid, one.face)

    def _describe(self, pyramid: ImagePyramid, view: RotatedSquare) -> Face | None:
        """Find landmarks from a rough view, then twice from the landmarks themselves."""
        for _ in range(3):
            landmarks, score = self._landmarks.locate(pyramid, view)
            if score < MIN_PRESENCE:
                return None
            view = view_of_landmarks(landmarks)
        return make_face(landmarks, score)


def find_faces(image: np.ndarray, finder: FaceFinder | None = None) -> list[Face]:
    """Return all human faces of a BGR uint8 (h, w, 3) image, at any roll, the largest first.

    finder: reuse one for many images; opening its networks takes about 0.1 s.
    """
    return (finder or FaceFinder()).find(image, any_roll=True)


def _checked(image: np.ndarray) -> np.ndarray:
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or not image.size:
        raise TypeError(f"a BGR uint8 (h, w, 3) image is needed, not {image.dtype} {image.shape}")
    return image


def make_face(landmarks: np.ndarray, score: float) -> Face:
    """Make a face of landmarks, float32 (478, 3) in px: its box and pose follow from them."""
    low = landmarks[:468, :2].min(axis=0)
    high = landmarks[:468, :2].max(axis=0)
    box = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
    return Face(landmarks, estimate_pose(landmarks), box, score)


def is_turned(face: Face) -> bool:
    """Return whether a face lies on its side or is upside down."""
    return abs(face.pose[2]) > WIDEST_ROLL


def _is_same(face: Face, other: Face) -> bool:
    return _shared(face, other) > SAME_FACE


def _is_other_way_round(face: Face, other: Face) -> bool:
    leaning = abs((face.pose[2] - other.pose[2] + 180) % 360 - 180)
    return leaning > SAME_ROLL and _shared(face, other) > SAME_PLACE


def _different(judged: Iterable[_Judged]) -> list[_Judged]:
    """Drop faces that repeat an earlier one."""
    kept: list[_Judged] = []
    for one in judged:
        if not any(_is_same(one.face, other.face) for other in kept):
            kept.append(one)
    return kept


def _is_whole(pyramid: ImagePyramid, face: Face) -> bool:
    x, y = face.landmarks[:468, :2].T
    inside = (x > 0) & (y > 0) & (x < pyramid.width) & (y < pyramid.height)
    return float(inside.mean()) >= WHOLE


def _shared(face: Face, other: Face) -> float:
    """Return the shared part of the smaller box."""

    def centred(one: Face) -> np.ndarray:
        x0, y0, x1, y1 = one.box
        return np.array([(x0 + x1) / 2, (y0 + y1) / 2, x1 - x0, y1 - y0])

    return float(overlap(centred(face), centred(other)[None])[0])
