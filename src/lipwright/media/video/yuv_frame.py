"""Frames as video stores them: luma, and chroma at half its size.

Frames stay in this form from the decoder to the encoder, so that what is not drawn over is never
converted. Only windows of them are read and written as BGR.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from lipwright.core.rect import Box
from lipwright.media.video.color import (
    FULL_RANGE,
    LIMITED_RANGE,
    Colour,
    colour_of,
    exact_conversion,
    rows_from_bgr,
    rows_to_bgr,
)
from lipwright.media.video.hdr_to_sdr import needs_mapping, to_sdr

if TYPE_CHECKING:
    from av import VideoFrame

PLAIN_FORMATS = ("yuv420p", "yuvj420p")
STRIP = 64  # rows (even) that are converted at once, so that they stay in the processor's cache
LARGE, LARGE_STRIP = 1 << 20, 128  # px of a window from which on it is read in strips of more rows


class YuvFrame:
    """One frame, YUV 4:2:0 with 8 bits, upright, of even size, in memory of its own."""

    def __init__(self, width: int, height: int, colour: Colour | None = None) -> None:
        """Make an empty frame. width, height: px, both even. colour: None for BT.709, limited."""
        import av

        self.width, self.height = width, height
        self.stale = False
        """Whether it stands for one that could not be read, and is the one before."""
        self.lent = False
        """Whether the next frame is drawn in the same memory: who keeps it has to copy it."""
        self.colour = colour or Colour()
        self.frame: VideoFrame = av.VideoFrame(width, height, "yuv420p")
        """For the encoder; over the same memory."""
        self.frame.colorspace = self.colour.matrix
        self.frame.color_range = FULL_RANGE if self.colour.full_range else LIMITED_RANGE
        self.luma, self._blue, self._red = (plane_pixels(plane) for plane in self.frame.planes)

    @classmethod
    def of(cls, image: np.ndarray, colour: Colour | None = None) -> YuvFrame:
        """Convert a BGR uint8 (h, w, 3) image with even sides."""
        made = cls(image.shape[1], image.shape[0], colour)
        made.paint(image)
        return made

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in px."""
        return self.width, self.height

    def copy(self) -> YuvFrame:
        """Copy the frame."""
        made = YuvFrame(self.width, self.height, self.colour)
        made.stale = self.stale
        for mine, other in zip(made.planes, self.planes, strict=True):
            np.copyto(mine, other)
        return made

    def take(self, other: YuvFrame, box: Box) -> None:
        """Show what another frame of the same size shows in a box with even edges."""
        if other.colour != self.colour:
            self.paint(other.window(box), box)
            return
        x0, y0, x1, y1 = box
        for here, mine, theirs in zip(
            (np.s_[y0:y1, x0:x1], *[_halved(box)] * 2), self.planes, other.planes, strict=True
        ):
            np.copyto(mine[here], theirs[here])

    def fitted(self, size: tuple[int, int]) -> YuvFrame:
        """Return the frame scaled to (width, height), or itself where it has that size."""
        if self.size == size:
            return self
        made = YuvFrame(*size, self.colour)
        for mine, other in zip(made.planes, self.planes, strict=True):
            cv2.resize(other, mine.shape[::-1], mine, interpolation=cv2.INTER_AREA)
        return made

    @property
    def planes(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Luma uint8 (h, w), blue and red difference (h / 2, w / 2)."""
        return self.luma, self._blue, self._red

    def bgr(self) -> np.ndarray:
        """Return the whole frame, BGR uint8 (h, w, 3), in memory of its own."""
        return self.window((0, 0, self.width, self.height))

    def window(self, box: Box, reduced: int = 1) -> np.ndarray:
        """Return a box with even edges inside the frame: BGR uint8 (h, w, 3), in memory of its own.

        reduced: by how many times it is reduced on either side, by averaging.
        """
        x0, y0, x1, y1 = box
        halved, size = _halved(box), ((x1 - x0) // reduced, (y1 - y0) // reduced)
        smaller = cv2.INTER_AREA if reduced > 1 else cv2.INTER_LINEAR
        planes = self.luma[y0:y1, x0:x1], self._blue[halved], self._red[halved]
        rows = rows_to_bgr(self.colour.known_matrix, self.colour.full_range)
        if reduced == 1 and size[0] * size[1] >= LARGE:
            return _converted(*planes, rows)
        whole = cv2.merge([cv2.resize(plane, size, interpolation=smaller) for plane in planes])
        return cv2.transform(whole, rows)

    def paint(self, pixels: np.ndarray, box: Box | None = None) -> None:
        """Write BGR uint8 (h, w, 3): the whole frame, or `box` (even edges) of it."""
        x0, y0, x1, y1 = box or (0, 0, self.width, self.height)
        rows = rows_from_bgr(self.colour.known_matrix, self.colour.full_range)
        halved = _halved((x0, y0, x1, y1))
        luma, blue, red = self.luma[y0:y1, x0:x1], self._blue[halved], self._red[halved]
        width = x1 - x0
        spare = [np.empty((STRIP, width), np.uint8) for _ in range(2)]
        for top in range(0, y1 - y0, STRIP):
            strip, half = pixels[top : top + STRIP], np.s_[top // 2 : (top + STRIP) // 2]
            height = strip.shape[0]
            # OpenCV makes three channels of three in a quarter of the time that it takes for one,
            # and parts all of them in less time than it takes one out
            others = [plane[:height] for plane in spare]
            cv2.split(cv2.transform(strip, rows), [luma[top : top + STRIP], *others])
            size = width // 2, height // 2
            small = cv2.resize(strip, size, interpolation=cv2.INTER_AREA)  # means of 2x2 blocks
            cv2.transform(small, rows, small)
            other = spare[0][: height // 2, : width // 2]
            cv2.split(small, [other, blue[half], red[half]])

    def put(self, box: Box, image: np.ndarray, before: np.ndarray) -> None:
        """Write the changed pixels of a window, BGR uint8 (h, w, 3), and nothing else.

        before: the window as it was read; unchanged pixels keep the values of their planes.
        """
        first, second, third = cv2.split(cv2.absdiff(image, before))
        drawn = cv2.max(cv2.max(first, second), third)
        x, y, width, height = cv2.boundingRect(drawn)
        if not width:
            return
        x1, y1 = (x + width + 1) & ~1, (y + height + 1) & ~1
        x0, y0 = x & ~1, y & ~1
        there = np.s_[y0:y1, x0:x1]
        new = YuvFrame(x1 - x0, y1 - y0, self.colour)
        new.paint(image[there])
        changed = drawn[there]
        half = cv2.resize(changed, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        left, top = box[0] + x0, box[1] + y0
        halved = _halved((left, top, left + x1 - x0, top + y1 - y0))
        cv2.copyTo(new.luma, changed, self.luma[top : top + y1 - y0, left : left + x1 - x0])
        cv2.copyTo(new._blue, half, self._blue[halved])
        cv2.copyTo(new._red, half, self._red[halved])


def from_av(frame: Any) -> YuvFrame:
    """Convert a decoded frame: upright, cut to even sides, in memory of its own, HDR to SDR."""
    colour = colour_of(frame, frame.height)
    turns = round(getattr(frame, "rotation", 0) / 90) % 4
    if needs_mapping(colour):
        frame, colour = to_sdr(frame, colour), Colour()
    elif frame.format.name not in PLAIN_FORMATS:
        frame = _to_plain(frame, colour)
    planes = [np.rot90(plane_pixels(plane), turns) for plane in frame.planes]
    height, width = planes[0].shape
    made = YuvFrame(width & ~1, height & ~1, colour)
    for mine, other in zip(made.planes, planes, strict=True):
        np.copyto(mine, other[: mine.shape[0], : mine.shape[1]])
    return made


def _converted(luma: np.ndarray, blue: np.ndarray, red: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return BGR uint8 (h, w, 3) of planes, uint8 (h, w) and twice (h / 2, w / 2).

    rows: as of `rows_to_bgr`.
    """
    height, width = luma.shape
    image = np.empty((height, width, 3), np.uint8)
    for top in range(0, height, LARGE_STRIP):
        end = min(top + LARGE_STRIP, height)
        first, last = max(top // 2 - 1, 0), min(end // 2 + 1, height // 2)  # a row beside them
        within = slice(top - 2 * first, end - 2 * first)
        size = width, 2 * (last - first)
        chroma = [cv2.resize(plane[first:last], size)[within] for plane in (blue, red)]
        strip = cv2.merge([luma[top:end], *chroma])
        cv2.transform(strip, rows, image[top:end])
    return image


def _to_plain(frame: Any, colour: Colour) -> Any:
    """Convert a frame of another format to YUV 4:2:0 of 8 bits, with the same matrix and range."""
    span = FULL_RANGE if colour.full_range else LIMITED_RANGE
    return frame.reformat(
        format="yuv420p",
        src_colorspace=colour.known_matrix,
        dst_colorspace=colour.known_matrix,
        src_color_range=span,
        dst_color_range=span,
        interpolation=exact_conversion(),
    )


def plane_pixels(plane: Any) -> np.ndarray:
    """Return a plane of av as a writable uint8 (height, width) array over the same memory."""
    rows = np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)
    return rows[:, : plane.width]


def _halved(box: Box) -> tuple[slice, slice]:
    x0, y0, x1, y1 = box
    return np.s_[y0 // 2 : y1 // 2, x0 // 2 : x1 // 2]
