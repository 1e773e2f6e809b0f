"""Convert frames to the pixel format of an encoder."""

from __future__ import annotations

from typing import Any

import numpy as np

from lipwright.core.rect import Box
from lipwright.media.video.color import FULL_RANGE, LIMITED_RANGE, Colour, exact_conversion
from lipwright.media.video.encoder_presets import Encoder
from lipwright.media.video.yuv_frame import YuvFrame


class FrameConverter:
    """The frame that is encoded next, kept from frame to frame."""

    def __init__(self, size: tuple[int, int], colour: Colour, encoder: Encoder) -> None:
        self._encoder, self._colour = encoder, colour
        self.span = _span(colour.full_range and encoder.full_range)
        """FFmpeg's number for the range of the frames."""
        width, height = size
        self._plain = YuvFrame(width, height, colour)
        self._see_through = np.zeros((height, width, 4), np.uint8) if encoder.alpha else None

    def show(self, picture: np.ndarray | YuvFrame, box: Box | None) -> None:
        """Take the next frame: BGR uint8 (h, w, 3), or BGRA (h, w, 4) if the encoder keeps alpha.

        Only `box` of it (None: all) is read. A `YuvFrame` is taken as it is.
        """
        if isinstance(picture, YuvFrame):
            self._plain = picture
            return
        x0, y0, x1, y1 = box or (0, 0, picture.shape[1], picture.shape[0])
        if x1 <= x0:
            return
        part = picture[y0:y1, x0:x1]
        if self._see_through is None:
            self._plain.paint(part, (x0, y0, x1, y1))
        else:
            self._see_through[y0:y1, x0:x1] = part

    def frame(self) -> Any:
        """Return an av.VideoFrame in the encoder's pixel format."""
        made = self._converted()
        made.color_primaries, made.color_trc = self._colour.primaries, self._colour.transfer
        return made

    def _converted(self) -> Any:
        if self._see_through is not None:
            return self._with_alpha(self._see_through)
        colour = self._plain.colour
        kept = _span(colour.full_range)
        if self._encoder.pixels == "yuv420p" and kept == self.span:
            return self._plain.frame
        matrix = colour.known_matrix
        return self._plain.frame.reformat(
            format=self._encoder.pixels,
            src_colorspace=matrix,
            dst_colorspace=matrix,
            src_color_range=kept,
            dst_color_range=self.span,
            interpolation=exact_conversion(),
        )

    def _with_alpha(self, picture: np.ndarray) -> Any:
        import av

        return av.VideoFrame.from_ndarray(picture, format="bgra").reformat(
            format=self._encoder.pixels,
            dst_colorspace=self._colour.known_matrix,
            dst_color_range=self.span,
            interpolation=exact_conversion(),
        )


def _span(full_range: bool) -> int:
    return FULL_RANGE if full_range else LIMITED_RANGE
