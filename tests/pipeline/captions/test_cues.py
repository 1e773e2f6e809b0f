"""Captions as a viewer reads them: never too long, never too short, never through a number."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lipwright.pipeline.captions.cues import GAP, LINE_LENGTH, LONGEST, SHORTEST, make_cues
from lipwright.pipeline.captions.line_breaking import KEPT_TOGETHER, break_cost, text_width
from lipwright.speech.speech import Word


def spoken(text: str, letter: float = 0.07, rest: float = 0.4) -> list[Word]:
    """Words as a voice might time them, with a rest after each sentence."""
    words, time = [], 0.0
    for part in text.split():
        end = time + letter * (len(part) + 1)
        words.append(Word(time, end, part))
        time = end + (rest if part[-1] in ".!?" else 0.0)
    return words


LETTER = """Good morning Priya, your payment of Rs. 5,053 for the month of March is due on 25 March
2026. Please pay ₹1,25,000 before 5 p.m. today, or call Mr. Sharma at the office. Thank you! This is
a reminder for your appointment on Monday, 14 September at 10:30 a.m. and it will not take more than
half an hour."""


def test_limits_of_lines_and_times():
    words = spoken(LETTER)
    cues = make_cues(words, duration=words[-1].end)
    assert all(1 <= len(cue.lines) <= 2 for cue in cues)
    assert all(len(line) <= LINE_LENGTH for cue in cues for line in cue.lines)
    assert all(SHORTEST <= cue.end - cue.start <= LONGEST + 1e-6 for cue in cues)
    assert all(a.end + GAP <= b.start + 1e-9 for a, b in zip(cues, cues[1:], strict=False))
    assert cues[-1].end <= words[-1].end


def test_every_word_is_shown_while_it_is_spoken():
    words = spoken(LETTER)
    cues = make_cues(words)
    shown = [(cue, part) for cue in cues for part in cue.text.split()]
    assert [part for _, part in shown] == LETTER.split()
    for (cue, _), word in zip(shown, words, strict=True):
        assert cue.start <= word.start + 1e-9 and word.end - GAP <= cue.end + 1e-9


@pytest.mark.parametrize("length", [16, 22, 28, 34, 42])
def test_numbers_dates_and_names_stay_in_one_line(length):
    lines = [line for cue in make_cues(spoken(LETTER), length) for line in cue.lines]
    for whole in ("Rs. 5,053", "25 March 2026.", "5 p.m.", "Mr. Sharma", "14 September"):
        assert any(whole in line for line in lines), whole


@pytest.mark.parametrize(
    ("before", "after", "cost"),
    [
        ("INR", "5,053", KEPT_TOGETHER),
        ("3.5", "lakh", KEPT_TOGETHER),
        ("5", "p.m.", KEPT_TOGETHER),
        ("fifty", "three", KEPT_TOGETHER),
        ("April", "2027", KEPT_TOGETHER),
        ("(Mrs.", "Gupta)", KEPT_TOGETHER),
        ("due.", "Please", 0.0),
        ("“Really?”", "she", 0.0),
        ("है।", "कृपया", 0.0),
        ("2025,", "30", 1.0),
        ("water", "bill", 3.0),
        ("of", "water", 4.5),
    ],
)
def test_costs_of_breaks(before, after, cost):
    assert break_cost(before, after) == cost


def test_lines_break_after_a_clause_where_both_then_fit():
    (cue,) = make_cues(spoken("Your train leaves on Friday, so please come to the station early."))
    assert cue.lines == ("Your train leaves on Friday,", "so please come to the station early.")


def test_sentences_are_captions_of_their_own_where_they_are_long_enough():
    cues = make_cues(spoken("Your rent is still unpaid. Please pay it before the end of May."))
    assert [cue.text for cue in cues] == [
        "Your rent is still unpaid.",
        "Please pay it before the end of May.",
    ]


def test_a_long_rest_ends_a_caption():
    words = [Word(0.0, 1.2, "Hello"), Word(4.0, 5.2, "there")]
    first, second = make_cues(words)
    assert (first.text, second.text) == ("Hello", "there")
    assert first.end < 2.0 and second.start == 4.0


def test_a_last_short_word_begins_earlier_rather_than_flash_by():
    (cue,) = make_cues([Word(3.0, 3.2, "Yes.")], duration=3.3)
    assert cue.end == pytest.approx(3.3) and cue.start == pytest.approx(2.3)


def test_words_longer_than_a_line_are_cut():
    cues = make_cues([Word(0.0, 4.0, "a" * 100)])
    assert max(len(line) for cue in cues for line in cue.lines) <= LINE_LENGTH
    assert "".join("".join(cue.lines) for cue in cues) == "a" * 100


def test_no_words_no_captions():
    assert make_cues([]) == []
    assert make_cues([Word(0.0, 1.0, "  ")]) == []


def test_marks_above_letters_take_no_place():
    assert text_width("नमस्ते") < len("नमस्ते")
    assert text_width("日本") == 4


WORDS = st.lists(
    st.tuples(
        st.text("abc५5,.₹é", min_size=1, max_size=60),
        st.floats(0.0, 2.0),
        st.floats(0.0, 3.0),
    ),
    max_size=40,
)


@given(WORDS, st.integers(8, 42))
@settings(max_examples=100, deadline=None)
def test_whatever_is_said_the_limits_hold(timed, length):
    words, time = [], 0.0
    for text, seconds, rest in timed:
        words.append(Word(time, time + seconds, text))
        time += seconds + rest
    cues = make_cues(words, length, duration=time or None)
    assert "".join(cue.text for cue in cues).replace("\n", "").replace(" ", "") == "".join(
        text for text, _, _ in timed
    )
    assert all(text_width(line) <= length for cue in cues for line in cue.lines)
    assert all(cue.start <= cue.end for cue in cues)
    assert all(a.end <= b.start + 1e-6 for a, b in zip(cues, cues[1:], strict=False))
