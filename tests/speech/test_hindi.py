"""Hindi: Devanagari to phonemes, numbers and dates in words, Hindi words in Latin letters."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lipwright.speech.g2p.hindi import say_hindi_word, spell_in_devanagari
from lipwright.speech.g2p.phoneme_alphabet import token_numbers
from lipwright.speech.normalization.hindi_number_words import say_cardinal, say_ordinal, say_year
from lipwright.speech.normalization.normalize import normalize

WORDS = {
    # schwas, final and inner
    "नमस्ते": "nəmˈʌsteː",
    "घर": "ɡʰˈʌɾ",
    "समझना": "səmˈʌɟʰnaː",
    "धड़कन": "dʰˈʌrkən",
    "लड़का": "lˈʌrkaː",
    "मतलब": "mˈʌtləb",
    "नमकीन": "nəmkˈiːn",
    "भुगतान": "bʰʊɡtˈaːn",
    "धन्यवाद": "dʰənjəʋˈaːd",
    "मित्र": "mˈɪtɾə",
    "राष्ट्र": "ɾˈaːʂʈɾə",
    "अंक": "ˈʌŋk",
    "धर्म": "dʰˈʌɾm",
    # nasals
    "हिंदी": "hˈɪndi",
    "पंप": "pˈʌmp",
    "झंडा": "ɟʰˈʌɳɖaː",
    "पाँच": "pˈãnc",
    "माँ": "mˈã",
    "करें": "kˈʌɾẽː",
    "नहीं": "nˈʌhĩ",
    # signs and letters of loans
    "ज्ञान": "ɡjˈaːn",
    "क्षमा": "kʃˈʌmaː",
    "कॉल": "kˈɔl",
    "ख़बर": "xˈʌbəɾ",
    "फ़ोन": "fˈoːn",
    "पढ़ना": "pˈʌrhnaː",
    "ऋण": "ɾˈɪɳ",
    "शहर": "ʃˈɛhɛɾ",
    "पहले": "pˈɛhleː",
    "समय": "sˈʌmɛj",
    # unstressed and irregular ones
    "है": "hɛː",
    "मैं": "mɛ̃",
    "छह": "cʰˈɛː",
}


@pytest.mark.parametrize(("word", "sounds"), WORDS.items())
def test_words(word: str, sounds: str) -> None:
    assert unicodedata.normalize("NFD", say_hindi_word(word)) == unicodedata.normalize(
        "NFD", sounds
    )


def test_both_ways_to_write_a_letter_are_one() -> None:
    assert say_hindi_word("लड\u093cका") == say_hindi_word("ल\u095cका")


@settings(max_examples=500, deadline=None)
@given(st.text(alphabet=st.characters(min_codepoint=0x900, max_codepoint=0x97F), max_size=12))
def test_any_letters_have_sounds_the_voice_knows(word: str) -> None:
    assert set(say_hindi_word(word)) <= set(token_numbers())


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0, "शून्य"),
        (19, "उन्नीस"),
        (53, "तिरपन"),
        (99, "निन्यानवे"),
        (100, "एक सौ"),
        (5053, "पाँच हज़ार तिरपन"),
        (125000, "एक लाख पच्चीस हज़ार"),
        (123456000, "बारह करोड़ चौंतीस लाख छप्पन हज़ार"),
    ],
)
def test_cardinals(value: int, words: str) -> None:
    assert say_cardinal(value) == words


def test_every_number_below_a_hundred_has_its_own_name() -> None:
    assert len({say_cardinal(value) for value in range(100)}) == 100


def test_years_and_ordinals() -> None:
    assert say_year(1995) == "उन्नीस सौ पचानवे" and say_year(2024) == "दो हज़ार चौबीस"
    assert [say_ordinal(value) for value in (1, 6, 21)] == ["पहला", "छठा", "इक्कीसवाँ"]


CASES = {
    "₹5,053 दें।": "पाँच हज़ार तिरपन रुपये दें.",
    "₹१": "एक रुपया",
    "Rs. 1,25,000.50": "एक लाख पच्चीस हज़ार रुपये और पचास पैसे",
    "₹1.5 लाख": "डेढ़ लाख रुपये",
    "2.5 करोड़ रुपये": "ढाई करोड़ रुपये",
    "रु. 500/-": "पाँच सौ रुपये",
    "$20": "बीस डॉलर",
    "31/12/2024 तक": "इकतीस दिसंबर दो हज़ार चौबीस तक",
    "2024-12-31": "इकतीस दिसंबर दो हज़ार चौबीस",
    "31 दिसंबर 2024": "इकतीस दिसंबर दो हज़ार चौबीस",
    "1 Jan 2025": "एक जनवरी दो हज़ार पच्चीस",
    "1995 में": "उन्नीस सौ पचानवे में",
    "5:30 pm": "शाम साढ़े पाँच बजे",
    "9:45 am": "सुबह पौने दस बजे",
    "शाम 5:30 बजे": "शाम साढ़े पाँच बजे",
    "सुबह 10 बजे": "सुबह दस बजे",
    "1:30 बजे": "डेढ़ बजे",
    "5:10 बजे": "पाँच बजकर दस मिनट",
    "17:20": "सत्रह बजकर बीस मिनट",
    "OTP 482913 है": "O T P चार आठ दो नौ एक तीन है",
    "9876543210": "नौ आठ सात छह पाँच, चार तीन दो एक शून्य",
    "3.5%": "साढ़े तीन प्रतिशत",
    "10-15 दिन": "दस से पंद्रह दिन",
    "21वाँ": "इक्कीसवाँ",
    "डॉ. राव": "डॉक्टर राव",
    "007": "शून्य शून्य सात",
    "चाय & कॉफ़ी": "चाय और कॉफ़ी",
    "आपका UPI बिल": "आपका U P I बिल",
    "**नमस्ते**… धन्यवाद॥": "नमस्ते… धन्यवाद.",
}


@pytest.mark.parametrize(("written", "read"), CASES.items())
def test_reading(written: str, read: str) -> None:
    assert normalize(written, "hi-IN") == unicodedata.normalize("NFC", read)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="0123456789.,-/:+% ₹Rsलाख बजेapm।", max_size=30))
def test_no_digits_are_left(text: str) -> None:
    assert not any(character.isdigit() for character in normalize(text, "hi-IN"))


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("Namaste Priya ji", ["नमस्ते", None, "जी"]),
        ("Main Street is in the US", [None] * 6),
        ("Aapka bill due hai", ["आपका", None, None, "है"]),
        ("main kal to aapko bhugtan kar doon", ["मैं", "कल", "तो", "आपको", "भुगतान", "कर", "दूँ"]),
        ("pay नमस्ते now", [None, "नमस्ते", None]),
        ("the one lakh is to be paid", [None, None, "लाख", None, None, None, None]),
    ],
)
def test_hindi_words_in_latin_letters(sentence: str, found: list[str | None]) -> None:
    assert spell_in_devanagari(sentence.split()) == found


def test_in_a_hindi_sentence_shared_words_are_hindi() -> None:
    assert spell_in_devanagari(["main", "to"], hindi=True) == ["मैं", "तो"]
