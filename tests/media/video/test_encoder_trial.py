"""Encoders are tried for speed: stand-ins for graphics cards are encoders that run here."""

from __future__ import annotations

import logging
from dataclasses import replace
from math import inf

import pytest

from lipwright.media.video import encoder_trial
from lipwright.media.video.encoder_presets import ENCODERS
from lipwright.media.video.encoder_trial import fastest, measure

X264 = ENCODERS["libx264"]
QUICK = replace(X264, hardware="a card", options=(("preset", "ultrafast"),))
"""Stands in for a card that is faster."""
SLOW = replace(X264, short="", hardware="a slow card", options=(("preset", "veryslow"),))
MISSING = replace(X264, name="h264_of_nobody", hardware="a card")


@pytest.fixture(autouse=True)
def _measured_anew():
    encoder_trial._measured.cache_clear()
    yield
    encoder_trial._measured.cache_clear()


def test_each_is_measured_and_what_fails_takes_for_ever():
    slow, usual, missing = measure([SLOW, X264, MISSING])
    assert 0 < usual < slow < inf and missing == inf


def test_measured_once_in_a_process(monkeypatch):
    opened = []
    opener = encoder_trial._opened

    def count(encoder, size):
        opened.append(encoder)
        return opener(encoder, size)

    monkeypatch.setattr(encoder_trial, "_opened", count)
    first = measure([X264, QUICK])
    assert opened == [X264, QUICK] * 2  # by turns
    assert measure([X264, QUICK]) == first and len(opened) == 4


def test_the_usual_encoder_stays_unless_another_is_faster(caplog):
    assert fastest(X264, []) is X264
    assert fastest(X264, [SLOW, MISSING]) is X264
    with caplog.at_level(logging.INFO, "lipwright"):
        assert fastest(SLOW, [QUICK, MISSING]) is QUICK
    assert "none at all (h264_of_nobody)" in caplog.text
