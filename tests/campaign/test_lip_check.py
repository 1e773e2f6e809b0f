"""Closures that are drawn are seen shut, and those that are not are told of."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from tests.helpers import hopper_path, tone

from lipwright.campaign.lip_check import LipCheck
from lipwright.pipeline.portrait import Portrait
from lipwright.speech import Phone, Speech

FPS = Fraction(25)


@pytest.fixture(scope="module")
def portrait() -> Portrait:
    return Portrait(hopper_path(), quality="low")


def speech_of(symbols: str) -> Speech:
    """Sounds of 0.16 s each, after 0.2 s of silence."""
    times = 0.2 + 0.16 * np.arange(len(symbols) + 1)
    phones = [
        Phone(float(a), float(b), s) for s, a, b in zip(symbols, times, times[1:], strict=False)
    ]
    return Speech.from_samples(tone(float(times[-1]) + 0.4, 16_000), 16_000, phones)


def test_lips_that_close_are_seen_shut(portrait):
    speech = speech_of("mɑbɑpɑ")
    check = LipCheck(portrait.face, speech, FPS)
    for number, image in enumerate(portrait.segment_frames(speech, FPS, 0)):
        check.see(number, image)
    assert check.faults() == []


def test_lips_that_stay_open_are_told_of(portrait):
    drawn = portrait.segment_frames(speech_of("ɑɑɑɑɑɑ"), FPS, 0)
    check = LipCheck(portrait.face, speech_of("ɑɑbɑɑɑ"), FPS)
    for number, image in enumerate(drawn):
        check.see(number, image)
    (fault,) = check.faults()
    assert fault == 'lips seen open at 0.52 s, in "b"'


def test_speech_without_phones_is_not_looked_at(portrait):
    check = LipCheck(portrait.face, Speech.from_samples(tone(1.0, 16_000), 16_000), FPS)
    check.see(5, np.zeros((480, 410, 3), np.uint8))
    assert check.faults() == []
