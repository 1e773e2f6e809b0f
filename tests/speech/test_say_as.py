"""What say-as asks for, in words."""

from __future__ import annotations

import pytest

from lipwright.core.errors import VoiceError
from lipwright.speech.normalization.say_as import READINGS, check_reading, read_as

pytest.importorskip("num2words", reason="reading out numbers needs the voice extra")


@pytest.mark.parametrize(
    ("text", "how", "language", "words"),
    [
        ("5,053", "cardinal", "en-IN", "five thousand and fifty three"),
        ("5,053", "cardinal", "en-US", "five thousand fifty three"),
        ("-12", "number", "en-IN", "minus twelve"),
        ("1,25,000", "cardinal", "hi-IN", "एक लाख पच्चीस हज़ार"),
        ("abc", "cardinal", "en-IN", "abc"),
        ("3", "ordinal", "en-IN", "third"),
        ("3rd", "ordinal", "en-IN", "third"),
        ("5", "ordinal", "hi-IN", "पाँचवाँ"),
        ("482913", "digits", "en-IN", "four eight two nine one three"),
        ("A1-b", "characters", "en-IN", "A one dash B"),
        ("upi", "spell-out", "en-IN", "U P I"),
        ("3/4/2025", "date:dmy", "en-IN", "third April twenty twenty five"),
        ("3/4/2025", "date:mdy", "en-IN", "fourth March twenty twenty five"),
        ("20250403", "date:yyyymmdd", "en-US", "April third, twenty twenty five"),
        ("2025-04-03", "date:ymd", "en-GB", "the third of April twenty twenty five"),
        ("4/2025", "date:my", "hi-IN", "अप्रैल दो हज़ार पच्चीस"),
        ("4/3", "date:dm", "en-IN", "fourth March"),
        ("13/13/2025", "date:dmy", "en-IN", "13/13/2025"),
        ("3 Apr 2025", "date:dmy", "en-IN", "third April twenty twenty five"),
        ("5:30pm", "time:hms12", "en-IN", "five thirty P M"),
        ("5:30pm", "time", "hi-IN", "शाम साढ़े पाँच बजे"),
        ("+91 98765", "telephone", "en-IN", "plus nine one, nine eight seven six five"),
        ("INR 45.30", "currency", "en-IN", "forty five rupees and thirty paise"),
        ("3/8", "fraction", "en-IN", "three eighths"),
        ("1 1/2", "fraction", "en-IN", "one and one half"),
        ("5 km", "unit", "en-IN", "five kilometres"),
        ("Mathangi", "name", "en-IN", "Mathangi"),
        ("12", "cardinal", "ta-IN", "12"),
        (" 12 ", "cardinal", "en-IN", " twelve "),
    ],
)
def test_reading(text: str, how: str, language: str, words: str) -> None:
    assert read_as(text, how, language) == words


@pytest.mark.parametrize("how", sorted(READINGS))
@pytest.mark.parametrize("language", ["en-IN", "en-US", "hi-IN"])
@pytest.mark.parametrize("text", ["", "x", "१२", "1/0", "99/99", "0", "-", "1.5.2024", "00:00"])
def test_nothing_breaks_it(how: str, language: str, text: str) -> None:
    assert isinstance(read_as(text, how, language), str)


def test_unknown_readings_are_told() -> None:
    with pytest.raises(VoiceError, match='"money".*currency'):
        check_reading("money")
