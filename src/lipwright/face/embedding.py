"""Face embeddings: enough to tell the people of one video apart.

An embedding describes eyes, brows and nose without brightness, colour and coarse shadows. It was
measured on 15 speakers of GRID (189 frames): the threshold was chosen on eight of them, the rates
are those of the other seven. Every two frames of one recording had at least SIMILARITY_THRESHOLD
(median 0.99), and so had 98.8 % of the pairs from two recordings of one speaker (median 0.97) and
1.5 % of the pairs from two speakers (median 0.75).
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from lipwright.face.face import Face

SIMILARITY_THRESHOLD = 0.86
"""From this similarity on two embeddings are of one person."""
FREE_TURN, TURN_COST, MAX_TURN_COST = 5.0, 0.009, 0.16
"""Degrees of difference in yaw that cost no similarity, the cost of each further degree, and the
largest such cost that is made up for: different people lose similarity with yaw as well."""
CROP_SIZE = 32  # px
LARGEST_REDUCTION = 100.0
SPARE = 2.5  # px of the image per px of the crop at least in which it is blurred
FINE, COARSE = 1.2, 6.0  # sigmas, px: other detail says little about identity
EYES_APART, EYES_DOWN = 19.8, 10.2  # px of the crop: distance and height of the outer eye corners
# outer eye corners apart, from their middle: eyes, bridge and base of the nose, cheeks, forehead
# and temples, which speech leaves alone (the mean over those speakers, made symmetric)
PLACES = {
    33: (-0.5, 0.0), 263: (0.5, 0.0), 133: (-0.19, 0.02), 362: (0.19, 0.02), 168: (0.0, -0.04),
    6: (0.0, 0.06), 197: (0.0, 0.15), 195: (0.0, 0.23), 2: (0.0, 0.58), 98: (-0.2, 0.55),
    327: (0.2, 0.55), 50: (-0.54, 0.41), 280: (0.54, 0.41), 10: (0.0, -0.63), 109: (-0.21, -0.63),
    338: (0.21, -0.63), 127: (-0.79, 0.05), 356: (0.79, 0.05), 234: (-0.78, 0.23),
    454: (0.78, 0.23), 105: (-0.48, -0.27), 334: (0.48, -0.27), 117: (-0.6, 0.21),
    346: (0.6, 0.21),
}  # fmt: skip


class FaceEmbedding(NamedTuple):
    """The embedding of a face in one image, with the yaw of the head."""

    features: np.ndarray
    """float32 (1024,) of `embed_face`."""
    yaw: float
    """Degrees."""

    @classmethod
    def of(cls, image: np.ndarray, face: Face) -> FaceEmbedding:
        """Embed a face. image: BGR uint8 (h, w, 3); face: in px of it."""
        return cls(embed_face(image, face), face.pose[0])

    def similarity(self, other: FaceEmbedding) -> float:
        """Return the similarity, at most about 1; from SIMILARITY_THRESHOLD on it is one person."""
        turned = max(0.0, abs(self.yaw - other.yaw) - FREE_TURN)
        forgiven = min(MAX_TURN_COST, TURN_COST * turned)
        return float(self.features @ other.features) + forgiven


def embed_face(image: np.ndarray, face: Face) -> np.ndarray:
    """Return the embedding of a face: float32 (1024,) of length 1 and mean 0.

    image: BGR uint8 (h, w, 3); face: in px of it.
    """
    window, corner = _around(image, face)
    matrix = _to_crop(face.landmarks[:, :2] - corner)
    grey = cv2.cvtColor(window, cv2.COLOR_BGR2GRAY)
    reduction = 1 / max(float(np.hypot(*matrix[0, :2])), 1 / LARGEST_REDUCTION)
    if reduction > 1.4:
        grey, matrix = _blurred(grey, matrix, 0.45 * reduction, int(reduction / SPARE))
    size = (CROP_SIZE, CROP_SIZE)
    grey = cv2.warpAffine(grey, matrix, size, borderMode=cv2.BORDER_REPLICATE).astype(np.float32)
    features = (
        cv2.GaussianBlur(grey, (0, 0), FINE) - cv2.GaussianBlur(grey, (0, 0), COARSE)
    ).ravel()
    features -= features.mean()
    return features / max(float(np.linalg.norm(features)), 1e-6)


def _blurred(
    grey: np.ndarray, matrix: np.ndarray, spread: float, times: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return a grey image, uint8 (h, w), blurred, and the matrix from its px to those of the crop.

    spread: px, a Gaussian's standard deviation; times: by how many it may be reduced first.
    """
    times = min(times, *grey.shape)
    if times > 1:
        height, width = (length // times for length in grey.shape)
        grey = cv2.resize(
            grey[: height * times, : width * times], (width, height), interpolation=cv2.INTER_AREA
        )
        middle = (times - 1) / 2
        matrix = np.c_[matrix[:, :2] * times, matrix[:, :2] @ [middle, middle] + matrix[:, 2]]
        # squares of so many px are as wide as that already
        spread = float(np.sqrt(spread**2 - (times**2 - 1) / 12)) / times
    return cv2.GaussianBlur(grey, (0, 0), spread), matrix


def _around(image: np.ndarray, face: Face) -> tuple[np.ndarray, np.ndarray]:
    """Return the part of an image that an embedding is computed from, and its origin (x, y)."""
    height, width = image.shape[:2]
    x0, y0, x1, y1 = face.box
    room = 0.2 * face.height
    left, top = (min(max(0, int(v - room)), size - 1) for v, size in ((x0, width), (y0, height)))
    right, bottom = max(left + 1, int(x1 + room)), max(top + 1, int(y1 + room))
    return image[top:bottom, left:right], np.array([left, top])


def _to_crop(landmarks: np.ndarray) -> np.ndarray:
    """Return float32 (2, 3): the least-squares similarity transform from px to px of the crop.

    landmarks: (478, 2) px. Proportions are kept because they are part of the embedding.
    """
    places = np.array(list(PLACES.values())) * EYES_APART + [CROP_SIZE / 2, EYES_DOWN]
    seen = landmarks[list(PLACES)].astype(np.float64)
    from_middle, wanted = (points - points.mean(0) for points in (seen, places))
    z, w = (points @ [1, 1j] for points in (from_middle, wanted))
    turn = np.vdot(z, w) / max(float(np.vdot(z, z).real), 1e-9)
    matrix = np.array([[turn.real, -turn.imag], [turn.imag, turn.real]])
    affine: np.ndarray = np.c_[matrix, places.mean(0) - matrix @ seen.mean(0)].astype(np.float32)
    return affine
