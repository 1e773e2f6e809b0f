"""Money, phone and account numbers, percentages, units, ranges and plain numbers in words."""

from __future__ import annotations

import re

from lipwright.speech.normalization.locales import INDIA, Locale
from lipwright.speech.normalization.number_words import (
    NUMBER,
    say_cardinal,
    say_digits,
    say_number,
    say_ordinal,
)

_SCALES = {
    "k": "thousand", "thousand": "thousand", "l": "lakh", "lac": "lakh", "lacs": "lakh",
    "lakh": "lakh", "lakhs": "lakh", "cr": "crore", "crs": "crore", "crore": "crore",
    "crores": "crore", "m": "million", "mn": "million", "million": "million", "b": "billion",
    "bn": "billion", "billion": "billion",
}  # fmt: skip
_SCALE = (
    r"(?P<scale>(?i:thousand|lakhs?(?:\s+crores?)?|lacs?|crores?|crs?|million|billion|mn|bn)"
    r"|[kKLMB])(?![A-Za-z])"
)
_CURRENCIES = {
    "₹": ("rupee", "paise"), "rs": ("rupee", "paise"), "inr": ("rupee", "paise"),
    "$": ("dollar", "cents"), "us$": ("dollar", "cents"), "usd": ("dollar", "cents"),
    "€": ("euro", "cents"), "eur": ("euro", "cents"), "£": ("pound", "pence"),
    "gbp": ("pound", "pence"), "aed": ("dirham", "fils"),
    "sgd": ("Singapore dollar", "cents"), "cad": ("Canadian dollar", "cents"),
    "aud": ("Australian dollar", "cents"),
}  # fmt: skip
_CURRENCY = r"(?:₹|US\$|\$|€|£|\b(?:Rs|INR|USD|EUR|GBP|AED|SGD|CAD|AUD)(?![A-Za-z])\.?)"
_MONEY = re.compile(
    rf"(?i:(?P<sign>{_CURRENCY}))\s*(?P<low>{NUMBER})"
    rf"(?:\s*(?:[-–]|to)\s*(?i:{_CURRENCY})?\s*(?P<high>{NUMBER}))?"
    rf"(?:\s*{_SCALE})?(?:\s*/-)?"
)
_MONEY_AFTER = re.compile(
    rf"(?<![\d.,])(?P<low>{NUMBER})(?:\s*{_SCALE})?\s*(?:/-|(?P<sign>₹|INR\b|USD\b|EUR\b|Rs\b\.?))"
)
_RUPEES_AFTER = re.compile(rf"(?<![\d.,])({NUMBER})(?=\s+(?:rupees?|paise|dollars?|euros?)\b)")
_PER_MONTH = re.compile(r"\b(rupees|paise|dollars|euros|pounds)\s+p\.\s?m\b\.?")

_PHONE = re.compile(
    r"(?<![\w.,])(?:\+\d{1,3}[\s-]?\(?\d[\d\s()-]{6,13}\d|(?:0|91[\s-])?[6-9]\d{4}[\s-]?\d{5}"
    r"|(?:1[\s.-])?\(?[2-9]\d\d\)?[\s.-]\d{3}[\s.-]\d{4}|0\d{2,4}\s\d{3}\s?\d{3,4}"
    r"|1[89]00[\s-]\d{2,4}[\s-]\d{3,4}|18[06]0\d{6,7}|0\d{2,4}[\s-]\d{6,8}|0\d{2,4}[\s-]\d{4}[\s-]\d{4})"
    r"(?![\d,]*\d|\.\d)"
)
_CARD = re.compile(r"(?<![\w-])\d{4}(?:[ -]\d{4}){2,3}(?![\w-])")
_MASKED = re.compile(
    r"(?P<before>\bend(?:ing|s)(?: in| with)?\s+)?(?:[xX*•]{2,}[\s-]*)+(?P<digits>\d{2,})"
)
_CODE = re.compile(
    r"(?i)(\b(?:ending|ends|OTP|PIN|CVV|code|account|a/c|passcode|password|reference|ref|ticket id"
    r"|order id|transaction id|policy|pincode|last (?:four|4) digits|card number|number)\.?"
    r"(?:\s+(?:in|with|is|are|was|number|no|id|code))*\.?\s*[:#-]?\s*)"
    r"(\d{3,})(?![\d,]*\d|\.\d|[A-Za-z])"
)
_PINCODE = re.compile(r"(?<=[a-z])(\s*)[-–]\s*([1-9]\d\d)\s?(\d{3})(?!\d|[,.]\d)")

