"""Films with more than 8 bits or more than SDR shows, from the file to the picture."""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import av
import numpy as np
import pytest
from PIL import Image

from lipwright.core.errors import MediaError
from lipwright.media.video import tone_mapping
from lipwright.media.video.color import Colour
from lipwright.media.video.hdr_to_sdr import peak_of, to_sdr, why_unreadable
from lipwright.media.video.output_spec import OutputSpec
from lipwright.media.video.source import open_video_source
from lipwright.media.video.writer import VideoWriter
from lipwright.media.video.yuv_frame import from_av

WIDTH, HEIGHT = 256, 96
TEN_BITS, LOSSLESS = "yuv420p10le", "lossless=1:log-level=none"


def planes_of(frame: av.VideoFrame) -> list[np.ndarray]:
    kind = np.uint16 if frame.format.components[0].bits > 8 else np.uint8
    size = np.dtype(kind).itemsize
    return [
        np.frombuffer(plane, kind).reshape(plane.height, -1)[:, : plane.line_size // size][
            :, : plane.width
        ]
        for plane in frame.planes
    ]


def grey_ramp(low: int = 64, high: int = 940, kind: str = TEN_BITS) -> av.VideoFrame:
    """Luma that rises from the left to the right, without colour."""
    frame = av.VideoFrame(WIDTH, HEIGHT, kind)
    luma, *chroma = planes_of(frame)
    luma[:] = np.linspace(low, high, WIDTH).round()
    for plane in chroma:
        plane[:] = 512 if kind == TEN_BITS else 128
    return frame


def write_film(path: Path, frame: av.VideoFrame, transfer=2, primaries=2, matrix=2, **more) -> Path:
    with av.open(str(path), "w") as container:
        options = {"x265-params": f"{LOSSLESS}{more.get('parameters', '')}"}
        stream = container.add_stream("libx265", rate=25, options=options)
        stream.width, stream.height, stream.pix_fmt = frame.width, frame.height, frame.format.name
        context = stream.codec_context
        context.color_trc, context.color_primaries = transfer, primaries
        context.colorspace, context.color_range = matrix, more.get("span", 1)
        context.codec_tag = more.get("tag", "hvc1")
        for number in range(3):
            frame.pts, frame.time_base = number, Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def test_ten_bits_become_eight_without_bands_or_a_shift(tmp_path):
    frame = grey_ramp(400, 463)  # a quarter of a grey level from one column to the next
    source = open_video_source(write_film(tmp_path / "deep.mp4", frame, 1, 1, 1))
    luma = next(iter(source.frames([0]))).luma.astype(float)
    exact = planes_of(frame)[0] / 4
    assert source.colour == Colour()
    assert np.abs(luma - exact).max() <= 1
    assert np.abs(luma.mean(axis=0) - exact[0]).max() < 0.3  # dithered: bands would be 0.5 off
    assert abs((luma - exact).mean()) < 0.13


@pytest.mark.parametrize("kind", ["yuv422p10le", "yuv444p12le", "yuv422p", "yuv444p", "gray"])
def test_other_kinds_of_pictures_keep_their_grey(tmp_path, kind):
    deep = grey_ramp()
    source = open_video_source(
        write_film(tmp_path / "film.mp4", deep.reformat(format=kind), 1, 1, 1)
    )
    (seen,) = source.frames([1])
    assert np.abs(seen.luma - planes_of(deep)[0] / 4).max() <= 1.5
    assert all(np.abs(plane.astype(int) - 128).max() <= 1 for plane in seen.planes[1:])


