"""A speech that is begun before it is asked for."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from lipwright.core.errors import VoiceError
from lipwright.speech import Speech
from lipwright.speech.ahead import SpeechAhead

PATIENCE = 20.0  # s


def test_what_was_begun_is_not_spoken_again():
    calls, called = [], threading.Event()

    def speak() -> Speech:
        calls.append(threading.current_thread())
        called.set()
        return Speech.from_samples(np.full(1600, 0.1, np.float32), 16000)

    ahead = SpeechAhead(speak)
    ahead.wait()  # nothing was begun
    assert ahead().duration == pytest.approx(0.1)
    assert calls == [threading.current_thread()]
    ahead.begin()
    assert called.wait(PATIENCE)
    ahead.wait()
    assert ahead().duration == pytest.approx(0.1)
    assert len(calls) == 2 and calls[1] is not threading.current_thread()


def test_what_goes_wrong_is_raised_where_it_is_asked_for():
    def speak() -> Speech:
        raise VoiceError("no voice")

    ahead = SpeechAhead(speak)
    ahead.begin()
    ahead.wait()
    with pytest.raises(VoiceError, match="no voice"):
        ahead()
