"""What frames hear: the official windows, in any order, with little held."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from tests.engines.whisper.sounds import long_sound, voice
from tests.helpers import speech_like

from lipwright.core.errors import EngineError
from lipwright.engines.musetalk import audio_features
from lipwright.engines.musetalk.audio_features import WhisperFeatures, WhisperReader
from lipwright.engines.musetalk.audio_windows import first_step
from lipwright.speech.speech import Speech

STATES = np.arange(1500, dtype=np.float32)[:, None, None] * np.ones((1, 5, 384), np.float32)


class Counter:
    """Says of each step which it is, counted through the whole speech, from 1 on."""

    def __init__(self) -> None:
        self.pieces = 0

    def __call__(self, log_mel: np.ndarray) -> np.ndarray:
        self.pieces += 1
        return STATES + 1


def reader(samples: np.ndarray, fps: str, timing="exact", hear=None) -> WhisperReader:
    speech = Speech.from_samples(samples, 16_000)
    return WhisperFeatures(hear or Counter(), timing).read(speech, Fraction(fps), 0, 0)


@pytest.mark.parametrize("fps", ["25", "30000/1001", "24", "60", "1"])
@pytest.mark.parametrize("order", ["forwards", "backwards", "anyhow"])
def test_frames_hear_the_steps_around_their_moment(fps, order):
    heard, rate = reader(speech_like(2.0), fps), Fraction(fps)
    numbers = list(range(int(2 * rate)))
    if order == "backwards":
        numbers.reverse()
    if order == "anyhow":
        np.random.default_rng(0).shuffle(numbers)
    for number in numbers:
        window = heard.at(number)
        assert window.shape == (50, 384) and window.dtype == np.float32
        steps = np.arange(10) + first_step(number, rate)
        wanted = np.where((steps >= 0) & (steps < 100), steps + 1, 0)
        np.testing.assert_array_equal(window[:, 0].reshape(10, 5), wanted[:, None].repeat(5, 1))


def test_frames_after_the_end_hear_the_end():
    heard = reader(speech_like(1.0), "25")
    last = heard.at(24)
    assert last[:25, 0].any()
    for number in (25, 30, 10_000):
        assert heard.at(number)[:, 0].any()
        np.testing.assert_array_equal(reader(speech_like(1.0), "25").at(number), heard.at(number))


def test_long_speeches_are_heard_in_pieces_of_which_two_are_held(monkeypatch):
    monkeypatch.setattr(audio_features, "piece_log_mel", lambda samples: samples)
    counter = Counter()
    heard = reader(np.zeros(100 * 16_000, np.float32), "25", hear=counter)
    for number in range(0, 2500, 5):
        window = heard.at(number)[::5, 0]
        wanted = (np.arange(10) + first_step(number, Fraction(25))) % 1500 + 1
        inside = (np.arange(10) + first_step(number, Fraction(25))) >= 0
        np.testing.assert_array_equal(window[inside], wanted[inside])
    assert counter.pieces == 4 and len(heard._held) == 2
    assert heard.at(0)[-1, 0] == 6 and counter.pieces == 5, "back again"


@pytest.mark.parametrize("count", [1, 100, 319, 320])
def test_the_shortest_sounds_have_windows(count):
    assert reader(np.zeros(count, np.float32), "25").at(3).shape == (50, 384)


def test_a_sound_of_exactly_one_piece_ends_with_it(monkeypatch):
    monkeypatch.setattr(audio_features, "piece_log_mel", lambda samples: samples)
    heard = reader(np.zeros(480_000, np.float32), "25")
    window = heard.at(749)[::5, 0]
    np.testing.assert_array_equal(window, [1495, 1496, 1497, 1498, 1499, 1500, 0, 0, 0, 0])
    assert heard.at(800)[::5, 0].any()


def test_without_official_windows_a_sentence_says_so():
    with pytest.raises(EngineError, match="choose the timing exact"):
        reader(speech_like(0.2), "50", "official")


@pytest.mark.parametrize("fps", ["25", "30", "24"])
def test_official_windows_of_a_voice(fps):
    pytest.importorskip("torch", reason="torch is not installed: pip install .[musetalk]")
    pytest.importorskip("diffusers", reason="diffusers is not installed: pip install .[musetalk]")
    from tests.engines.musetalk import small
    from tests.engines.recipe import parity

    official = parity("musetalk_audio")
    heard = reader(voice(), fps, "official", small.networks().hear)
    chunks = official[f"chunks_{fps}"]
    for number, wanted in zip(official[f"chunk_ids_{fps}"], chunks, strict=True):
        assert np.abs(heard.at(int(number)) - wanted).max() < 1e-3
    means = official[f"chunk_means_{fps}"]
    ours = [heard.at(number).mean() for number in range(len(means))]
    assert np.abs(ours - means).max() < 1e-4


def test_official_windows_across_two_pieces():
    pytest.importorskip("torch", reason="torch is not installed: pip install .[musetalk]")
    pytest.importorskip("diffusers", reason="diffusers is not installed: pip install .[musetalk]")
    from tests.engines.musetalk import small
    from tests.engines.recipe import parity

    official = parity("musetalk_audio")
    heard = reader(long_sound(), "25", "official", small.networks().hear)
    for number, wanted in zip(official["long_chunk_ids"], official["long_chunks"], strict=True):
        assert np.abs(heard.at(int(number)) - wanted).max() < 1e-3
