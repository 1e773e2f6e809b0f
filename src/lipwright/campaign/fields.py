"""The types of values in a table: how each is checked, and how it is written to be spoken."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation

LONGEST_VALUE = 500
"""Characters of one value: more is no name, amount or date."""
_HINDI_MONTHS = (
    "जनवरी", "फ़रवरी", "मार्च", "अप्रैल", "मई", "जून", "जुलाई", "अगस्त", "सितंबर", "अक्टूबर",
    "नवंबर", "दिसंबर",
)  # fmt: skip
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_MONTH_NUMBERS = {name[:3].casefold(): number for number, name in enumerate(_MONTHS, 1)}
_AMOUNT = re.compile(
    r"(?P<sign>₹|€|£|\$|Rs\.?|INR|USD|EUR|GBP|AED|SGD|CAD|AUD|JPY|CHF)?\s*(?P<minus>-)?"
    r"(?P<number>\d[\d,]*(?:\.\d{1,2})?|\.\d{1,2})\s*(?:/-)?(?P<after>₹|€|£|Rs\.?|INR|USD|EUR)?",
    re.IGNORECASE,
)
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ].*)?")
_NUMERIC = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})")
_NAMED = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[\s/-]+([A-Za-z]{3,9})\.?,?[\s/-]+(\d{4})")
_NAMED_FIRST = re.compile(r"([A-Za-z]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})")
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::[0-5]\d)?\s*([ap]\.?m\.?)?", re.IGNORECASE)


class FieldFault(Exception):
    """A value that cannot be spoken as what it is said to be."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(f"{column} {reason}")
        self.column, self.reason = column, reason


def format_value(value: str, kind: str, language: str) -> str:
    """Return a value as it is spoken.

    Args:
        value: of the table, not empty.
        kind: a key of `FIELDS`.
        language: BCP 47 tag of who speaks: dates such as 03/04/2025 are read as it writes them.

    Raises:
        ValueError: the value is none of that type; the message goes on from the column's name.
    """
    if len(value) > LONGEST_VALUE:
        raise ValueError(f"has {len(value):,} characters, more than {LONGEST_VALUE}")
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in value):
        raise ValueError("has a line break or another character that cannot be spoken")
    return FIELDS[kind](value, language)


def _text(value: str, language: str) -> str:
    if not any(character.isalnum() for character in value):
        raise ValueError(f'is "{value}", which cannot be spoken')
    if value[0] in "=@+" and not value[1:].strip(" -()").isdigit():
        raise ValueError("begins like a formula, which cannot be spoken")
    return value


def _name(value: str, language: str) -> str:
    _text(value, language)
    if any(character.isdigit() for character in value):
        raise ValueError(f'is "{value}", and names have no digits')
    return " ".join(value.split())


def _currency(value: str, language: str) -> str:
    found = _AMOUNT.fullmatch(value)
    if not found:
        raise ValueError(f'is "{value}", which is no amount of money such as 5053.50')
    try:
        number = Decimal(found["number"].replace(",", ""))
    except InvalidOperation:
        raise ValueError(f'is "{value}", which is no amount of money such as 5053.50') from None
    sign = (found["sign"] or found["after"] or "INR").upper().rstrip(".")
    sign = "INR" if sign in ("RS", "₹") else sign
    written = f"{number:,.2f}".removesuffix(".00")
    return f"{sign} {found['minus'] or ''}{written}"


def _number(value: str, language: str) -> str:
    if not re.fullmatch(r"-?\d[\d,]*(?:\.\d+)?", value):
        raise ValueError(f'is "{value}", which is no number')
    return value


def _date(value: str, language: str) -> str:
    day = read_date(value, language)
    if day is None:
        raise ValueError(f'is "{value}", which is no date such as 2025-03-31 or 31 March 2025')
    months = _HINDI_MONTHS if language.lower().startswith("hi") else _MONTHS
    month = months[day.month - 1]
    if language.lower() == "en-us":
        return f"{month} {day.day}, {day.year}"
    return f"{day.day} {month} {day.year}"


def read_date(value: str, language: str) -> date | None:
    """Return a date as people and programs write it; None for what is none."""
    value = value.strip()
    try:
        if found := _ISO.fullmatch(value):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if found := _NUMERIC.fullmatch(value):
            first, second, year = (int(part) for part in found.groups())
            day, month = (second, first) if language.lower() == "en-us" else (first, second)
            return date(year + 2000 if year < 100 else year, month, day)
        if found := _NAMED.fullmatch(value):
            return date(int(found[3]), _MONTH_NUMBERS[found[2][:3].casefold()], int(found[1]))
        if found := _NAMED_FIRST.fullmatch(value):
            return date(int(found[3]), _MONTH_NUMBERS[found[1][:3].casefold()], int(found[2]))
    except (ValueError, KeyError):
        pass
    return None


def _time(value: str, language: str) -> str:
    if not _TIME.fullmatch(value):
        raise ValueError(f'is "{value}", which is no time such as 17:30')
    return value


def _digits(value: str, language: str) -> str:
    """Digit by digit."""
    if not re.fullmatch(r"[\d\s-]+", value) or not re.search(r"\d", value):
        raise ValueError(f'is "{value}", which is no row of digits')
    return " ".join(character for character in value if character.isdigit())


def _telephone(value: str, language: str) -> str:
    if not re.fullmatch(r"\+?[\d\s()-]{5,25}", value):
        raise ValueError(f'is "{value}", which is no telephone number')
    plus = "plus " if value.startswith("+") else ""
    return plus + " ".join(character for character in value if character.isdigit())


FIELDS: dict[str, Callable[[str, str], str]] = {
    "text": _text,
    "name": _name,
    "currency": _currency,
    "number": _number,
    "date": _date,
    "time": _time,
    "digits": _digits,
    "telephone": _telephone,
}
"""By the name of the type: (value, language) to what is spoken."""
