"""Pictures with a person's matte as their fourth channel."""

from __future__ import annotations

import cv2
import numpy as np

from lipwright.engines.warp.buffers import RenderBuffers

ATLAS = 2  # enlargement of the picture that frames are sampled from


def mix(seen: np.ndarray, behind: np.ndarray, buffers: RenderBuffers) -> None:
    """Lay BGRA, uint8 (h, w, 4), over what is behind, in place; its fourth channel stays.

    behind: the same, transparent.
    """
    shape, size = seen.shape, seen.shape[:2]
    alpha = cv2.extractChannel(seen, 3, dst=buffers.scratch("alpha", size, np.uint8))
    # its fourth channel is 255, which keeps the matte as it is
    share = buffers.scratch("share", shape, np.uint8)
    cv2.cvtColor(alpha, cv2.COLOR_GRAY2BGRA, dst=share)
    # OpenCV is slow where the kinds of numbers differ: a third of the time of cv2.blendLinear
    front, back, weight = (
        buffers.scratch(name, shape, np.int16) for name in ("front", "back", "weight")
    )
    for wide, narrow in ((front, seen), (back, behind), (weight, share)):
        np.copyto(wide, narrow)
    cv2.subtract(front, back, dst=front)
    cv2.multiply(front, weight, dst=front, scale=1 / 255)
    cv2.add(front, back, dst=front)
    np.copyto(seen, front, casting="unsafe")


def enlarged(picture: np.ndarray) -> np.ndarray:
    """Return a picture, uint8 (h, w) or (h, w, channels), at `ATLAS` times its size."""
    size = (picture.shape[1] * ATLAS, picture.shape[0] * ATLAS)
    if picture.ndim == 2 or picture.shape[2] == 3:
        return cv2.resize(picture, size, interpolation=cv2.INTER_CUBIC)
    colour = cv2.resize(picture[..., :3], size, interpolation=cv2.INTER_CUBIC)
    alpha = cv2.resize(picture[..., 3], size, interpolation=cv2.INTER_LINEAR)
    return np.dstack([colour, alpha])


def with_alpha(picture: np.ndarray, alpha: np.ndarray | int) -> np.ndarray:
    """Return BGRA of a BGR picture, uint8 (h, w, 3); alpha: uint8 (h, w), or one for all."""
    return np.dstack([picture, np.broadcast_to(np.uint8(alpha), picture.shape[:2])])


def packed(picture: np.ndarray) -> np.ndarray:
    """Return BGRA, uint8 (h, w, 4), as int32 (h, w) over the same memory."""
    packed: np.ndarray = picture.view(np.int32)[..., 0]
    return packed
