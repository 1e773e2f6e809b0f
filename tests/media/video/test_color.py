"""A dubbed film keeps its colours: outside the face a player shows what it showed before."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from lipwright.media.image.read import read_image
from lipwright.media.video.color import Colour
from lipwright.media.video.encoder_selection import choose_encoder
from lipwright.media.video.output_spec import OutputSpec
from lipwright.media.video.source import open_video_source
from lipwright.media.video.writer import VideoWriter
from lipwright.media.video.yuv_frame import YuvFrame
from tests.helpers import astronaut_path

SIZE = (256, 256)
FACE = (96, 40, 160, 120)
KINDS = {
    "BT.709": Colour(1, 1, 1, False),
    "BT.709 full": Colour(1, 1, 1, True),
    "BT.601": Colour(6, 6, 6, False),
    "BT.601 full": Colour(5, 6, 6, True),
    "PAL": Colour(5, 5, 6, False),
    "untold": Colour(2, 2, 2, False),
    "P3": Colour(1, 12, 1, False),
    "sRGB": Colour(1, 1, 13, True),
}


def write_source(path: Path, colour: Colour) -> Path:
    """A colourful still of a few frames, kept as `colour` says, as a camera would write it."""
    picture = cv2.resize(read_image(astronaut_path()), SIZE, interpolation=cv2.INTER_AREA)
    frame = YuvFrame.of(
        picture, Colour(colour.matrix if colour.matrix != 2 else 6, 1, 1, colour.full_range)
    )
    kind = "yuvj420p" if colour.full_range else "yuv420p"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"crf": "2"})
        stream.width, stream.height, stream.pix_fmt = *SIZE, kind
        context = stream.codec_context
        context.colorspace, context.color_primaries = colour.matrix, colour.primaries
        context.color_trc, context.color_range = colour.transfer, 2 if colour.full_range else 1
        for number in range(4):
            frame.frame.pts, frame.frame.time_base = number, Fraction(1, 25)
            container.mux(stream.encode(frame.frame))
        container.mux(stream.encode(None))
    return path


def dub(source: Path, path: Path, encoder: str = "auto") -> Path:
    """What a film goes through, with a black box for a mouth."""
    footage = open_video_source(source)
    chosen = choose_encoder(encoder, path)
    with VideoWriter(
        path, OutputSpec(footage.size, footage.fps, encoder=chosen, colour=footage.colour)
    ) as video:
        for frame in footage.frames(range(footage.count)):
            window = frame.window(FACE)
            drawn = window.copy()
            drawn[20:60, 10:50] = 0
            frame.put(FACE, drawn, window)
            video.write(frame)
    return path


def played(path: Path) -> np.ndarray:
    """The second frame, BGR float, as a player shows it, worked out here from the planes.

    A player goes by the tags; a small video without a matrix is BT.601.
    """
    with av.open(str(path)) as container:
        _, frame, *_ = container.decode(video=0)
    deep = frame.format.components[0].bits > 8
    full = frame.color_range == 2 or frame.format.name.startswith("yuvj")
    planes = []
    for plane in frame.planes[:3]:
        values = np.frombuffer(plane, np.uint16 if deep else np.uint8)
        pixels = values.reshape(plane.height, -1)[:, : plane.width].astype(np.float32)
        planes.append(cv2.resize(pixels / 4 if deep else pixels, SIZE))
    luma, blue, red = planes
    weight_red, weight_blue = (0.2126, 0.0722) if frame.colorspace == 1 else (0.299, 0.114)
    luma = luma if full else (luma - 16) * 255 / 219
    blue, red = ((plane - 128) * (1 if full else 255 / 224) for plane in (blue, red))
    b, r = luma + 2 * (1 - weight_blue) * blue, luma + 2 * (1 - weight_red) * red
    g = (luma - weight_blue * b - weight_red * r) / (1 - weight_blue - weight_red)
    return np.stack([b, g, r], axis=-1)


def tags(path: Path) -> tuple[int, int, int, int]:
    with av.open(str(path)) as container:
        one = container.streams.video[0].codec_context
        return one.colorspace, one.color_primaries, one.color_trc, one.color_range


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("extension", ["mp4", "mov", "mkv", "webm"])
def test_outside_the_face_a_player_shows_the_same(tmp_path, name, extension):
    source = write_source(tmp_path / "source.mp4", KINDS[name])
    dubbed = dub(source, tmp_path / f"dubbed.{extension}")
    before, after = played(source), played(dubbed)
    outside = np.ones(SIZE[::-1], bool)
    outside[FACE[1] - 8 : FACE[3] + 8, FACE[0] - 8 : FACE[2] + 8] = False
    difference = (after - before)[outside]
    assert np.abs(difference.mean(axis=0)).max() < 0.35
    assert np.abs(difference).mean() < 2.5
    assert np.abs(after[FACE[1] + 25 : FACE[1] + 55, FACE[0] + 15 : FACE[0] + 45]).mean() < 3
    matrix, primaries, transfer, span = tags(source)
    assert tags(dubbed) == (6 if matrix == 2 else matrix, primaries, transfer, span or 1)


@pytest.mark.parametrize("encoder", ["libx264", "libx265", "libsvtav1", "libvpx-vp9", "prores"])
@pytest.mark.parametrize("name", ["BT.601", "BT.601 full", "BT.709 full"])
def test_with_every_encoder(tmp_path, encoder, name):
    source = write_source(tmp_path / "source.mp4", KINDS[name])
    dubbed = dub(source, tmp_path / "dubbed.mkv", encoder)
    difference = (played(dubbed) - played(source))[:, 180:]
    assert np.abs(difference.mean(axis=(0, 1))).max() < 0.5
    assert np.abs(difference).mean() < 2.5


def test_where_nothing_is_drawn_not_even_the_decoder_sees_a_difference(tmp_path):
    """Planes go from the decoder to the encoder as they are, whatever their colours."""
    footage = open_video_source(write_source(tmp_path / "source.mp4", KINDS["BT.601 full"]))
    (before,), (after,) = footage.frames([1]), footage.frames([1])
    window = after.window(FACE)
    after.put(FACE, window.copy(), window)
    drawn = window.copy()
    drawn[20:60, 10:50] = 0
    after.put(FACE, drawn, window)
    changed = before.luma != after.luma
    assert changed[FACE[1] + 20 : FACE[1] + 60, FACE[0] + 10 : FACE[0] + 50].mean() > 0.9
    changed[FACE[1] + 20 : FACE[1] + 60, FACE[0] + 10 : FACE[0] + 50] = False
    assert not changed.any()


@pytest.mark.parametrize("colour", KINDS.values(), ids=KINDS)
def test_to_bgr_and_back(colour):
    flat = np.random.default_rng(0).integers(0, 256, (8, 8, 3)).astype(np.uint8)
    picture = np.kron(flat, np.ones((16, 16, 1), np.uint8))
    picture[0, 0] = (0, 0, 255)
    again = YuvFrame.of(picture, colour).bgr()
    middles = np.s_[8::16, 8::16]
    assert np.abs(again[middles].astype(int) - picture[middles]).max() <= 3
