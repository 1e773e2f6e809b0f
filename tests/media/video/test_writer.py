"""Videos hold the frames, the times, the colours and the sound they were given, or nothing."""

from __future__ import annotations

from dataclasses import fields
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import av
import numpy as np
import pytest

from lipwright.core.errors import MediaError, UsageError
from lipwright.media.audio.decode import decode_blocks, probe_audio
from lipwright.media.audio.wav_writer import write_wav
from lipwright.media.video.output_spec import OutputSpec
from lipwright.media.video.writer import VideoWriter
from tests.media.sounds import chirp, encode_sound, lag

SIZE = (96, 64)


def noise(number: int = 1, size: tuple[int, int] = SIZE) -> list[np.ndarray]:
    generator = np.random.default_rng(0)
    return [generator.integers(0, 256, (size[1], size[0], 3), np.uint8) for _ in range(number)]


def make(path: Path, frames: int = 10, fps: Any = 25, audio: Any = None, **options: Any) -> Path:
    """A short video whose brightness rises by 2 a frame."""
    known = {field.name for field in fields(OutputSpec)}
    given = {name: options.pop(name) for name in known & options.keys()}
    with VideoWriter(path, OutputSpec(SIZE, Fraction(fps), **given), audio, **options) as video:
        for number in range(frames):
            video.write(np.full((SIZE[1], SIZE[0], 3), 2 * number % 250, np.uint8))
    return path


def packets(path: Path, kind: str) -> list[tuple[Any, bytes]]:
    with av.open(str(path)) as container:
        stream = getattr(container.streams, kind)[0]
        return [(p.pts, bytes(p)) for p in container.demux(stream) if p.size]


def sound(path: Path, rate: int = 48000) -> np.ndarray:
    return np.concatenate(list(decode_blocks(path, rate)))


@pytest.mark.parametrize("extension", ["mp4", "m4v", "mov", "mkv", "webm"])
@pytest.mark.parametrize("fps", ["25", "30000/1001", "12.5"])
def test_frames_stand_at_exact_times(tmp_path: Path, extension: str, fps: str) -> None:
    path = make(tmp_path / f"ein Vidéo.{extension}", frames=40, fps=fps)
    rate = Fraction(fps)
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert stream.average_rate == rate
        exact = extension not in ("mkv", "webm")  # Matroska counts in milliseconds
        times = [frame.pts * frame.time_base for frame in container.decode(stream)]
    assert len(times) == 40
    for number, time in enumerate(times):
        assert abs(time - number / rate) <= (0 if exact else Fraction(1, 1000))


@pytest.mark.parametrize("extension", ["mp4", "mov", "mkv", "webm"])
def test_colours_are_bt709_and_say_so(tmp_path: Path, extension: str) -> None:
    colours = [(0, 0, 255), (0, 255, 0), (255, 0, 0), (255, 255, 255), (0, 0, 0), (120, 160, 220)]
    path = tmp_path / f"c.{extension}"
    with VideoWriter(path, OutputSpec((192, 64), Fraction(25))) as video:
        frame = np.empty((64, 192, 3), np.uint8)
        for number, colour in enumerate(colours):
            frame[:, 32 * number : 32 * number + 32] = colour
        video.write(frame)
    with av.open(str(path)) as container:
        context = container.streams.video[0].codec_context
        assert (context.colorspace, context.color_range, context.pix_fmt) == (1, 1, "yuv420p")
        assert (context.color_primaries, context.color_trc) == (1, 1)
        decoded = next(container.decode(video=0))
        luma, blue, red = (plane_of(decoded, index).astype(float) for index in range(3))
    for number, (b, g, r) in enumerate(colours):
        middle = np.s_[28:36, 32 * number + 12 : 32 * number + 20]
        halved = np.s_[14:18, 16 * number + 6 : 16 * number + 10]
        y = (luma[middle].mean() - 16) / 219 * 255
        from_blue = y + (blue[halved].mean() - 128) / 224 * 255 * 1.8556
        from_red = y + (red[halved].mean() - 128) / 224 * 255 * 1.5748
        assert abs(y - (0.2126 * r + 0.7152 * g + 0.0722 * b)) < 4
        assert abs(from_blue - b) < 9 and abs(from_red - r) < 9


