"""Numbers as English words: lakh and crore or million, years, digits one by one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import accumulate

from lipwright.core.errors import MissingExtraError
from lipwright.speech.normalization.locales import INDIA, Locale

NUMBER = r"(?:\d{1,3}(?:,\d{2,3})*,\d{3}(?!\d)|\d+)(?:\.\d+)?"
"""A written number, as a pattern without groups: 12, 1,25,000.50; in 1,2,3 there are three."""

_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_LONGEST_CARDINAL = 13


def say_cardinal(value: int, locale: Locale = INDIA) -> str:
    """Say a cardinal: 1_25_000 is "one lakh twenty five thousand".

    Locales with millions say "one hundred (and) twenty five thousand".
    """
    words = _tidy(_num2words(value, lang="en_IN" if locale.lakhs else "en"))
    return words if locale.says_and else words.replace(" and ", " ")


def say_ordinal(value: int, locale: Locale = INDIA) -> str:
    """Say an ordinal: 31 is "thirty first"."""
    words = _tidy(_num2words(value, to="ordinal"))
    return words if locale.says_and else words.replace(" and ", " ")


def say_fraction(top: int, bottom: int, locale: Locale = INDIA) -> str:
    """Say a fraction: 3 and 8 are "three eighths"."""
    name = {2: "half", 4: "quarter"}.get(bottom) or say_ordinal(bottom, locale)
    name = {"half": "halves"}.get(name, name + "s") if top != 1 else name
    return f"{say_cardinal(top, locale)} {name}"


def say_year(value: int, locale: Locale = INDIA) -> str:
    """Say a year: 2024 is "twenty twenty four", 2005 "two thousand and five"."""
    words = _tidy(_num2words(value, to="year"))
    return words if locale.says_and else words.replace(" and ", " ")


def say_digits(written: str, locale: Locale = INDIA) -> str:
    """Say every digit by its name, with short pauses in gaps and within long runs."""
    groups = [part for run in re.findall(r"\d+", written) for part in _group_digits(run, locale)]
    return ", ".join(" ".join(_DIGITS[int(digit)] for digit in group) for group in groups)


def say_number(written: str, locale: Locale = INDIA) -> str:
    """Read a written number: 5,053 or 3.5 or 007 (digit by digit)."""
    whole, _, fraction = written.replace(",", "").partition(".")
    if (len(whole) > 1 and whole[0] == "0") or len(whole) > _LONGEST_CARDINAL:
        words = say_digits(whole, locale)
    else:
        words = say_cardinal(int(whole), locale)
    if fraction:
        words += " point " + " ".join(_DIGITS[int(digit)] for digit in fraction)
    return words


def _group_digits(digits: str, locale: Locale) -> list[str]:
    """Cut a long run as it is read: a mobile number by its country, others in threes and fours."""
    if len(digits) <= 6:
        return [digits]
    if len(digits) == sum(locale.phone_groups):
        return _cut(digits, locale.phone_groups)
    if len(digits) == 11 and digits.startswith(("1800", "1860")):
        return _cut(digits, (4, 3, 4))
    if len(digits) == 11 and digits.startswith("0"):
        return _cut(digits, (1, *locale.phone_groups))
    if len(digits) == 12 and digits.startswith("91"):
        return _cut(digits, (2, 5, 5))
    size = 4 if len(digits) % 4 == 0 else 3
    groups = [digits[start : start + size] for start in range(0, len(digits), size)]
    if len(groups[-1]) == 1:
        groups[-2:] = ["".join(groups[-2:])]
    return groups


def _cut(digits: str, sizes: Sequence[int]) -> list[str]:
    ends = list(accumulate(sizes))
    return [digits[end - size : end] for size, end in zip(sizes, ends, strict=True)]


def _tidy(words: str) -> str:
    return re.sub(r"\s+", " ", words.replace(",", " ").replace("-", " ")).strip()


def _num2words(value: int, **how: str) -> str:
    try:
        from num2words import num2words
    except ImportError as problem:
        raise MissingExtraError("Reading out numbers", "voice") from problem
    words: str = num2words(value, **how)
    return words
