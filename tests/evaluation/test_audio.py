"""When a voice speaks, and noise at a level that is known."""

from __future__ import annotations

import numpy as np
import pytest
from tests.helpers import speech_like, speech_wav, tone
from tests.media.sounds import encode_sound

from lipwright.core.errors import MediaError
from lipwright.evaluation import audio, baselines
from lipwright.evaluation.audio import RATE

GAP = baselines._GAP


def spoken(*parts: float) -> np.ndarray:
    """Silence and voice in turns, seconds each, silence first."""
    generator = np.random.default_rng(2)
    pieces = []
    for index, seconds in enumerate(parts):
        count = round(seconds * RATE)
        loud = tone(seconds, RATE) if index % 2 else np.zeros(count, np.float32)
        pieces.append(loud + 0.0005 * generator.standard_normal(count).astype(np.float32))
    return np.concatenate(pieces)


def test_the_span_of_speech():
    first, last = audio.speech_span(spoken(0.8, 1.2, 1.0), 75)
    assert first == pytest.approx(20, abs=1) and last == pytest.approx(50, abs=1)
    assert audio.speech_span(np.zeros(3 * RATE, np.float32), 75) == (0, 74)


def test_silence_is_before_after_and_in_long_pauses():
    samples = spoken(1.0, 1.0, 0.2, 1.0, 1.0, 1.0, 0.8)
    silent = audio.silent_frames(samples, 150, 25)
    expected = np.zeros(150, bool)
    expected[:19] = expected[86:99] = expected[136:] = True
    assert np.abs(silent.astype(int) - expected).sum() <= 8
    assert not silent[25:80].any()  # the pause of 0.2 s is part of the speech
    assert not audio.silent_frames(np.zeros(RATE, np.float32), 25, 25).any()


@pytest.mark.parametrize("decibels", [0.0, 10.0, 20.0])
def test_noise_has_the_level_that_was_asked_for(decibels):
    samples = np.zeros(3 * RATE, np.float32)
    samples[RATE : 2 * RATE] = 0.2 * speech_like(1.0)
    noisy = audio.add_noise(samples, decibels, (1.0, 2.0), seed=1)
    noise = noisy - samples
    ratio = 10 * np.log10((samples[RATE : 2 * RATE] ** 2).mean() / (noise**2).mean())
    assert ratio == pytest.approx(decibels, abs=0.5)
    again = audio.add_noise(samples, decibels, (1.0, 2.0), seed=1)
    np.testing.assert_array_equal(noisy, again)
    assert not np.array_equal(noisy, audio.add_noise(samples, decibels, (1.0, 2.0), seed=2))


def test_another_sound_has_the_level_that_was_asked_for():
    samples = np.zeros(3 * RATE, np.float32)
    samples[RATE : 2 * RATE] = 0.2 * speech_like(1.0)
    mixed = audio.add_sound(samples, tone(3.0, RATE), 6.0, (1.0, 2.0))
    added = mixed - samples
    ratio = 10 * np.log10((samples[RATE : 2 * RATE] ** 2).mean() / (added**2).mean())
    assert ratio == pytest.approx(6.0, abs=0.01)
    assert np.corrcoef(added, tone(3.0, RATE))[0, 1] > 0.999


def test_noise_is_shaped_like_the_speech():
    samples = tone(2.0, RATE, 1000.0)
    spectrum = np.abs(np.fft.rfft(audio.speech_shaped_noise(samples))) ** 2
    near = np.abs(np.fft.rfftfreq(len(samples), 1 / RATE) - 1000) < 100
    assert spectrum[near].sum() > 0.95 * spectrum.sum()


def test_loud_noise_does_not_clip():
    samples = 0.9 * tone(1.0, RATE)
    noisy = audio.add_noise(samples * 4, -10, (0, 1))
    assert np.abs(noisy).max() <= 1 and noisy.dtype == np.float32


def test_sound_is_cut_or_filled(tmp_path):
    path = speech_wav(tmp_path / "voice.wav", 1.0)
    assert len(audio.read_sound(path, 0.5)) == 8000
    longer = audio.read_sound(path, 1.5)
    assert len(longer) == 24000 and not longer[16000:].any()
    assert len(audio.read_sound(path, 1.5, fill=False)) == 16000
    with pytest.raises(MediaError):
        audio.read_sound(tmp_path / "none.wav", 1)


def test_loudness_opens_the_mouth_in_speech_alone():
    samples = spoken(1.0, 1.0, 1.0)
    driven = baselines.loudness_articulation(samples, 75, 25.0, (25, 50)).curves
    assert driven[30:45, GAP].min() > 0.2
    assert not driven[:25].any() and not driven[51:].any()


def test_real_curves_come_back_as_they_were():
    mouth = np.zeros((50, 3), np.float32)
    mouth[:, 0] = np.linspace(0, 0.4, 50)
    mouth[:, 1] = np.linspace(-0.1, 0.05, 50)
    driven = baselines.real_articulation(mouth, 25.0)
    np.testing.assert_allclose(driven.channel("gap"), mouth[:, 0])
    width = driven.channel("spread") - 1.35 * driven.channel("round")
    np.testing.assert_allclose(0.95 * width, mouth[:, 1], atol=1e-6)
    assert (driven.channel("spread") * driven.channel("round") == 0).all()


def test_other_sounds_are_as_long_as_wanted():
    samples = np.arange(10, dtype=np.float32)
    np.testing.assert_array_equal(baselines.rotated_sound(samples)[:2], [5, 6])
    assert len(baselines.repeated_sound(samples, 25)) == 25


def test_the_sound_of_a_film_that_starts_late_is_late(tmp_path):
    path = encode_sound(
        tmp_path / "late.mkv", tone(1.0, RATE)[None], RATE, "flac", with_video=True, delay=0.44
    )
    sound = audio.read_sound(path, 1.4)
    assert np.flatnonzero(np.abs(sound) > 0.01)[0] == pytest.approx(0.44 * RATE, abs=20)
