"""LipGAN's front ends against the official numbers, and what each frame hears."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from tests.engines.recipe import parity
from tests.helpers import speech_like

from lipwright.engines.column_reader import ColumnReader
from lipwright.engines.lipgan import mfcc as mfcc_module
from lipwright.engines.lipgan.audio_features import LipGanFeatures
from lipwright.engines.lipgan.mfcc import mfcc, mfcc_blocks
from lipwright.engines.wav2lip.mel_spectrogram import mel_spectrogram
from lipwright.speech.speech import Speech

RATES = ["24", "25", "29.97", "30", "50"]
FLOWS = {"mel": "lipgan_flow_py", "mfcc": "lipgan_flow_main"}
COLUMNS = {"mel": (206, 27), "mfcc": (255, 35)}
"""Columns of the sound of the official flows, and of a stretch."""


def spectrogram(sound: str, samples: np.ndarray) -> np.ndarray:
    """All columns, float32."""
    made = mel_spectrogram(samples) if sound == "mel" else mfcc(samples)
    return made.astype(np.float32)


def reader(sound: str, samples: np.ndarray, fps: str, timing: str = "exact") -> ColumnReader:
    features = LipGanFeatures(sound, timing)  # type: ignore[arg-type]
    return features.read(Speech.from_samples(samples, 16_000), Fraction(fps), 0, 0)


def test_the_mfccs_are_the_official_ones():
    official = parity("lipgan_audio")
    voice = parity("musetalk_audio")["voice_int16"]
    found = mfcc(voice / 32768)
    assert found.shape == official["mfcc_voice"].shape
    assert np.abs(found - official["mfcc_voice"]).max() < 1e-9


def test_digital_silence_has_coefficients_of_zero_where_the_official_ones_are_no_numbers():
    spoken = mfcc(parity("features")["wav_int16"] / 32768)
    silent = parity("lipgan_audio")["mfcc_spoken_nan_columns"]
    assert np.isfinite(spoken).all() and np.abs(spoken[:, silent]).max() < 1e-9
    others = np.setdiff1d(np.arange(spoken.shape[1]), silent)
    assert np.abs(spoken[:, others]).max(axis=0).min() > 0.1
    assert not np.abs(mfcc(np.zeros(16000))).max() > 1e-9


def test_the_quietest_16_bit_sound_is_not_touched_by_the_floor(monkeypatch):
    quiet = np.random.default_rng(0).integers(-1, 2, 4000) / 32768
    found = mfcc(quiet)
    monkeypatch.setattr(mfcc_module, "FLOOR", 1e-12)
    np.testing.assert_array_equal(found, mfcc(quiet))


@pytest.mark.parametrize("size", [1, 399, 1000, 16000])
@pytest.mark.parametrize("length", [4800, 401, 400, 399, 7, 0])
def test_sound_in_pieces_is_the_same(size, length):
    samples = speech_like(0.3)[4800 - length :]
    pieces = [samples[start : start + size] for start in range(0, len(samples), size)]
    found = np.concatenate([np.zeros((12, 0)), *mfcc_blocks(pieces)], axis=1)
    assert found.shape == (12, max(0, 1 + (length - 400) // 160))
    np.testing.assert_allclose(found, mfcc(samples), atol=1e-9)


@pytest.mark.parametrize("first", [0, 1, 2, 40, 150, 400])
@pytest.mark.parametrize("size", [333, 16000])
def test_columns_can_be_had_from_any_one_on(first, size):
    samples = speech_like(2.0)
    pieces = [samples[start : start + size] for start in range(0, len(samples), size)]
    found = np.concatenate([np.zeros((12, 0)), *mfcc_blocks(pieces, first)], axis=1)
    np.testing.assert_allclose(found, mfcc(samples)[:, first:], atol=1e-9)


@pytest.mark.parametrize("fps", RATES)
@pytest.mark.parametrize("sound", FLOWS)
def test_official_stretches_begin_where_the_official_ones_do(sound, fps, monkeypatch):
    """Columns that hold their own number tell where a stretch begins."""
    official = parity(FLOWS[sound])[f"starts_{fps}"]
    count, width = COLUMNS[sound]
    heard = numbered(sound, count, fps, "official", monkeypatch)
    found = [heard.at(number) for number in range(len(official) + 5)]
    assert [int(stretch[0, 0]) for stretch in found[: len(official)]] == official.tolist()
    for stretch in found:
        assert stretch.shape[1] == width and (np.diff(stretch[0]) == 1).all()
    after = {int(stretch[0, 0]) for stretch in found[len(official) :]}
    assert after == {count - width}, "frames after them hear the last stretch there is"


@pytest.mark.parametrize("fps", [*RATES, "30000/1001"])
@pytest.mark.parametrize("sound", FLOWS)
def test_exact_stretches_stand_where_training_put_them(sound, fps, monkeypatch):
    count, width = COLUMNS[sound]
    rate, lead = (80, Fraction(8, 25)) if sound == "mel" else (100, Fraction(4, 25))
    heard = numbered(sound, count, fps, "exact", monkeypatch)
    silence = -4 if sound == "mel" else 0
    last = int(Fraction(count, rate) * Fraction(fps))
    for number in [*range(last + 20), 3, 0, last]:
        start = (number / Fraction(fps) - lead) * rate // 1
        wanted = [n if 0 <= n < count else silence for n in range(start, start + width)]
        assert heard.at(number)[0].tolist() == wanted


def test_at_25_frames_a_second_pictures_have_the_columns_of_training():
    """8 frames after 27 columns of mel began; the fourth after 35 columns of MFCCs did."""
    samples = speech_like(2.0)
    for sound, number, start in (("mel", 20, 38), ("mfcc", 20, 64)):
        found = reader(sound, samples, "25").at(number)
        wanted = spectrogram(sound, samples)[:, start : start + found.shape[1]]
        np.testing.assert_allclose(found, wanted, atol=1e-4)


def numbered(sound: str, count: int, fps: str, timing: str, monkeypatch) -> ColumnReader:
    """A reader of a spectrogram of `count` columns, each of which holds its own number."""
    rows = 80 if sound == "mel" else 12

    def blocks(pieces, first=0):
        for start in range(first, count, 50):
            columns = np.arange(start, min(count, start + 50), dtype=np.float32)
            yield np.repeat(columns[None], rows, axis=0)

    monkeypatch.setattr("lipwright.engines.wav2lip.audio_features.mel_blocks", blocks)
    monkeypatch.setattr(mfcc_module, "mfcc_blocks", blocks)
    return reader(sound, np.zeros(16), fps, timing)


@pytest.mark.parametrize("timing", ["exact", "official"])
@pytest.mark.parametrize("sound", FLOWS)
def test_any_order_is_heard_the_same(sound, timing):
    samples = speech_like(2.0)
    forwards = reader(sound, samples, "30000/1001", timing)
    wanted = [forwards.at(number) for number in range(64)]
    order = np.random.default_rng(1).permutation(64)
    anyhow = reader(sound, samples, "30000/1001", timing)
    for number in order:
        np.testing.assert_allclose(anyhow.at(int(number)), wanted[number], atol=2e-5)
        alone = reader(sound, samples, "30000/1001", timing)
        np.testing.assert_allclose(alone.at(int(number)), wanted[number], atol=2e-5)


@pytest.mark.parametrize("timing", ["exact", "official"])
@pytest.mark.parametrize("sound", FLOWS)
@pytest.mark.parametrize("seconds", [0.001, 0.03, 0.1])
def test_a_sound_of_a_moment_has_silence_around_it(sound, timing, seconds):
    samples = speech_like(seconds)
    heard = reader(sound, samples, "25", timing)
    rows, width = (80, 27) if sound == "mel" else (12, 35)
    silence = -4 if sound == "mel" else 0
    columns = spectrogram(sound, samples)
    for number in (0, 1, 50):
        stretch = heard.at(number)
        assert stretch.shape == (rows, width) and np.isfinite(stretch).all()
    if timing == "official":
        np.testing.assert_allclose(heard.at(0)[:, : columns.shape[1]], columns, atol=1e-5)
        assert (heard.at(0)[:, columns.shape[1] :] == silence).all()
    else:
        assert (heard.at(50) == silence).all()


class Counted(Speech):
    """A long silence, of which is counted how much was taken."""

    taken = 0.0

    def blocks(self, rate: int, seconds: float = 10.0):
        for _ in range(360):
            Counted.taken += 10
            yield np.zeros(10 * rate, np.float32)


@pytest.mark.parametrize("sound", FLOWS)
def test_a_long_sound_is_taken_as_it_is_needed_and_let_go(sound):
    Counted.taken = 0.0
    heard = LipGanFeatures(sound).read(Counted(16_000, 3600.0), Fraction(25), 0, 0)
    for number in range(1500):
        stretch = heard.at(number)
        assert Counted.taken - 10 <= number / 25 + 0.4
        assert stretch.base is None or stretch.base.shape[1] < 3 * 1000


def test_features_of_another_timing_have_another_name():
    names = {LipGanFeatures(s, t).name for s in ("mel", "mfcc") for t in ("exact", "official")}
    assert len(names) == 4
