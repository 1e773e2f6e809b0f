"""A visible label: words in a corner of each frame."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from lipwright.core.errors import UsageError
from lipwright.media.video.yuv_frame import YuvFrame
from lipwright.pipeline.captions.fonts import CaptionFont
from lipwright.pipeline.captions.overlay import BAND, Overlay, Picture, laid_over, overlay, printed

if TYPE_CHECKING:
    from lipwright.core.rect import Box
    from lipwright.pipeline.provenance_options import Provenance

MARGIN = 0.025  # of the shorter side
PADDING = 0.45, 0.2  # of the letters' size, across and down
SMALLEST = 9  # px


def draw_label(wanted: Provenance, size: tuple[int, int]) -> Overlay | None:
    """Return the label for frames of a size, (width, height) px; None where none is wanted.

    Raises:
        UsageError: it is wider than the picture.
    """
    if wanted.label is None:
        return None
    from PIL import Image, ImageDraw

    width, height = size
    pixels = max(SMALLEST, round(wanted.label_size * height))
    font = CaptionFont()
    font.check([wanted.label])
    letters = font.at(pixels)
    across, down = (round(part * pixels) for part in PADDING)
    inner = round(letters.getlength(wanted.label)), round(1.1 * pixels)
    whole = inner[0] + 2 * across, inner[1] + 2 * down
    margin = round(MARGIN * min(size))
    if whole[0] + 2 * margin > width or whole[1] + 2 * margin > height:
        raise UsageError(
            f'The label "{wanted.label}" is wider than the picture of {width}x{height} px: make '
            "it shorter or smaller.",
            option="label",
        )
    drawn = Image.new("L", whole)
    middle = whole[0] / 2, whole[1] / 2
    ImageDraw.Draw(drawn).text(middle, wanted.label, fill=255, font=letters, anchor="mm")
    band = np.full(whole[::-1], BAND, np.uint8)
    vertical, horizontal = wanted.label_position.split("-")
    left = margin if horizontal == "left" else width - margin - whole[0]
    top = margin if vertical == "top" else height - margin - whole[1]
    return overlay(left, top, np.asarray(drawn), band)


def labelled(
    frames: Iterator[tuple[Picture, Box | None]], label: Overlay | None
) -> Iterator[tuple[Picture, Box | None]]:
    """Yield frames with their label, and the box in which each differs from the one before.

    frames: BGR uint8 (h, w, 3) or BGRA, in which the drawing is undone at the next step, or
    `YuvFrame`s, each with that box.
    """
    for frame, box in frames:
        if label is None:
            yield frame, box
        elif isinstance(frame, YuvFrame):
            yield printed(frame, label), box
        else:
            frame = frame if frame.flags.writeable else frame.copy()
            with laid_over(frame, label):
                yield frame, box
