"""BGR pictures to the YUV planes of a video: ITU-R BT.709, limited range, chroma at half size.

Video is tagged BT.709, so it has to be converted with that matrix; OpenCV's own BGR to YUV is
BT.601 and would shift skin towards green.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

if TYPE_CHECKING:
    from av import VideoFrame

# BT.709-6, section 3: the weights of red and blue in luma; green has the rest.
RED, BLUE = 0.2126, 0.0722
GREEN = 1.0 - RED - BLUE
_LUMA = np.array([BLUE, GREEN, RED])

# Rows applied to (B, G, R, 1), all 0 to 255: section 3.5's quantisation, 16-235 and 16-240.
LUMA_ROW = np.array([[*(_LUMA * 219 / 255), 16]])
BLUE_ROW = np.array([[*((np.array([1, 0, 0]) - _LUMA) / (2 * (1 - BLUE)) * 224 / 255), 128]])
RED_ROW = np.array([[*((np.array([0, 0, 1]) - _LUMA) / (2 * (1 - RED)) * 224 / 255), 128]])

BT709 = 1  # the number of BT.709 for matrix, primaries and transfer alike (ITU-T H.273)
LIMITED_RANGE = 1  # AVCOL_RANGE_MPEG

Box = tuple[int, int, int, int]
"""(x0, y0, x1, y1) in px, the right and lower edge not included."""


class YuvCanvas:
    """The YUV 4:2:0 picture of a video of one size, kept from frame to frame.

    A whole picture is converted by `paint`; with a box, only the pixels in it, which gives the same
    planes at a fraction of the cost when little moves.
    """

    def __init__(self, width: int, height: int) -> None:
        import av

        self.width, self.height = width, height
        self.frame: VideoFrame = av.VideoFrame(width, height, "yuv420p")
        self.frame.colorspace = BT709
        self.frame.color_range = LIMITED_RANGE
        self._luma, self._blue, self._red = (_pixels(plane) for plane in self.frame.planes)

    def paint(self, pixels: np.ndarray, box: Box | None = None) -> None:
        """Convert BGR uint8 `pixels`: the whole picture, or what stands in `box` (even edges)."""
        x0, y0, x1, y1 = box or (0, 0, self.width, self.height)
        half = cv2.resize(
            pixels, ((x1 - x0) // 2, (y1 - y0) // 2), interpolation=cv2.INTER_AREA
        )  # the mean of each 2x2 block
        cv2.transform(pixels, LUMA_ROW, self._luma[y0:y1, x0:x1])
        halved = np.s_[y0 // 2 : y1 // 2, x0 // 2 : x1 // 2]
        cv2.transform(half, BLUE_ROW, self._blue[halved])
        cv2.transform(half, RED_ROW, self._red[halved])


def _pixels(plane: Any) -> np.ndarray:
    """A plane of av as a writable (height, width) array over the same memory."""
    rows = np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)
    return rows[:, : plane.width]


def even_box(box: Box, width: int, height: int) -> Box | None:
    """`box` widened to even edges and cut to the picture; None where nothing of it is left."""
    x0, y0 = max(0, int(box[0])) & ~1, max(0, int(box[1])) & ~1
    x1 = min(width, (int(box[2]) + 1) & ~1)
    y1 = min(height, (int(box[3]) + 1) & ~1)
    return (x0, y0, x1, y1) if x1 > x0 and y1 > y0 else None
