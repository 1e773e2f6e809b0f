"""Dates, times and years in words, as a country writes and reads them."""

from __future__ import annotations

import re

from lipwright.speech.normalization.locales import INDIA, Locale
from lipwright.speech.normalization.number_words import say_cardinal, say_ordinal, say_year

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_MONTH = (
    r"(?P<month>(?i:Jan(?:uary|\.)?|Feb(?:ruary|\.)?|Apr(?:il|\.)?|June?\.?|July?\.?"
    r"|Aug(?:ust|\.)?|Sept?(?:ember|\.)?|Oct(?:ober|\.)?|Nov(?:ember|\.)?|Dec(?:ember|\.)?)"
    r"|March|MARCH|Mar\.?|MAR|May|MAY)(?![A-Za-z])"
)
_YEAR = r"(?P<year>\d{4}|['’]\d\d)(?!\d)"
_DAY = r"(?<![\d,.:/-])(?P<day>3[01]|[12]\d|0?[1-9])"
_DAY_MONTH = re.compile(
    rf"{_DAY}(?:st|nd|rd|th)?[\s/-]*(?:of\s+)?{_MONTH}(?:[\s,/-]*{_YEAR}|[/-](?P<short>\d\d)(?!\d))?"
)
_DAY_RANGE = re.compile(
    rf"{_DAY}(?:st|nd|rd|th)?\s?(?P<link>-|–|\bto\b|\band\b|&)\s?"
    rf"(?=(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?\s*{_MONTH.replace('?P<month>', '?:')})"
)
_MONTH_RANGE = re.compile(
    rf"\b{_MONTH}\s?(?:[-–]|\bto\b)\s?(?={_MONTH.replace('?P<month>', '?:')})"
)
_MONTH_DAY = re.compile(rf"\b{_MONTH}\s+{_DAY}(?:st|nd|rd|th)?(?![\d:])(?:,?\s+{_YEAR})?")
_MONTH_YEAR = re.compile(rf"\b{_MONTH}(?:,?\s+|[-/])(?P<year>(?:19|20)\d\d|['’]\d\d)(?![\d,]*\d)")
_DAY_NAME = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*\.?,?\s+"
_SHORT_NUMERIC = re.compile(rf"\b({_DAY_NAME})(\d{{1,2}})/(\d{{1,2}})(?![\d/])")
_NUMERIC = re.compile(r"(?<![\d/.-])(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})(?![\d/-]|\.\d)")
_ISO = re.compile(r"(?<![\d/.-])(\d{4})([/.-])(\d{2})\2(\d{2})(?=T?\b)(?![\d/-]|\.\d)")

_HALF = r"(?P<half>[aApP])(?:\.\s?[mM]\b\.?|\s?[mM]\b)"
_CLOCK_12 = re.compile(rf"(?<![\d:.])(1[0-2]|0?[1-9])(?:[:.]([0-5]\d)(?::[0-5]\d)?)?\s*{_HALF}")
_CLOCK_24 = re.compile(
    r"(?<![\d:.])([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?(?![\d:])(\s*(?:hrs|hours)\b\.?)?"
)
_CLOCK_RANGE = re.compile(rf"(?i)(\d\s*(?:[ap]\.?m\.?)?|:\d\d)\s*[-–—]\s*(?=[\d:.]+\s*{_HALF})")
_CLOCK_SPAN = re.compile(r"(?<=\d:[0-5]\d)\s*[-–—]\s*(?=(?:[01]?\d|2[0-3]):[0-5]\d(?!\d))")
_MILITARY = re.compile(r"(?<![\d:.,])([01]\d|2[0-3])([0-5]\d)\s*(?:hrs|hours)\b\.?")

