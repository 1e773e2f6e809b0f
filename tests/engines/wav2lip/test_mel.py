"""Wav2Lip's mel spectrogram, against the official numbers, and what each frame sees of it."""

from __future__ import annotations

from fractions import Fraction
from itertools import islice

import numpy as np
import pytest
from tests.engines.wav2lip.recipe import array, parity
from tests.helpers import speech_like

from lipwright.engines.wav2lip.mel_spectrogram import frame_windows, mel_blocks, mel_spectrogram


def test_a_whole_sentence_is_as_the_official_code_has_it():
    official = parity("features")
    mel = mel_spectrogram(official["wav_int16"] / 32768)
    assert mel.shape == official["wav2lip_mel"].shape
    assert np.abs(mel - official["wav2lip_mel"]).max() < 1e-3


def test_a_piece_of_it_is_so_too():
    mel = mel_spectrogram(array("sound") / 32768)
    assert np.abs(mel[:, 3:19] - array("mel")).max() < 1e-3


@pytest.mark.parametrize("size", [1, 399, 1000, 16000])
def test_sound_that_comes_in_pieces_is_the_same(size):
    samples = speech_like(0.3)
    pieces = [samples[start : start + size] for start in range(0, len(samples), size)]
    mel = np.concatenate(list(mel_blocks(pieces)), axis=1)
    np.testing.assert_allclose(mel, mel_spectrogram(samples), atol=2e-5)


@pytest.mark.parametrize("fps", ["25", "30000/1001", "24", "60", "1"])
def test_frames_see_the_sound_of_their_own_moment(fps):
    samples, rate = speech_like(2.0), Fraction(fps)
    mel = mel_spectrogram(samples)
    count = int(2 * rate)
    blocks = (mel[:, start : start + 7] for start in range(0, mel.shape[1], 7))
    windows = list(islice(frame_windows(blocks, rate), count))
    assert len(windows) == count
    for index, window in enumerate(windows):
        start = min(index * 80 * rate.denominator // rate.numerator, mel.shape[1] - 16)
        np.testing.assert_array_equal(window, mel[:, start : start + 16])


def test_a_long_sound_is_taken_as_it_is_needed():
    taken = 0

    def blocks():
        nonlocal taken
        for _ in range(1000):
            taken += 1
            yield np.zeros((80, 800), np.float32)

    windows = islice(frame_windows(blocks(), Fraction(25)), 250_000)
    for index, window in enumerate(windows):
        assert 10 * (taken - 1) <= index / 25 + 0.2
        assert window.base is None or window.base.shape[1] < 3 * 800
        if index == 3000:
            break


def test_a_sound_of_a_moment_is_followed_by_silence():
    mel = mel_spectrogram(speech_like(0.05))
    window = next(frame_windows([mel], Fraction(25)))
    np.testing.assert_array_equal(window[:, : mel.shape[1]], mel)
    assert (window[:, mel.shape[1] :] == -4).all()
