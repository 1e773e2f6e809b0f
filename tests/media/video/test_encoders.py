"""Which encoder a file gets, what is said where it cannot have it, and that each one works."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from math import inf
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from lipwright.core.errors import UsageError
from lipwright.core.validation import Quality
from lipwright.media.image.read import read_image
from lipwright.media.video.containers import CONTAINERS
from lipwright.media.video.encoder_presets import ENCODERS, Encoder
from lipwright.media.video.encoder_selection import (
    check_encoder,
    choose_encoder,
    find_encoder,
    unavailable_reason,
)
from lipwright.media.video.output_spec import OutputSpec
from lipwright.media.video.writer import VideoWriter
from tests.helpers import hopper_path

SIZE = (320, 240)
SOFTWARE = [e for e in ENCODERS.values() if not e.hardware]
PLACES = [(e.name, file) for e in SOFTWARE for file in e.files]


def pictures(count: int = 6) -> list[np.ndarray]:
    """A face that moves to the side, 2 px a frame."""
    portrait = cv2.resize(read_image(hopper_path()), (400, 469), interpolation=cv2.INTER_AREA)
    return [portrait[60:300, 10 + 2 * i : 330 + 2 * i].copy() for i in range(count)]


def write(path: Path, encoder: str, quality: Quality = "high", count: int = 6) -> Path:
    chosen = choose_encoder(encoder, path)
    with VideoWriter(
        path, OutputSpec(SIZE, Fraction(25), quality=quality, encoder=chosen)
    ) as video:
        for picture in pictures(count):
            video.write(picture)
    return path


def read(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="bgr24") for frame in container.decode(video=0)]


def error(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(one.astype(int) - other).mean())


def nothing_works_but(*names: str):
    return lambda encoder: "" if encoder.name in names else "a reason"


@pytest.mark.parametrize(("name", "extension"), PLACES)
def test_each_software_encoder_in_each_of_its_files(tmp_path: Path, name: str, extension: str):
    path = write(tmp_path / f"v{extension}", name)
    seen = read(path)
    assert len(seen) == 6
    with av.open(str(path)) as container:
        times = [frame.time for frame in container.decode(video=0)]
    assert np.allclose(times, np.arange(6) / 25, atol=0.0006)
    assert max(error(a, b) for a, b in zip(seen, pictures(), strict=True)) < 3.5
    with av.open(str(path)) as container:
        context = container.streams.video[0].codec_context
        kind = {"hevc": "HEVC", "h264": "H.264", "av1": "AV1", "libdav1d": "AV1"}
        said = kind.get(context.name, {"vp9": "VP9", "prores": "ProRes"}.get(context.name))
        assert said == ENCODERS[name].codec
        assert (context.colorspace, context.color_primaries, context.color_trc) == (1, 1, 1)
        assert context.color_range == 1


@pytest.mark.parametrize("name", [e.name for e in SOFTWARE])
def test_quality_orders_size(tmp_path: Path, name: str):
    extension = ENCODERS[name].files[0]
    levels: tuple[Quality, ...] = ("low", "medium", "high")
    files = [write(tmp_path / f"{q}{extension}", name, q, count=10) for q in levels]
    sizes = [file.stat().st_size for file in files]
    assert sizes == sorted(set(sizes))


@pytest.mark.parametrize("extension", [".mp4", ".mov"])
def test_hevc_is_called_what_apple_plays(tmp_path: Path, extension: str):
    path = write(tmp_path / f"v{extension}", "x265")
    assert b"hvc1" in path.read_bytes() and b"hev1" not in path.read_bytes()


@pytest.mark.parametrize("extension", CONTAINERS)
def test_auto_takes_the_usual_one(extension: str):
    expected = {".webm": "libvpx-vp9"}.get(extension, "libx264")
    assert choose_encoder("auto", Path(f"v{extension}")).name == expected
    refused = nothing_works_but("libx264", "libvpx-vp9")
    assert choose_encoder("auto", Path(f"v{extension}"), True, refused).name == expected


def seconds_of(**known: float):
    """Measures encoders as these; nothing else is asked for."""

    def measure(encoders: Sequence[Encoder]) -> list[float]:
        return [known[encoder.name] for encoder in encoders]

    return measure


ALL_CARDS = [e.name for e in ENCODERS.values() if e.hardware]


@pytest.mark.parametrize(
    ("file", "works", "seconds", "expected"),
    [
        ("v.mp4", ["h264_nvenc"], {"libx264": 0.2, "h264_nvenc": 0.1}, "h264_nvenc"),
        ("v.mp4", ["h264_nvenc"], {"libx264": 0.1, "h264_nvenc": 0.2}, "libx264"),
        ("v.mp4", ["h264_nvenc"], {"libx264": 0.1, "h264_nvenc": 0.1}, "libx264"),
        ("v.mp4", ["h264_nvenc"], {"libx264": 0.1, "h264_nvenc": inf}, "libx264"),
        (
            "v.mkv",
            ALL_CARDS,
            {"libx264": 0.3, "h264_nvenc": 0.2, "h264_qsv": 0.1, "h264_amf": 0.4}
            | {"h264_videotoolbox": 0.25},
            "h264_qsv",
        ),
        ("v.mov", ["h264_videotoolbox"], {"libx264": 1, "h264_videotoolbox": 0.9}, None),
        # nothing but AV1 may take the place of VP9
        ("v.webm", ALL_CARDS, {"libvpx-vp9": 0.3, "av1_nvenc": 0.1, "av1_qsv": 0.2}, "av1_nvenc"),
        ("v.webm", ["h264_nvenc"], {}, "libvpx-vp9"),
        ("v.mp4", ["hevc_nvenc", "av1_nvenc"], {}, "libx264"),
        ("v.mp4", [], {}, "libx264"),
        ("v.gif", ALL_CARDS, {}, "libx264"),
    ],
)
def test_auto_on_a_gpu_takes_what_is_faster(file, works, seconds, expected):
    encoder = choose_encoder(
        "auto", Path(file), True, nothing_works_but(*works), seconds_of(**seconds)
    )
    assert encoder.name == (expected or works[0])


def test_a_named_encoder_is_not_timed():
    every = nothing_works_but("h264_nvenc", "libx265")
    for name, expected in (("nvenc", "h264_nvenc"), ("x265", "libx265")):
        assert choose_encoder(name, Path("v.mp4"), True, every, seconds_of()).name == expected


def test_without_a_gpu_nothing_is_tried():
    def never(encoder: Encoder) -> str:
        raise AssertionError(encoder.name)

    chosen = choose_encoder("auto", Path("v.mp4"), reason=never, timed=seconds_of())
    assert chosen.name == "libx264"


@pytest.mark.parametrize("encoder", ENCODERS.values(), ids=lambda e: e.name)
def test_both_names_mean_the_same(encoder: Encoder):
    assert find_encoder(encoder.name) == find_encoder(encoder.name.upper()) == encoder
    assert not encoder.short or find_encoder(encoder.short) == encoder


def test_short_names_are_not_shared():
    names = [n for e in ENCODERS.values() for n in (e.name, e.short) if n]
    assert len(names) == len(set(names)) and "auto" not in names


def test_an_encoder_that_does_not_work_here_names_those_that_do():
    works = nothing_works_but("libx264", "libx265", "h264_amf", "libvpx-vp9")
    message = (
        r'"nvenc" does not work here \(a reason\): '
        r"choose auto, libx264, libx265, libvpx-vp9 or h264_amf\.$"
    )
    with pytest.raises(UsageError, match=message):
        choose_encoder("nvenc", Path("v.mp4"), reason=works)


def test_a_file_that_cannot_hold_it():
    message = r'v\.mp4 cannot hold ProRes \("prores"\): end it in \.mov or \.mkv, or choose auto, '
    with pytest.raises(UsageError, match=message + r"libx264, libx265, libsvtav1 or libvpx-vp9\.$"):
        choose_encoder("prores", Path("v.mp4"))
    with pytest.raises(UsageError, match="GIF"):
        choose_encoder("x265", Path("v.gif"))


@pytest.mark.parametrize("name", ["", "nonsense", "h264", "libx264 -f null"])
def test_unknown_names(name: str):
    with pytest.raises(UsageError, match=r'There is no encoder ".*": choose auto, libx264, '):
        check_encoder(name)


def test_why_an_encoder_does_not_work():
    missing = Encoder("libnothing", "", "H.264", (".mp4",), "crf", ("1", "2", "3"))
    assert unavailable_reason(missing) == "FFmpeg was built without it"
    broken = Encoder("libx264", "", "H.264", (".mp4",), "preset", ("a", "b", "c"))
    assert unavailable_reason(ENCODERS["libx264"]) == "" and unavailable_reason(broken).startswith(
        "FFmpeg says: "
    )
    card = Encoder("libx264", "", "H.264", (".mp4",), "preset", ("a", "b", "c"), hardware="a card")
    assert unavailable_reason(card) == "it needs a card that encodes H.264, and its driver"


def test_pictures_of_the_kind_that_graphics_cards_take(tmp_path: Path):
    """What is handed to an encoder that wants NV12, proven with a program that takes it as well."""
    x264 = ENCODERS["libx264"]
    semi = replace(x264, pixels="nv12")
    for encoder, name in ((x264, "planar"), (semi, "semi")):
        with VideoWriter(
            tmp_path / f"{name}.mp4", OutputSpec(SIZE, Fraction(25), encoder=encoder)
        ) as video:
            for picture in pictures():
                video.write(picture)
    planar, semi_planar = (read(tmp_path / f"{name}.mp4") for name in ("planar", "semi"))
    assert all(np.array_equal(a, b) for a, b in zip(planar, semi_planar, strict=True))


@pytest.mark.parametrize("encoder", ENCODERS.values(), ids=lambda e: e.name)
@pytest.mark.parametrize("quality", ["low", "medium", "high"])
def test_ffmpeg_knows_every_option_and_its_value(encoder: Encoder, quality: str):
    """So it is for graphics cards' encoders as well, which can be asked without a card."""
    try:
        context = av.CodecContext.create(encoder.name, "w")
    except av.codec.codec.UnknownCodecError:
        pytest.skip("FFmpeg was built without it")
    options = context.supported_options
    known = {option.name: option for option in (*options.generic, *options.private)}
    for name, value in encoder.settings(quality).items():
        option = known[name]
        choices = {choice.name for choice in option.choices}
        if value.lstrip("+") in choices or option.type.name in ("STRING", "DICT"):
            continue
        assert option.min <= float(value) <= option.max
    kinds = {kind.name for kind in av.Codec(encoder.name, "w").video_formats or ()}
    assert not kinds or encoder.pixels in kinds
    assert encoder.alpha_pixels is None or encoder.alpha_pixels in kinds