_YEAR_RANGE = re.compile(r"(?<![\d,.])((?:19|20)\d\d)\s*[-–/]\s*((?:19|20)?\d\d)(?!\d|[,.]\d)")
_DECADE = re.compile(r"\b((?:19|20)\d)0['’]?s\b")
_BARE_YEAR = re.compile(r"(?<![\d,.])((?:19|20)\d\d)(?![\d,]*\d|\.\d)(?P<after>\s+[a-z]{4,}s\b)?")
_EARLIER_YEAR = re.compile(
    r"(?:(?<=\b[Ii]n )|(?<=ince )|(?<=year )|(?<=ntil )|(?<=efore )|(?<=fter ))(1[1-8]\d\d)"
    r"(?=[.,;:!?)]|$| (?:and|the|he|she|it|when|by|to|was|were|a|under|at|after|as)\b)(?![.,]\d)"
)


def read_dates(text: str, locale: Locale = INDIA) -> str:
    """Write every date out in words: 31/12/2024 is "thirty first December twenty twenty four"."""
    text = _ISO.sub(lambda m: _say_numeric(m, m[4], m[3], m[1], locale), text)
    text = _NUMERIC.sub(lambda m: _say_numeric(m, *_order(m[1], m[3], locale), m[4], locale), text)
    text = _MONTH_RANGE.sub(lambda m: f"{_full_month(m['month'])} to ", text)
    text = _DAY_RANGE.sub(lambda m: _say_first_day(m, locale), text)
    text = _DAY_MONTH.sub(lambda m: _say_day_month(m, locale), text)
    text = _MONTH_DAY.sub(lambda m: _say_month_day(m, locale), text)
    text = _MONTH_YEAR.sub(
        lambda m: f"{_full_month(m['month'])} {_say_full_year(m['year'], locale)}", text
    )
    return _SHORT_NUMERIC.sub(lambda m: _say_short(m, locale), text)


def read_times(text: str, locale: Locale = INDIA) -> str:
    """Write every time of day out in words: 5:30 pm is "five thirty P M"."""
    text = _CLOCK_SPAN.sub(" to ", _CLOCK_RANGE.sub(r"\1 to ", text))
    text = _MILITARY.sub(lambda m: _say_military(m, locale), text)
    text = _CLOCK_12.sub(lambda m: _say_12_hours(m, locale), text)
    return _CLOCK_24.sub(lambda m: _say_24_hours(m, locale), text)


def read_years(text: str, locale: Locale = INDIA) -> str:
    """Write numbers that can only be years, 1900 to 2099, as years."""
    text = re.sub(r"\bFY(?=\d)", "FY ", text)
    text = _DECADE.sub(lambda m: _say_decade(int(m[1] + "0"), locale), text)
    text = _YEAR_RANGE.sub(
        lambda m: f"{say_year(int(m[1]), locale)} to {_say_end_year(m[2], locale)}", text
    )
    text = _EARLIER_YEAR.sub(lambda m: say_year(int(m[1]), locale), text)
    return _BARE_YEAR.sub(lambda m: m[0] if m["after"] else say_year(int(m[1]), locale), text)


def _order(first: str, second: str, locale: Locale) -> tuple[str, str]:
    """Return day and month of a date in figures; 31 can only be a day, wherever it stands."""
    month_first = locale.month_first if max(int(first), int(second)) <= 12 else int(first) <= 12
    return (second, first) if month_first else (first, second)


def _say_numeric(match: re.Match[str], day: str, month: str, year: str, locale: Locale) -> str:
    if not (1 <= int(month) <= 12 and 1 <= int(day) <= 31):
        return match[0]
    said_year, name = _say_full_year(year, locale), MONTHS[int(month) - 1]
    if locale.month_first:
        return f"{name} {say_ordinal(int(day))}, {said_year}"
    return f"{_say_day(match, day, locale)} {name} {said_year}"


def _say_short(match: re.Match[str], locale: Locale) -> str:
    """Monday 4/11 is "Monday fourth November"."""
    day, month = _order(match[2], match[3], locale)
    if not (1 <= int(month) <= 12 and 1 <= int(day) <= 31):
        return match[0]
    name, ordinal = MONTHS[int(month) - 1], say_ordinal(int(day))
    return match[1] + (f"{name} {ordinal}" if locale.month_first else f"{ordinal} {name}")