def decoded(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="bgr24") for frame in container.decode(video=0)]


def plane_of(frame: Any, index: int) -> np.ndarray:
    plane = frame.planes[index]
    rows = np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)
    return rows[:, : plane.width]


def test_quality_orders_size_and_error(tmp_path: Path) -> None:
    size = (320, 240)
    smooth = [np.sort(frame, axis=1) for frame in noise(5, size)]
    sizes = []
    for quality in ("low", "medium", "high"):
        path = tmp_path / f"{quality}.mp4"
        with VideoWriter(path, OutputSpec(size, Fraction(25), quality=quality)) as video:
            for frame in smooth:
                video.write(frame)
        sizes.append(path.stat().st_size)
    assert sizes == sorted(sizes)


def test_copied_sound_is_the_same_to_the_bit(tmp_path: Path) -> None:
    source = encode_sound(tmp_path / "a.m4a", chirp(3.0, 44100)[None], 44100, "aac")
    path = make(tmp_path / "v.mp4", frames=75, audio=source)
    assert [data for _, data in packets(path, "audio")] == [d for _, d in packets(source, "audio")]
    assert np.array_equal(sound(path, 44100), sound(source, 44100))


def test_copied_sound_that_starts_late_is_moved_to_the_start(tmp_path: Path) -> None:
    samples = chirp(2.0, 48000)
    source = encode_sound(tmp_path / "late.mkv", samples[None], 48000, "aac", delay=0.8)
    path = make(tmp_path / "v.mp4", frames=50, audio=source)
    with av.open(str(path)) as container:
        first = next(container.decode(audio=0))
        assert abs(first.time) < 0.03
    assert abs(lag(samples, sound(path))) <= 1024


def test_the_late_sound_of_a_film_stays_late(tmp_path: Path) -> None:
    samples = chirp(1.5, 48000)
    source = encode_sound(
        tmp_path / "late.mp4", samples[None], 48000, "aac", with_video=True, delay=0.436
    )
    path = make(tmp_path / "v.mp4", frames=50, audio=source)
    assert [data for _, data in packets(path, "audio")] == [d for _, d in packets(source, "audio")]
    assert lag(samples, sound(path)) == pytest.approx(0.436 * 48000, abs=48)


def test_sound_with_holes_is_filled_up_rather_than_copied(tmp_path: Path) -> None:
    """Players differ in what they do with a hole: some close it up."""
    samples = chirp(3.0, 48000)
    holes = tuple(number for number in range(10, 130) if number % 20 in (0, 1))
    source = encode_sound(tmp_path / "a.mkv", samples[None], 48000, "aac", holes=holes)
    path = make(tmp_path / "v.mp4", frames=75, audio=source)
    with av.open(str(path)) as container:
        joined = np.concatenate([f.to_ndarray()[0] for f in container.decode(audio=0)])
    assert lag(samples[96000:120000], joined[96000:120000]) == pytest.approx(0, abs=48)


def test_adts_fits_into_mp4(tmp_path: Path) -> None:
    source = encode_sound(tmp_path / "a.aac", chirp(1.0, 48000)[None], 48000, "aac")
    path = make(tmp_path / "v.mp4", frames=25, audio=source)
    assert np.abs(sound(path)[2000:40000] - sound(source)[2000:40000]).max() < 1e-6


@pytest.mark.parametrize("extension", ["mp4", "mov", "mkv", "webm"])
@pytest.mark.parametrize("rate", [8000, 44100, 192000])
def test_encoded_sound_keeps_time_and_length(tmp_path: Path, extension: str, rate: int) -> None:
    samples = chirp(2.0, rate)
    write_wav(tmp_path / "a.wav", samples, rate)
    path = make(tmp_path / f"v.{extension}", frames=50, audio=tmp_path / "a.wav")
    got = sound(path)
    assert abs(len(got) / 48000 - 2.0) < (0.15 if rate == 8000 else 0.03)
    assert abs(lag(chirp(2.0, 48000), got)) <= 8  # the resampler to Opus' rate may shift a little
    info = probe_audio(path)
    assert info.rate == (48000 if extension == "webm" or rate == 192000 else rate)


