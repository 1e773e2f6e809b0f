"""Transparency of images, and of the frames made from them.

A portrait is animated over a plain backdrop, and its transparency is moved along. Both are
resampled alike, so that dividing the backdrop out again (Porter and Duff 1984) gives the image's
own colours up to its very edge.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from lipwright.core.once import Once
from lipwright.core.readonly import freeze, read_only
from lipwright.core.rect import Box
from lipwright.media.image.read import (
    backdrop_of,
    is_transparent,
    opened,
    orientation_of,
    resize,
    turn,
)

WarpPlane = Callable[[np.ndarray], np.ndarray]


SURE = 128
"""Alpha from which a pixel's own colour is known well enough to stand for its neighbours'."""


class Cutout:
    """An image over a plain backdrop, with its transparency."""

    def __init__(
        self, image: np.ndarray, alpha: np.ndarray, backdrop: tuple[int, int, int]
    ) -> None:
        """Hold an image, BGR uint8 (h, w, 3), over the backdrop (b, g, r); alpha: uint8 (h, w)."""
        self.image, self.alpha, self.backdrop = read_only(image), read_only(alpha), backdrop
        self._light = np.array(backdrop, np.float32)
        self._spread_colours = Once[np.ndarray]()
        freeze(self)

    def resized(self, size: tuple[int, int]) -> Cutout:
        """Scale to (width, height)."""
        return Cutout(resize(self.image, size), resize(self.alpha, size), self.backdrop)

    def lift(
        self, frames: Iterable[np.ndarray], warp_plane: WarpPlane, box: Box | None
    ) -> Iterator[np.ndarray]:
        """Yield the frames without their backdrop: BGRA uint8 (h, w, 4), valid until the next.

        frames: BGR uint8 (h, w, 3) over the backdrop. warp_plane: moves a plane as the last frame.
        box: (x0, y0, x1, y1) in px outside which all frames are the same; None: not known. Fully
        transparent pixels get the colours beside them, which compress well and do not bleed.
        """
        lifted: np.ndarray | None = None
        height, width = self.alpha.shape
        hidden = self._spread_colours.get(self._hidden)
        for frame in frames:
            x0, y0, x1, y1 = (0, 0, width, height) if box is None or lifted is None else box
            there = np.s_[y0:y1, x0:x1]
            new = self._lift(frame[there], warp_plane(self.alpha)[there], hidden[there])
            lifted = new if lifted is None else lifted
            lifted[there] = new
            yield lifted

    def _lift(self, frame: np.ndarray, alpha: np.ndarray, hidden: np.ndarray) -> np.ndarray:
        lifted = cv2.merge([*cv2.split(frame), alpha])
        np.copyto(lifted[..., :3], hidden, where=(alpha == 0)[..., None])
        rows, columns = np.nonzero((alpha > 0) & (alpha < 255))
        cover = alpha[rows, columns, None].astype(np.float32) / 255
        own = (frame[rows, columns] - (1 - cover) * self._light) / cover
        lifted[rows, columns, :3] = np.clip(own + 0.5, 0, 255)
        return lifted

    def _hidden(self) -> np.ndarray:
        """Return the image's own colours, extrapolated over its transparent parts."""
        sure = (self.alpha >= SURE).astype(np.float32)
        cover = np.maximum(self.alpha, 1).astype(np.float32)[..., None] / 255
        own = (self.image - (1 - cover) * self._light) / cover
        return _spread(np.clip(own, 0, 255) * sure[..., None], sure).astype(np.uint8)


def read_cutout(source: str | Path | bytes, image: np.ndarray) -> Cutout | None:
    """Return the transparency of a file, or its bytes, read by `read_image` as BGR uint8 (h, w, 3).

    None where the image is opaque. Raises as `read_image`.
    """
    with opened(Path(source) if isinstance(source, str) else source) as picture:
        return cutout_of(picture, image)


def cutout_of(picture: Image.Image, image: np.ndarray) -> Cutout | None:
    """Return the transparency of a picture whose pixels are BGR uint8 (h, w, 3); None if opaque."""
    if not is_transparent(picture):
        return None
    orientation = orientation_of(picture)
    picture.load()
    red, green, blue = backdrop_of(picture)
    alpha = np.asarray(picture.convert("RGBA").getchannel("A"))
    if alpha.min() == 255:
        return None
    return Cutout(image, turn(alpha, orientation), (blue, green, red))


def cut_out(pixels: np.ndarray) -> Cutout:
    """Put BGRA uint8 (h, w, 4) over white."""
    with_alpha = Image.fromarray(pixels)  # the order of colours does not matter here
    white = Image.new("RGBA", with_alpha.size, (255, 255, 255, 255))
    image = np.array(Image.alpha_composite(white, with_alpha).convert("RGB"))
    return Cutout(image, pixels[..., 3].copy(), (255, 255, 255))


def _spread(colour: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Return float32 (h, w, 3): colours known in some places, extrapolated everywhere else.

    colour: float32 (h, w, 3), 0 where the weight (float32, h, w) is 0. Each level of the pyramid
    fills the gaps of the next larger one (pull-push, Gortler et al. 1996).
    """
    height, width = weight.shape
    if max(height, width) == 1:
        return colour / max(float(weight[0, 0]), 1e-6)
    half = (-(-width // 2), -(-height // 2))
    small = (cv2.resize(plane, half, interpolation=cv2.INTER_AREA) for plane in (colour, weight))
    below = cv2.resize(_spread(*small), (width, height), interpolation=cv2.INTER_LINEAR)
    full = np.clip(weight, 0, 1)[..., None]
    known = colour / np.maximum(weight, 1e-6)[..., None]
    colours: np.ndarray = full * known + (1 - full) * below
    return colours
