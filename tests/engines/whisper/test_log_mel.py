"""Whisper's log-mel spectrogram against the official numbers of MuseTalk and LatentSync."""

from __future__ import annotations

import zlib

import numpy as np
import pytest
from tests.engines.recipe import parity
from tests.engines.whisper.sounds import long_sound, voice
from tests.helpers import speech_like

from lipwright.engines.whisper import (
    PIECE_SAMPLES,
    log_mel,
    log_power_blocks,
    normalise,
    piece_log_mel,
)

CLOSE = 1e-4


def test_a_piece_is_as_musetalk_has_it():
    official = parity("musetalk_audio")
    mel = piece_log_mel(voice())
    assert mel.shape == (80, 3000) and mel.dtype == np.float32
    assert np.abs(mel[:, :262] - official["mel"]).max() < CLOSE
    assert np.abs(mel[:, 262:] - official["mel_pad_value"]).max() < CLOSE


def test_a_later_piece_is_so_too():
    official = parity("musetalk_audio")
    sound = long_sound()
    assert zlib.crc32(np.int16(sound * 32768).tobytes()) == official["long_crc32"]
    mel = piece_log_mel(sound[PIECE_SAMPLES:])
    assert np.abs(mel[:, :120] - official["long_mel_second_piece"]).max() < CLOSE


def test_a_whole_sound_is_as_latentsync_has_it():
    official = parity("latentsync_audio")
    mel = log_mel(voice())
    assert mel.shape == official["mel"].shape
    assert np.abs(mel - official["mel"]).max() < CLOSE
    mel = log_mel(long_sound())
    assert mel.shape == tuple(official["long_mel_shape"])
    assert np.abs(mel[:, 2990:3010] - official["long_mel_at_2990"]).max() < CLOSE


@pytest.mark.parametrize("size", [1, 399, 1000, 16000])
def test_sound_that_comes_in_pieces_is_the_same(size):
    samples = speech_like(0.3)
    pieces = [samples[start : start + size] for start in range(0, len(samples), size)]
    whole = np.concatenate(list(log_power_blocks(pieces)), axis=1)
    np.testing.assert_allclose(normalise(whole, float(whole.max())), log_mel(samples), atol=2e-5)


@pytest.mark.parametrize("count", [0, 1, 159, 160, 399, 400, 401, 160_000])
def test_every_10_ms_give_a_column(count):
    assert log_mel(np.zeros(count, np.float32)).shape == (80, count // 160)


def test_silence_is_even():
    np.testing.assert_allclose(log_mel(np.zeros(1600, np.float32)), -1.5, atol=1e-6)
