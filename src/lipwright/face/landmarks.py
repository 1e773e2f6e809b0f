"""478 landmarks of a face: the attention mesh (Grishchenko et al. 2020) on ONNX Runtime."""

from __future__ import annotations

from math import atan2
from typing import Any, NamedTuple

import cv2
import numpy as np

from lipwright.core.once import Once
from lipwright.face.detector import Detection
from lipwright.face.image_pyramid import ImagePyramid, RotatedSquare, transform_points
from lipwright.face.landmark_indices import (
    LEFT_IRIS,
    LIPS,
    PICTURE_LEFT_EYE,
    PICTURE_RIGHT_EYE,
    RIGHT_IRIS,
)
from lipwright.face.networks import open_session

INPUT_SIZE = 192
# how much larger than the face the network's view is
ROOM_AROUND = 1.5
REFINED_REGIONS = {
    "output_lips": LIPS,
    "output_left_eye": PICTURE_LEFT_EYE,
    "output_right_eye": PICTURE_RIGHT_EYE,
    "output_left_iris": LEFT_IRIS,
    "output_right_iris": RIGHT_IRIS,
}


class _Network(NamedTuple):
    session: Any
    outputs: list[str]
    """Their names, in order."""


class LandmarkNetwork:
    """The landmark network, opened at the first face. Several threads may use it at once."""

    def __init__(self, threads: int = 2) -> None:
        self._threads = threads
        self._network = Once[_Network]()

    def locate(self, pyramid: ImagePyramid, view: RotatedSquare) -> tuple[np.ndarray, float]:
        """Return landmarks, float32 (478, 3) in px of the image, and the score [0, 1] of a face."""
        session, outputs = self._network.get(self._open)
        crop = pyramid.crop(view, INPUT_SIZE, cv2.BORDER_REPLICATE)
        tensor = cv2.cvtColor(crop, cv2.COLOR_BGR2RGB)[None].astype(np.float32)
        tensor /= 255
        values = dict(zip(outputs, session.run(None, {"image": tensor}), strict=True))
        points = np.zeros((478, 3), np.float32)
        points[:468] = values["output_mesh_identity"].reshape(468, 3)
        for output, indices in REFINED_REGIONS.items():
            points[list(indices), :2] = values[output].reshape(-1, 2)
        points[468:, 2] = np.repeat(_eye_depths(points), 5)
        points[:, :2] = transform_points(view.to_image(INPUT_SIZE), points[:, :2])
        points[:, 2] *= view.side / INPUT_SIZE
        logit = float(values["conv_faceflag"].ravel()[0])
        return points, float(1 / (1 + np.exp(-np.clip(logit, -80, 80))))

    def _open(self) -> _Network:
        session = open_session("face_landmarks.onnx", self._threads)
        return _Network(session, [output.name for output in session.get_outputs()])


def view_of_detection(detection: Detection) -> RotatedSquare:
    """Return the view in which to find the landmarks of a detected face."""
    return RotatedSquare(
        float(detection.centre[0]),
        float(detection.centre[1]),
        detection.side * ROOM_AROUND,
        detection.roll,
    )


def view_of_landmarks(landmarks: np.ndarray) -> RotatedSquare:
    """Return the view in which to refine roughly known landmarks, float32 (478, 3) in px."""
    across = landmarks[263, :2] - landmarks[33, :2]
    angle = atan2(across[1], across[0])
    upright = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    points = landmarks[:468, :2] @ upright.T
    low, high = points.min(axis=0), points.max(axis=0)
    centre = upright.T @ ((low + high) / 2)
    side = float((high - low).max()) * ROOM_AROUND
    return RotatedSquare(float(centre[0]), float(centre[1]), side, angle)


def _eye_depths(points: np.ndarray) -> np.ndarray:
    """Give each iris, which comes without depth, the mean depth of its eye's corners."""
    return np.array([points[[33, 133], 2].mean(), points[[263, 362], 2].mean()])
