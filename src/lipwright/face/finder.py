"""Faces of a picture, and the one that shall speak."""

from __future__ import annotations

import logging

import numpy as np

from lipwright.errors import FaceError
from lipwright.face.base import Face
from lipwright.face.crops import Picture, Square
from lipwright.face.detect import FaceDetector, overlap
from lipwright.face.landmarks import LandmarkNetwork, view_of_detection, view_of_landmarks
from lipwright.face.pose import estimate_pose

MIN_PRESENCE = 0.5
MIN_FACE_HEIGHT = 64
WIDEST_YAW = 30.0
# we promise 45 degrees; what seems to lie on its side is seldom a face
WIDEST_ROLL = 70.0
# two answers that share this part of the smaller one are the same face
SAME_FACE = 0.5

logger = logging.getLogger("lipwright")


class FaceFinder:
    """Finds faces; keeps its two networks open between pictures (not between processes)."""

    def __init__(self, threads: int = 2) -> None:
        """threads: how many the networks may use."""
        self._detector = FaceDetector(threads)
        self._landmarks = LandmarkNetwork(threads)

    def find(self, image: np.ndarray) -> list[Face]:
        """All faces of a BGR uint8 (h, w, 3) image, the largest first; [] when there are none."""
        picture = Picture(_checked(image))
        faces: list[Face] = []
        for detections, trusted_side in self._detector.search(picture):
            for detection in detections:
                face = self._describe(picture, view_of_detection(detection))
                if face is not None and not any(_is_same(face, other) for other in faces):
                    faces.append(face)
            if any(face.width >= trusted_side for face in faces):
                break
        return sorted(faces, key=lambda face: -face.width * face.height)

    def refine(self, image: np.ndarray, face: Face) -> Face | None:
        """The face in the next picture of a film: one landmark pass from where it just was.

        None when there is no face there any more.
        """
        picture = Picture(_checked(image))
        landmarks, score = self._landmarks.locate(picture, view_of_landmarks(face.landmarks))
        return make_face(landmarks, score) if score >= MIN_PRESENCE else None

    def _describe(self, picture: Picture, view: Square) -> Face | None:
        """Landmarks from a rough view, then twice from the landmarks themselves."""
        for _ in range(3):
            landmarks, score = self._landmarks.locate(picture, view)
            if score < MIN_PRESENCE:
                return None
            view = view_of_landmarks(landmarks)
        face = make_face(landmarks, score)
        return face if abs(face.pose[2]) <= WIDEST_ROLL else None


def find_faces(image: np.ndarray, finder: FaceFinder | None = None) -> list[Face]:
    """All faces of a BGR uint8 (h, w, 3) image, the largest first; [] when there are none.

    finder: reuse one when you look at many pictures; opening its networks takes about 0.1 s.
    """
    return (finder or FaceFinder()).find(image)


def choose_face(
    image: np.ndarray, index: int | None, name: str, finder: FaceFinder | None = None
) -> Face:
    """The face that shall speak.

    image: BGR uint8 (h, w, 3). index: 1 is the largest face, 2 the next one; None takes the
    largest, with a notice in the log when there are several. name: what to call the picture in
    messages. Raises FaceError when there is no such face or it is less than 64 px high.
    """
    faces = find_faces(image, finder)
    if not faces:
        raise FaceError(
            f"No face was found in {name}: use a picture in which a face is seen from the front."
        )
    if index is not None and not 1 <= index <= len(faces):
        count = "only 1 face" if len(faces) == 1 else f"{len(faces)} faces"
        raise FaceError(
            f"Face {index} was asked for but {name} has {count}: choose a number from 1 (the "
            f"largest) to {len(faces)}."
        )
    if index is None and len(faces) > 1:
        logger.info(
            "%s has %d faces: the largest speaks, choose another with --face 1 to %d",
            name,
            len(faces),
            len(faces),
        )
    face = faces[(index or 1) - 1]
    if face.height < MIN_FACE_HEIGHT:
        raise FaceError(
            f"The face in {name} is only {face.height:.0f} px high: use a picture in which it has "
            f"at least {MIN_FACE_HEIGHT} px."
        )
    if abs(face.pose[0]) > WIDEST_YAW:
        logger.warning(
            "the head in %s is turned by %.0f degrees; beyond %.0f the mouth may look wrong",
            name,
            abs(face.pose[0]),
            WIDEST_YAW,
        )
    return face


def _checked(image: np.ndarray) -> np.ndarray:
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or not image.size:
        raise TypeError(f"a BGR uint8 (h, w, 3) image is needed, not {image.dtype} {image.shape}")
    return image


def make_face(landmarks: np.ndarray, score: float) -> Face:
    """A face of landmarks float32 (478, 3) in px: its box and pose follow from them."""
    low = landmarks[:468, :2].min(axis=0)
    high = landmarks[:468, :2].max(axis=0)
    box = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
    return Face(landmarks, estimate_pose(landmarks), box, score)


def _is_same(face: Face, other: Face) -> bool:
    def centred(one: Face) -> np.ndarray:
        x0, y0, x1, y1 = one.box
        return np.array([(x0 + x1) / 2, (y0 + y1) / 2, x1 - x0, y1 - y0])

    return bool(overlap(centred(face), centred(other)[None])[0] > SAME_FACE)
