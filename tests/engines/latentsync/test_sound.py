"""Which moment frames hear, at any rate and in any order, without the encoder."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from tests.engines import recipe
from tests.engines.whisper.sounds import long_sound
from tests.helpers import speech_like

from lipwright.engines.latentsync.audio_features import WhisperWindows
from lipwright.engines.latentsync.sound_windows import official_count, state_count, window_start
from lipwright.speech.speech import Speech

FPS = Fraction(25)
VOICE = Speech.from_samples(speech_like(0.8), 16_000)


def numbered(mel: np.ndarray) -> np.ndarray:
    """Each state is the number of its step."""
    steps = np.arange(1500, dtype=np.float32)[:, None, None]
    return np.broadcast_to(steps, (1500, 5, 384)).copy()


@pytest.mark.parametrize("fps", [25, 30, 24])
def test_the_steps_of_windows_are_the_official_ones(fps):
    official = recipe.parity("latentsync_audio")
    steps, rate = int(official["feature_count"]), Fraction(fps)
    assert state_count(257, "official") == steps and state_count(257, "exact") == steps + 1
    assert official_count(steps, rate) == len(official[f"steps_{fps}"])
    for number, wanted in enumerate(official[f"steps_{fps}"]):
        start = window_start(number, rate, "official")
        np.testing.assert_array_equal(np.clip(np.arange(start, start + 10), 0, steps - 1), wanted)
        if fps == 25:
            assert window_start(number, rate, "exact") == start


def test_a_long_sound_has_the_official_count():
    official = recipe.parity("latentsync_audio")
    columns = int(official["long_mel_shape"][1])
    assert state_count(columns, "official") == int(official["long_feature_count"])


def test_windows_hear_the_right_moment_at_any_rate():
    for fps in (Fraction(24), Fraction(25), Fraction(30000, 1001), Fraction(50), Fraction(60)):
        reader = WhisperWindows(numbered).read(VOICE, fps, 0, 0)
        for number in range(6, int(0.5 * fps)):
            middle = (reader.at(number)[::5, 0].mean() + 0.5) / 50
            assert abs(middle - (number + 0.5) / fps) <= 0.0101


def test_the_windows_of_a_long_sound_are_encoded_piece_by_piece():
    pieces: list[np.ndarray] = []

    def remembered(mel: np.ndarray) -> np.ndarray:
        pieces.append(mel)
        return numbered(mel)

    reader = WhisperWindows(remembered).read(Speech.from_samples(long_sound(), 16_000), FPS, 0, 0)
    for number in (0, 749, 750, 776, 5000, 749):
        reader.at(number)
    assert [piece.shape for piece in pieces] == [(80, 3000)] * 2
    np.testing.assert_array_equal(pieces[1][:, 107:], 0)
    np.testing.assert_array_equal(reader.at(5000)[:, 0], np.full(50, 53))


def test_a_sound_too_short_for_a_state_is_silence():
    reader = WhisperWindows(numbered).read(
        Speech.from_samples(np.zeros(100, np.float32), 16_000), FPS, 0, 0
    )
    np.testing.assert_array_equal(reader.at(0), np.zeros((50, 384)))
