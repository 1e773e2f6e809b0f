"""The readings of SSML's say-as."""

from __future__ import annotations

import re
from collections.abc import Callable

from lipwright.core.errors import VoiceError
from lipwright.speech.normalization import hindi_number_words as hindi_numbers
from lipwright.speech.normalization import number_words
from lipwright.speech.normalization.dates import MONTHS, read_dates, read_times
from lipwright.speech.normalization.hindi import HINDI_MONTHS, read_hindi
from lipwright.speech.normalization.locales import HINDI, Locale, find_locale
from lipwright.speech.normalization.money import read_money
from lipwright.speech.normalization.numbers import read_numbers

_SIGNS = {
    "@": "at", ".": "dot", "-": "dash", "/": "slash", "_": "underscore", "#": "hash", "&": "and",
    "+": "plus", "*": "star", "%": "percent", ",": "comma", ":": "colon",
}  # fmt: skip
_ORDERS = {"mdy": "mdy", "dmy": "dmy", "ymd": "ymd", "md": "md", "dm": "dm", "my": "my",
           "ym": "ym", "y": "y", "m": "m", "d": "d", "yyyymmdd": "ymd"}  # fmt: skip


def check_reading(how: str, detail: str = "") -> str:
    """Return the value of ``Text.say_as`` for interpret-as and format.

    Raises:
        VoiceError: no such reading.
    """
    if how not in READINGS:
        raise VoiceError(
            f'The SSML has an impossible say-as "{how}": write {", ".join(sorted(READINGS))}.'
        )
    return f"{how}:{detail}" if detail else how


def read_as(text: str, say_as: str, language: str) -> str:
    """Return the words of a text read in a given way.

    A text that does not fit, such as letters as a cardinal, is returned unchanged. So is a text in
    a language that is neither English nor Hindi, which its voice has to read.
    """
    how, _, detail = say_as.partition(":")
    try:
        locale = find_locale(language)
    except VoiceError:
        return text
    said = READINGS[how](text.strip(), detail, locale)
    return text.replace(text.strip(), re.sub(r"\s+", " ", said).strip()) if said else text


def _cardinal(text: str, detail: str, locale: Locale) -> str:
    minus, number = re.match(r"[-−]", text), text.lstrip("-−+ ")
    if not re.fullmatch(number_words.NUMBER, number):
        return ""
    if locale is HINDI:
        return ("ऋण " if minus else "") + hindi_numbers.say_number(number)
    return ("minus " if minus else "") + number_words.say_number(number, locale)


def _ordinal(text: str, detail: str, locale: Locale) -> str:
    match = re.fullmatch(r"(\d{1,9})(?:st|nd|rd|th|वाँ|वां)?", text.replace(",", ""))
    if not match:
        return ""
    value = int(match[1])
    if locale is HINDI:
        return hindi_numbers.say_ordinal(value)
    return number_words.say_ordinal(value, locale)


def _digits(text: str, detail: str, locale: Locale) -> str:
    if not re.search(r"\d", text):
        return ""
    if locale is HINDI:
        return hindi_numbers.say_digits(text)
    return number_words.say_digits(text, locale)


def _characters(text: str, detail: str, locale: Locale) -> str:
    said = []
    for character in text:
        if character.isdigit():
            said.append(_digits(character, "", locale))
        elif not character.isspace():
            said.append(_SIGNS.get(character, character.upper()))
    return " ".join(said)


def _date(text: str, detail: str, locale: Locale) -> str:
    """Read a date in figures in the order of ``detail``; any other as it would be read anyway."""
    parts = re.findall(r"\d+", text)
    order = _ORDERS.get(detail.replace("/", "").replace("-", ""), "")
    if len(parts) == 1 and order == "ymd" and len(parts[0]) == 8:
        parts = [parts[0][:4], parts[0][4:6], parts[0][6:]]
    if re.search(r"[^\W\d_]", text) or len(parts) != len(order):
        return read_hindi(text) if locale is HINDI else read_dates(text, locale)
    found = dict(zip(order, parts, strict=True))
    year, month, day = found.get("y", ""), found.get("m", ""), found.get("d", "")
    if month and not 1 <= int(month) <= 12:
        return ""
    return _read_parts(day, month, year, locale)


def _read_parts(day: str, month: str, year: str, locale: Locale) -> str:
    months = HINDI_MONTHS if locale is HINDI else MONTHS
    name = months[int(month) - 1] if month else ""
    if locale is HINDI:
        return read_hindi(" ".join(filter(None, (day, name, year))))
    if day and name:
        written = f"{name} {day}" if locale.month_first else f"{day} {name}"
        comma = "," if locale.month_first and year else ""
        return read_dates(" ".join(filter(None, (written + comma, year))), locale)
    said_year = number_words.say_year(int(year), locale) if year else ""
    said_day = number_words.say_ordinal(int(day), locale) if day else ""
    return " ".join(filter(None, (said_day, name, said_year)))


def _time(text: str, detail: str, locale: Locale) -> str:
    return read_hindi(text) if locale is HINDI else read_times(text, locale)


def _telephone(text: str, detail: str, locale: Locale) -> str:
    plus = ("प्लस " if locale is HINDI else "plus ") if text.startswith("+") else ""
    return plus + _digits(text, "", locale)


def _currency(text: str, detail: str, locale: Locale) -> str:
    if locale is HINDI:
        return read_hindi(text)
    said = read_money(text, locale)
    return said if said != text else read_numbers(text, locale)


def _fraction(text: str, detail: str, locale: Locale) -> str:
    match = re.fullmatch(r"(?:(\d+)[ +])?(\d+)/(\d+)", text)
    if not match or not int(match[3]) or locale is HINDI:
        return ""
    whole, top, bottom = match[1], int(match[2]), int(match[3])
    said = number_words.say_fraction(top, bottom, locale)
    return f"{number_words.say_cardinal(int(whole), locale)} and {said}" if whole else said


def _numbers(text: str, detail: str, locale: Locale) -> str:
    return read_hindi(text) if locale is HINDI else read_numbers(text, locale)


def _as_written(text: str, detail: str, locale: Locale) -> str:
    return ""


READINGS: dict[str, Callable[[str, str, Locale], str]] = {
    "cardinal": _cardinal,
    "number": _cardinal,
    "ordinal": _ordinal,
    "digits": _digits,
    "characters": _characters,
    "spell-out": _characters,
    "verbatim": _characters,
    "date": _date,
    "time": _time,
    "telephone": _telephone,
    "currency": _currency,
    "fraction": _fraction,
    "unit": _numbers,
    "name": _as_written,
    "address": _as_written,
}
"""By the value of interpret-as: (text, format, locale) to words, "" where it does not fit."""
