"""Captions burned into frames: white on a dark band, inside the safe area, clear of the mouth."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from lipwright.core.rect import Box
from lipwright.media.video.yuv_frame import YuvFrame
from lipwright.pipeline.captions.cues import LINE_LENGTH, Cue
from lipwright.pipeline.captions.fonts import CaptionFont, base_direction
from lipwright.pipeline.captions.overlay import BAND, Overlay, Picture, laid_over, overlay, printed

SAFE_MARGIN = 0.07
"""Part of the height above and below that stays free; EBU R95 asks for 5 %."""
SAFE_WIDTH = 0.9
_SIZE_BY_HEIGHT, _SIZE_BY_WIDTH = 0.05, 0.062
_SMALLEST_SIZE = 10
_LETTER_WIDTH = 0.52  # of a size; measured on English text in Mukta
_LINE_STEP, _PADDING_X, _PADDING_Y = 1.35, 0.4, 0.06  # in sizes


class Layout(NamedTuple):
    """The layout of captions in a video."""

    size: int
    """Height of the font, px."""
    line_length: int
    """Characters that fit in a line."""


def caption_layout(width: int, height: int) -> Layout:
    """Return the font size and line length for a video of this size in pixels."""
    size = max(_SMALLEST_SIZE, round(min(_SIZE_BY_HEIGHT * height, _SIZE_BY_WIDTH * width)))
    fitting = int((SAFE_WIDTH * width / size - 2 * _PADDING_X) / _LETTER_WIDTH)
    return Layout(size, max(8, min(LINE_LENGTH, fitting)))


class CaptionPainter:
    """Draws captions into the frames of one video."""

    def __init__(
        self,
        cues: Sequence[Cue],
        size: tuple[int, int],
        fps: Fraction,
        font: CaptionFont | None = None,
        mouth: tuple[float, float] | None = None,
    ) -> None:
        """Prepare the drawing of captions.

        cues: in order, made with the line length of `caption_layout`. size: (width, height) of the
        frames, px. fps: frame i stands at i / fps. font: the shipped one by default. mouth: (top,
        bottom) of the lips, px: where they are low, captions go to the top.

        Raises MediaError where the letters of the captions cannot be drawn.
        """
        self._cues, self._fps = cues, fps
        self._width, self._height = size
        self._size = caption_layout(*size).size
        self._font = font or CaptionFont()
        self._font.check(cue.text for cue in cues)
        self._at_top = mouth is not None and self._hides(mouth)
        self._drawn: tuple[int, Overlay] | None = None

    def paint(
        self, frames: Iterator[Picture], dirty_box: Box | None = None, first: int = 0
    ) -> Iterator[tuple[Picture, Box | None]]:
        """Yield each frame with its caption, and the box in which it differs from the one before.

        frames: BGR uint8 (height, width, 3), or BGRA; the drawing is undone at the next step, so
        that the producer may go on drawing in the same array; or `YuvFrame`s. dirty_box: (x0, y0,
        x1, y1) in which alone the frames change; None: anywhere. first: the number of the first
        frame.
        """
        shown: int | None = None
        current = 0
        for number, frame in enumerate(frames, first):
            time = float(number / self._fps)
            while current < len(self._cues) and self._cues[current].end <= time:
                current += 1
            visible = current < len(self._cues) and self._cues[current].start <= time
            cue = current if visible else None
            changed = self._changed(dirty_box, shown, cue)
            shown = cue
            if cue is None:
                yield frame, changed
                continue
            if isinstance(frame, YuvFrame):
                yield printed(frame, self._patch(cue)), changed
                continue
            frame = frame if frame.flags.writeable else frame.copy()
            with laid_over(frame, self._patch(cue)):
                yield frame, changed

    def _changed(self, moving: Box | None, before: int | None, now: int | None) -> Box | None:
        if moving is None or before == now:
            return moving
        boxes = [self._patch(cue).box for cue in (before, now) if cue is not None]
        if moving[2] > moving[0]:
            boxes.append(moving)
        x0, y0, x1, y1 = zip(*boxes, strict=True)
        return min(x0), min(y0), max(x1), max(y1)

    def _hides(self, mouth: tuple[float, float]) -> bool:
        """Return whether two lines at the bottom would cover the lips, and two at the top not."""
        block = 2 * _LINE_STEP * self._size
        margin = SAFE_MARGIN * self._height
        return mouth[1] > self._height - margin - block and mouth[0] > margin + block

    def _patch(self, number: int) -> Overlay:
        if self._drawn is None or self._drawn[0] != number:
            self._drawn = number, self._draw(self._cues[number].lines)
        return self._drawn[1]

    def _draw(self, lines: Sequence[str]) -> Overlay:
        """Draw letters and the band behind each line, cut to the box they need."""
        from PIL import Image, ImageDraw

        direction = base_direction("\n".join(lines))
        size, widths = self._fit(lines, direction)
        font = self._font.at(size)
        step, padding = round(_LINE_STEP * size), round(_PADDING_X * size)
        inner = round(_PADDING_Y * size)
        width = min(self._width, round(max(widths)) + 2 * padding)
        height = min(self._height, step * len(lines) + 2 * inner)
        band = Image.new("L", (width, height))
        letters = Image.new("L", (width, height))
        band_pen, letter_pen = ImageDraw.Draw(band), ImageDraw.Draw(letters)
        for row, (line, length) in enumerate(zip(lines, widths, strict=True)):
            left, top = (width - length) / 2, inner + row * step
            band_pen.rectangle(
                (left - padding, top - inner, left + length + padding, top + step + inner),
                fill=BAND,
            )
            middle = width / 2, top + step / 2
            letter_pen.text(middle, line, fill=255, font=font, anchor="mm", direction=direction)
        left = (self._width - width) // 2
        margin = round(SAFE_MARGIN * self._height)
        top = margin if self._at_top else max(0, self._height - margin - height)
        return overlay(left, top, np.asarray(letters), np.asarray(band))

    def _fit(self, lines: Sequence[str], direction: str | None) -> tuple[int, list[float]]:
        """Return the size at which the longest line fits, and the widths of the lines in it, px."""
        size = self._size
        room = SAFE_WIDTH * self._width - 2 * _PADDING_X * size
        while True:
            font = self._font.at(size)
            widths = [font.getlength(line, direction=direction) for line in lines]
            if max(widths) <= room or size <= _SMALLEST_SIZE:
                return size, widths
            size = max(_SMALLEST_SIZE, min(size - 1, int(size * room / max(widths))))
