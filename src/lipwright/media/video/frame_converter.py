"""Convert frames to the pixel format of an encoder."""

from __future__ import annotations

from typing import Any

import numpy as np

from lipwright.media.video.color import FULL_RANGE, LIMITED_RANGE, Colour, exact_conversion
from lipwright.media.video.encoder_presets import Encoder
from lipwright.media.video.yuv_frame import YuvFrame


class FrameConverter:
    """Makes frames that one encoder takes."""

    def __init__(self, colour: Colour, encoder: Encoder) -> None:
        self._encoder, self._colour = encoder, colour
        self.span = _span(colour.full_range and encoder.full_range)
        """FFmpeg's number for the range of the frames."""

    def converted(self, picture: np.ndarray | YuvFrame) -> Any:
        """Return an av.VideoFrame in the encoder's pixel format, where it can over the same memory.

        picture: in planes, or BGRA uint8 (h, w, 4).
        """
        made = self._of_planes(picture) if isinstance(picture, YuvFrame) else self._of_bgra(picture)
        made.color_primaries, made.color_trc = self._colour.primaries, self._colour.transfer
        return made

    def _of_planes(self, picture: YuvFrame) -> Any:
        kept = _span(picture.colour.full_range)
        if self._encoder.pixels == "yuv420p" and kept == self.span:
            return picture.frame
        matrix = picture.colour.known_matrix
        return picture.frame.reformat(
            format=self._encoder.pixels,
            src_colorspace=matrix,
            dst_colorspace=matrix,
            src_color_range=kept,
            dst_color_range=self.span,
            interpolation=exact_conversion(),
        )

    def _of_bgra(self, picture: np.ndarray) -> Any:
        import av

        return av.VideoFrame.from_ndarray(picture, format="bgra").reformat(
            format=self._encoder.pixels,
            dst_colorspace=self._colour.known_matrix,
            dst_color_range=self.span,
            interpolation=exact_conversion(),
        )


def _span(full_range: bool) -> int:
    return FULL_RANGE if full_range else LIMITED_RANGE