@pytest.mark.parametrize("transfer", [tone_mapping.PQ, tone_mapping.HLG])
def test_a_gradient_comes_out_as_worked_out_and_in_order(tmp_path, transfer):
    film = write_film(tmp_path / "hdr.mp4", grey_ramp(), transfer, 9, 9)
    source = open_video_source(film)
    (seen,) = source.frames([1])
    assert source.colour == seen.colour == Colour()
    signal = (np.linspace(64, 940, WIDTH).round() - 64) / 876
    expected = tone_mapping.sdr_signal(np.repeat(signal[:, None], 3, axis=1), transfer, 9)[:, 0]
    luma = seen.luma.astype(float).mean(axis=0)
    assert np.abs(luma - (16 + 219 * expected)).max() < 1.2
    assert np.diff(luma).min() > -0.6 and luma[0] < 17 and luma[-1] > 234
    assert all(np.abs(plane.astype(int) - 128).max() <= 1 for plane in seen.planes[1:])


def colour_patches(transfer: int) -> tuple[av.VideoFrame, np.ndarray]:
    """Colours a phone sees, as BT.2020 HDR of 10 bits, and as R'G'B' signals (8, 3)."""
    signals = np.array(
        [(0.62, 0.5, 0.44), (0.45, 0.33, 0.28), (0.3, 0.45, 0.2), (0.35, 0.45, 0.62)]
        + [(0.7, 0.7, 0.7), (0.2, 0.2, 0.2), (0.6, 0.3, 0.3), (0.55, 0.52, 0.3)]
    )
    if transfer == tone_mapping.PQ:
        signals = signals * 0.8
    weights = tone_mapping.rgb_to_xyz(9)[1]
    luma = signals @ weights
    blue, red = (signals[:, 2] - luma) / 1.8814, (signals[:, 0] - luma) / 1.4746
    frame = av.VideoFrame(WIDTH, HEIGHT, TEN_BITS)
    values = (64 + 876 * luma, 512 + 896 * blue, 512 + 896 * red)
    for plane, value in zip(planes_of(frame), values, strict=True):
        plane[:] = np.repeat(value.round(), plane.shape[1] // 8)
    return frame, signals


@pytest.mark.parametrize("transfer", [tone_mapping.PQ, tone_mapping.HLG, 1])
def test_colours_come_out_as_worked_out(tmp_path, transfer):
    frame, signals = colour_patches(transfer)
    source = open_video_source(write_film(tmp_path / "hdr.mp4", frame, transfer, 9, 9))
    (picture,) = source.pictures([2])
    middles = picture[HEIGHT // 2, WIDTH // 16 :: WIDTH // 8, ::-1]
    expected = 255 * tone_mapping.sdr_signal(signals, transfer, 9)
    assert np.abs(middles - expected).max() < 4 and np.abs(middles - expected).mean() < 1.5


@pytest.mark.parametrize(("primaries", "matrix"), [(2, 2), (9, 2), (2, 9)])
def test_hdr_that_says_only_its_transfer_is_bt2020(tmp_path, primaries, matrix):
    frame, signals = colour_patches(tone_mapping.HLG)
    film = write_film(tmp_path / "hdr.mp4", frame, tone_mapping.HLG, primaries, matrix)
    (picture,) = open_video_source(film).pictures([2])
    middles = picture[HEIGHT // 2, WIDTH // 16 :: WIDTH // 8, ::-1]
    assert np.abs(middles - 255 * tone_mapping.sdr_signal(signals, tone_mapping.HLG, 9)).max() < 4


def test_a_full_range_film_of_hdr(tmp_path):
    film = write_film(tmp_path / "full.mp4", grey_ramp(0, 1023), tone_mapping.HLG, 9, 9, span=2)
    (seen,) = open_video_source(film).frames([0])
    expected = tone_mapping.sdr_signal(
        np.linspace(0, 1, WIDTH)[:, None].repeat(3, 1), tone_mapping.HLG, 9
    )[:, 0]
    assert np.abs(seen.luma.mean(axis=0) - (16 + 219 * expected)).max() < 1.2


MASTERED = ":master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(40000000,50)"


@pytest.mark.parametrize(
    ("parameters", "peak"),
    [("", 1000), (":max-cll=600,200", 600), (MASTERED, 4000), (MASTERED + ":max-cll=900,90", 900)],
)
def test_the_brightest_pixel_is_what_the_film_says(tmp_path, parameters, peak):
    film = write_film(
        tmp_path / "hdr.mp4", grey_ramp(), tone_mapping.PQ, 9, 9, parameters=parameters
    )
    with av.open(str(film)) as container:
        assert peak_of(next(container.decode(video=0))) == peak
    (seen,) = open_video_source(film).frames([0])
    signal = (np.linspace(64, 940, WIDTH) - 64)[:, None].repeat(3, 1) / 876
    expected = 16 + 219 * tone_mapping.sdr_signal(signal, tone_mapping.PQ, 9, peak)[:, 0]
    assert np.abs(seen.luma.mean(axis=0) - expected).max() < 1.6


def test_a_turned_film_of_hdr_stands_upright(tmp_path):
    frame = grey_ramp()
    colour = Colour(9, 9, tone_mapping.HLG)
    flat = to_sdr(frame, colour)
    turned = SimpleNamespace(
        rotation=90, height=HEIGHT, width=WIDTH, colorspace=9, color_primaries=9, color_trc=18,
        color_range=1, format=frame.format, reformat=frame.reformat, side_data=frame.side_data,
    )  # fmt: skip
    seen = from_av(turned)
    assert seen.size == (HEIGHT, WIDTH)
    assert np.array_equal(seen.luma, np.rot90(planes_of(flat)[0]))


def test_dolby_vision_without_a_common_picture_is_refused(tmp_path):
    film = write_film(tmp_path / "dolby.mp4", grey_ramp(), tag="dvh1")
    with pytest.raises(MediaError, match=r"dolby\.mp4 is Dolby Vision of profile 5, .*export it"):
        open_video_source(film)
    readable = write_film(tmp_path / "phone.mp4", grey_ramp(), tone_mapping.HLG, 9, 9, tag="dvh1")
    assert open_video_source(readable).count == 3


def test_what_is_said_frame_by_frame_counts():
    notes = {"DOVI_RPU_BUFFER": b""}
    frame = SimpleNamespace(side_data=notes, color_trc=2, colorspace=2)
    assert why_unreadable(frame, "hev1").startswith("Dolby Vision")
    frame = SimpleNamespace(side_data=notes, color_trc=16, colorspace=9)
    assert why_unreadable(frame, "hev1") == ""
    frame = SimpleNamespace(side_data={}, color_trc=16, colorspace=14)
    assert "ICtCp" in why_unreadable(frame, "hvc1")


def test_a_film_of_jpegs_with_exif_is_read(tmp_path):
    """As cameras write them. PyAV 18 does not know this kind of note, and then reads none."""
    exif, jpeg, path = Image.Exif(), io.BytesIO(), tmp_path / "camera.avi"
    exif[0x010F] = "a camera's maker"
    Image.new("RGB", (96, 72), (90, 120, 150)).save(jpeg, "JPEG", exif=exif)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mjpeg", rate=25)
        stream.width, stream.height, stream.pix_fmt = 96, 72, "yuvj420p"
        for number in range(3):
            packet = av.Packet(jpeg.getvalue())
            packet.stream, packet.time_base, packet.is_keyframe = stream, Fraction(1, 25), True
            packet.pts = packet.dts = number
            container.mux(packet)
    source = open_video_source(path)
    (picture,) = source.pictures([1])
    assert source.count == 3
    assert picture.mean(axis=(0, 1)) == pytest.approx([150, 120, 90], abs=3)


def test_what_is_made_of_hdr_says_sdr(tmp_path):
    source = open_video_source(
        write_film(tmp_path / "hdr.mp4", grey_ramp(), tone_mapping.HLG, 9, 9)
    )
    path = tmp_path / "sdr.mp4"
    with VideoWriter(path, OutputSpec(source.size, source.fps, colour=source.colour)) as video:
        for frame in source.frames(range(3)):
            video.write(frame)
    with av.open(str(path)) as container:
        context = container.streams.video[0].codec_context
        assert (context.colorspace, context.color_primaries, context.color_trc) == (1, 1, 1)
        assert context.pix_fmt == "yuv420p"
