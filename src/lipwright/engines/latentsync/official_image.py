"""What the authors' program does to pictures before and after its networks, in float32.

Pixel values of networks are RGB in [-1, 1], channels first.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor

import cv2
import numpy as np
import torch
import torch.nn.functional as F

from lipwright.core.rect import Rect
from lipwright.engines.latentsync.alignment import aligned_size

OUTSIDE = 127.0
"""The grey level of what lies outside the picture."""
MARGIN = 2
"""px around a face's place in the picture."""


def cut_face(image: np.ndarray, matrix: np.ndarray, size: int) -> np.ndarray:
    """Return a face laid out, uint8 (size, size, 3).

    Args:
        image: uint8 (h, w, 3).
        matrix: float32 (2, 3): from px of the picture to px of the aligned face.
        size: 256 or 512.
    """
    aligned = aligned_face(image, matrix, size)
    return cv2.resize(aligned, (size, size), interpolation=cv2.INTER_LANCZOS4)


def aligned_face(image: np.ndarray, matrix: np.ndarray, size: int) -> np.ndarray:
    """Return a face before it is stretched to a square, uint8 (h, w, 3): see `cut_face`."""
    pixels = torch.from_numpy(np.ascontiguousarray(image)).permute(2, 0, 1)[None].float()
    warped = _warp(pixels - OUTSIDE, _inverse(matrix), aligned_size(size)) + OUTSIDE
    return np.asarray(warped[0].permute(1, 2, 0).to(torch.uint8).numpy())


def pixel_values(faces: np.ndarray) -> torch.Tensor:
    """Return faces, RGB uint8 (f, size, size, 3), as networks want them: (f, 3, size, size)."""
    return torch.from_numpy(faces).permute(0, 3, 1, 2).float() / 127.5 - 1


@dataclass(frozen=True, eq=False)
class Restored:
    """A face back in its picture."""

    box: Rect
    """Where it stands, px."""
    pixels: np.ndarray
    """float32 (h, w, 3) in [0, 255], 0 outside the face."""
    share: np.ndarray
    """float32 (h, w) in [0, 1]: how far it covers the picture."""


def restore_face(
    values: torch.Tensor, matrix: np.ndarray, size: int, picture: tuple[int, int]
) -> Restored | None:
    """Lay a face back into its picture, through a mask with a soft edge.

    Args:
        values: (3, size, size) in [-1, 1], what is kept of the face pasted in already.
        matrix: float32 (2, 3), by which it was cut out.
        size: 256 or 512.
        picture: its height and width in px.

    Returns:
        None where nothing of it is in the picture.
    """
    width, height = aligned_size(size)
    box = face_box(matrix, size, picture)
    if box is None:
        return None
    aligned = F.interpolate(values[None], (height, width), mode="bicubic", antialias=True)
    place = matrix @ np.array([[1, 0, box.x0], [0, 1, box.y0], [0, 0, 1]], np.float64)
    # what lies outside is 127 on a scale from -1 to 1: white
    warped = _warp(aligned - OUTSIDE, place, (box.width, box.height)) + OUTSIDE
    face: np.ndarray = ((warped / 2 + 0.5).clamp(0, 1) * 255)[0].permute(1, 2, 0).numpy()
    inside = _warp(torch.ones(1, 1, height, width), place, (box.width, box.height))
    hard = cv2.erode(inside[0, 0].numpy(), np.ones((2, 2), np.float32))
    edge = int(float(hard.sum()) ** 0.5) // 20
    soft = _soften(hard, edge)
    return Restored(box, hard[..., None] * face, soft)


def face_box(matrix: np.ndarray, size: int, picture: tuple[int, int]) -> Rect | None:
    """Return where an aligned face lies in its picture of (height, width), px; None: outside.

    matrix: float32 (2, 3): from px of the picture to px of the aligned face.
    """
    width, height = aligned_size(size)
    back = cv2.invertAffineTransform(matrix.astype(np.float64))
    corners = np.array([(0, 0), (width, 0), (0, height), (width, height)]) @ back[:, :2].T
    (x0, y0), (x1, y1) = (corners + back[:, 2]).min(axis=0), (corners + back[:, 2]).max(axis=0)
    whole = Rect(0, 0, picture[1], picture[0])
    around = Rect(floor(x0) - MARGIN, floor(y0) - MARGIN, ceil(x1) + MARGIN, ceil(y1) + MARGIN)
    box = around.clipped(whole)
    return box if min(box.width, box.height) > 1 else None


def _soften(hard: np.ndarray, edge: int) -> np.ndarray:
    """A mask drawn in by `edge` px on all sides, and blurred by as much."""
    if edge == 0:
        return hard
    drawn_in = cv2.erode(hard, np.ones((2 * edge, 2 * edge), np.float32))
    length = 2 * edge + 1
    sigma = 0.3 * ((length - 1) * 0.5 - 1) + 0.8
    return cv2.GaussianBlur(
        drawn_in, (length, length), sigma, borderType=cv2.BORDER_REFLECT_101
    ).clip(0, 1)


def _inverse(matrix: np.ndarray) -> np.ndarray:
    return cv2.invertAffineTransform(matrix.astype(np.float64))


def _warp(pixels: torch.Tensor, back: np.ndarray, size: tuple[int, int]) -> torch.Tensor:
    """(1, c, h, w) as seen in a picture of (width, height), bilinear, 0 outside.

    back: float64 (2, 3), from px there to px here.
    """
    width, height = size
    x, y = np.meshgrid(np.arange(width, dtype=np.float64), np.arange(height, dtype=np.float64))
    scale = np.array([max(pixels.shape[3] - 1, 1), max(pixels.shape[2] - 1, 1)]) / 2
    found = np.stack([x, y], axis=-1) @ back[:, :2].T + back[:, 2]
    grid = torch.from_numpy((found / scale - 1).astype(np.float32))[None]
    return F.grid_sample(pixels, grid, mode="bilinear", padding_mode="zeros", align_corners=True)