_UNITS = {
    "kg": "kilogram", "kgs": "kilogram", "km": "kilometre", "kms": "kilometre",
    "cm": "centimetre", "mm": "millimetre", "ml": "millilitre", "mg": "milligram",
    "gb": "gigabyte", "mb": "megabyte", "kb": "kilobyte", "tb": "terabyte", "hrs": "hour",
    "hr": "hour", "mins": "minute", "min": "minute", "secs": "second", "sec": "second",
    "yrs": "year", "yr": "year", "kwh": "kilowatt hour", "sq ft": "square foot",
    "sq. ft.": "square foot", "°c": "degree Celsius", "°f": "degree Fahrenheit", "°": "degree",
    "mbps": "megabit per second", "kmph": "kilometre per hour",
    "rpm": "revolution per minute", "ft": "foot", "ltr": "litre", "ltrs": "litre",
    "litres": "litre",
}  # fmt: skip
_UNIT = "|".join(sorted(map(re.escape, _UNITS), key=len, reverse=True))
_MEASURE = re.compile(rf"(?i)(?<![\w.])({NUMBER})\s*(?!(?-i:MG)\b)({_UNIT})(?![A-Za-z/])")
_MEASURED_RANGE = re.compile(
    rf"(?i)(?<![\w.,/-])({NUMBER})\s?[-–]\s?(?={NUMBER}\s*(?:%|(?:{_UNIT})(?![A-Za-z/])))"
)
_PART = re.compile(
    r"(?i)(?<![\w.,/])(?:(?P<whole>\d+)\s+)?(?P<part>1/2|1/4|3/4)(?![\w/])"
    rf"(?:\s*(?P<unit>{_UNIT})(?![A-Za-z/]))?"
)
_TIMES = re.compile(r"(?<![\w.,])(\d+(?:\.\d+)?)[xX](?=\s+[a-z])")
_RATIO = re.compile(r"(?<![\d:.])(\d{1,2}):(\d)(?![\d:])")
_TENS = re.compile(r"(?<![\w.,])'?([2-9]0)'?s\b")
_HEIGHT = re.compile(r"(?<!\w)(\d)'\s?(1[01]|\d)\"")
_PLURALS = {
    "square foot": "square feet", "megabit per second": "megabits per second",
    "kilometre per hour": "kilometres per hour", "degree": "degrees", "foot": "feet",
    "revolution per minute": "revolutions per minute",
    "degree Celsius": "degrees Celsius", "degree Fahrenheit": "degrees Fahrenheit",
}  # fmt: skip

_FRACTIONS = {
    "1/2": "half", "1/4": "one fourth", "3/4": "three fourths", "1/3": "one third",
    "2/3": "two thirds", "24/7": "twenty four seven", "24x7": "twenty four seven",
}  # fmt: skip
_RANGE = re.compile(rf"(?<![\w.,/-])({NUMBER})\s?[-–]\s?({NUMBER})(?![\w/-]*\d)")
_BY = re.compile(rf"(?<![\w.,/])({NUMBER})\s?[/x×X]\s?({NUMBER})(?![\w/])")
_VERSION = re.compile(r"\b([vV]?)(\d+(?:\.\d+){2,})(?![\w.]*\d)")
_MIXED = re.compile(r"(?<!\d\.)\b(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z\d]+\b")
_SCALED = re.compile(
    rf"(?<![\w.])(?P<low>{NUMBER})\s?(?P<scale>(?i:lakhs?|lacs?|crores?|crs?|mn|bn)|[kKL])\b"
)
_LONG_RUN = re.compile(r"(?<![\w.,])\d{7,}(?![\w,]*\d|\.\d|[A-Za-z])")


def read_money(text: str, locale: Locale = INDIA) -> str:
    """Read amounts: INR 5,053.50 is "five thousand and fifty three rupees and fifty paise"."""
    text = re.sub(rf"(?<!\w)[-−](?=(?i:{_CURRENCY})\s*\d)", "minus ", text)
    text = _MONEY.sub(lambda m: _say_money(m, locale), text)
    text = _MONEY_AFTER.sub(lambda m: _say_money(m, locale), text)
    text = _RUPEES_AFTER.sub(lambda m: say_number(m[1], locale), text)
    return _PER_MONTH.sub(r"\1 per month", text)


def read_codes(text: str, locale: Locale = INDIA) -> str:
    """Read phone, card, account and code numbers digit by digit."""
    text = _MASKED.sub(lambda m: f"{m['before'] or 'ending '}{say_digits(m['digits'])}", text)
    text = _CARD.sub(lambda m: say_digits(m[0]), text)
    text = _PHONE.sub(lambda m: _say_phone(m, locale), text)
    text = _PINCODE.sub(lambda m: f", {say_digits(m[2] + m[3])}", text)
    return _CODE.sub(lambda m: m[1] + say_digits(m[2], locale), text)


