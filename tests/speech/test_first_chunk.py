"""A stream of speech begins with a short chunk, and says the same as it would otherwise."""

from __future__ import annotations

import pytest

from lipwright.speech.kokoro.chunking import (
    EARLY,
    GROWTH,
    LEAST,
    SHORTEST,
    SOONEST,
    GrowingChunks,
    PhonemeChunk,
    shorten_first,
)

CLAUSES = (
    "jɔː pˈeːmənʈ ɪz ɖjˈuː ɔn friː dˈeː, soː pliːz pˈeː ɪʈ nˈaʊ, " + "ɔː kˈɔːl ˌʌs " * 6 + "plˈiːz."
)
PHRASES = "rɪmˈɛmbəɾ ðəʈ ðə ˈɔfɪs ɪn ʧˈɛnaɪ " * 4 + "kloːzɪz."


@pytest.mark.parametrize("text", [CLAUSES, PHRASES, "pˈaː " * 60 + "pˈaː.", "a" * 200])
def test_nothing_is_lost_and_the_rest_is_as_before(text):
    after = PhonemeChunk("sˈɛkənɖ.", "paragraph")
    whole = PhonemeChunk(text, "sentence", rate=0.8, pause=1.5)
    chunks = list(shorten_first([PhonemeChunk("", "none", pause=0.5), whole, after]))
    assert chunks[0].pause == 0.5 and chunks[-1] == after
    assert " ".join(chunk.phonemes for chunk in chunks[1:-1]) == text
    assert all(chunk.rate == 0.8 for chunk in chunks[1:-1])
    assert (chunks[-2].ending, chunks[-2].pause) == ("sentence", 1.5)
    if " " in text:
        assert SHORTEST <= len(chunks[1].phonemes) <= EARLY and chunks[1].pause is None


def test_the_cut_is_after_the_last_clause_in_time():
    first = list(shorten_first([PhonemeChunk(CLAUSES, "sentence")]))[0]
    assert first.phonemes.endswith("nˈaʊ,") and first.ending == "clause"


def test_without_a_clause_the_cut_is_before_a_word_without_stress():
    first, rest = list(shorten_first([PhonemeChunk(PHRASES, "sentence")]))
    assert "ˈ" in first.phonemes.split()[-1] and "ˈ" not in rest.phonemes.split()[0]


@pytest.mark.parametrize("phonemes", ["nəmˈəsteː!", "", "a" * EARLY])
def test_what_is_short_stays_as_it_is(phonemes):
    chunks = [PhonemeChunk(phonemes, "sentence")]
    assert list(shorten_first(chunks)) == chunks


def test_each_part_is_at_most_so_much_longer_than_the_one_before():
    texts = [CLAUSES, PHRASES, CLAUSES, "nəmˈəsteː!"]
    growing = GrowingChunks()
    parts = [
        chunk for text in texts for chunk in growing.cut(iter([PhonemeChunk(text, "sentence")]))
    ]
    lengths = [len(chunk.phonemes) for chunk in parts]
    assert " ".join(chunk.phonemes for chunk in parts) == " ".join(texts)
    assert LEAST <= lengths[0] <= SOONEST
    longest = SOONEST
    for length in lengths:
        assert length <= longest + 1
        longest = max(longest, round(GROWTH * min(length, longest)))
    assert max(lengths) > 1.5 * SOONEST


def test_a_rest_before_the_first_word_stays():
    rest = PhonemeChunk("", "none", pause=0.5)
    assert list(GrowingChunks().cut(iter([rest]))) == [rest]


def test_a_greeting_is_spoken_by_itself():
    text = "ɡʊd mˈɔːnɪŋ, ɪt ɪz ə fˈaɪn dˈeɪ tə bi aʊtsˈaɪd."
    opening, *_ = GrowingChunks().cut(iter([PhonemeChunk(text, "sentence")]))
    assert opening.phonemes == "ɡʊd mˈɔːnɪŋ," and opening.ending == "clause"
