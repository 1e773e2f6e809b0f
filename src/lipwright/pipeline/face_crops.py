"""Faces aligned and cut out as an engine wants to see them."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from lipwright.core.errors import FaceError
from lipwright.core.rect import Rect
from lipwright.engines.base import CropSpec
from lipwright.face.face import Face

MIN_SIDE = 8  # px: less of a face is not worth drawing


@dataclass(frozen=True, eq=False)
class CroppedFace:
    """A face cut out of a picture."""

    pixels: np.ndarray
    """BGR uint8 (size, size, 3)."""
    box: Rect
    """The part of the picture in which the crop lies, px."""
    matrix: np.ndarray | None = None
    """float64 (2, 3): from px of the picture to px of the crop, pixel centres at whole numbers;
    None where the crop is the box, stretched."""

    @property
    def size(self) -> int:
        """Width and height of the crop in px."""
        return len(self.pixels)

    def restore(self, drawn: np.ndarray) -> np.ndarray:
        """Return a crop, uint8 or float32 (size, size) or (size, size, 3), as it stands in the box.

        Outside the crop it is 0.
        """
        size = self.box.width, self.box.height
        if self.matrix is None:
            return cv2.resize(drawn, size, interpolation=cv2.INTER_CUBIC)
        return cv2.warpAffine(
            drawn,
            self.matrix @ _shift(self.box.x0, self.box.y0),
            size,
            flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
        )

    def reduce(self, part: np.ndarray, size: int) -> np.ndarray:
        """Return a map over the box, float32 (h, w), as it stands in the crop at (size, size)."""
        if self.matrix is None:
            return cv2.resize(part, (size, size), interpolation=cv2.INTER_AREA)
        scale = size / self.size
        to_crop = self.matrix @ _shift(self.box.x0, self.box.y0)
        return cv2.warpAffine(part, _scaled(to_crop, scale), (size, size), flags=cv2.INTER_LINEAR)


def crop_face(image: np.ndarray, face: Face, spec: CropSpec) -> CroppedFace:
    """Cut a face out of a picture.

    Args:
        image: BGR uint8 (h, w, 3).
        face: its landmarks in px of the image.
        spec: size and alignment.

    Raises:
        FaceError: next to nothing of the face is in the picture.
    """
    if spec.template is None:
        box = _face_box(face, image, spec)
        return CroppedFace(shrink(image[box.slices], spec.size, spec.antialias), box)
    matrix = _similarity(face, spec)
    corners = np.array([(x, y) for x in (0, spec.size) for y in (0, spec.size)], np.float64) - 0.5
    back = cv2.invertAffineTransform(matrix)
    box = Rect.around(corners @ back[:, :2].T + back[:, 2] + 0.5).clipped(Rect.whole(image))
    _check_seen(box)
    return CroppedFace(_aligned(image, matrix, spec), box, matrix)


def _face_box(face: Face, image: np.ndarray, spec: CropSpec) -> Rect:
    """The box around a face and its margins, inside the picture."""
    x0, y0, x1, y1 = face.box if spec.around is None else spec.around(face)
    width, height = (x1 - x0, y1 - y0) if spec.margin_unit == "box" else (1, 1)
    left, top, right, bottom = spec.margins
    x0, x1 = x0 - left * width, x1 + right * width
    y0, y1 = y0 - top * height, y1 + bottom * height
    box = Rect(int(x0), int(y0), int(x1), int(y1)).clipped(Rect.whole(image))
    _check_seen(box)
    return box


def _check_seen(box: Rect) -> None:
    if min(box.width, box.height) < MIN_SIDE:
        raise FaceError("The face lies outside the picture: use one in which it is seen whole.")


def shrink(part: np.ndarray, size: int, antialias: bool = True) -> np.ndarray:
    """Return a part of a picture, BGR uint8 (h, w, 3), at (size, size, 3).

    antialias: whether what is made smaller is averaged.
    """
    smaller = min(part.shape[:2]) > size
    method = cv2.INTER_AREA if smaller and antialias else cv2.INTER_LINEAR
    return cv2.resize(part, (size, size), interpolation=method)


def _aligned(image: np.ndarray, matrix: np.ndarray, spec: CropSpec) -> np.ndarray:
    scale = float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))
    if spec.antialias and scale < 0.7:
        image = cv2.GaussianBlur(image, (0, 0), 0.4 / scale)
    size = (spec.size, spec.size)
    return cv2.warpAffine(
        image, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )


def _similarity(face: Face, spec: CropSpec) -> np.ndarray:
    """float64 (2, 3): rotation, scale and shift that bring the face to the template.

    Least squares over the template's points (Umeyama 1991, without reflection), before what is
    narrower or wider than high is stretched to a square.
    """
    assert spec.template is not None
    groups = [face.landmarks[list(group), :2].mean(axis=0) for group, _ in spec.template]
    points = np.array(groups, np.float64) - 0.5
    seen = np.array([spec.size * spec.aspect, spec.size])
    wanted = np.array([place for _, place in spec.template], np.float64) * seen - 0.5
    # a similarity is a complex factor and a shift
    here, there = points @ [1, 1j], wanted @ [1, 1j]
    off = here - here.mean()
    factor = (off.conj() @ (there - there.mean())) / max(float((off.conj() @ off).real), 1e-9)
    shift = there.mean() - factor * here.mean()
    matrix = np.array(
        [[factor.real, -factor.imag, shift.real], [factor.imag, factor.real, shift.imag]]
    )
    matrix[0] /= spec.aspect
    matrix[0, 2] += 0.5 / spec.aspect - 0.5  # pixel centres stand at whole numbers
    return matrix


def _shift(x: float, y: float) -> np.ndarray:
    """A shift by (x, y), to be applied first."""
    return np.array([[1, 0, x], [0, 1, y], [0, 0, 1]], np.float64)


def _scaled(matrix: np.ndarray, scale: float) -> np.ndarray:
    """A transform into px of a crop that is `scale` times as large."""
    scaled = matrix * scale
    scaled[:, 2] += 0.5 * (scale - 1)  # pixel centres stand at whole numbers
    return scaled