def _say_day_month(match: re.Match[str], locale: Locale) -> str:
    words = f"{_say_day(match, match['day'], locale)} {_full_month(match['month'])}"
    year = match["year"] or match["short"]
    return f"{words} {_say_full_year(year, locale)}" if year else words


def _say_first_day(match: re.Match[str], locale: Locale) -> str:
    """Say the "1-" of 1-15 May."""
    link = {"-": "to", "–": "to", "&": "and"}.get(match["link"], match["link"])
    the = "the " if locale.the_day_of else ""
    return f"{the}{say_ordinal(int(match['day']), locale)} {link} "


def _say_month_day(match: re.Match[str], locale: Locale) -> str:
    words = f"{_full_month(match['month'])} {say_ordinal(int(match['day']))}"
    return f"{words}, {_say_full_year(match['year'], locale)}" if match["year"] else words


def _say_day(match: re.Match[str], day: str, locale: Locale) -> str:
    words = say_ordinal(int(day))
    if not locale.the_day_of:
        return words
    before = match.string[: match.start()].lower()
    return f"{'' if before.endswith('the ') else 'the '}{words} of"


def _full_month(written: str) -> str:
    start = written[:3].lower()
    return next(month for month in MONTHS if month.lower().startswith(start))


def _say_full_year(written: str, locale: Locale) -> str:
    year = int(written.strip("'’"))
    if year < 100:
        year += 2000 if year < 70 else 1900
    return say_year(year, locale)


def _say_end_year(written: str, locale: Locale) -> str:
    value = int(written)
    return say_year(value, locale) if len(written) == 4 else say_cardinal(value, locale)


def _say_decade(year: int, locale: Locale) -> str:
    words = say_year(year, locale)
    return re.sub("y$", "ies", words) if words.endswith("y") else words + "s"


def _say_12_hours(match: re.Match[str], locale: Locale) -> str:
    half = match["half"].upper() + " M"
    ends_sentence = match[0].endswith(".") and re.match(r"\s+[A-Z]|\s*$", _after(match))
    words = _say_clock(int(match[1]), match[2], locale)
    return f"{words} {half}" + ("." if ends_sentence else "")


def _say_24_hours(match: re.Match[str], locale: Locale) -> str:
    hour, minutes = int(match[1]), match[2]
    if match[3] and match[3] != "00":
        return _say_with_seconds(hour, int(minutes), int(match[3]), locale)
    if minutes != "00":
        return _say_clock(hour, minutes, locale)
    if match[4] or hour > 12 or hour == 0:
        return f"{say_cardinal(hour, locale)} hundred hours"
    return f"{say_cardinal(hour, locale)} o'clock"


def _say_with_seconds(hours: int, minutes: int, seconds: int, locale: Locale) -> str:
    """14:10:30 is "fourteen hours ten minutes and thirty seconds"."""
    named = zip((hours, minutes, seconds), ("hour", "minute", "second"), strict=True)
    said = [f"{say_cardinal(n, locale)} {name}{'' if n == 1 else 's'}" for n, name in named]
    return f"{said[0]} {said[1]} and {said[2]}"


def _say_military(match: re.Match[str], locale: Locale) -> str:
    """0700 hrs is "zero seven hundred hours", 1730 hrs "seventeen thirty hours"."""
    hour = ("zero " if match[1][0] == "0" else "") + say_cardinal(int(match[1]), locale)
    minutes = "hundred" if match[2] == "00" else say_cardinal(int(match[2]), locale)
    return f"{hour} {minutes} hours"


def _say_clock(hour: int, minutes: str | None, locale: Locale) -> str:
    words = say_cardinal(hour, locale)
    if not minutes or minutes == "00":
        return words
    return f"{words} {'oh ' if minutes[0] == '0' else ''}{say_cardinal(int(minutes), locale)}"


def _after(match: re.Match[str]) -> str:
    return match.string[match.end() :]
