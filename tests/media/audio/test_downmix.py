"""Mixing to mono loses nothing that is in antiphase, and leaves ordinary sound as it was."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest
from av import AudioLayout

from lipwright.media.audio.clock import Piece
from lipwright.media.audio.decode import decode_blocks, probe_audio
from lipwright.media.audio.downmix import downmix_pieces
from lipwright.media.audio.wav_writer import write_wav
from tests.media.sounds import chirp


def decode(path: Path) -> np.ndarray:
    return np.concatenate(list(decode_blocks(path, 16000)))


def test_antiphase_is_heard(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    voice = chirp(2.0, 16000)
    write_wav(tmp_path / "s.wav", np.stack([voice, -voice], axis=1), 16000)
    assert np.abs(np.abs(decode(tmp_path / "s.wav")) - np.abs(voice)).max() < 1e-3
    probe_audio(tmp_path / "s.wav")
    assert "silent" not in caplog.text


def test_antiphase_begins_and_ends_without_a_click(tmp_path: Path) -> None:
    times = np.arange(6 * 16000) / 16000
    voice = (0.5 * np.sin(2 * np.pi * 200 * times)).astype(np.float32)
    right = np.where((times > 2) & (times < 4), -voice, voice)
    write_wav(tmp_path / "s.wav", np.stack([voice, right], axis=1), 16000)
    got = decode(tmp_path / "s.wav")
    apart = (np.abs(times - 2) > 1.1) & (np.abs(times - 4) > 1.1)
    level = np.sqrt(np.convolve(got**2, np.ones(1600) / 1600, "same"))
    assert level[apart & (times > 0.1) & (times < 5.9)].min() > 0.34
    assert np.abs(np.diff(got)).max() < 0.1


def test_ordinary_stereo_is_the_plain_mean(tmp_path: Path) -> None:
    """Also where it is wide, has a quiet hiss in antiphase, or one side alone for a while."""
    rng = np.random.default_rng(2)
    voice, wide, hiss = chirp(4.0, 16000), *rng.normal(0, (0.1, 0.002), (64000, 2)).T
    voice[16000:40000] = 0
    left, right = voice + wide * (np.arange(64000) > 50000) + hiss, voice - hiss
    right[:8000] = 0
    write_wav(tmp_path / "s.wav", np.stack([left, right], axis=1), 16000)
    with wave.open(str(tmp_path / "s.wav")) as file:
        both = np.frombuffer(file.readframes(64000), "<i2").reshape(-1, 2) / np.float32(32768)
    assert decode(tmp_path / "s.wav") == pytest.approx(both.mean(axis=1), abs=1e-6)


def mixed(channels: np.ndarray, layout: str) -> list[Piece]:
    """In pieces of 0.1 s at 8 kHz."""
    return [
        Piece(channels[:, start : start + 800], 8000, None, AudioLayout(layout))
        for start in range(0, channels.shape[1], 800)
    ]


def test_channels_may_change_midway() -> None:
    voice = chirp(2.0, 8000)
    pieces = [
        *mixed(np.stack([voice, -voice]), "stereo"),
        *mixed(voice[None], "mono"),
        *mixed(np.stack([voice, voice]), "stereo"),
        *mixed(np.stack([voice, -voice, voice, 0 * voice]), "quad"),
    ]
    made = np.concatenate([piece.samples[0] for piece in downmix_pieces(pieces)])
    expected = np.abs(np.tile(voice, 3))
    assert np.abs(made[: len(expected)]) == pytest.approx(expected, abs=1e-5)
    assert made[len(expected) :] == pytest.approx(voice / 6, abs=1e-5), "of four, three add up"


def test_silence_and_low_frequency_alone_are_mixed_as_they_are() -> None:
    for level in (0.0, 0.5):
        low = np.full((1, 8000), level, np.float32)
        made = np.concatenate([p.samples for p in downmix_pieces(mixed(low, "mono"))], axis=1)
        assert made == pytest.approx(low)
    quiet = 1e-4 * np.stack([chirp(2.0, 8000), -chirp(2.0, 8000)])
    made = np.concatenate([p.samples for p in downmix_pieces(mixed(quiet, "stereo"))], axis=1)
    assert np.abs(made).max() < 1e-8
