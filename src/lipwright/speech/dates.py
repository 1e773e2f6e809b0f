"""Dates, times and years as they are said in India (day before month)."""

from __future__ import annotations

import re

from lipwright.speech.number_words import say_cardinal, say_ordinal, say_year

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_MONTH = (
    r"(?P<month>Jan(?:uary|\.)?|Feb(?:ruary|\.)?|Mar(?:ch|\.)?|Apr(?:il|\.)?|May|June?\.?|July?\.?"
    r"|Aug(?:ust|\.)?|Sept?(?:ember|\.)?|Oct(?:ober|\.)?|Nov(?:ember|\.)?|Dec(?:ember|\.)?"
    r"|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)(?![A-Za-z])"
)
_YEAR = r"(?P<year>\d{4}|['’]\d\d)(?!\d)"
_DAY = r"(?<![\d,.:/-])(?P<day>3[01]|[12]\d|0?[1-9])"
_DAY_MONTH = re.compile(
    rf"{_DAY}(?:st|nd|rd|th)?[\s/-]*(?:of\s+)?{_MONTH}(?:[\s,/-]*{_YEAR}|[/-](?P<short>\d\d)(?!\d))?"
)
_MONTH_DAY = re.compile(rf"\b{_MONTH}\s+{_DAY}(?:st|nd|rd|th)?(?![\d:])(?:,?\s+{_YEAR})?")
_NUMERIC = re.compile(r"(?<![\d/.-])(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})(?![\d/-]|\.\d)")
_ISO = re.compile(r"(?<![\d-])(\d{4})-(\d{2})-(\d{2})(?=T?\b)(?![\d-])")

_HALF = r"(?P<half>[aApP])(?:\.\s?[mM]\b\.?|\s?[mM]\b)"
_CLOCK_12 = re.compile(rf"(?<![\d:.])(1[0-2]|0?[1-9])(?:[:.]([0-5]\d)(?::[0-5]\d)?)?\s*{_HALF}")
_CLOCK_24 = re.compile(
    r"(?<![\d:.])([01]?\d|2[0-3]):([0-5]\d)(?::[0-5]\d)?(?![\d:])(\s*(?:hrs|hours)\b\.?)?"
)
_CLOCK_RANGE = re.compile(rf"(?i)(\d\s*(?:[ap]\.?m\.?)?|:\d\d)\s*[-–—]\s*(?=[\d:.]+\s*{_HALF})")

_YEAR_RANGE = re.compile(r"(?<![\d,.])((?:19|20)\d\d)\s*[-–/]\s*((?:19|20)?\d\d)(?!\d|[,.]\d)")
_DECADE = re.compile(r"\b((?:19|20)\d)0['’]?s\b")
_BARE_YEAR = re.compile(r"(?<![\d,.])((?:19|20)\d\d)(?![\d,]*\d|\.\d)(?P<after>\s+[a-z]{4,}s\b)?")


def read_dates(text: str) -> str:
    """Write every date out in words: 31/12/2024 is "thirty first December twenty twenty four"."""
    text = _ISO.sub(lambda m: _say_numeric(m, m[3], m[2], m[1]), text)
    text = _NUMERIC.sub(lambda m: _say_numeric(m, m[1], m[3], m[4]), text)
    text = _DAY_MONTH.sub(_say_day_month, text)
    return _MONTH_DAY.sub(_say_month_day, text)


def read_times(text: str) -> str:
    """Write every time of day out in words: 5:30 pm is "five thirty P M"."""
    text = _CLOCK_RANGE.sub(r"\1 to ", text)
    text = _CLOCK_12.sub(_say_12_hours, text)
    return _CLOCK_24.sub(_say_24_hours, text)


def read_years(text: str) -> str:
    """Write numbers that can only be years, 1900 to 2099, as years."""
    text = _DECADE.sub(lambda m: _say_decade(int(m[1] + "0")), text)
    text = _YEAR_RANGE.sub(lambda m: f"{say_year(int(m[1]))} to {_say_end_year(m[2])}", text)
    return _BARE_YEAR.sub(lambda m: m[0] if m["after"] else say_year(int(m[1])), text)


def _say_numeric(match: re.Match[str], day: str, month: str, year: str) -> str:
    if int(month) > 12 >= int(day):  # written the American way
        day, month = month, day
    if not (1 <= int(month) <= 12 and 1 <= int(day) <= 31):
        return match[0]
    return f"{say_ordinal(int(day))} {_MONTHS[int(month) - 1]} {_say_full_year(year)}"


def _say_day_month(match: re.Match[str]) -> str:
    words = f"{say_ordinal(int(match['day']))} {_full_month(match['month'])}"
    year = match["year"] or match["short"]
    return f"{words} {_say_full_year(year)}" if year else words


def _say_month_day(match: re.Match[str]) -> str:
    words = f"{_full_month(match['month'])} {say_ordinal(int(match['day']))}"
    return f"{words}, {_say_full_year(match['year'])}" if match["year"] else words


def _full_month(written: str) -> str:
    start = written[:3].lower()
    return next(month for month in _MONTHS if month.lower().startswith(start))


def _say_full_year(written: str) -> str:
    year = int(written.strip("'’"))
    if year < 100:
        year += 2000 if year < 70 else 1900
    return say_year(year)


def _say_end_year(written: str) -> str:
    return say_year(int(written)) if len(written) == 4 else say_cardinal(int(written))


def _say_decade(year: int) -> str:
    words = say_year(year)
    return re.sub("y$", "ies", words) if words.endswith("y") else words + "s"


def _say_12_hours(match: re.Match[str]) -> str:
    half = match["half"].upper() + " M"
    ends_sentence = match[0].endswith(".") and re.match(r"\s+[A-Z]|\s*$", _after(match))
    return f"{_say_clock(int(match[1]), match[2])} {half}" + ("." if ends_sentence else "")


def _say_24_hours(match: re.Match[str]) -> str:
    hour, minutes = int(match[1]), match[2]
    if minutes != "00":
        return _say_clock(hour, minutes)
    if match[3] or hour > 12 or hour == 0:
        return f"{say_cardinal(hour)} hundred hours"
    return f"{say_cardinal(hour)} o'clock"


def _say_clock(hour: int, minutes: str | None) -> str:
    words = say_cardinal(hour)
    if not minutes or minutes == "00":
        return words
    return f"{words} {'oh ' if minutes[0] == '0' else ''}{say_cardinal(int(minutes))}"


def _after(match: re.Match[str]) -> str:
    return match.string[match.end() :]
