"""Films made on the spot, of which everything is known: hopper's portrait moved about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from lipwright.face import Face, FaceFinder
from lipwright.face.tracker import FaceTracker, TrackedFrame
from lipwright.media.image.read import read_image
from lipwright.media.video.output_spec import OutputSpec
from lipwright.media.video.writer import VideoWriter
from lipwright.media.video.yuv_frame import YuvFrame
from tests.helpers import hopper_path

SIZE = (480, 480)
MIDDLE = np.array([256.0, 270.0])  # of hopper's face, px of the portrait


def head_motion(frame: int) -> np.ndarray:
    """(2, 3): where a px of the portrait is in a frame: a head that sways, nods and leans."""
    time = frame / 25
    scale = 0.85 + 0.06 * np.sin(1.4 * time + 1)
    angle = np.radians(6 * np.sin(2.5 * time))
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    place = np.array([240 + 25 * np.sin(2 * time), 230 + 15 * np.sin(1.7 * time + 0.5)])
    return np.c_[turn, place - turn @ MIDDLE]


def moved_portrait(frame: int) -> np.ndarray:
    """BGR uint8 (480, 480, 3)."""
    return cv2.warpAffine(
        portrait(), head_motion(frame), SIZE, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )


def turned_portrait(turn: float) -> np.ndarray:
    """BGR uint8 (600, 512, 3): the portrait in perspective, as if turned; 0 leaves it as it is.

    At 0.75 hardly anything of how it looked is left.
    """
    box = np.array([[155, 140], [355, 140], [355, 345], [155, 345]], np.float32)
    moved = np.array([[0.35, -0.1], [-0.12, 0.12], [-0.12, -0.12], [0.35, 0.1]], np.float32)
    to_turned = cv2.getPerspectiveTransform(box, box + 190 * np.float32(turn) * moved)
    return cv2.warpPerspective(portrait(), to_turned, (512, 600), borderMode=cv2.BORDER_REPLICATE)


@cache
def portrait() -> np.ndarray:
    return read_image(hopper_path())


def tracked(image: np.ndarray, face: Face | None, shot: int = 0) -> TrackedFrame:
    """A frame of a film whose window is the whole of it. face: in px of the image."""
    height, width = image.shape[:2]
    return TrackedFrame(image, face, shot, (0, 0, width, height), YuvFrame.of(image))


def track_whole(finder: FaceFinder, pictures: Sequence[np.ndarray]) -> list[TrackedFrame]:
    """A film as it is followed, each window the whole of its picture."""
    followed = FaceTracker(finder).track(YuvFrame.of(picture) for picture in pictures)
    return [
        tracked(picture, frame.face and frame.face.moved(*frame.box[:2]), frame.shot)
        for picture, frame in zip(pictures, followed, strict=True)
    ]


def write_film(
    path: Path, pictures: Sequence[np.ndarray], fps: Fraction = Fraction(25), audio=None
) -> Path:
    size = pictures[0].shape[1], pictures[0].shape[0]
    with VideoWriter(path, OutputSpec(size, fps), audio=audio) as video:
        for picture in pictures:
            video.write(picture)
    return path


def overwrite_frames(path: Path, frames: Iterable[int]) -> None:
    """Writes zeros over frames of a film, which cannot be read then."""
    import av

    with av.open(str(path)) as container:
        found = [bytes(packet) for packet in container.demux(video=0) if packet.size]
    content = path.read_bytes()
    for number in frames:
        assert content.count(found[number]) == 1
        content = content.replace(found[number], bytes(len(found[number])))
    path.write_bytes(content)


def write_uneven_film(path: Path, levels: Sequence[int], times: Sequence[float]) -> Path:
    """Grey pictures of these levels at these times (s), as a phone writes them."""
    import av

    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=30, options={"crf": "4"})
        stream.width, stream.height, stream.pix_fmt = 96, 96, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        for level, time in zip(levels, times, strict=True):
            frame = av.VideoFrame.from_ndarray(np.full((96, 96, 3), level, np.uint8), "bgr24")
            frame.pts, frame.time_base = round(time * 1000), Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path
