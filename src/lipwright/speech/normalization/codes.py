"""Numbers that are read digit by digit: of phones, cards, accounts, vehicles; codes of letters."""

from __future__ import annotations

import re
from collections.abc import Callable

from lipwright.speech.normalization.locales import INDIA, Locale
from lipwright.speech.normalization.number_words import say_digits, say_number

PHONE = re.compile(
    r"(?<![\w.,])(?:\+\d{1,3}[\s-]?\(?\d[\d\s()-]{6,13}\d|(?:0|91[\s-])?[6-9]\d{4}[\s-]?\d{5}"
    r"|\(0\d{2,4}\)[\s-]?\d{3,4}[\s-]?\d{3,4}"
    r"|(?:1[\s.-])?(?:\(\d{3}\)[\s.-]?|[2-9]\d\d[\s.-]|\d{3}[.-])\d{3}[\s.-]\d{4}|\d{3}-\d\d-\d{4}|0\d{2,4}[\s-]\d{3}\s?\d{3,4}"
    r"|1[89][06]0[\s-]\d{2,4}[\s-]\d{3,4}|18[06]0\d{6,7}|0\d{2,4}[\s-]\d{6,8}"
    r"|0\d{2,4}[\s-]\d{4}[\s-]\d{4})"
    r"(?![\d,]{0,30}\d|\.\d)"
)
_CARD = re.compile(r"(?<![\w-])\d{4}(?:[ -]\d{4}){2,3}(?![\w-])")
_NETWORK = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.]\w)")
MASKED = re.compile(
    r"(?P<before>\b(?:end(?:ing|s)(?: in| with)?|अंतिम)\s+)?"
    r"(?<![xX*•])[xX*•](?:[xX*•]|[\s-](?=[xX*•])){1,40}[\s-]?(?P<digits>\d{2,})"
)
_MASKED_BY_ONE = re.compile(r"(?<=(?:/c|/C|nt|ता) )[xX*](\d{3,})\b")
_NAMES = (
    "ending|ends|OTP|PIN|CVV|code|account|a/c|passcode|password|reference|ref|ticket id"
    "|order id|transaction id|policy|pincode|last (?:four|4) digits|card number|number"
)
_CODE = re.compile(
    rf"(?i)(\b(?:{_NAMES})\.?"
    r"(?:\s+(?:in|with|is|are|was|number|no|id|code))*\.?\s{0,9}[:#-]?\s{0,9})"
    r"(\d{3,})(?![\d,]{0,30}\d|\.\d|[A-Za-z])"
)
_CODE_BEFORE = re.compile(
    r"(?i)(?<![\w.,])(\d{3,8})(?= (?:is|as|are) "
    r"(?:(?:your|my) (?:[\w-]{1,20} ){0,3}|(?:the|an?) (?:[\w-]{1,20} )?)"
    r"(?:OTP|PIN|code|passcode|password)\b)"
)
_SHORT_NUMBER = re.compile(r"(?<=[a-z] )(\d{3,5})(?![\w,]|\.\d| [a-z]+s\b)")
_DIALLED = re.compile(r"(?i)\b(dial|call|helpline|toll[- ]free|hotline)\s(?:no\.? |number )?$")
_PINCODE = re.compile(r"(?<=[a-z])(\s?)[-–]\s?([1-9]\d\d)\s?(\d{3})(?!\d|[,.]\d)")
_PLACES = (
    "Delhi|Mumbai|Kolkata|Chennai|Bengaluru|Bangalore|Hyderabad|Pune|Ahmedabad|Jaipur|Lucknow|"
    "Kanpur|Nagpur|Indore|Bhopal|Patna|Vadodara|Surat|Noida|Gurgaon|Gurugram|Faridabad|Ghaziabad|"
    "Chandigarh|Kochi|Coimbatore|Madurai|Mysuru|Mysore|Visakhapatnam|Vijayawada|Guwahati|Ranchi|"
    "Bhubaneswar|Dehradun|Thane|Nashik|Agra|Varanasi|Amritsar|Ludhiana|Thiruvananthapuram|Shimla|"
    "Jammu|Srinagar|Raipur|Goa|Panaji|Andhra Pradesh|Arunachal Pradesh|Assam|Bihar|Chhattisgarh|"
    "Gujarat|Haryana|Himachal Pradesh|Jharkhand|Karnataka|Kerala|Madhya Pradesh|Maharashtra|"
    "Manipur|Meghalaya|Mizoram|Nagaland|Odisha|Punjab|Rajasthan|Sikkim|Tamil Nadu|Telangana|"
    "Tripura|Uttar Pradesh|Uttarakhand|West Bengal|Puducherry"
)
_PLACE_PIN = re.compile(rf"\b({_PLACES})(,? )([1-9]\d\d) ?(\d{{3}})(?![\w,]|\.\d)")
_STATES = (
    "AN|AP|AR|AS|BH|BR|CG|CH|DD|DL|GA|GJ|HP|HR|JH|JK|KA|KL|LA|LD|MH|ML|MN|MP|MZ|NL|OD|OR|PB|PY|"
    "RJ|SK|TG|TN|TR|TS|UA|UK|UP|WB"
)
VEHICLE = re.compile(
    rf"\b({_STATES})([ -]?)(\d{{1,2}})([A-Z]?)\2([A-Z]{{1,3}})\2(\d{{1,4}})\b(?![.,]\d)"
)
_FLIGHT = re.compile(r"\b([Ff]lights?(?: [Nn]o\.?| number)?) ([A-Z\d][A-Z\d])[ -]?(\d{2,4})\b")
_HOUSE = re.compile(
    r"(?i)\b(h(?:ouse)?|d(?:oor)?|flat|plot|survey|ward)\.? ?no\.? ?:? ?"
    r"(\d{1,5}[a-z]?(?:[/-]\d{1,5}[a-z]?){1,4})(?![\w/-])"
)
_HOUSES = {"h": "house", "d": "door"}
MIXED = re.compile(r"(?<!\d\.)\b(?=[A-Za-z]{0,60}\d)(?=\d{0,60}[A-Za-z])[A-Za-z\d]+\b")
_LONG_CODE = 8
"""Letters and digits from which on a word of both is a code, whose digits are read one by one."""