def read_numbers(text: str, locale: Locale = INDIA) -> str:
    """Read what is left: percentages, measures, ordinals, ranges, fractions, plain numbers."""

    def say(written: str) -> str:
        return say_number(written, locale)

    text = re.sub(rf"(?<!\w)(?<!\d\s)[-−](?={NUMBER})", "minus ", text)
    text = _MEASURED_RANGE.sub(r"\1 to ", text)
    text = _HEIGHT.sub(lambda m: f"{say(m[1])} feet {say(m[2])} inches", text)
    text = _PART.sub(lambda m: _say_part(m, locale), text)
    text = _TIMES.sub(lambda m: f"{say(m[1])} times", text)
    text = _RATIO.sub(lambda m: f"{say(m[1])} to {say(m[2])}", text)
    text = _TENS.sub(lambda m: re.sub("y$", "ies", say(m[1])), text)
    text = re.sub(rf"({NUMBER})\s?%", lambda m: say(m[1]) + " percent", text)
    text = re.sub(r"(?i)\b(\d+)(?:st|nd|rd|th)\b", lambda m: say_ordinal(int(m[1]), locale), text)
    text = _SCALED.sub(lambda m: f"{say(m['low'])} {_SCALES[m['scale'].lower()]}", text)
    text = _MEASURE.sub(lambda m: _say_measure(m, locale), text)
    text = _RANGE.sub(lambda m: f"{say(m[1])} to {say(m[2])}", text)
    text = _BY.sub(lambda m: _say_by(m, locale), text)
    text = _VERSION.sub(_say_version, text)
    text = _LONG_RUN.sub(lambda m: _say_long_run(m, locale), text)
    text = _MIXED.sub(lambda m: _say_mixed(m, locale), text)
    text = re.sub(rf"\+\s?(?={NUMBER})", " plus ", text)
    text = re.sub(rf"#\s?(?={NUMBER})", " number ", text)
    return re.sub(NUMBER, lambda m: f" {say(m[0])} ", text)


def _say_money(match: re.Match[str], locale: Locale) -> str:
    groups = match.groupdict()
    sign = (groups["sign"] or "rs").lower().rstrip(".")
    unit, small = _CURRENCIES[sign]
    scale, high = groups["scale"], groups.get("high")
    number = high or groups["low"]
    before = f"{say_number(groups['low'], locale)} to " if high else ""
    if scale:
        names = " ".join(_SCALES[name] for name in scale.lower().split())
        return f"{before}{say_number(number, locale)} {names} {unit}s"
    whole, _, fraction = number.replace(",", "").partition(".")
    if int(whole) == 0 and len(fraction) == 2 and int(fraction) and not high:
        return f"{say_cardinal(int(fraction), locale)} {small}"
    words = f"{say_number(whole, locale)} {unit}" + ("" if int(whole) == 1 and not high else "s")
    if len(fraction) > 2:
        words = f"{say_number(number, locale)} {unit}s"
    elif fraction and int(fraction):
        words += f" and {say_cardinal(int(fraction.ljust(2, '0')), locale)} {small}"
    return before + words


def _say_phone(match: re.Match[str], locale: Locale) -> str:
    return ("plus " if match[0].startswith("+") else "") + say_digits(match[0], locale)


def _say_measure(match: re.Match[str], locale: Locale) -> str:
    unit = _UNITS[match[2].lower()]
    if match[1] != "1":
        unit = _PLURALS.get(unit, unit + "s")
    return f"{say_number(match[1], locale)} {unit}"


def _say_part(match: re.Match[str], locale: Locale) -> str:
    """Say a fraction: 1/2 kg is "half kilogram", 2 1/2 hours "two and a half hours"."""
    whole, unit = match["whole"], _UNITS.get((match["unit"] or "").lower(), "")
    part = _FRACTIONS[match["part"]]
    part = part.replace("fourth", "quarter") if locale.quarters else part
    if not whole:
        return f"{part} {unit}".strip()
    unit = _PLURALS.get(unit, unit + "s") if unit else ""
    part = {"half": "a half"}.get(part, part)
    return f"{say_number(whole, locale)} and {part} {unit}".strip()


def _say_by(match: re.Match[str], locale: Locale) -> str:
    fraction = _FRACTIONS.get(match[0].replace(" ", ""))
    if fraction:
        return fraction.replace("fourth", "quarter") if locale.quarters else fraction
    return f"{say_number(match[1], locale)} by {say_number(match[2], locale)}"


def _say_version(match: re.Match[str]) -> str:
    numbers = " point ".join(map(say_number, match[2].split(".")))
    return f"version {numbers}" if match[1] else numbers


def _say_long_run(match: re.Match[str], locale: Locale) -> str:
    if match[0].endswith("000"):
        return say_cardinal(int(match[0]), locale)
    return say_digits(match[0], locale)


def _say_mixed(match: re.Match[str], locale: Locale) -> str:
    """Read letters and digits in one word: 4G, Q4, B2B, ABCDE1234F, covid19."""
    if re.fullmatch(r"(?=[A-Z]*[AEIOUY])[A-Z]{4,}\d{1,3}", match[0]):  # SAVE20, COVID19
        return re.sub(r"\d+", lambda digits: " " + say_number(digits[0], locale), match[0])
    words = []
    for part in re.findall(r"[A-Za-z]+|\d+", match[0]):
        if part.isdigit():
            words.append(say_digits(part, locale) if len(part) > 2 else say_number(part))
        elif part.isupper() or len(part) == 1:
            words.append(" ".join(part.upper()))
        else:
            words.append(part)
    return " ".join(words)
