"""One timeline from characters, marks, visemes, words and phones."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from lipwright.articulation.from_phones import articulate_phones
from lipwright.speech.speech import Phone, Word
from lipwright.speech.timing.provider_timestamps import (
    LONGEST_LAST_WORD,
    SILENCE,
    attach_punctuation,
    estimate_phones,
    in_order,
    phones_from_visemes,
    words_from_characters,
    words_from_marks,
)
from lipwright.speech.timing.word_alignment import words_from_phones

CLIPS = Path(__file__).parents[1] / "articulation" / "clips"


def seconds(words: list[Word]) -> list[tuple[float, float, str]]:
    return [(round(w.start, 3), round(w.end, 3), w.text) for w in words]


def test_characters_become_words() -> None:
    text = " Pay ₹50,\n now!"
    starts = [n / 10 for n in range(len(text))]
    ends = [start + 0.1 for start in starts]
    words = words_from_characters(list(text), starts, ends)
    assert seconds(words) == [(0.1, 0.4, "Pay"), (0.5, 0.9, "₹50,"), (1.1, 1.5, "now!")]
    assert words_from_characters([], [], []) == []
    assert words_from_characters([" "], [0.0], [0.1]) == []
    assert words_from_characters(["नम", "स्ते"], [0.0, 0.2], [0.2, 0.5]) == [Word(0.0, 0.5, "नमस्ते")]


def test_characters_need_as_many_times() -> None:
    with pytest.raises(ValueError):
        words_from_characters(["a", "b"], [0.0], [0.1, 0.2])


def test_marks_last_until_the_next() -> None:
    words = words_from_marks('He said: "Go, now!"', [("He", 0.1), ("said", 0.4), ("Go", 1.0)], 5.0)
    assert seconds(words) == [(0.1, 0.4, "He"), (0.4, 1.0, "said:"), (1.0, 2.0, '"Go,')]
    assert LONGEST_LAST_WORD == 1.0
    assert words_from_marks("Hello", [], 1.0) == []
    assert seconds(words_from_marks("Hi", [("Hi", 0.2)], 0.5)) == [(0.2, 0.5, "Hi")]


def test_punctuation_comes_from_the_text() -> None:
    said = [Word(0, 1, "and"), Word(1, 2, "and"), Word(2, 3, "five hundred"), Word(3, 4, "rupees")]
    words = attach_punctuation("And, and – ₹500 (rupees)!", said)
    assert [word.text for word in words] == ["And,", "and", "five hundred", "(rupees)!"]


def test_words_of_a_text_are_not_found_inside_others() -> None:
    said = [Word(0, 1, "the"), Word(1, 2, "other"), Word(2, 3, "he")]
    words = attach_punctuation('"the" other, he.', said)
    assert [word.text for word in words] == ['"the"', "other,", "he."]
    said = [Word(0, 1, "a"), Word(1, 2, "cat")]
    assert [w.text for w in attach_punctuation("Take a cat.", said)] == ["a", "cat."]


def test_times_never_go_back() -> None:
    words = in_order([Word(0.5, 1.0, "a"), Word(0.2, 0.7, "b"), Word(0.9, 1.5, "c")])
    assert words == [Word(0.5, 1.0, "a"), Word(1.0, 1.0, "b"), Word(1.0, 1.5, "c")]


def test_visemes_become_phones() -> None:
    events = [(0.5, "m"), (0.1, "ɑ"), (0.7, SILENCE), (1.4, "f")]
    phones = phones_from_visemes(events, 1.2)
    assert phones == [Phone(0.1, 0.5, "ɑ"), Phone(0.5, 0.7, "m"), Phone(0.7, 1.2, SILENCE)]
    assert phones_from_visemes([], 1.0) == []


def test_the_lips_rest_in_a_silent_viseme() -> None:
    events = [(0.0, "ɑ"), (0.4, SILENCE), (1.4, "ɑ")]
    curves = articulate_phones(phones_from_visemes(events, 2.0), 2.0)
    assert curves.at(0.2)[0, 1] > 0.1 and curves.at(0.9)[0, 1] == 0


SOUNDS = {
    "five": "fˈIv", "thousand": "θˈWzənd", "fifty": "fˈɪfti", "three": "θɹˈi", "rupees": "ɹupˈiz",
    "pay": "pˈA", "please": "plˈiz", "now": "nˈW", "and": "ænd", "read": "ɹˈɛd", "it": "ɪt",
}  # fmt: skip
READINGS = {"5,053": "five thousand and fifty three", "&": "and", "₹5,053": "five thousand"}


def say(written: str) -> str:
    plain = written.strip(".,!?—").lower()
    return " ".join(SOUNDS.get(word, "") for word in READINGS.get(plain, plain).split())


def spoken(text: str) -> list[Phone]:
    """Phones of 0.1 s each; a stop is followed by a rest without phones."""
    phones, time = [], 0.0
    for word in text.split():
        for symbol in SOUNDS[word.rstrip(".")] + ("." if word[-1] == "." else " "):
            phones.append(Phone(time, time + 0.1, symbol))
            time += 0.1
        time += 0.4 if word[-1] == "." else 0.0
    return phones


def test_an_amount_has_the_time_of_all_its_words() -> None:
    phones = spoken("please pay five thousand and fifty three rupees now")
    words = words_from_phones(phones, "Please pay INR 5,053 now!", say)
    assert [word.text for word in words] == ["Please", "pay", "INR", "5,053", "now!"]
    five, now = (next(p for p in phones if p.symbol == symbol) for symbol in "fn")
    start_of_now = [p for p in phones if p.symbol == "n"][-1].start
    assert words[2].start == pytest.approx(five.start)
    assert words[2].end == words[3].start and words[2].end > words[2].start
    assert words[4].start == pytest.approx(start_of_now)
    assert words[3].end < start_of_now and now.start < start_of_now


def test_a_word_said_otherwise_lies_between_its_neighbours() -> None:
    phones = spoken("please read it now")
    other = SOUNDS | {"read": "ɹˈid"}
    words = words_from_phones(
        phones, "please read it now", lambda w: " ".join(other[x] for x in w.split())
    )
    exact = words_from_phones(phones, "please read it now", say)
    assert seconds(words) == seconds(exact)


def test_rests_part_words_and_signs_without_sound_take_no_time() -> None:
    phones = spoken("pay now. please pay now.")
    words = words_from_phones(phones, "Pay now. — Please pay now.", say)
    assert [word.text for word in words] == ["Pay", "now.", "—", "Please", "pay", "now."]
    assert words[2].start == words[2].end
    assert words[3].start > words[1].end + 0.3


def test_nothing_spoken_and_nothing_written() -> None:
    assert words_from_phones([], "", say) == []
    assert words_from_phones(spoken("pay"), "", say) == []
    assert seconds(words_from_phones([], "pay now", say)) == [(0, 0, "pay"), (0, 0, "now")]


def test_a_long_text_stays_in_step() -> None:
    once = "please pay five thousand and fifty three rupees now."
    phones = spoken(" ".join([once] * 200))
    words = words_from_phones(phones, " ".join(["Please pay INR 5,053 now."] * 200), say)
    length = max(p.end for p in spoken(once)) + 0.4
    starts = np.array([word.start for word in words]).reshape(200, 5)
    assert np.abs(starts - starts[0] - length * np.arange(200)[:, None]).max() < 1e-6


def test_many_signs_without_sound_do_not_begin_the_text_again() -> None:
    phones = spoken(" ".join(["pay"] * 352))
    words = words_from_phones(phones, " ".join(["pay"] * 350 + ["—"] * 800 + ["pay", "pay"]), say)
    length = words[0].end - words[0].start
    assert words[-1].end - words[-1].start == pytest.approx(length)
    assert words[-1].start > words[-2].start


def test_estimated_phones_fill_their_words_evenly() -> None:
    words = [Word(0.0, 0.2, "Pay"), Word(0.2, 0.5, "now!"), Word(0.9, 0.9, "—")]
    phones = estimate_phones(words, say)
    assert phones is not None
    assert [phone.symbol for phone in phones] == list("pˈAnˈW")
    assert phones[0].start == 0 and phones[2].end == pytest.approx(0.2)
    assert phones[5].end == pytest.approx(0.5)
    assert estimate_phones([Word(0, 1, "—")], say) is None and estimate_phones([], say) is None


def test_a_word_that_runs_into_a_rest_is_cut_short() -> None:
    words = [Word(n * 0.3, n * 0.3 + 0.3, "now") for n in range(6)] + [Word(1.8, 4.0, "pay")]
    phones = estimate_phones(words, say)
    assert phones is not None and phones[-1].end < 2.5


def test_lips_from_estimated_phones_are_like_those_of_exact_ones() -> None:
    """The numbers in the docstring of estimate_phones, within 0.03: gap 0.92, rounding 0.98."""
    gaps, rounds = [], []
    for name in ("american_man", "british_woman", "indian_woman"):
        exact = [Phone(*row) for row in json.loads((CLIPS / f"{name}.json").read_text("utf-8"))]
        duration = exact[-1].end
        words = words_of(exact)
        estimated = estimate_phones(words, lambda symbols: symbols)
        assert estimated is not None
        times = np.arange(int(duration * 25)) / 25
        true, guess = (articulate_phones(p, duration).at(times) for p in (exact, estimated))
        gaps.append(np.corrcoef(true[:, [1, 5]].sum(1), guess[:, [1, 5]].sum(1))[0, 1])
        rounds.append(np.corrcoef(true[:, 3], guess[:, 3])[0, 1])
    assert np.mean(gaps) == pytest.approx(0.92, abs=0.03)
    assert np.mean(rounds) == pytest.approx(0.98, abs=0.03)


def words_of(phones: list[Phone]) -> list[Word]:
    """Words whose texts are their own phonemes."""
    words: list[Word] = []
    open_word = False
    for phone in phones:
        if phone.symbol in " .,!?;:…—":
            open_word = False
        elif open_word:
            words[-1] = Word(words[-1].start, phone.end, words[-1].text + phone.symbol)
        else:
            words.append(Word(*phone))
            open_word = True
    return words
