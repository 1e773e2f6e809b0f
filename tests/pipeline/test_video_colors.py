"""Films in other colours than BT.709, dubbed from end to end: faces are found, tags fit."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from tests.videos import moved_portrait

import lipwright
from lipwright.media.video import chunks, tone_mapping
from lipwright.media.video.color import Colour
from lipwright.media.video.yuv_frame import YuvFrame

pytestmark = pytest.mark.usefixtures("fake_engines")
COUNT = 10


def write(path: Path, encoder: str, frames: list[av.VideoFrame], colour: Colour) -> Path:
    with av.open(str(path), "w") as container:
        options = {"crf": "4", "x265-params": "log-level=none"}
        stream = container.add_stream(encoder, rate=25, options=options)
        first = frames[0]
        stream.width, stream.height, stream.pix_fmt = first.width, first.height, first.format.name
        context = stream.codec_context
        context.colorspace, context.color_primaries = colour.matrix, colour.primaries
        context.color_trc, context.color_range = colour.transfer, 2 if colour.full_range else 1
        for number, frame in enumerate(frames):
            frame.pts, frame.time_base = number, Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def film_of_full_range(path: Path) -> Path:
    """As phones and web cameras write it: BT.601, 0 to 255."""
    colour = Colour(6, 6, 6, True)
    frames = [YuvFrame.of(moved_portrait(i), colour).frame for i in range(COUNT)]
    frames = [frame.reformat(format="yuvj420p") for frame in frames]
    return write(path, "libx264", frames, colour)


def film_of_hlg(path: Path) -> Path:
    """As phones write HDR: BT.2020, HLG, 10 bits."""
    colour = Colour(9, 9, tone_mapping.HLG)
    frames = []
    for number in range(COUNT):
        signal = (moved_portrait(number) * 0.75).astype(np.uint8)
        frame = YuvFrame.of(signal, colour).frame
        frames.append(frame.reformat(format="yuv420p10le"))
    return write(path, "libx265", frames, colour)


def seen(path: Path) -> tuple[list[np.ndarray], Colour]:
    """BGR pictures by swscale, which goes by the tags."""
    with av.open(str(path)) as container:
        context = container.streams.video[0].codec_context
        frames = list(container.decode(video=0))
        tags = context.colorspace, context.color_primaries, context.color_trc
        colour = Colour(*tags, context.color_range == 2)
        matrix = 5 if colour.matrix == 6 else colour.matrix
        return [f.to_ndarray(format="bgr24", src_colorspace=matrix) for f in frames], colour


def marks(picture: np.ndarray) -> int:
    """Px of the green that the engine marks noses with."""
    return int(((picture[..., 1] > 150) & (picture[..., [0, 2]].max(axis=2) < 110)).sum())


@pytest.mark.parametrize("extension", ["mp4", "webm"])
def test_a_film_of_full_range_keeps_it(tmp_path, voice, extension):
    film = film_of_full_range(tmp_path / "phone.mp4")
    output = tmp_path / f"out.{extension}"
    result = lipwright.sync(film, voice, output, engine="film", length="cut")
    before, after = seen(film), seen(output)
    assert before[1] == after[1] == Colour(6, 6, 6, True)
    assert not any(result.left_alone.values()) and len(after[0]) == COUNT
    for one, other in zip(before[0], after[0], strict=True):
        assert marks(other) > 20 > marks(one)
        assert abs(one[:80].astype(int) - other[:80]).mean() < 4
        assert abs((one[:80].astype(int) - other[:80]).mean()) < 0.8


def test_a_film_of_hdr_becomes_sdr(tmp_path, voice):
    film = film_of_hlg(tmp_path / "phone.mov")
    output = tmp_path / "out.mp4"
    result = lipwright.sync(film, voice, output, engine="film", length="cut")
    pictures, colour = seen(output)
    assert colour == Colour(1, 1, 1) and not any(result.left_alone.values())
    for number, picture in enumerate(pictures):
        assert marks(picture) > 20
        signal = (moved_portrait(number)[:80] * 0.75).astype(np.uint8)[..., ::-1] / 255
        expected = 255 * tone_mapping.sdr_signal(signal, tone_mapping.HLG, 9)[..., ::-1]
        assert np.abs(picture[:80] - expected).mean() < 5
        assert np.abs((picture[:80] - expected).mean(axis=(0, 1))).max() < 1.5


def film_of_wide_pixels(path: Path, aspect: Fraction, rotation: int = 0) -> Path:
    """As DV cameras write it: pixels that are not square."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 480, 480, "yuv420p"
        stream.codec_context.sample_aspect_ratio = aspect
        if rotation:
            stream.set_display_rotation(rotation)
        for number in range(COUNT):
            frame = YuvFrame.of(np.rot90(moved_portrait(number), -rotation // 90).copy()).frame
            frame.pts, frame.time_base = number, Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def aspect_of(path: Path) -> Fraction:
    with av.open(str(path)) as container:
        return container.streams.video[0].sample_aspect_ratio


@pytest.mark.parametrize(
    ("name", "encoder"),
    [("a.mp4", "auto"), ("a.mkv", "x265"), ("a.mov", "prores"), ("a.mp4", "vp9")],
)
def test_pixels_that_are_not_square_stay_so(tmp_path, voice, caplog, name, encoder):
    film = film_of_wide_pixels(tmp_path / "dv.mp4", Fraction(64, 45))
    output = tmp_path / name
    lipwright.sync(film, voice, output, engine="film", length="cut", encoder=encoder)
    assert aspect_of(output) == Fraction(64, 45)
    assert "squeezed" not in caplog.text


def test_a_long_film_keeps_the_shape_of_its_pixels(tmp_path, voice, monkeypatch):
    monkeypatch.setattr(chunks, "SECONDS", 0.4)
    film = film_of_wide_pixels(tmp_path / "dv.mp4", Fraction(64, 45))
    for name in ("out.mp4", "out.mkv"):
        lipwright.sync(film, voice, tmp_path / name, engine="film")
        assert aspect_of(tmp_path / name) == Fraction(64, 45)


def test_turned_pixels_are_high_instead_of_wide(tmp_path, voice):
    film = film_of_wide_pixels(tmp_path / "dv.mp4", Fraction(64, 45), rotation=90)
    lipwright.sync(film, voice, tmp_path / "out.mp4", engine="film", length="cut")
    assert aspect_of(tmp_path / "out.mp4") == Fraction(45, 64)


def test_what_cannot_say_it_is_named(tmp_path, voice, caplog):
    film = film_of_wide_pixels(tmp_path / "dv.mp4", Fraction(64, 45))
    lipwright.sync(film, voice, tmp_path / "out.webm", engine="film", length="cut")
    assert caplog.text.count("out.webm cannot say that pixels are 64/45 times as wide") == 1