def read_house_numbers(text: str, locale: Locale = INDIA) -> str:
    """Read H.No. 12-3-45, which is no date, as "house number twelve three forty five"."""
    return _HOUSE.sub(lambda m: _say_house(m, locale), text)


def read_codes(text: str, locale: Locale = INDIA) -> str:
    """Read phone, card, account, vehicle and code numbers digit by digit."""

    def say(match: re.Match[str]) -> str:
        return say_digits(match[1], locale)

    text = read_masked(read_network_addresses(text, say_digits, "dot"), locale)
    text = VEHICLE.sub(lambda m: say_vehicle(m[0], locale), text)
    text = _FLIGHT.sub(lambda m: f"{m[1]} {say_code(m[2] + m[3], locale, True)}", text)
    text = _CARD.sub(lambda m: say_digits(m[0]), text)
    text = PHONE.sub(lambda m: _say_phone(m, locale), text)
    text = _PINCODE.sub(lambda m: f", {say_digits(m[2] + m[3])}", text)
    text = _PLACE_PIN.sub(lambda m: f"{m[1]}{m[2]}{say_digits(m[3] + m[4])}", text)
    text = _CODE_BEFORE.sub(say, text)
    text = _SHORT_NUMBER.sub(lambda m: _say_short(m, locale), text)
    return _CODE.sub(lambda m: m[1] + say_digits(m[2], locale), text)


def read_mixed(text: str, locale: Locale = INDIA) -> str:
    """Read letters and digits in one word: 4G, Q4, B2B, ABCDE1234F, covid19."""
    return MIXED.sub(lambda m: say_code(m[0], locale), text)


def read_masked(text: str, locale: Locale = INDIA) -> str:
    """Read the digits that are left of a masked number: XX1234 is "ending one two three four"."""
    text = _MASKED_BY_ONE.sub(lambda m: "ending " + say_digits(m[1], locale), text)
    return MASKED.sub(lambda m: f"{m['before'] or 'ending '}{say_digits(m['digits'])}", text)


def read_network_addresses(text: str, say: Callable[[str], str], dot: str) -> str:
    """Read 10.0.0.1 digit by digit. say: reads digits; dot: the word between them."""
    return _NETWORK.sub(lambda m: f" {dot} ".join(map(say, m[0].split("."))), text)


def say_vehicle(written: str, locale: Locale = INDIA) -> str:
    """Say a vehicle's number sign by sign: KA 01 AB 1234 is "K A zero one A B one two ..."."""
    parts = re.findall(r"[A-Z]+|\d+", written)
    return " ".join(_say_digits_of_plate(part, locale) for part in parts)


def say_code(written: str, locale: Locale = INDIA, singly: bool = False) -> str:
    """Say a word of letters and digits; singly: read even two digits one by one."""
    if re.fullmatch(r"(?=[A-Z]*[AEIOUY])[A-Z]{4,}\d{1,3}", written) and not singly:
        return re.sub(r"\d+", lambda digits: " " + say_number(digits[0], locale), written)
    one_by_one = 2 if not singly and len(written) < _LONG_CODE else 0
    words = []
    for part in re.findall(r"[A-Za-z]+|\d+", written):
        if part.isdigit():
            long = len(part) > one_by_one
            words.append(say_digits(part, locale) if long else say_number(part))
        elif part.isupper() or len(part) == 1:
            words.append(" ".join(part.upper()))
        else:
            words.append(part)
    return " ".join(words)


def _say_digits_of_plate(part: str, locale: Locale) -> str:
    if not part.isdigit():
        return " ".join(part)
    whole_number = len(part) == 2 and part[0] != "0"
    return say_number(part, locale) if whole_number else say_digits(part, locale)


def _say_phone(match: re.Match[str], locale: Locale) -> str:
    return ("plus " if match[0].startswith("+") else "") + say_digits(match[0], locale)


def _say_short(match: re.Match[str], locale: Locale) -> str:
    """Say a short number that is dialled digit by digit: Dial 112."""
    before = match.string[max(0, match.start() - 30) : match.start()]
    return say_digits(match[1], locale) if _DIALLED.search(before) else match[0]


def _say_house(match: re.Match[str], locale: Locale) -> str:
    name = _HOUSES.get(match[1].lower(), match[1])
    parts = [say_code(part, locale) for part in re.split("[/-]", match[2])]
    return f"{name} number {' '.join(parts)}"
