"""Letters on a dark band, drawn once and laid over frames."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np

from lipwright.core.rect import Box
from lipwright.media.video.color import even_box
from lipwright.media.video.yuv_frame import YuvFrame

Picture = np.ndarray | YuvFrame

BAND = 170
"""How dark the band behind the letters is, of 255: over white, white letters still have a contrast
of 7 to 1, as success criterion 1.4.6 (AAA) of WCAG 2.2 asks for text of any size."""


class Overlay(NamedTuple):
    """Something drawn that is laid over frames."""

    box: Box
    keep: np.ndarray
    """uint16 (h, w, 1): what is kept of the frame, of 255."""
    ink: np.ndarray
    """uint16 (h, w, 1): what is added to each colour, times 255."""


def overlay(left: int, top: int, letters: np.ndarray, band: np.ndarray) -> Overlay:
    """Return white letters on a black band, its corner at (left, top) px.

    letters, band: uint8 (h, w), how much either covers.
    """
    height, width = letters.shape
    alpha = letters.astype(np.uint16)[..., None]
    keep = (255 - alpha) * (255 - band.astype(np.uint16)[..., None]) // 255
    return Overlay((left, top, left + width, top + height), keep, alpha * 255)


@contextmanager
def laid_over(frame: np.ndarray, patch: Overlay) -> Iterator[None]:
    """Lay an overlay over BGR or BGRA uint8 (h, w, channels) for as long as the block runs."""
    x0, y0, x1, y1 = patch.box
    region = frame[y0:y1, x0:x1]
    untouched = region.copy()
    region[:] = _mixed(untouched, patch)
    try:
        yield
    finally:
        region[:] = untouched


def printed(frame: YuvFrame, patch: Overlay) -> YuvFrame:
    """Lay an overlay over a frame in planes, for good, or over a copy of one that is `lent`."""
    box = even_box(patch.box, *frame.size)
    if box is None:
        return frame
    frame = frame.copy() if frame.lent else frame
    window = frame.window(box)
    before = window.copy()
    x0, y0, x1, y1 = patch.box
    region = window[y0 - box[1] : y1 - box[1], x0 - box[0] : x1 - box[0]]
    region[:] = _mixed(region, patch)
    frame.put(box, window, before)
    return frame


def _mixed(region: np.ndarray, patch: Overlay) -> np.ndarray:
    if region.shape[2] == 4:
        return _mixed_see_through(region, patch)
    mixed = region * patch.keep + patch.ink + 128
    divided: np.ndarray = (mixed + (mixed >> 8)) >> 8
    return divided


def _mixed_see_through(region: np.ndarray, patch: Overlay) -> np.ndarray:
    """Blend over BGRA, visible also where the image is transparent (Porter and Duff)."""
    keep = patch.keep.astype(np.float32) / 255
    below = region[..., 3:] * keep
    cover = 255 - (255 - region[..., 3:]) * keep
    colour = (region[..., :3] * below + patch.ink * np.float32(1)) / np.maximum(cover, 1)
    return np.concatenate([colour, cover], axis=2).round().astype(np.uint8)
