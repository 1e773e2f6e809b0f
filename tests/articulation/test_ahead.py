"""Sound that is listened to while something else is done."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np
import pytest
from tests.helpers import speech_like

from lipwright.articulation import ahead, articulate
from lipwright.articulation.ahead import listen_ahead
from lipwright.core.errors import MediaError
from lipwright.speech.speech import Phone, Speech
from lipwright.speech.streaming import StreamingSpeech

RATE = 16_000


class CountingSpeech(Speech):
    """Counts how often its sound is read."""

    reads: int = 0

    def blocks(self, rate: int, seconds: float = 10.0) -> Iterator[np.ndarray]:
        object.__setattr__(self, "reads", self.reads + 1)
        return super().blocks(rate, seconds)


class BrokenSpeech(Speech):
    def blocks(self, rate: int, seconds: float = 10.0) -> Iterator[np.ndarray]:
        raise MediaError("The file is gone: put it back.")


def listeners() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "lipwright-ear"]


def test_the_curves_are_those_of_listening_later_and_the_sound_is_read_once():
    sound = speech_like(3.0, seed=5)
    expected = articulate(Speech.from_samples(sound, RATE))
    speech = CountingSpeech.from_samples(sound, RATE)
    assert isinstance(speech, CountingSpeech)
    listen_ahead(speech)
    found = articulate(speech)
    np.testing.assert_array_equal(found.curves, expected.curves)
    assert speech.reads == 1
    np.testing.assert_array_equal(articulate(speech).curves, expected.curves)
    assert speech.reads == 2  # the curves were given away


def test_what_goes_wrong_is_raised_where_the_curves_are_wanted():
    speech = BrokenSpeech.from_samples(speech_like(1.0), RATE)
    listen_ahead(speech)
    with pytest.raises(MediaError, match="gone"):
        articulate(speech)


def test_nothing_is_left_when_it_is_given_up():
    speech = Speech.from_samples(speech_like(120.0), RATE)
    give_up = listen_ahead(speech)
    assert listeners()
    give_up()
    assert not listeners() and speech not in ahead._listening
    give_up()


def test_nobody_listens_where_phones_are_known_or_speech_is_arriving():
    sound = speech_like(1.0)
    listen_ahead(Speech.from_samples(sound, RATE, phones=[Phone(0.2, 0.4, "a")]))
    arriving = StreamingSpeech.from_pieces([sound], RATE)
    listen_ahead(arriving)
    assert not listeners() and not ahead._listening
