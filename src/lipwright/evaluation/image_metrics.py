"""Image quality of a video: detail around the mouth, and pixels that must not change."""

from __future__ import annotations

import cv2
import numpy as np

from lipwright.evaluation.mouth_metrics import LEFT_CORNER, RIGHT_CORNER
from lipwright.face.face import Face
from lipwright.face.landmark_indices import LIPS

OUTER_LIP = list(LIPS[:20])
INNER_ORDER = [
    78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308, 324, 318, 402, 317, 14, 87, 178, 88, 95,
]  # fmt: skip
AROUND_MOUTH = 0.3  # mouth widths of skin around the lips that are looked at
RIM = 0.06  # mouth widths around the parting of the lips that are not
MIN_OUTSIDE = 0.02
"""Share of the picture; with less outside the moving box nothing is said about it."""
PEAK = 255.0


class FrameProbe:
    """Measures every frame of a video during tracking; pass `visit` to `track_video`."""

    def __init__(
        self,
        portrait: np.ndarray | None = None,
        dirty_box: tuple[int, int, int, int] | None = None,
    ) -> None:
        """Start without frames.

        portrait: BGR uint8 (h, w, 3), with which the frames are compared outside `dirty_box` (px).
        """
        self._details: list[float] = []
        self._error, self._pixels = 0.0, 0
        self._portrait = portrait
        self._outside: np.ndarray | None = None
        if portrait is not None and dirty_box is not None:
            x0, y0, x1, y1 = dirty_box
            outside = np.ones(portrait.shape[:2], bool)
            outside[max(0, y0) : y1, max(0, x0) : x1] = False
            if outside.mean() >= MIN_OUTSIDE:
                self._outside = outside

    def visit(self, number: int, image: np.ndarray, face: Face | None) -> None:
        """Measure one frame, BGR uint8 (h, w, 3), and the face in it."""
        detail = float("nan") if face is None else mouth_detail(image, face.landmarks)
        self._details.append(detail)
        outside, portrait = self._outside, self._portrait
        if outside is not None and portrait is not None and image.shape == portrait.shape:
            difference = image[outside].astype(np.float32) - portrait[outside]
            self._error += float((difference**2).sum(dtype=np.float64))
            self._pixels += difference.size

    @property
    def details(self) -> np.ndarray:
        """The detail around the mouth of every frame so far: float64 (T,), see `mouth_detail`."""
        return np.array(self._details)

    @property
    def outside_psnr(self) -> float:
        """PSNR in dB of all pixels outside the dirty box, over all frames; NaN without any."""
        if not self._pixels:
            return float("nan")
        return float(10 * np.log10(PEAK**2 / max(self._error / self._pixels, 1e-3)))


def mouth_detail(image: np.ndarray, landmarks: np.ndarray) -> float:
    """Return the standard deviation of the Laplacian around the mouth, grey levels.

    image: BGR uint8 (h, w, 3); landmarks: float32 (478, 3), px.

    The parting of the lips and the inside of the mouth are left out, so that an open mouth has no
    more detail than a closed one. Variance of the Laplacian as a measure of focus: Pech-Pacheco et
    al. (2000), "Diatom autofocusing in brightfield microscopy".
    """
    lips = landmarks[OUTER_LIP, :2]
    unit = float(np.linalg.norm(landmarks[LEFT_CORNER, :2] - landmarks[RIGHT_CORNER, :2]))
    low = np.maximum(np.floor(lips.min(axis=0) - AROUND_MOUTH * unit), 0).astype(int)
    high = np.ceil(lips.max(axis=0) + AROUND_MOUTH * unit).astype(int)
    part = image[low[1] : high[1], low[0] : high[0]]
    if min(part.shape[:2]) < 8:
        return float("nan")
    grey = cv2.cvtColor(part, cv2.COLOR_BGR2GRAY).astype(np.float32)
    kept = np.ones(grey.shape, np.uint8)
    parting = np.round(landmarks[INNER_ORDER, :2] - low).astype(np.int32)
    cv2.fillPoly(kept, [parting], 0)
    cv2.polylines(kept, [parting], True, 0, max(1, round(2 * RIM * unit)))
    return float(cv2.Laplacian(grey, cv2.CV_32F)[kept > 0].std())


def sharpness(details: np.ndarray, source: float) -> float:
    """Return the median over the frames of their detail, float64 (T,), over the portrait's."""
    known = details[np.isfinite(details)]
    return float(np.median(known) / source) if len(known) and source > 0 else float("nan")


def detail_error(real: np.ndarray, ours: np.ndarray) -> float:
    """Return the mean |log2| of the ratio of two details, float64 (T,), at the same moments."""
    both = np.isfinite(real) & np.isfinite(ours) & (real > 0) & (ours > 0)
    return float(np.abs(np.log2(ours[both] / real[both])).mean()) if both.any() else float("nan")
