"""Amounts of money in words."""

from __future__ import annotations

import re

from lipwright.speech.normalization.locales import INDIA, Locale
from lipwright.speech.normalization.number_words import NUMBER, say_cardinal, say_number

SCALES = {
    "k": "thousand", "thousand": "thousand", "l": "lakh", "lac": "lakh", "lacs": "lakh",
    "lakh": "lakh", "lakhs": "lakh", "cr": "crore", "crs": "crore", "crore": "crore",
    "crores": "crore", "m": "million", "mn": "million", "mln": "million", "million": "million",
    "b": "billion", "bn": "billion", "billion": "billion", "trillion": "trillion",
}  # fmt: skip
_WORDS = (
    r"(?i:thousand|lakhs?(?:\s+crores?)?|lacs?|crores?|crs?|million|billion|trillion|mn|mln|bn)"
)
_SCALE = rf"(?P<scale>(?:{_WORDS}|[kKLMB])(?![A-Za-z]))"
_MORE = rf"(?P<more>(?:\s+{NUMBER}\s+(?i:thousand|lakhs?|lacs?|crores?)\b){{0,3}})"
_RUPEE = ("rupee", "rupees", "paisa", "paise")
_DOLLAR = ("dollar", "dollars", "cent", "cents")
_POUND = ("pound", "pounds", "penny", "pence")
_CURRENCIES = {
    "₹": _RUPEE, "rs": _RUPEE, "inr": _RUPEE, "$": _DOLLAR, "us$": _DOLLAR, "usd": _DOLLAR,
    "€": ("euro", "euros", "cent", "cents"), "eur": ("euro", "euros", "cent", "cents"),
    "£": _POUND, "gbp": _POUND, "aed": ("dirham", "dirhams", "fils", "fils"),
    "sgd": ("Singapore dollar", "Singapore dollars", "cent", "cents"),
    "cad": ("Canadian dollar", "Canadian dollars", "cent", "cents"),
    "aud": ("Australian dollar", "Australian dollars", "cent", "cents"),
    "¥": ("yen", "yen", "sen", "sen"), "jpy": ("yen", "yen", "sen", "sen"),
    "₩": ("won", "won", "jeon", "jeon"), "₦": ("naira", "naira", "kobo", "kobo"),
    "₽": ("rouble", "roubles", "kopeck", "kopecks"),
    "chf": ("Swiss franc", "Swiss francs", "centime", "centimes"),
}  # fmt: skip
_CODES = "Rs|INR|USD|EUR|GBP|AED|SGD|CAD|AUD|JPY|CHF"
CURRENCY = rf"(?:[₹€£¥₩₦₽]|US ?\$|\$|\b(?:{_CODES})(?![A-Za-z])\.?)"
_MONEY = re.compile(
    rf"(?i:(?P<sign>{CURRENCY}))\s*(?P<minus>-\s*)?(?P<low>{NUMBER})"
    rf"(?:\s*(?P<first_scale>{_WORDS})?\s*(?:[-–]|to)\s*(?i:{CURRENCY})?\s*(?P<high>{NUMBER}))?"
    rf"(?:\s*{_SCALE}{_MORE})?(?:\s*/-)?"
)
_MONEY_AFTER = re.compile(
    rf"(?<![\d.,])(?P<low>{NUMBER})(?:\s*{_SCALE})?\s*"
    r"(?:/-|(?P<sign>[₹€£]|INR\b|USD\b|EUR\b|Rs\b\.?))"
)
_RUPEES_AFTER = re.compile(rf"(?<![\d.,])({NUMBER})(?=\s+(?:rupees?|paise|dollars?|euros?)\b)")
_PER_MONTH = re.compile(r"\b(rupees|paise|dollars|euros|pounds)\s+p\.\s?m\b\.?")
_FOR_EACH = re.compile(r"\b(rupees|paise|dollars|euros|pounds) [x×] (?=\d)")
_MINUS = re.compile(rf"(?<!\w)[-−](?=(?i:{CURRENCY})\s*\d)")
_POINT = re.compile(r"(?<=[₹€£¥₩₦₽$])(?=\.\d)\.")
_SIGN_ALONE = re.compile(r"₹|\bRs\b\.?(?=\s*(?:[&,;:)/]|and\b|$))")


def read_money(text: str, locale: Locale = INDIA) -> str:
    """Read amounts: INR 5,053.50 is "five thousand and fifty three rupees and fifty paise"."""
    text = _POINT.sub("0.", _MINUS.sub("minus ", text))
    text = _MONEY.sub(lambda m: _say_money(m, locale), text)
    text = _MONEY_AFTER.sub(lambda m: _say_money(m, locale), text)
    text = _RUPEES_AFTER.sub(lambda m: say_number(m[1], locale), text)
    text = _FOR_EACH.sub(r"\1 times ", _PER_MONTH.sub(r"\1 per month", text))
    return _SIGN_ALONE.sub("rupees", text)


def _say_money(match: re.Match[str], locale: Locale) -> str:
    groups = match.groupdict()
    names = _CURRENCIES[(groups["sign"] or "rs").lower().rstrip(".").replace(" ", "")]
    low, high, scale = groups["low"], groups.get("high"), groups["scale"]
    minus = "minus " if groups.get("minus") else ""
    if groups.get("first_scale"):
        before = f"{_say_scaled(low, groups['first_scale'], locale)} to "
    else:
        before = f"{say_number(re.sub(r'[.]0+$', '', low), locale)} to " if high else ""
    number = high or low
    if scale:
        more = _say_more(groups.get("more") or "", locale)
        return f"{minus}{before}{_say_scaled(number, scale, locale)}{more} {names[1]}"
    return minus + before + _say_amount(number, names, bool(high), locale)


def _say_scaled(number: str, scale: str, locale: Locale) -> str:
    """1.5, "lakh crore" is "one point five lakh crore"."""
    names = " ".join(SCALES[name] for name in scale.lower().split())
    return f"{say_number(number, locale)} {names}"


def _say_more(written: str, locale: Locale) -> str:
    """Say the 25 lakh of 1 crore 25 lakh."""
    pairs = re.findall(rf"({NUMBER})\s+(\w+)", written)
    return "".join(f" {_say_scaled(number, scale, locale)}" for number, scale in pairs)


def _say_amount(
    number: str, names: tuple[str, str, str, str], ends_range: bool, locale: Locale
) -> str:
    one, many, small_one, small_many = names
    whole, _, fraction = number.replace(",", "").partition(".")
    fraction = fraction[:2] + fraction[2:].rstrip("0")
    if len(fraction) > 2:
        return f"{say_number(number, locale)} {many}"
    part = int(fraction.ljust(2, "0"))
    small = f"{say_cardinal(part, locale)} {small_one if part == 1 else small_many}"
    if whole.strip("0") == "" and part and not ends_range:
        return small
    single = whole.lstrip("0") == "1" and not ends_range
    words = f"{say_number(whole, locale)} {one if single else many}"
    return f"{words} and {small}" if part else words
