"""Whatever bytes a file holds, the decoders answer with a picture, a sound, or a LipwrightError."""

from __future__ import annotations

import functools
import io
import tempfile
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from lipwright.core.errors import LipwrightError
from lipwright.media.audio.decode import decode_blocks, probe_audio
from lipwright.media.audio.wav_writer import write_wav
from lipwright.media.image.read import read_image
from lipwright.media.video.output_spec import OutputSpec
from lipwright.media.video.writer import VideoWriter
from tests.media.sounds import chirp, encode_sound

bounded = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

PICTURES = ("png", "jpeg", "gif", "webp", "tiff", "bmp")
SOUNDS = ("wav", "mp3", "mp4", "flac", "mkv")
FLIPS = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=12)


def look(path: Path) -> None:
    pixels = read_image(path)
    assert pixels.dtype == np.uint8 and pixels.ndim == 3 and pixels.shape[2] == 3


def listen(path: Path) -> None:
    probe_audio(path)
    for block in decode_blocks(path, 16000):
        assert block.dtype == np.float32 and np.isfinite(block).all()
        assert np.abs(block).max() <= 1


def mux(path: Path) -> None:
    """Take the sound over into a video, copied (MP4, Matroska) or encoded anew (WebM)."""
    for extension in ("mp4", "mkv", "webm"):
        output = path.with_name(f"fuzz. output.{extension}")
        try:
            with VideoWriter(output, OutputSpec((64, 64), Fraction(25)), path) as video:
                for _ in range(10):
                    video.write(np.zeros((64, 64, 3), np.uint8))
        finally:
            assert not [entry for entry in path.parent.iterdir() if entry.name.startswith(".")]


def survives(decoder: Callable[[Path], None], data: bytes, extension: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"fuzz.{extension}"
        path.write_bytes(data)
        try:
            decoder(path)
        except LipwrightError as error:
            assert "fuzz." in str(error) and "\n" not in str(error)


def flipped(data: bytes, flips: list[tuple[float, int]]) -> bytes:
    changed = bytearray(data)
    for place, value in flips:
        # squared: most of what can go wrong stands near the start
        changed[int(place * place * (len(changed) - 1))] = value
    return bytes(changed)


@functools.cache
def picture(extension: str) -> bytes:
    x = np.linspace(0, 255, 90)[None].repeat(70, 0)
    pixels = np.stack([x, x[:, ::-1], x / 2], axis=2).astype(np.uint8)
    file = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    options = {"exif": exif} if extension in ("png", "jpeg", "webp") else {}
    Image.fromarray(pixels).save(file, extension, **options)
    return file.getvalue()


@functools.cache
def sound(extension: str) -> bytes:
    samples = chirp(0.4, 16000)
    codec = {"mp3": "libmp3lame", "mp4": "aac", "flac": "flac", "mkv": "libopus"}.get(extension)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"a.{extension}"
        if codec is None:
            write_wav(path, samples, 16000)
        else:
            encode_sound(path, samples[None], 16000, codec, with_video=extension == "mp4")
        return path.read_bytes()


@pytest.mark.parametrize(
    ("decoder", "extension"), [(look, "jpg"), (look, "png"), (listen, "wav"), (listen, "mp4")]
)
@bounded
@given(data=st.binary(max_size=4000))
def test_random_bytes(decoder: Callable[[Path], None], extension: str, data: bytes) -> None:
    survives(decoder, data, extension)


@pytest.mark.parametrize("extension", PICTURES)
@bounded
@given(part=st.floats(0, 1))
def test_truncated_pictures(extension: str, part: float) -> None:
    data = picture(extension)
    survives(look, data[: int(part * len(data))], extension)


@pytest.mark.parametrize("extension", PICTURES)
@bounded
@given(flips=FLIPS)
def test_damaged_pictures(extension: str, flips: list[tuple[float, int]]) -> None:
    survives(look, flipped(picture(extension), flips), extension)


@pytest.mark.parametrize("extension", SOUNDS)
@bounded
@given(part=st.floats(0, 1))
def test_truncated_sounds(extension: str, part: float) -> None:
    data = sound(extension)
    survives(listen, data[: int(part * len(data))], extension)


@pytest.mark.parametrize("extension", SOUNDS)
@bounded
@given(flips=FLIPS)
def test_damaged_sounds(extension: str, flips: list[tuple[float, int]]) -> None:
    survives(listen, flipped(sound(extension), flips), extension)


@pytest.mark.parametrize("extension", SOUNDS)
@settings(bounded, max_examples=15)
@given(flips=FLIPS)
def test_damaged_sounds_in_a_video(extension: str, flips: list[tuple[float, int]]) -> None:
    survives(mux, flipped(sound(extension), flips), extension)
