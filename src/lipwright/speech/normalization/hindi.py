"""Amounts, dates, times and numbers written out in Hindi words."""

from __future__ import annotations

import re

from lipwright.speech.normalization.codes import (
    MASKED,
    MIXED,
    PHONE,
    VEHICLE,
    read_network_addresses,
)
from lipwright.speech.normalization.hindi_number_words import (
    say_cardinal,
    say_count,
    say_digits,
    say_number,
    say_ordinal,
    say_year,
)
from lipwright.speech.normalization.number_words import NUMBER

_ABBREVIATIONS = {
    "डॉ": "डॉक्टर", "डा": "डॉक्टर", "प्रो": "प्रोफ़ेसर", "नं": "नंबर", "क्र": "क्रमांक", "मो": "मोबाइल",
    "कि.मी": "किलोमीटर", "कि.ग्रा": "किलोग्राम", "ई.": "ईस्वी", "लि": "लिमिटेड", "प्रा": "प्राइवेट",
}  # fmt: skip
_CURRENCIES = {
    **dict.fromkeys(("₹", "rs", "inr", "रु", "रू"), ("रुपया", "रुपये", "पैसे")),
    "$": ("डॉलर", "डॉलर", "सेंट"),
    "usd": ("डॉलर", "डॉलर", "सेंट"),
    "₩": ("वॉन", "वॉन", "जिओन"), "₺": ("लीरा", "लीरा", "कुरस"), "৳": ("टका", "टका", "पैसे"),
    "¥": ("येन", "येन", "सेन"), "₦": ("नाइरा", "नाइरा", "कोबो"),
    "€": ("यूरो", "यूरो", "सेंट"), "eur": ("यूरो", "यूरो", "सेंट"),
    "£": ("पाउंड", "पाउंड", "पेंस"), "gbp": ("पाउंड", "पाउंड", "पेंस"), "aed": ("दिरहम", "दिरहम", "फ़िल्स"),
}  # fmt: skip
_ONE_OF = {"पैसे": "पैसा", "पेंस": "पेनी"}
_SCALES = {
    "हज़ार": "हज़ार", "हजार": "हज़ार", "लाख": "लाख", "करोड़": "करोड़", "k": "हज़ार", "thousand": "हज़ार",
    "l": "लाख", "lakh": "लाख", "lakhs": "लाख", "lac": "लाख", "cr": "करोड़", "crore": "करोड़",
    "crores": "करोड़", "million": "मिलियन", "billion": "बिलियन",
}  # fmt: skip
_SIGN = r"(?P<sign>[₹$€£₩₺৳¥₦]|\b(?:Rs|INR|USD|EUR|GBP|AED)\b\.?|रु\.?|रू\.?)"
_SCALE = (
    r"(?:\s*(?P<scale>हज़ार|हजार|लाख|करोड़|thousand|lakhs?|lac|crores?|cr|million|billion|[kKL])"
    r"(?![A-Za-z\u0900-\u097f]))?"
)
_MONEY = re.compile(rf"(?i:{_SIGN})\s*(?P<number>{NUMBER}){_SCALE}(?:\s*/-)?")
_MONEY_AFTER = re.compile(
    rf"(?<![\d.,])(?P<number>{NUMBER}){_SCALE}\s*(?:/-|(?P<sign>₹|रु\.?(?![\u0900-\u097f])|INR\b))"
)
HINDI_MONTHS = (
    "जनवरी", "फ़रवरी", "मार्च", "अप्रैल", "मई", "जून", "जुलाई", "अगस्त", "सितंबर", "अक्टूबर", "नवंबर",
    "दिसंबर",
)  # fmt: skip
_LATIN_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_MONTH_NAMES = (
    r"(?P<month>जनवरी|फ़रवरी|फरवरी|मार्च|अप्रैल|मई|जून|जुलाई|अगस्त|सितंबर|सितम्बर|अक्टूबर|अक्तूबर|नवंबर|नवम्बर"
    r"|दिसंबर|दिसम्बर|(?i:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*)"
)
_DAY_MONTH = re.compile(
    rf"(?<![\d,.:/-])(?P<day>3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?[\s-]*{_MONTH_NAMES}"
    r"(?:[\s,-]*(?P<year>\d{4})(?!\d))?"
)
_NUMERIC = re.compile(r"(?<![\d/.-])(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})(?![\d/-]|\.\d)")
_ISO = re.compile(r"(?<![\d-])(\d{4})-(\d{2})-(\d{2})(?![\d-])")
_YEAR = re.compile(r"(?<![\d,.])((?:19|20)\d\d)(?![\d,]*\d|\.\d)")
_CLOCK = re.compile(
    r"(?<![\d:.])(?P<hour>[01]?\d|2[0-3])(?::(?P<minutes>[0-5]\d))?"
    r"\s*(?:(?P<half>[aApP])\.?\s?[mM]\b\.?|(?=बजे|बजकर))(?:\s*(?P<said>बजे))?"
    r"|(?<![\d:.])(?P<hour24>[01]?\d|2[0-3]):(?P<minutes24>[0-5]\d)(?!\d)(?::(?P<seconds>[0-5]\d)(?!\d))?"
    r"(?:\s*(?P<said24>बजे))?"
)
_CODE = re.compile(
    r"((?:ओटीपी|OTP|पिन|PIN|कोड|खाता|खाते|नंबर|नम्बर|संख्या|अंतिम|अंक|CVV)(?:\s+(?:है|का|में|नंबर|संख्या|अंक))*"
    r"\s*[:#-]?\s*)(\d{3,})(?![\d,]*\d|\.\d)"
)
_PINCODE = re.compile(r"(?<=[\u0900-\u097f])\s?[-–]\s?([1-9]\d\d\s?\d{3})(?![\d,]|\.\d)")
_UNITS = {
    "%": "प्रतिशत", "km/h": "किलोमीटर प्रति घंटा", "kmph": "किलोमीटर प्रति घंटा",
    "sq ft": "वर्ग फ़ुट", "sq m": "वर्ग मीटर", "sq km": "वर्ग किलोमीटर", "cu m": "घन मीटर",
    "km/hr": "किलोमीटर प्रति घंटा", "mph": "मील प्रति घंटा", "mi": "मील", "ac": "एकड़",
    "yd": "गज", "in": "इंच", "yr": "साल", "mi/hr": "मील प्रति घंटा", "q": "क्विंटल",
    "µm": "माइक्रोमीटर", "l": "लीटर", "gal": "गैलन", "lb": "पाउंड", "oz": "औंस",
    "sec": "सेकंड", "hr": "घंटा", "kw": "किलोवाट", "mhz": "मेगाहर्ट्ज़", "tb": "टीबी", "kb": "केबी",
    "mm": "मिलीमीटर", "ml": "मिलीलीटर", "mg": "मिलीग्राम", "ft": "फ़ुट", "hrs": "घंटे", "ha": "हेक्टेयर",
    "°f": "डिग्री फ़ारेनहाइट", "°": "डिग्री", "m": "मीटर", "g": "ग्राम",
    "kg": "किलोग्राम", "km": "किलोमीटर", "किमी": "किलोमीटर", "किग्रा": "किलोग्राम",
    "cm": "सेंटीमीटर", "gb": "जीबी", "mb": "एमबी", "°c": "डिग्री सेल्सियस", "min": "मिनट",
}  # fmt: skip
_UNIT = "|".join(sorted(map(re.escape, _UNITS), key=len, reverse=True))
_MEASURE = re.compile(rf"(?i)(?<![\w.])({NUMBER})\s*({_UNIT})(?![A-Za-z\d/])")
_PART = re.compile(r"(?<![\w.,/])(?:(\d{1,9})\s+)?(1/2|1/4|3/4)(?![\w/])")
_FRACTION = re.compile(r"(?<![\w.,/])(?:(\d{1,9})\s+)?(\d{1,9})/(\d{1,9})(?![\w/])")
_BY = re.compile(r"(?<![\w.,])(\d{1,9}) ?[x×] ?(\d{1,9})(?![\w.,])")
_MINUS = re.compile(r"(?<![^\s(])-(?=\d)")
_ENDINGS = "ला|ली|ले|रा|री|रे|था|थी|थे|ठा|ठी|ठे|वाँ|वां|वीं|वें|वे|st|nd|rd|th"
_ORDINAL = re.compile(rf"(?i)(?<![\w.,])(\d{{1,9}})(?:-)?({_ENDINGS})(?![\w\u0900-\u097f])")
_RANGE = re.compile(rf"(?<![\w.,/-])({NUMBER})\s?[-–]\s?({NUMBER})(?![\w/-]*\d)")
_SHORT_CODE = 5
"""Letters and digits up to which a word of both, such as 4G, is read as a number."""
_LONG_RUN = re.compile(r"(?<![\w.,])\d{7,}(?![\w,]*\d|\.\d)")


