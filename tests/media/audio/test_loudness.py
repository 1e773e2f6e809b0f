"""The loudness meter against the standard's own reference, and the limiter."""

from __future__ import annotations

import numpy as np
import pytest

from lipwright.media.audio.loudness import limit_peaks, measure_loudness


def sine(frequency: float, level_db: float, seconds: float, rate: int) -> np.ndarray:
    times = np.arange(int(seconds * rate)) / rate
    return (10 ** (level_db / 20) * np.sin(2 * np.pi * frequency * times)).astype(np.float32)


@pytest.mark.parametrize("rate", [16000, 44100, 48000])
def test_reference_tone(rate: int) -> None:
    # BS.1770: 997 Hz at 0 dBFS in one channel is -3.01 LUFS.
    assert measure_loudness(sine(997, 0, 3, rate), rate) == pytest.approx(-3.01, abs=0.1)
    assert measure_loudness(sine(997, -20, 3, rate), rate) == pytest.approx(-23.01, abs=0.1)


def test_weighting_lifts_treble_and_cuts_rumble() -> None:
    middle = measure_loudness(sine(997, -20, 2, 48000), 48000)
    assert measure_loudness(sine(8000, -20, 2, 48000), 48000) == pytest.approx(
        middle + 3.3, abs=0.4
    )
    assert measure_loudness(sine(30, -20, 2, 48000), 48000) < middle - 5


def test_pauses_do_not_count() -> None:
    tone = sine(997, -20, 3, 48000)
    with_rest = np.concatenate((tone, np.zeros(48000 * 6, np.float32)))
    assert measure_loudness(with_rest, 48000) == pytest.approx(
        measure_loudness(tone, 48000), abs=0.3
    )


def test_silence_and_a_single_sample() -> None:
    assert measure_loudness(np.zeros(48000, np.float32), 48000) == float("-inf")
    assert np.isfinite(measure_loudness(np.ones(1, np.float32), 48000))


def test_limiter_keeps_every_sample_below_the_ceiling() -> None:
    noise = np.random.default_rng(0).normal(0, 0.4, 44100).astype(np.float32)
    limited = limit_peaks(noise, 0.8)
    assert np.abs(limited).max() <= 0.8
    assert np.abs(noise).max() > 1


def test_limiter_leaves_quiet_sound_alone() -> None:
    tone = sine(440, -6, 1, 44100)
    assert limit_peaks(tone, 0.9) is tone
    tone[20000] = 1.5
    limited = limit_peaks(tone, 0.9)
    np.testing.assert_allclose(limited[:18000], tone[:18000], rtol=1e-6)