def test_surround_sound_stays_surround(tmp_path: Path) -> None:
    channels = np.stack([chirp(1.0, 48000)] * 6)
    source = encode_sound(tmp_path / "a.flac", channels, 48000, "flac", "5.1")
    for extension in ("mp4", "webm", "mkv"):
        path = make(tmp_path / f"v.{extension}", frames=25, audio=source)
        assert probe_audio(path).channels == 6


def test_speech_from_memory(tmp_path: Path) -> None:
    speech = SimpleNamespace(samples=chirp(1.5, 24000), rate=24000, path=None)
    path = make(tmp_path / "v.mp4", frames=38, audio=speech)
    assert abs(lag(chirp(1.5, 48000), sound(path))) <= 4
    assert probe_audio(path).rate == 24000
    again = SimpleNamespace(samples=None, rate=0, path=tmp_path / "v.mp4")
    assert len(packets(make(tmp_path / "w.mp4", audio=again), "audio")) == len(
        packets(path, "audio")
    )


@pytest.mark.parametrize("frames", [5, 75])
def test_sound_keeps_its_own_length(tmp_path: Path, frames: int) -> None:
    write_wav(tmp_path / "a.wav", chirp(1.0, 48000), 48000)
    path = make(tmp_path / "v.mp4", frames=frames, audio=tmp_path / "a.wav")
    assert len(packets(path, "video")) == frames
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        assert stream.duration * stream.time_base == 1


@pytest.mark.parametrize("codec", ["aac", "flac"])
def test_sound_and_pictures_are_interleaved(tmp_path: Path, codec: str) -> None:
    source = encode_sound(tmp_path / "a.mkv", chirp(20.0, 16000)[None], 16000, codec)
    path = make(tmp_path / "v.mp4", frames=500, audio=source)
    times = {"audio": Fraction(0), "video": Fraction(0)}
    with av.open(str(path)) as container:
        positions = sorted(
            (p.pos, p.stream.type, p.dts * p.time_base) for p in container.demux() if p.size
        )
    for _, kind, time in positions:
        times[kind] = time
        assert abs(times["audio"] - times["video"]) < 1.5


@pytest.mark.parametrize("extension", ["mp4", "webm", "gif"])
def test_hint_gives_the_same_video(tmp_path: Path, extension: str) -> None:
    generator = np.random.default_rng(1)
    boxes = [(10, 7, 33, 40), (-5, -5, 20, 21), (0, 0, 0, 0), (80, 50, 200, 99), (31, 31, 32, 32)]
    frame = generator.integers(0, 256, (64, 96, 3), np.uint8)
    frames = [frame]
    for x0, y0, x1, y1 in boxes:
        frame = frame.copy()
        part = frame[max(0, y0) : y1, max(0, x0) : x1]
        part[:] = generator.integers(0, 256, part.shape, np.uint8)
        frames.append(frame)
    for name, hints in (("full", [None] * 6), ("hint", [(4, 4, 8, 8), *boxes])):
        with VideoWriter(tmp_path / f"{name}.{extension}", OutputSpec(SIZE, Fraction(25))) as video:
            for picture, hint in zip(frames, hints, strict=True):
                video.write(picture, changed=hint)
    whole, hinted = (decoded(tmp_path / f"{name}.{extension}") for name in ("full", "hint"))
    assert len(whole) == (3 if extension == "gif" else 6)
    assert all(np.array_equal(one, other) for one, other in zip(whole, hinted, strict=True))


