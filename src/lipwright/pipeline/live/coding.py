"""Pictures of a live session as they are sent: as they are, as H.264, or as VP9 with alpha."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np

from lipwright.core.cores import live_encoder_threads
from lipwright.media.video.color import LIMITED_RANGE
from lipwright.media.video.yuv_frame import YuvFrame

if TYPE_CHECKING:
    from lipwright.pipeline.live.frames import VideoCoding

KEYFRAME_SECONDS = 2
"""Whoever joins waits no longer than this for a picture."""
_LARGE = 1280 * 720
_BITS_PER_PIXEL = 0.14
"""Of a frame, at most on average: 0.9 Mbit/s for 512 x 512 px at 25 frames a second."""


class CodedPicture(NamedTuple):
    """A picture as it is sent: see `LiveFrame`."""

    picture: bytes
    keyframe: bool
    alpha: bytes = b""


class PictureCoder(Protocol):
    """Codes pictures one by one, without delay."""

    def code(self, image: np.ndarray, keyframe: bool) -> CodedPicture:
        """Code an image, BGR uint8 (h, w, 3) or BGRA (h, w, 4). keyframe: it shall stand alone."""
        ...


def make_coder(coding: VideoCoding, size: tuple[int, int], fps: Fraction) -> PictureCoder:
    """Return a coder for pictures of a size, (width, height) px."""
    if coding == "bgr":
        return _Plain()
    if coding == "h264":
        return _Coded("libx264", size, fps, _h264(size, fps))
    return _WithAlpha(size, fps)


class _Plain:
    """Pictures as they are."""

    def code(self, image: np.ndarray, keyframe: bool) -> CodedPicture:
        return CodedPicture(np.ascontiguousarray(image[..., :3]).tobytes(), True)


class _Coded:
    """A codec of FFmpeg."""

    def __init__(
        self, name: str, size: tuple[int, int], fps: Fraction, options: dict[str, str]
    ) -> None:
        import av

        self._context: Any = av.CodecContext.create(name, "w")
        self._context.width, self._context.height = size
        self._context.pix_fmt = "yuv420p"
        self._context.framerate, self._context.time_base = fps, 1 / fps
        self._context.gop_size = max(1, round(KEYFRAME_SECONDS * fps))
        self._context.max_b_frames = 0
        large = size[0] * size[1] > _LARGE
        self._context.thread_count = live_encoder_threads() if large else 1
        self._context.color_range = LIMITED_RANGE
        self._context.options = options
        self._count = 0

    def code(self, image: np.ndarray, keyframe: bool) -> CodedPicture:
        from av.video.frame import PictureType

        frame = YuvFrame.of(np.ascontiguousarray(image[..., :3])).frame
        frame.pts, frame.time_base = self._count, self._context.time_base
        frame.pict_type = PictureType.I if keyframe else PictureType.NONE
        self._count += 1
        packets = self._context.encode(frame)
        coded = b"".join(bytes(packet) for packet in packets)
        return CodedPicture(coded, any(packet.is_keyframe for packet in packets))


class _WithAlpha:
    """VP9 twice: the colours, and the transparency as the luma of a second stream (as WebM has)."""

    def __init__(self, size: tuple[int, int], fps: Fraction) -> None:
        self._colours = _Coded("libvpx-vp9", size, fps, _vp9())
        self._alpha = _Coded("libvpx-vp9", size, fps, _vp9())

    def code(self, image: np.ndarray, keyframe: bool) -> CodedPicture:
        alpha = image[..., 3] if image.shape[2] == 4 else np.full(image.shape[:2], 255, np.uint8)
        colours = self._colours.code(image, keyframe)
        shape = self._alpha.code(np.repeat(alpha[..., None], 3, axis=2), colours.keyframe)
        return CodedPicture(colours.picture, colours.keyframe, shape.picture)


def _h264(size: tuple[int, int], fps: Fraction) -> dict[str, str]:
    most = round(_BITS_PER_PIXEL * size[0] * size[1] * fps)
    return {
        "preset": "superfast",
        "tune": "zerolatency",
        "profile": "baseline",
        "crf": "22",
        "maxrate": str(most),
        "bufsize": str(most // 2),
        "forced-idr": "1",
        "x264-params": "annexb=1:repeat-headers=1:scenecut=0",
    }


def _vp9() -> dict[str, str]:
    return {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0", "crf": "28", "b": "0"}


def h264_codec(access_unit: bytes) -> str:
    """Return the name that browsers want of a stream, such as "avc1.42C01E".

    access_unit: Annex B, a keyframe with its parameter sets. Raises ValueError without them.
    """
    place = access_unit.find(b"\0\0\1")
    while place >= 0:
        if access_unit[place + 3] & 0x1F == 7:
            return "avc1." + access_unit[place + 4 : place + 7].hex().upper()
        place = access_unit.find(b"\0\0\1", place + 3)
    raise ValueError("the access unit has no sequence parameter set")
