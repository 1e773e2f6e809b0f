"""Measures in words: 60 km/h is "sixty kilometres per hour"."""

from __future__ import annotations

import re

from lipwright.speech.normalization.locales import INDIA, Locale
from lipwright.speech.normalization.number_words import NUMBER, say_number

_UNITS = {
    "kg": "kilogram", "kgs": "kilogram", "mg": "milligram", "gm": "gram", "gms": "gram",
    "km": "kilometre", "kms": "kilometre", "cm": "centimetre", "mm": "millimetre",
    "mtr": "metre", "mtrs": "metre", "ml": "millilitre", "ltr": "litre", "ltrs": "litre",
    "litres": "litre", "gb": "gigabyte", "mb": "megabyte", "kb": "kilobyte", "tb": "terabyte",
    "hrs": "hour", "hr": "hour", "mins": "minute", "min": "minute", "secs": "second",
    "sec": "second", "ms": "millisecond", "yrs": "year", "yr": "year", "kwh": "kilowatt hour",
    "mah": "milliampere hour", "sq ft": "square foot", "sq. ft.": "square foot",
    "sq.ft.": "square foot", "sq.ft": "square foot", "sqft": "square foot", "sft": "square foot",
    "sq m": "square metre", "sqm": "square metre", "sq km": "square kilometre",
    "cu m": "cubic metre", "sq cm": "square centimetre", "cu cm": "cubic centimetre",
    "sq mm": "square millimetre", "cu mm": "cubic millimetre", "cu km": "cubic kilometre",
    "cu ft": "cubic foot", "°c": "degree Celsius", "°f": "degree Fahrenheit", "°": "degree",
    "kbps": "kilobit per second", "mbps": "megabit per second", "gbps": "gigabit per second",
    "kmph": "kilometre per hour", "km/h": "kilometre per hour", "km/hr": "kilometre per hour",
    "kph": "kilometre per hour", "mph": "mile per hour", "m/s": "metre per second",
    "rpm": "revolution per minute", "ft": "foot", "bps": "basis point", "lbs": "pound",
    "lb": "pound", "khz": "kilohertz", "mhz": "megahertz", "ghz": "gigahertz", "hz": "hertz",
}  # fmt: skip
_EXACT_UNITS = {
    "g": "gram", "m": "metre", "h": "hour", "V": "volt", "W": "watt", "kW": "kilowatt",
    "MW": "megawatt", "GW": "gigawatt", "oz": "ounce", "ha": "hectare", "mA": "milliampere",
}  # fmt: skip
"""Units that another case would make something else: 5G is no weight."""
_UNIT = (
    "(?:(?i:"
    + "|".join(sorted(map(re.escape, _UNITS), key=len, reverse=True))
    + ")|"
    + "|".join(sorted(_EXACT_UNITS, key=len, reverse=True))
    + r")(?![A-Za-z\d/°])"
)
_MEASURE = re.compile(rf"(?<![\w.])({NUMBER})\s*(?!MG\b)({_UNIT})")
_MEASURED_RANGE = re.compile(rf"(?<![\w.,/-])({NUMBER})\s?[-–]\s?(?={NUMBER}\s*(?:%|{_UNIT}))")
_PART = re.compile(
    r"(?<![\w.,/])(?:(?P<whole>\d{1,9})\s+)?(?P<part>1/2|1/4|3/4)(?![\w/])"
    rf"(?:\s*(?P<unit>{_UNIT}))?"
)
_PER_UNIT = re.compile(
    r"(?<=[a-z\d])\s?/\s?(kg|ltr|l|g|km|sq\.? ?ft\.?|sqft|min|sec|hr|yr|mo|wk|d)\b\.?"
)
_MINUTES = re.compile(r"(?<=\d)h\s?(\d{1,2})\s?m\b")
_PLURALS = {
    "foot": "feet", "square foot": "square feet", "cubic foot": "cubic feet",
    "hertz": "hertz", "kilohertz": "kilohertz", "megahertz": "megahertz", "gigahertz": "gigahertz",
}  # fmt: skip
_PARTS = {"1/2": "half", "1/4": "one fourth", "3/4": "three fourths"}


def read_measures(text: str, locale: Locale = INDIA) -> str:
    """Read numbers with a unit, and halves and quarters, with one or without."""
    text = _MINUTES.sub(r"h \1 min", text)
    text = _MEASURED_RANGE.sub(r"\1 to ", text)
    text = _PER_UNIT.sub(lambda m: f" per {_name(m[1], 'one')}", text)
    text = _PART.sub(lambda m: _say_part(m, locale), text)
    return _MEASURE.sub(lambda m: f"{say_number(m[1], locale)} {_name(m[2], m[1])}", text)


def _name(unit: str, number: str) -> str:
    """Return the name of a unit, in the plural unless the number is one."""
    name = (
        _EXACT_UNITS.get(unit) or _UNITS.get(unit.lower().rstrip(".")) or _UNITS.get(unit.lower())
    )
    name = name or {"l": "litre", "d": "day", "mo": "month", "wk": "week"}.get(unit, unit)
    if number in ("1", "one"):
        return name
    measured, per, time = name.partition(" per ")
    first, space, rest = measured.partition(" ")
    if first == "degree":
        return f"degrees{space}{rest}"
    return _PLURALS.get(measured, measured + "s") + per + time


def _say_part(match: re.Match[str], locale: Locale) -> str:
    """Say a fraction: 1/2 kg is "half kilogram", 2 1/2 hours "two and a half hours"."""
    whole, unit = match["whole"], match["unit"] or ""
    part = _PARTS[match["part"]]
    part = part.replace("fourth", "quarter") if locale.quarters else part
    if not whole:
        return f"{part} {_name(unit, '1') if unit else ''}".strip()
    part = {"half": "a half"}.get(part, part)
    return f"{say_number(whole, locale)} and {part} {_name(unit, '2') if unit else ''}".strip()
