"""Scripts cut into lines and joined again; speech made faster and slower."""

from __future__ import annotations

import logging

import numpy as np
import pytest
from tests.speech.providers.fakes.sounds import hum

from lipwright.speech.providers.plain_text_requests import Line, Spoken, cut_into_lines, join_spoken
from lipwright.speech.providers.time_stretch import change_tempo, change_word_tempo
from lipwright.speech.script.script import Pause, Script, Text
from lipwright.speech.speech import Word

RATE = 24000


@pytest.mark.parametrize(
    ("segments", "lines"),
    [
        ([Text("One. Two.")], [Line("One. Two.")]),
        ([Text("One"), Pause(0.5), Text("two.")], [Line("One... two.")]),
        ([Text("One."), Pause(2), Text("Two.")], [Line("One.", silence=2), Line("Two.")]),
        ([Pause(1), Text("One.")], [Line("", silence=1), Line("One.")]),
        ([Text("One."), Pause(1), Pause(2)], [Line("One.", silence=3)]),
        ([Text("One."), Pause(1), Text(" ! "), Pause(2)], [Line("One.", silence=3)]),
        ([Text("Go "), Text("slowly ", rate=0.5), Text("on.")],
         [Line("Go"), Line("slowly", 0.5), Line("on.")]),
        ([Text("A "), Text(" ", rate=0.5), Text("b.")], [Line("A  b.")]),
        ([Text("One two. Three four. Five.")],
         [Line("One two."), Line("Three four."), Line("Five.")]),
        ([], []),
    ],
)  # fmt: skip
def test_a_script_is_cut_where_plain_text_does_not_reach(segments, lines) -> None:
    assert cut_into_lines(Script(tuple(segments)), 1.0, 16) == lines


def test_a_limit_may_count_bytes() -> None:
    script = Script((Text("नमस्ते जी। फिर मिलेंगे।"),))
    assert len(cut_into_lines(script, 1.0, 40)) == 1
    assert len(cut_into_lines(script, 1.0, 40, lambda text: len(text.encode()))) == 2


def test_pronunciations_that_are_lost_are_told_of(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "lipwright"):
        cut_into_lines(Script((Text("Ravi", phonemes="ɾˈəʋi"),)), 1.0, 100)
    assert "takes no pronunciations" in caplog.text


def test_pieces_follow_one_another() -> None:
    second = hum(1.0, RATE)
    pieces = [
        Spoken(np.zeros(0, np.float32), None, 0.5),
        Spoken(second, [Word(0.1, 0.4, "one")], 2.0),
        Spoken(second, [Word(0.2, 0.3, "two")]),
    ]
    speech = join_spoken(pieces, RATE, "one two")
    assert speech.duration == 4.5
    assert speech.words == (Word(0.6, 0.9, "one"), Word(3.7, 3.8, "two"))
    untimed = [*pieces, Spoken(second, None)]
    assert join_spoken(untimed, RATE, "one two three").words is None


@pytest.mark.parametrize("factor", [0.25, 0.5, 0.8, 1.3, 2.0, 4.0])
def test_tempo_changes_the_length_and_not_the_pitch(factor: float) -> None:
    samples = hum(4.0, RATE)
    changed = change_tempo(samples, RATE, factor)
    assert changed.size == round(samples.size / factor) and changed.dtype == np.float32
    middle = changed[changed.size // 4 :][:12000]
    assert np.argmax(np.abs(np.fft.rfft(middle))) * 2 == pytest.approx(180, abs=3)
    level = np.sqrt(np.mean(changed**2) / np.mean(samples**2))
    assert level == pytest.approx(1, abs=0.1)


def test_words_keep_their_place_in_the_sound() -> None:
    """A click stays under the word that has it."""
    samples = np.zeros(3 * RATE, np.float32)
    samples[2 * RATE : 2 * RATE + RATE // 10] = hum(0.1, RATE)
    words = change_word_tempo([Word(2.0, 2.1, "click")], 0.7)
    assert words is not None
    (word,) = words
    loud = np.flatnonzero(np.abs(change_tempo(samples, RATE, 0.7)) > 0.05) / RATE
    assert word.start == pytest.approx(loud[0], abs=0.06)
    assert word.end == pytest.approx(loud[-1], abs=0.03)


def test_the_usual_speed_is_left_alone() -> None:
    samples = hum(0.5, RATE)
    assert change_tempo(samples, RATE, 1.0) is samples
    assert change_word_tempo(None, 0.5) is None
