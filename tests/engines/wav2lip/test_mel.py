"""Wav2Lip's mel spectrogram, against the official numbers, and what each frame sees of it."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from tests.engines.recipe import parity
from tests.engines.wav2lip.kept_numbers import array
from tests.helpers import speech_like

from lipwright.engines.column_reader import ColumnReader
from lipwright.engines.wav2lip import mel_spectrogram as mel_spectrogram_module
from lipwright.engines.wav2lip.audio_features import MelFeatures
from lipwright.engines.wav2lip.mel_spectrogram import mel_blocks, mel_spectrogram
from lipwright.speech.speech import Speech


def test_a_whole_sentence_is_as_a_newer_librosa_has_it_but_for_its_beginning():
    """features.npz was made with zeros beyond the ends; the authors' librosa 0.7.0 reflects."""
    features = parity("features")
    mel = mel_spectrogram(features["wav_int16"] / 32768)
    assert mel.shape == features["wav2lip_mel"].shape
    apart = np.abs(mel - features["wav2lip_mel"]).max(axis=0)
    assert apart[2:].max() < 1e-3
    assert apart[0] > 0.3 and 0.05 < apart[1] < 0.06  # this sentence ends in silence


def test_the_ends_are_reflected_as_the_authors_librosa_does_it():
    official = parity("lipgan_audio")
    voice = mel_spectrogram(parity("musetalk_audio")["voice_int16"] / 32768)
    assert voice.shape == official["mel_voice"].shape
    assert np.abs(voice - official["mel_voice"]).max() < 1e-4
    spoken = mel_spectrogram(parity("features")["wav_int16"] / 32768)
    assert np.abs(spoken[:, :8] - official["mel_spoken_first8"]).max() < 1e-4
    silence = mel_spectrogram(np.zeros(1600))
    assert (silence == official["mel_silence_value"]).all()


def test_a_piece_of_it_is_so_too():
    mel = mel_spectrogram(array("sound") / 32768)
    assert np.abs(mel[:, 3:19] - array("mel")).max() < 1e-3


@pytest.mark.parametrize("size", [1, 399, 1000, 16000])
@pytest.mark.parametrize("length", [4800, 801, 401, 400, 7])
def test_sound_that_comes_in_pieces_is_the_same(size, length):
    samples = speech_like(0.3)[-length:]
    pieces = [samples[start : start + size] for start in range(0, len(samples), size)]
    mel = np.concatenate(list(mel_blocks(pieces)), axis=1)
    np.testing.assert_allclose(mel, mel_spectrogram(samples), atol=2e-5)


@pytest.mark.parametrize("first", [0, 1, 2, 3, 40, 150])
@pytest.mark.parametrize("size", [333, 1000, 16000])
def test_columns_can_be_had_from_any_one_on(first, size):
    samples = speech_like(2.0)
    pieces = [samples[start : start + size] for start in range(0, len(samples), size)]
    mel = np.concatenate(list(mel_blocks(pieces, first)), axis=1)
    np.testing.assert_allclose(mel, mel_spectrogram(samples)[:, first:], atol=2e-5)


def reader(samples: np.ndarray, fps: str | int) -> ColumnReader:
    speech = Speech.from_samples(samples, 16_000)
    return MelFeatures().read(speech, Fraction(fps), 0, 0)


@pytest.mark.parametrize("fps", ["25", "30000/1001", "24", "60", "1"])
@pytest.mark.parametrize("order", ["forwards", "backwards", "anyhow"])
def test_frames_hear_the_sound_of_their_own_moment(fps, order):
    samples, rate = speech_like(2.0), Fraction(fps)
    mel, heard = mel_spectrogram(samples), reader(samples, fps)
    numbers = list(range(int(2 * rate)))
    if order == "backwards":
        numbers.reverse()
    elif order == "anyhow":
        np.random.default_rng(1).shuffle(numbers)
    for number in numbers:
        start = min(number * 80 * rate.denominator // rate.numerator, mel.shape[1] - 16)
        window = heard.at(number)
        np.testing.assert_allclose(window, mel[:, start : start + 16], atol=2e-5)


def test_frames_after_the_end_hear_the_end():
    samples = speech_like(1.0)
    mel = mel_spectrogram(samples)
    for number in (30, 1000):
        found = reader(samples, 25).at(number)
        np.testing.assert_allclose(found, mel[:, -16:], atol=2e-5)


class Counted(Speech):
    """A long silence, of which is counted how much was taken."""

    taken = 0.0

    def blocks(self, rate: int, seconds: float = 10.0):
        for _ in range(360):
            Counted.taken += 10
            yield np.zeros(10 * rate, np.float32)


def test_a_long_sound_is_taken_as_it_is_needed_and_let_go():
    heard = MelFeatures().read(Counted(16_000, 3600.0), Fraction(25), 0, 0)
    for number in range(2000):
        window = heard.at(number)
        assert Counted.taken - 10 <= number / 25 + 0.3
        assert window.base is None or window.base.shape[1] < 3 * 800


def test_no_column_before_the_first_is_computed(monkeypatch):
    counts = []
    columns = mel_spectrogram_module._columns

    def counted(windows):
        counts.append(len(windows))
        return columns(windows)

    monkeypatch.setattr(mel_spectrogram_module, "_columns", counted)
    reader(speech_like(20.0), 25).at(490)
    assert sum(counts) < 100


def test_a_sound_of_a_moment_is_followed_by_silence():
    samples = speech_like(0.05)
    mel, window = mel_spectrogram(samples), reader(samples, 25).at(0)
    np.testing.assert_array_equal(window[:, : mel.shape[1]], mel)
    assert (window[:, mel.shape[1] :] == -4).all()