def test_caller_may_reuse_the_array(tmp_path: Path) -> None:
    frame = np.zeros((64, 96, 3), np.uint8)
    with VideoWriter(tmp_path / "v.mp4", OutputSpec(SIZE, Fraction(25))) as video:
        for number in range(30):
            frame[:] = 8 * number
            video.write(frame)
        frame[:] = 0
        assert video.frames == 30
    with av.open(str(tmp_path / "v.mp4")) as container:
        levels = [plane_of(picture, 0).mean() for picture in container.decode(video=0)]
    expected = [16 + 219 / 255 * 8 * number for number in range(30)]
    assert np.abs(np.subtract(levels, expected)).max() < 2


@pytest.mark.parametrize("extension", ["mp4", "mov", "mkv", "webm", "gif"])
def test_marked_as_generated(tmp_path: Path, extension: str) -> None:
    path = make(tmp_path / f"v.{extension}", metadata={"title": "A talk"})
    with av.open(str(path)) as container:
        tags = {key.lower(): value for key, value in container.metadata.items()}
    assert tags["comment"].startswith("AI-generated video")
    source_type = (
        "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
    )
    assert source_type.encode() in path.read_bytes()
    if extension != "gif":
        assert tags["description"] == source_type and tags["title"] == "A talk"


def test_index_stands_in_front(tmp_path: Path) -> None:
    data = make(tmp_path / "v.mp4").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat") < data.index(b"uuid")


def test_gif(tmp_path: Path) -> None:
    path = tmp_path / "v.gif"
    with VideoWriter(path, OutputSpec(SIZE, Fraction(30)), audio=None) as video:
        for number in range(30):
            frame = np.full((64, 96, 3), (40, 120, 230), np.uint8)
            frame[20:30, number : number + 10] = (200, 30, 60)
            video.write(frame)
    from PIL import Image
    from PIL.GifImagePlugin import GifImageFile

    with Image.open(path) as picture:
        assert isinstance(picture, GifImageFile) and picture.n_frames == 15
        assert picture.info["loop"] == 0
        length = 0
        for number in range(15):
            picture.seek(number)
            length += picture.info["duration"]
            pixels = np.asarray(picture.convert("RGB")).astype(int)
            assert np.abs(pixels[50, 50] - (230, 120, 40)).max() < 10
            assert np.abs(pixels[25, 2 * number + 5] - (60, 30, 200)).max() < 25
    assert abs(length - 1000) <= 20
    assert [entry.name for entry in tmp_path.iterdir()] == ["v.gif"]


def test_size_and_frames_are_checked(tmp_path: Path) -> None:
    for size in ((95, 64), (96, 63), (0, 64)):
        with pytest.raises(ValueError, match="even"):
            VideoWriter(tmp_path / "v.mp4", OutputSpec(size, Fraction(25)))
    with VideoWriter(tmp_path / "v.mp4", OutputSpec(SIZE, Fraction(25))) as video:
        for wrong in (np.zeros((96, 64, 3), np.uint8), np.zeros((64, 96, 3), np.float32)):
            with pytest.raises(ValueError, match="frame"):
                video.write(wrong)
        video.write(np.zeros((64, 96, 3), np.uint8))


def test_misuse(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"\.mp4.*\.gif"):
        VideoWriter(tmp_path / "v.avi", OutputSpec(SIZE, Fraction(25)))
    with pytest.raises(UsageError, match="no extension"):
        VideoWriter(tmp_path / "v", OutputSpec(SIZE, Fraction(25)))
    with pytest.raises(UsageError, match="quality"):
        OutputSpec(SIZE, Fraction(25), quality="best")  # type: ignore[arg-type]
    for fps in (0, -25, 5000):
        with pytest.raises(UsageError, match="frames per second"):
            VideoWriter(tmp_path / "v.mp4", OutputSpec(SIZE, Fraction(fps)))


def test_sound_that_cannot_be_used(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match=r"missing\.wav"):
        make(tmp_path / "v.mp4", audio=tmp_path / "missing.wav")
    (tmp_path / "text.wav").write_text("no sound")
    with pytest.raises(MediaError, match=r"text\.wav"):
        make(tmp_path / "v.mp4", audio=tmp_path / "text.wav")
    assert [entry.name for entry in tmp_path.iterdir()] == ["text.wav"]
