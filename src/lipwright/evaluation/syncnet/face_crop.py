"""Crop faces as SyncNet's own pipeline does: 224 px, the mouth in the middle, through JPEG."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any

import cv2
import numpy as np

SIZE = 224  # px
SCALE = 0.40
"""The crop is wider than the face by this share on either side, and lower by twice it."""
GREY = 110  # what stands for pixels outside the picture
SMOOTHING = 13  # frames
FPS = Fraction(25)


def smooth_boxes(boxes: np.ndarray) -> np.ndarray:
    """Turn boxes, float32 (T, 4) of x0, y0, x1, y1 px, to (T, 3) of centre x, centre y, half side.

    Each is filtered with the median of 13 frames. Before the first frame and after the last one
    there are zeros, as in the authors' code (scipy.signal.medfilt).
    """
    x0, y0, x1, y1 = np.asarray(boxes, np.float64).T
    values = np.stack([(x0 + x1) / 2, (y0 + y1) / 2, np.maximum(y1 - y0, x1 - x0) / 2], axis=1)
    padded = np.pad(values, ((SMOOTHING // 2, SMOOTHING // 2), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, SMOOTHING, axis=0)
    medians: np.ndarray = np.median(windows, axis=2)
    return medians


def crop_speaker(image: np.ndarray, centre_x: float, centre_y: float, half: float) -> np.ndarray:
    """Return uint8 (224, 224, 3) from the top of the face to below the chin, 2 * `half` px of it.

    A face lost at the ends of the video (half of 0) gives a grey image.
    """
    margin = int(half * (1 + 2 * SCALE))
    x, y = centre_x + margin, centre_y + margin
    rows = int(y - half), int(y + half * (1 + 2 * SCALE))
    columns = int(x - half * (1 + SCALE)), int(x + half * (1 + SCALE))
    part = _part(image, rows, columns, margin)
    if not part.size:
        return np.full((SIZE, SIZE, 3), GREY, np.uint8)
    return cv2.resize(part, (SIZE, SIZE))


def _part(
    image: np.ndarray, rows: tuple[int, int], columns: tuple[int, int], margin: int
) -> np.ndarray:
    """Return a part of the image, counted from `margin` px above and left of it, grey outside."""
    height, width = image.shape[:2]
    top, bottom = (min(max(0, edge), height + 2 * margin) for edge in rows)
    left, right = (min(max(0, edge), width + 2 * margin) for edge in columns)
    part = np.full((max(0, bottom - top), max(0, right - left), 3), GREY, np.uint8)
    y0, y1 = (min(max(edge, margin), margin + height) for edge in (top, bottom))
    x0, x1 = (min(max(edge, margin), margin + width) for edge in (left, right))
    if y1 > y0 and x1 > x0:
        inside = image[y0 - margin : y1 - margin, x0 - margin : x1 - margin]
        part[y0 - top : y1 - top, x0 - left : x1 - left] = inside
    return part


def through_jpeg(images: Iterable[np.ndarray]) -> Iterator[Any]:
    """Yield images, BGR uint8 (h, w, 3) of one size, as JPEG of the authors' program gives them.

    FFmpeg writes those with its own defaults, 200 kbit/s at 25 frames/s, which is visible.
    """
    import av

    encoder: Any = None
    for number, image in enumerate(images):
        if encoder is None:
            encoder = av.CodecContext.create("mjpeg", "w")
            encoder.height, encoder.width = image.shape[:2]
            encoder.pix_fmt, encoder.time_base, encoder.framerate = "yuvj420p", 1 / FPS, FPS
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="bgr24")
        frame = frame.reformat(format="yuvj420p")
        frame.pts, frame.time_base = number, 1 / FPS
        for packet in encoder.encode(frame):
            yield cv2.imdecode(np.frombuffer(bytes(packet), np.uint8), cv2.IMREAD_COLOR)
    for packet in encoder.encode(None) if encoder is not None else ():
        yield cv2.imdecode(np.frombuffer(bytes(packet), np.uint8), cv2.IMREAD_COLOR)


def at_25(count: int, fps: Fraction) -> list[int]:
    """Return which of `count` frames are shown at 25 frames/s: their numbers, in order."""
    wanted = round(count * FPS / fps)
    return [min(count - 1, int((k + Fraction(1, 2)) * fps / FPS)) for k in range(wanted)]
