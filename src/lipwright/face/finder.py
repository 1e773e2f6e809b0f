"""Faces of a picture."""

from __future__ import annotations

import numpy as np

from lipwright.face.detector import FaceDetector, overlap
from lipwright.face.face import Face
from lipwright.face.head_pose import estimate_pose
from lipwright.face.image_pyramid import Picture, Square
from lipwright.face.landmarks import LandmarkNetwork, view_of_detection, view_of_landmarks

MIN_PRESENCE = 0.5
MIN_FACE_HEIGHT = 64
# we promise 45 degrees; what seems to lie on its side is seldom a face
WIDEST_ROLL = 70.0
# two answers that share this part of the smaller one are the same face
SAME_FACE = 0.5


class FaceFinder:
    """Finds faces; keeps its two networks open between pictures (not between processes).

    Any number of threads may use one at the same time.
    """

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
