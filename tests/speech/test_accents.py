"""One sentence in every accent, with the names and words of all."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lipwright.core.errors import VoiceError
from lipwright.speech.g2p.accents import ACCENTS
from lipwright.speech.g2p.accents_western import to_british
from lipwright.speech.g2p.phoneme_alphabet import token_numbers

pytest.importorskip("misaki", reason="pronunciation needs the voice extra")

from lipwright.speech.g2p.lexicon import own_lexicon  # noqa: E402
from lipwright.speech.g2p.pronouncer import Pronouncer  # noqa: E402

SAID = {tag: Pronouncer(accent=tag) for tag in (*ACCENTS, "hi-IN")}


@pytest.mark.parametrize(
    ("word", "american", "british"),
    [
        ("water", "wˈɔTəɹ", "wˈɔːtə"),
        ("go", "ɡˌO", "ɡˌQ"),
        ("dance", "dˈæns", "dˈɑːns"),
        ("car", "kˈɑɹ", "kˈɑː"),
        ("waiting", "wˈATɪŋ", "wˈAtɪŋ"),
        ("Mathangi", "mɑtˈʌŋɡi", "mɑːtˈʌŋɡiː"),
        ("लड़का", "lˈʌɹkɑ", "lˈʌɹkɑː"),
        ("UPI's", "jˈu pˈi ˈIz", "jˈuː pˈiː ˈIz"),
        ("squibble", "skwˈɪbəl", "skwˈɪbəl"),
    ],
)
def test_words(word: str, american: str, british: str) -> None:
    assert SAID["en-US"].pronounce(word) == [american]
    assert SAID["en-GB"].pronounce(word) == [british]


def test_letters() -> None:
    assert [SAID[tag].pronounce("X Z")[1] for tag in ("en-IN", "en-US", "en-GB")] == [
        "zˈɛɖ", "zˈi", "zˈɛd",
    ]  # fmt: skip


def test_little_words_before_vowels() -> None:
    assert SAID["en-US"].pronounce("the apple to go")[::2] == ["ði", "tə"]
    assert SAID["en-GB"].pronounce("the car to Agra")[::2] == ["ðə", "tʊ"]


def test_british_by_rule_says_no_r_at_the_end() -> None:
    assert to_british("fˈɑɹməɹ") == "fˈɑːmə"
    assert to_british("vˈɛɹi") == "vˈɛːɹi"
    assert to_british("hˈɑt") == "hˈɒt"


def test_hindi_sentences_take_the_indian_accent() -> None:
    assert SAID["hi-IN"].pronounce("main card")[0] == "mɛ̃"
    assert SAID["hi-IN"].pronounce("water") == SAID["en-IN"].pronounce("water")


@pytest.mark.parametrize("tag", ["en-US", "en-GB"])
def test_the_own_list_in_every_accent_uses_the_alphabet(tag: str) -> None:
    from_indian = ACCENTS[tag].from_indian
    assert {s for sounds in own_lexicon().values() for s in from_indian(sounds)} <= set(
        token_numbers()
    )


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyzABCXYZ'कािन् ", min_size=1, max_size=25))
def test_any_words_can_be_said(text: str) -> None:
    for pronouncer in SAID.values():
        assert set("".join(pronouncer.pronounce(text))) <= set(token_numbers()) | {" "}


def test_unknown_accents_are_refused() -> None:
    with pytest.raises(VoiceError, match='"en-AU".*en-GB'):
        Pronouncer(accent="en-AU")
