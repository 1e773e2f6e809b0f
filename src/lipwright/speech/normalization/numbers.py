"""Percentages, ordinals, ranges, fractions and plain numbers in words."""

from __future__ import annotations

import re

from lipwright.speech.normalization.codes import read_mixed
from lipwright.speech.normalization.locales import INDIA, Locale
from lipwright.speech.normalization.measures import read_measures
from lipwright.speech.normalization.money import SCALES
from lipwright.speech.normalization.number_words import (
    NUMBER,
    say_cardinal,
    say_digits,
    say_fraction,
    say_number,
    say_ordinal,
)

_TIMES = re.compile(r"(?<![\w.,])(\d+(?:\.\d+)?)[xX](?=\s+[a-z])")
_RATIO = re.compile(r"(?<![\d:.])(\d{1,2}):(\d)(?![\d:])")
_TENS = re.compile(r"(?<![\w.,])'?([2-9]0)'?s\b")
_HEIGHT = re.compile(r"(?<!\w)(\d)'\s?(1[01]|\d)\"")
_FRACTIONS = {
    "1/2": "half", "1/4": "one fourth", "3/4": "three fourths", "1/3": "one third",
    "2/3": "two thirds", "24/7": "twenty four seven", "24x7": "twenty four seven",
    "24×7": "twenty four seven",
}  # fmt: skip
_RANGE = re.compile(rf"(?<![\w.,/-])({NUMBER})\s?[-–]\s?({NUMBER})(?![\w/-]{{0,60}}\d)")
_FRACTION = re.compile(r"(?<![\w.,/])(?:(\d{1,4}) )?(\d{1,4})/(\d{1,4})(?![\w/]|[.,]\d)")
_BY = re.compile(rf"(?<![\w.,/])({NUMBER})\s?[/x×X]\s?({NUMBER})(?![\w/])")
_ALWAYS = re.compile(r"(?<![\w.,])24\s?[*x×/]\s?7(?![\w/])")
_VERSION = re.compile(
    r"\b([vV])(\d+(?:\.\d+)+)(?![\w.]{0,60}\d)|\b(\d+(?:\.\d+){2,})(?![\w.]{0,60}\d)"
)
_SCALED = re.compile(
    rf"(?<![\w.])(?P<low>{NUMBER})\s?(?P<scale>(?i:lakhs?|lacs?|crores?|crs?|mn|bn)|[kKL])\b"
)
_LONG_RUN = re.compile(r"(?<![\w.,])\d{7,}(?![\w,]{0,60}\d|\.\d|[A-Za-z])")
_MINUS = re.compile(rf"(?<!\w)(?<!\d\s)[-−](?={NUMBER})")
_PERCENT = re.compile(rf"(?<![\d.])({NUMBER})\s?%")
_ORDINAL = re.compile(rf"(?i)(?<![\w.,])({NUMBER})(?<!\.\d)(?:st|nd|rd|th)\b")
_POINT = re.compile(r"(?<![\w.,)])\.(\d{1,60})(?![\w.])")

_MILLIONS = re.compile(
    r"(?<=\d)\s?[mM](?= (?:people|users|followers|views|subscribers|customers|downloads|members)\b)"
)
_LONGEST_ORDINAL = 12
"""Digits."""


def read_numbers(text: str, locale: Locale = INDIA) -> str:
    """Read what is left: percentages, measures, ordinals, ranges, fractions, plain numbers."""

    def say(written: str) -> str:
        return say_number(written, locale)

    text = read_measured(text, locale)
    text = _POINT.sub(lambda m: " point " + " ".join(map(say, m[1])), text)
    text = _HEIGHT.sub(lambda m: f"{say(m[1])} feet {say(m[2])} inches", text)
    text = _TIMES.sub(lambda m: f"{say(m[1])} times", text)
    text = _RATIO.sub(lambda m: f"{say(m[1])} to {say(m[2])}", text)
    text = _TENS.sub(lambda m: re.sub("y$", "ies", say(m[1])), text)
    text = _PERCENT.sub(lambda m: say(m[1]) + " percent", text)
    text = _ORDINAL.sub(lambda m: _say_ordinal(m[1], locale), text)
    text = _SCALED.sub(lambda m: f"{say(m['low'])} {SCALES[m['scale'].lower()]}", text)
    text = _RANGE.sub(lambda m: f"{say(m[1])} to {say(m[2])}", text)
    text = _FRACTION.sub(lambda m: _say_fraction(m, locale), text)
    text = _BY.sub(lambda m: _say_by(m, locale), text)
    text = _VERSION.sub(_say_version, text)
    text = _LONG_RUN.sub(lambda m: _say_long_run(m, locale), text)
    text = read_mixed(text, locale)
    text = re.sub(r"\+\s?(?=\d)", " plus ", text)
    text = re.sub(r"#\s?(?=\d)", " number ", text)
    return re.sub(NUMBER, lambda m: f" {say(m[0])} ", text)


def read_measured(text: str, locale: Locale = INDIA) -> str:
    """Read minus signs and numbers with a unit, which are to be read before other signs are."""
    text = _MILLIONS.sub(" million", _ALWAYS.sub("24/7", _MINUS.sub("minus ", text)))
    return read_measures(text, locale)


def _say_ordinal(written: str, locale: Locale) -> str:
    whole = written.replace(",", "")
    short = whole.isdigit() and len(whole) <= _LONGEST_ORDINAL
    return say_ordinal(int(whole), locale) if short else say_number(written, locale)


def _say_fraction(match: re.Match[str], locale: Locale) -> str:
    """Say 3/8 as "three eighths" where people say so; in India it is "three by eight"."""
    whole, top, bottom = match[1], int(match[2]), int(match[3])
    if not locale.quarters or bottom < 2 or match[0] in _FRACTIONS or not top < bottom:
        return match[0]
    said = say_fraction(top, bottom, locale)
    return f"{say_cardinal(int(whole), locale)} and {said}" if whole else said


def _say_by(match: re.Match[str], locale: Locale) -> str:
    fraction = _FRACTIONS.get(match[0].replace(" ", ""))
    if fraction:
        return fraction.replace("fourth", "quarter") if locale.quarters else fraction
    return f"{say_number(match[1], locale)} by {say_number(match[2], locale)}"


def _say_version(match: re.Match[str]) -> str:
    numbers = " point ".join(map(say_number, (match[2] or match[3]).split(".")))
    return f"version {numbers}" if match[1] else numbers


def _say_long_run(match: re.Match[str], locale: Locale) -> str:
    if match[0].endswith("000"):
        return say_number(match[0], locale)
    return say_digits(match[0], locale)
