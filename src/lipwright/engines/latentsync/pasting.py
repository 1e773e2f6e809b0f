"""Faces taken out of frames, and what was drawn put back: as the pipeline does it, or the authors.

Each object serves one person in one run of frames.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
import torch

from lipwright.engines.base import Patch, SourceFrame
from lipwright.engines.latentsync.alignment import align, three_points
from lipwright.engines.latentsync.official_image import cut_face, face_box, restore_face


class Paster(Protocol):
    """Knows where a face stands."""

    def look(self, frame: SourceFrame) -> np.ndarray | None:
        """Return a frame's face, RGB uint8 (size, size, 3); None where it is not seen."""
        ...

    def patch(self, frame: SourceFrame, values: torch.Tensor) -> Patch | None:
        """Return what changes of a frame that was looked at: values (3, size, size) in [-1, 1]."""
        ...


class SoftPaster:
    """The pipeline cuts out, and blends the lower face in."""

    def look(self, frame: SourceFrame) -> np.ndarray | None:
        """Return the crop, RGB uint8 (size, size, 3): see `Paster`."""
        return None if frame.crop is None else frame.crop.pixels[..., ::-1]

    def patch(self, frame: SourceFrame, values: torch.Tensor) -> Patch | None:
        """Return the crop redrawn: see `Paster`."""
        shown = (values / 2 + 0.5).clamp(0, 1) * 255
        return Patch(np.ascontiguousarray(shown.permute(1, 2, 0).numpy()[..., ::-1]))


class OfficialPaster:
    """Alignment, smoothing and paste of the authors; the smoothing begins anew with each shot."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._bias: np.ndarray | None = None
        self._shot: int | None = None
        self._matrices: dict[int, np.ndarray] = {}

    def look(self, frame: SourceFrame) -> np.ndarray | None:
        """Return the face as the authors lay it out, RGB uint8 (size, size, 3): see `Paster`."""
        if frame.face is None:
            return None
        if frame.shot != self._shot:
            self._shot, self._bias, self._matrices = frame.shot, None, {}
        found = align(three_points(frame.face.landmarks), self._size, self._bias)
        if face_box(found.matrix, self._size, frame.image.shape[:2]) is None:
            return None
        self._bias = found.bias
        self._matrices[frame.number] = found.matrix
        return cut_face(frame.image[..., ::-1], found.matrix, self._size)

    def patch(self, frame: SourceFrame, values: torch.Tensor) -> Patch | None:
        """Return the part of the picture in which the face lies: see `Paster`."""
        return official_patch(frame.image, self._matrices.pop(frame.number), values, self._size)


class StillOfficialPaster(OfficialPaster):
    """The same for a picture, whose face stays where it is."""

    def __init__(self, size: int, matrix: np.ndarray) -> None:
        """matrix: float32 (2, 3), from px of the picture to px of the aligned face."""
        super().__init__(size)
        self._matrix = matrix

    def patch(self, frame: SourceFrame, values: torch.Tensor) -> Patch | None:
        """Return the part of the picture in which the face lies: see `Paster`."""
        return official_patch(frame.image, self._matrix, values, self._size)


def official_patch(
    image: np.ndarray, matrix: np.ndarray, values: torch.Tensor, size: int
) -> Patch | None:
    """Return what the authors' paste changes of a picture; None where it is outside.

    Args:
        image: BGR uint8 (h, w, 3).
        matrix: by which the face was cut out.
        values: (3, size, size): RGB in [-1, 1].
        size: 256 or 512.
    """
    restored = restore_face(values, matrix, size, image.shape[:2])
    if restored is None:
        return None
    share = restored.share[..., None]
    before = image[restored.box.slices]
    after = share * restored.pixels[..., ::-1] + (1 - share) * before
    return Patch(after.clip(0, 255).astype(np.uint8), restored.box.box)
