"""What several requests give, made one speech."""

from __future__ import annotations

import numpy as np
import pytest

from lipwright.core.errors import VoiceError
from lipwright.speech import Phone, Speech
from lipwright.speech.providers.concatenate import check_words, join_speeches, split_spans
from lipwright.speech.script.script import read_script
from lipwright.speech.speech import Word


def piece(seconds: float, text: str, rate: int = 8000, timed: bool = True) -> Speech:
    samples = np.full(round(seconds * rate), 0.1, np.float32)
    phones = [Phone(0.1, 0.2, "a")] if timed else None
    return Speech.from_samples(samples, rate, phones, words=[Word(0.1, 0.2, text)])


def test_times_count_from_the_start_of_the_whole() -> None:
    whole = join_speeches([piece(0.5, "one"), piece(0.25, "two"), piece(1, "three")], "all", "X")
    assert whole.duration == pytest.approx(1.75)
    assert whole.words is not None and whole.phones is not None
    assert [word.text for word in whole.words] == ["one", "two", "three"]
    assert [word.start for word in whole.words] == pytest.approx([0.1, 0.6, 0.85])
    assert [phone.end for phone in whole.phones] == pytest.approx([0.2, 0.7, 0.95])
    assert whole.transcript == "all"


def test_times_that_one_piece_lacks_are_unknown() -> None:
    whole = join_speeches([piece(0.5, "one"), piece(0.5, "two", timed=False)], "all", "X")
    assert whole.phones is None
    assert whole.words is not None and len(whole.words) == 2


def test_a_rate_that_changes_is_an_error() -> None:
    with pytest.raises(VoiceError, match="Polly changed the sample rate"):
        join_speeches([piece(0.5, "one"), piece(0.5, "two", rate=16000)], "all", "Polly")


def test_words_timed_together_share_the_time_by_their_letters() -> None:
    words = split_spans([Word(0.0, 0.2, "pay"), Word(1.0, 2.0, "INR 5,053"), Word(2.0, 2.5, " ")])
    assert [word.text for word in words] == ["pay", "INR", "5,053"]
    times = [(word.start, word.end) for word in words]
    assert np.allclose(times, [(0.0, 0.2), (1.0, 1.375), (1.375, 2.0)])


@pytest.mark.parametrize("text", ["...", "<speak><break time='1s'/></speak>", "?!", "—"])
def test_nothing_to_speak(text: str) -> None:
    with pytest.raises(VoiceError, match="nothing to speak"):
        check_words(read_script(text))


@pytest.mark.parametrize("text", ["Hi", "7", "नमस्ते", "<speak>a</speak>"])
def test_something_to_speak(text: str) -> None:
    check_words(read_script(text))
