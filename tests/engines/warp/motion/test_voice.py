"""Phrases and stresses are found where a voice has them."""

from __future__ import annotations

import numpy as np
import pytest
from tests.engines.warp.motion.voices import spoken

from lipwright.engines.warp.motion.voice import VoiceMoments


def test_phrases():
    voice = np.zeros(500)
    voice[50:150] = voice[160:200] = voice[230:300] = 0.2  # gaps of 0.2 s and 0.6 s
    found = VoiceMoments.of(voice, 50)
    assert found.phrase_starts == [1.0, 4.6]
    assert found.phrase_ends == [4.0, 6.0]
    speaking = [found.is_speaking(time) for time in (0.5, 1.0, 3.1, 4.2, 5.0, 6.1)]
    assert speaking == [False, True, True, False, True, False]
    assert found.starts_between(1.0, 4.6) == [1.0] and found.ends_between(5, 9) == [6.0]


@pytest.mark.parametrize("rate", [50, 100])
def test_stresses_are_the_highest_peaks(rate):
    voice = np.zeros(4 * rate)
    for second, height in ((1, 0.45), (1.3, 0.2), (2.5, 0.4), (3.2, 0.15)):
        place = round(second * rate)
        width = round(0.12 * rate)
        voice[place - width : place + width + 1] = height * np.hanning(2 * width + 1)
    found = VoiceMoments.of(voice, rate)
    assert found.stress_times == pytest.approx([1.0, 2.5], abs=0.02)
    assert 0 < found.stress_strengths[1] < found.stress_strengths[0] <= 1


def test_a_voice_is_measured_by_its_own_peaks():
    """Who hardly opens the mouth stresses as much as who opens it wide, after a while."""
    wide = spoken(60)
    small = np.where(wide > 0, 0.06 + 0.5 * wide, 0)
    counts = [
        len([t for t in VoiceMoments.of(voice, 50).stress_times if t > 20])
        for voice in (wide, small, 1.5 * wide)
    ]
    assert min(counts) > 0.7 * max(counts) > 20


def test_an_excerpt_has_the_moments_of_the_whole():
    voice = spoken(80, 4)
    whole, part = VoiceMoments.of(voice, 50), VoiceMoments.of(voice[1111:], 50, 1111)
    assert part.stresses_between(45, 80) == whole.stresses_between(45, 80)
    assert part.starts_between(25, 80) == whole.starts_between(25, 80)


@pytest.mark.parametrize("voice", [np.zeros(0), np.zeros(100), np.full(100, np.nan), np.ones(2)])
def test_silence_has_none(voice):
    assert VoiceMoments.of(voice, 50) == VoiceMoments()