def read_hindi(text: str) -> str:
    """Write everything with digits in a Hindi text out in words."""
    for short, long in _ABBREVIATIONS.items():
        text = re.sub(rf"(?<![\w\u0900-\u097f]){re.escape(short)}\.(?!\S)", long, text)
    text = _MONEY.sub(_say_money, text)
    text = _MONEY_AFTER.sub(_say_money, text)
    text = _ISO.sub(lambda m: _say_date(m[3], m[2], m[1]) or m[0], text)
    text = _NUMERIC.sub(lambda m: _say_date(m[1], m[3], m[4]) or m[0], text)
    text = _DAY_MONTH.sub(_say_day_month, text)
    text = _CLOCK.sub(_say_time, text)
    text = _read_codes(text)
    text = PHONE.sub(lambda m: ("प्लस " if m[0][0] == "+" else "") + say_digits(m[0]), text)
    text = _CODE.sub(lambda m: m[1] + say_digits(m[2]), text)
    text = _YEAR.sub(lambda m: say_year(int(m[1])), text)
    text = re.sub(r"(?<!\w)24\s?[x×/*]\s?7(?!\w)", "चौबीसों घंटे सातों दिन", text)
    text = _PART.sub(_say_part, _MINUS.sub("माइनस ", text))
    text = _BY.sub(r"\1 बाई \2", text)
    text = _FRACTION.sub(_say_fraction, text)
    text = _MEASURE.sub(lambda m: f"{say_count(m[1])} {_UNITS[m[2].lower()]}", text)
    text = _RANGE.sub(lambda m: f"{say_number(m[1])} से {say_number(m[2])}", text)
    text = _ORDINAL.sub(_say_ordinal, text)
    text = re.sub(
        rf"(?<![\d.])({NUMBER})(?=\s?(?:हज़ार|हजार|लाख|करोड़))", lambda m: say_count(m[1]), text
    )
    text = _LONG_RUN.sub(lambda m: say_digits(m[0]), text)
    text = re.sub(r"\s*&\s*", " और ", text)
    return re.sub(NUMBER, lambda m: f" {say_number(m[0])} ", text)


