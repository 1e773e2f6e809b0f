"""Pictures as programs have them: files, bytes, open files, arrays, Pillow's images."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np
from PIL import Image

from lipwright.core.errors import UsageError
from lipwright.core.given import check_is_path, describe, read_bytes
from lipwright.media.image.alpha import Cutout, cut_out, cutout_of, read_cutout
from lipwright.media.image.read import GIVEN, check_size, orientation_of, read_image, to_bgr, turn

if TYPE_CHECKING:
    from lipwright.core.given import PictureLike

WANTED = "the path of a picture, its bytes, an open binary file, a Pillow image, or BGR uint8"


class GivenPicture(NamedTuple):
    """A picture that was read."""

    name: str
    """For messages."""
    image: np.ndarray
    """BGR uint8 (h, w, 3)."""
    cutout: Cutout | None
    """What of it can be seen through; None for an opaque one."""


def read_given(source: PictureLike) -> GivenPicture:
    """Read a picture of any kind.

    Raises UsageError for what is no picture at all, MediaError for one that cannot be read.
    """
    if isinstance(source, str | Path):
        path = check_is_path(source, "picture")
        image = read_image(path)
        return GivenPicture(str(path), image, read_cutout(path, image))
    if isinstance(source, np.ndarray):
        return _read_array(source)
    if isinstance(source, Image.Image):
        return _read_pillow(source)
    content = read_bytes(source, "picture")
    if content is None:
        raise UsageError(f"{GIVEN} is {describe(source)}: give {WANTED} (height, width, 3).")
    image = read_image(content)
    return GivenPicture("the picture", image, read_cutout(content, image))


def _read_array(pixels: np.ndarray) -> GivenPicture:
    channels = 1 if pixels.ndim == 2 else pixels.shape[2] if pixels.ndim == 3 else 0
    if channels not in (1, 3, 4) or pixels.dtype != np.uint8 or pixels.size == 0:
        raise UsageError(
            f"The picture is {pixels.dtype} {pixels.shape}: give BGR uint8 (height, width, 3)."
        )
    if channels == 4:
        cutout = cut_out(pixels)
        return GivenPicture("the picture", cutout.image, cutout)
    image = pixels if channels == 3 else cv2.cvtColor(pixels, cv2.COLOR_GRAY2BGR)
    return GivenPicture("the picture", image, None)


def _read_pillow(picture: Image.Image) -> GivenPicture:
    check_size(GIVEN, picture.size)
    try:
        picture.load()
    except (OSError, ValueError) as error:
        raise UsageError(f"{GIVEN} cannot be read any more ({error}): open it again.") from error
    image = turn(to_bgr(picture), orientation_of(picture))
    return GivenPicture("the picture", image, cutout_of(picture, image))
