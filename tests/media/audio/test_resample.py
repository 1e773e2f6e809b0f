"""Sound at another rate: whole, in pieces, and where the rate changes midway."""

from __future__ import annotations

import numpy as np
import pytest

from lipwright.media.audio.resample import resample, resample_channels, resample_pieces


def tone(rate: int, seconds: float = 0.5, hertz: float = 440.0) -> np.ndarray:
    times = np.arange(round(rate * seconds)) / rate
    return (0.5 * np.sin(2 * np.pi * hertz * times)).astype(np.float32)


@pytest.mark.parametrize(("rate_in", "rate_out"), [(44100, 16000), (8000, 48000)])
def test_a_tone_stays_the_same_tone(rate_in, rate_out):
    found, expected = resample(tone(rate_in), rate_in, rate_out), tone(rate_out)
    assert len(found) == len(expected) and found.dtype == np.float32
    inside = slice(rate_out // 20, -rate_out // 20)
    np.testing.assert_allclose(found[inside], expected[inside], atol=1e-3)


def test_channels_stay_apart():
    left, right = tone(44100), tone(44100, hertz=1000.0)
    both = resample(np.stack([left, right]), 44100, 16000)
    np.testing.assert_array_equal(both[0], resample(left, 44100, 16000))
    np.testing.assert_array_equal(both[1], resample(right, 44100, 16000))


@pytest.mark.parametrize("size", [100, 4410, 30000])
def test_pieces_have_no_joints(size):
    samples = tone(44100)
    pieces = [samples[start : start + size] for start in range(0, len(samples), size)]
    found = list(resample_pieces(pieces, 44100, 16000))
    assert all(piece.size for piece in found)
    np.testing.assert_allclose(
        np.concatenate(found), resample(samples, 44100, 16000), rtol=0, atol=1e-6
    )


def test_what_has_the_rate_already_is_not_touched():
    samples = tone(16000)
    assert resample(samples, 16000, 16000) is samples
    (piece,) = resample_pieces([samples], 16000, 16000)
    assert np.shares_memory(piece, samples)


def test_a_rate_that_changes_midway_loses_no_time():
    pieces = [(tone(rate)[None].repeat(2, axis=0), rate) for rate in (16000, 44100, 48000, 16000)]
    found = np.concatenate(list(resample_channels(pieces, 16000, 2)), axis=1)
    assert found.shape[0] == 2 and abs(found.shape[1] - 4 * 8000) <= 2
    np.testing.assert_array_equal(found[0], found[1])
    np.testing.assert_array_equal(found[:, -8000:], pieces[-1][0])