def _read_codes(text: str) -> str:
    """Read numbers of vehicles, accounts and places, and long codes, sign by sign."""
    text = read_network_addresses(text, say_digits, "डॉट")
    text = MASKED.sub(lambda m: f"{m['before'] or 'अंतिम '}{say_digits(m['digits'])}", text)
    text = VEHICLE.sub(lambda m: _say_code(m[0]), text)
    text = MIXED.sub(_say_mixed, text)
    return _PINCODE.sub(lambda m: ", " + say_digits(m[1].replace(" ", "")), text)


def _say_mixed(match: re.Match[str]) -> str:
    size = re.fullmatch(r"\d+[x×]\d+", match[0])
    return match[0] if size or len(match[0]) <= _SHORT_CODE else _say_code(match[0])


def _say_code(written: str) -> str:
    parts = re.findall(r"[A-Z]+|[a-z]+|\d+", written)
    spelled = [say_digits(p) if p.isdigit() else " ".join(p) if p.isupper() else p for p in parts]
    return " ".join(spelled)


def _say_part(match: re.Match[str]) -> str:
    """Say 1/2 as "आधा", 1 1/2 as "डेढ़", 2 1/4 as "सवा दो", 2 3/4 as "पौने तीन"."""
    whole, part = match.groups()
    if not whole or whole == "0":
        return {"1/2": "आधा", "1/4": "एक चौथाई", "3/4": "तीन चौथाई"}[part]
    if part == "1/2":
        return say_count(f"{whole}.5")
    return f"सवा {say_number(whole)}" if part == "1/4" else f"पौने {say_cardinal(int(whole) + 1)}"


