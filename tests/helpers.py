"""What many tests need: two portraits from installed packages, and sounds made on the spot."""

from __future__ import annotations

import importlib.util
import os
import wave
from pathlib import Path

import cv2
import numpy as np


def _package_file(package: str, *parts: str) -> Path:
    """A data file of an installed package, found without importing the package."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError(f'The tests need {package}: run pip install "lipwright[dev]".')
    return Path(spec.submodule_search_locations[0]).joinpath(*parts)


def hopper_path() -> Path:
    """matplotlib's sample portrait of Grace Hopper: 512 x 600 JPEG, closed mouth, public domain."""
    return _package_file("matplotlib", "mpl-data", "sample_data", "grace_hopper.jpg")


def astronaut_path(folder: Path | None = None) -> Path:
    """scikit-image's astronaut: 512 x 512 PNG, a smile with teeth.

    Eileen Collins, photographed by NASA, public domain. With a folder, a copy in it
    is returned, which a test may change.
    """
    bundled = _package_file("skimage", "data", "astronaut.png")
    if folder is None:
        return bundled
    copy = Path(folder) / "astronaut.png"
    copy.write_bytes(bundled.read_bytes())
    return copy


def unmeasured() -> dict[str, str]:
    """The environment without coverage, for commands that are timed or that cannot write files."""
    return {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}


def read_picture(path: Path, flags: int = cv2.IMREAD_COLOR) -> np.ndarray:
    """An image file as OpenCV reads it: uint8 (h, w, 3), BGR, unless the flags say otherwise."""
    image = cv2.imread(str(path), flags)
    assert image is not None, f"{path} is no picture that OpenCV reads"
    return image


def tone(seconds: float = 1.0, rate: int = 16000, hertz: float = 220.0) -> np.ndarray:
    """A plain sine at a quarter of full scale, float32 mono."""
    times = np.arange(round(seconds * rate)) / rate
    return (0.25 * np.sin(2 * np.pi * hertz * times)).astype(np.float32)


def speech_like(seconds: float = 1.0, rate: int = 16000, seed: int = 0) -> np.ndarray:
    """A buzz with moving formants and two syllables a second, float32 mono: no words."""
    generator = np.random.default_rng(seed)
    count = round(seconds * rate)
    times = np.arange(count) / rate
    pitch = 120 + 15 * np.sin(2 * np.pi * 0.7 * times)
    phase = 2 * np.pi * np.cumsum(pitch) / rate
    first_formant = 500 + 200 * np.sin(2 * np.pi * 2 * times)
    second_formant = 1500 + 500 * np.sin(2 * np.pi * 1.3 * times + 1)
    voice = np.zeros(count)
    for harmonic in range(1, max(2, int(min(4000, 0.45 * rate) / 140))):
        frequency = harmonic * pitch
        gain = np.exp(-(((frequency - first_formant) / 200) ** 2))
        gain += 0.5 * np.exp(-(((frequency - second_formant) / 300) ** 2)) + 0.02
        voice += gain * np.sin(harmonic * phase)
    syllables = np.clip(np.sin(2 * np.pi * 2 * times), 0, None) ** 0.5
    voice = voice * syllables + 0.002 * generator.standard_normal(count)
    return (0.5 * voice / max(np.abs(voice).max(initial=0), 1e-9)).astype(np.float32)


def write_wav(path: Path, samples: np.ndarray, rate: int = 16000) -> Path:
    """Writes float samples, mono (n,) or (n, channels), as a 16-bit WAV."""
    samples = np.asarray(samples)
    channels = 1 if samples.ndim == 1 else samples.shape[1]
    integers = np.round(np.clip(samples, -1, 1) * 32767).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(integers.tobytes())
    return Path(path)


def tone_wav(path: Path, seconds: float = 1.0, rate: int = 16000) -> Path:
    """A WAV file of a plain tone."""
    return write_wav(path, tone(seconds, rate), rate)


def speech_wav(path: Path, seconds: float = 1.0, rate: int = 16000, seed: int = 0) -> Path:
    """A WAV file of the voice-shaped buzz of `speech_like`."""
    return write_wav(path, speech_like(seconds, rate, seed), rate)


def silent_wav(path: Path, seconds: float = 1.0, rate: int = 16000) -> Path:
    """A WAV file of digital silence."""
    return write_wav(path, np.zeros(round(seconds * rate), np.float32), rate)
