"""The same text as it is read in India, America and Britain."""

from __future__ import annotations

import pytest

from lipwright.core.errors import VoiceError
from lipwright.speech.normalization.locales import LOCALES, find_locale
from lipwright.speech.normalization.normalize import normalize

pytest.importorskip("num2words", reason="reading out numbers needs the voice extra")

# written: (en-IN, en-US, en-GB); None where it is as in India
CASES: dict[str, tuple[str, str | None, str | None]] = {
    "INR 5,053": (
        "five thousand and fifty three rupees",
        "five thousand fifty three rupees",
        None,
    ),
    "$1,234.56": (
        "one thousand two hundred and thirty four dollars and fifty six cents",
        "one thousand two hundred thirty four dollars and fifty six cents",
        None,
    ),
    "£45.99": ("forty five pounds and ninety nine pence", None, None),
    "INR 0.50": ("fifty paise", None, None),
    "1,00,00,000": ("one crore", "ten million", "ten million"),
    "100000": ("one lakh", "one hundred thousand", "one hundred thousand"),
    "$3.2bn": ("three point two billion dollars", None, None),
    "31/12/2024": (
        "thirty first December twenty twenty four",
        "December thirty first, twenty twenty four",
        "the thirty first of December twenty twenty four",
    ),
    "05/01/2025": (
        "fifth January twenty twenty five",
        "May first, twenty twenty five",
        "the fifth of January twenty twenty five",
    ),
    "12/31/2024": (
        "thirty first December twenty twenty four",
        "December thirty first, twenty twenty four",
        "the thirty first of December twenty twenty four",
    ),
    "2024/12/31": (
        "thirty first December twenty twenty four",
        "December thirty first, twenty twenty four",
        "the thirty first of December twenty twenty four",
    ),
    "by the 2nd May": ("by the second May", None, "by the second of May"),
    "by 2 May 1995": (
        "by second May nineteen ninety five",
        None,
        "by the second of May nineteen ninety five",
    ),
    "May 2, 2005": (
        "May second, two thousand and five",
        "May second, two thousand five",
        None,
    ),
    "3/4 cup": ("three fourths cup", "three quarters cup", "three quarters cup"),
    "9876543210": (
        "nine eight seven six five, four three two one zero",
        "nine eight seven, six five four, three two one zero",
        "nine eight seven, six five four, three two one zero",
    ),
    "(555) 123-4567": ("five five five, one two three, four five six seven", None, None),
    "07700 900123": ("zero seven seven zero zero, nine zero zero one two three", None, None),
    "101st": (
        "one hundred and first",
        "one hundred first",
        None,
    ),
}


@pytest.mark.parametrize(("written", "read"), CASES.items())
def test_reading(written: str, read: tuple[str, str | None, str | None]) -> None:
    for tag, words in zip(("en-IN", "en-US", "en-GB"), read, strict=True):
        assert normalize(written, tag) == (words or read[0]), tag


@pytest.mark.parametrize(
    ("tag", "locale"),
    [
        ("en-in", "en-IN"),
        ("en_US", "en-US"),
        ("en", "en-IN"),
        ("en-AU", "en-GB"),
        ("en-CA", "en-US"),
        ("hi", "hi-IN"),
        ("hi-IN", "hi-IN"),
        ("hi-Deva-IN", "hi-IN"),
    ],
)
def test_tags(tag: str, locale: str) -> None:
    assert find_locale(tag) is LOCALES[locale]


def test_other_languages_are_refused() -> None:
    with pytest.raises(VoiceError, match='"fr".*en-IN'):
        normalize("Bonjour", "fr")