def say_time(hour: int, minutes: int) -> str:
    """Say a time of day: 5:30 is "साढ़े पाँच बजे", 5:45 "पौने छह बजे", 5:10 "पाँच बजकर दस मिनट"."""
    hour = hour % 12 or 12
    if minutes == 0:
        return f"{say_cardinal(hour)} बजे"
    if minutes == 15:
        return f"सवा {say_cardinal(hour)} बजे"
    if minutes == 30:
        return f"{say_count(f'{hour}.5')} बजे"
    if minutes == 45:
        return "पौन बजे" if hour == 12 else f"पौने {say_cardinal(hour + 1)} बजे"
    return f"{say_cardinal(hour)} बजकर {say_cardinal(minutes)} मिनट"


def _say_fraction(match: re.Match[str]) -> str:
    """Say 3/8 as "तीन बटा आठ"."""
    whole, *parts = match.groups()
    said = " बटा ".join(map(say_number, parts))
    return f"{say_number(whole)} और {said}" if whole else said


def _say_money(match: re.Match[str]) -> str:
    sign = (match["sign"] or "₹").lower().rstrip(".")
    one, many, small = _CURRENCIES[sign]
    number, scale = match["number"], match["scale"]
    if scale:
        return f"{say_count(number)} {_SCALES[scale.lower()]} {many}"
    whole, _, fraction = number.replace(",", "").partition(".")
    words = f"{say_number(whole)} {one if int(whole) == 1 else many}"
    if fraction and int(fraction):
        part = int(fraction[:2].ljust(2, "0"))
        words += f" और {say_cardinal(part)} {_ONE_OF.get(small, small) if part == 1 else small}"
    return words


def _say_date(day: str, month: str, year: str) -> str:
    if int(month) > 12 >= int(day):
        day, month = month, day
    if not (1 <= int(month) <= 12 and 1 <= int(day) <= 31):
        return ""
    full = int(year) + (0 if len(year) == 4 else 2000 if int(year) < 70 else 1900)
    return f"{say_cardinal(int(day))} {HINDI_MONTHS[int(month) - 1]} {say_year(full)}"


def _say_day_month(match: re.Match[str]) -> str:
    written = match["month"]
    latin = written[:3].lower()
    name = HINDI_MONTHS[_LATIN_MONTHS.index(latin)] if latin in _LATIN_MONTHS else written
    year = f" {say_year(int(match['year']))}" if match["year"] else ""
    return f"{say_cardinal(int(match['day']))} {name}{year}"


def _say_time(match: re.Match[str]) -> str:
    hour = int(match["hour"] or match["hour24"])
    minutes = int(match["minutes"] or match["minutes24"] or 0)
    if seconds := int(match["seconds"] or 0):
        clock = f"{say_cardinal(hour)} बजकर {say_cardinal(minutes)} मिनट"
        return f"{clock} {say_cardinal(seconds)} सेकंड"
    half = (match["half"] or "").lower()
    words = say_time(hour, minutes)
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
        words = f"{_part_of_day(hour)} {words}"
    elif hour > 12 or match["hour"] is None:
        words = f"{say_cardinal(hour)} बजकर {say_cardinal(minutes)} मिनट" if minutes else words
    if match["hour"] and not half:  # "बजे" stands after it
        words = words.removesuffix(" बजे") if not match["said"] else words
    return words


def _part_of_day(hour: int) -> str:
    if 4 <= hour < 12:
        return "सुबह"
    if 12 <= hour < 16:
        return "दोपहर"
    return "शाम" if 16 <= hour < 20 else "रात"


def _say_ordinal(match: re.Match[str]) -> str:
    """Say an ordinal with the ending as it is written, for its gender and case: 5वीं, 1ली."""
    masculine, ending = say_ordinal(int(match[1])), match[2]
    if masculine.endswith("वाँ"):
        return masculine.removesuffix("वाँ") + {"वीं": "वीं", "वें": "वें", "वे": "वें"}.get(ending, "वाँ")
    return masculine[:-1] + ending[-1] if ending[-1] in "ीे" else masculine
