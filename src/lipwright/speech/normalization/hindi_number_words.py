"""Numbers as Hindi words: a word of its own for each up to 99, then hundreds, lakh and crore."""

from __future__ import annotations

import re

_NAMES = (
    "शून्य एक दो तीन चार पाँच छह सात आठ नौ दस ग्यारह बारह तेरह चौदह पंद्रह सोलह सत्रह अठारह उन्नीस "
    "बीस इक्कीस बाईस तेईस चौबीस पच्चीस छब्बीस सत्ताईस अट्ठाईस उनतीस "
    "तीस इकतीस बत्तीस तैंतीस चौंतीस पैंतीस छत्तीस सैंतीस अड़तीस उनतालीस "
    "चालीस इकतालीस बयालीस तैंतालीस चौवालीस पैंतालीस छियालीस सैंतालीस अड़तालीस उनचास "
    "पचास इक्यावन बावन तिरपन चौवन पचपन छप्पन सत्तावन अट्ठावन उनसठ "
    "साठ इकसठ बासठ तिरसठ चौंसठ पैंसठ छियासठ सड़सठ अड़सठ उनहत्तर "
    "सत्तर इकहत्तर बहत्तर तिहत्तर चौहत्तर पचहत्तर छिहत्तर सतहत्तर अठहत्तर उन्यासी "
    "अस्सी इक्यासी बयासी तिरासी चौरासी पचासी छियासी सत्तासी अट्ठासी नवासी "
    "नब्बे इक्यानवे बानवे तिरानवे चौरानवे पचानवे छियानवे सत्तानवे अट्ठानवे निन्यानवे"
).split()
_SCALES = (
    (10**11, "खरब"),
    (10**9, "अरब"),
    (10**7, "करोड़"),
    (10**5, "लाख"),
    (1000, "हज़ार"),
    (100, "सौ"),
)
_ORDINALS = {1: "पहला", 2: "दूसरा", 3: "तीसरा", 4: "चौथा", 6: "छठा", 9: "नौवाँ"}
_LONGEST_CARDINAL = 13


def say_cardinal(value: int) -> str:
    """Say a cardinal: 1_25_000 is "एक लाख पच्चीस हज़ार"."""
    words = []
    for scale, name in _SCALES:
        count, value = divmod(value, scale)
        if count:
            words += [say_cardinal(count), name]
    if value or not words:
        words.append(_NAMES[value])
    return " ".join(words)


def say_ordinal(value: int) -> str:
    """Say an ordinal: 5 is "पाँचवाँ"."""
    return _ORDINALS.get(value) or say_cardinal(value) + "वाँ"


def say_year(value: int) -> str:
    """Say a year: 1995 is "उन्नीस सौ पचानवे", 2024 "दो हज़ार चौबीस"."""
    century, year = divmod(value, 100)
    if 11 <= century <= 19:
        return f"{_NAMES[century]} सौ" + (f" {_NAMES[year]}" if year else "")
    return say_cardinal(value)


def say_digits(written: str) -> str:
    """Say every digit by its name, with a short pause at gaps and within long runs."""
    groups = re.findall(r"\d+", written)
    if len(groups) == 1 and len(groups[0]) == 10:
        groups = [groups[0][:5], groups[0][5:]]
    elif len(groups) == 1 and len(groups[0]) > 6:
        groups = re.findall(r"\d{1,4}", groups[0])
    return ", ".join(" ".join(_NAMES[int(digit)] for digit in group) for group in groups)


def say_number(written: str) -> str:
    """Read a written number: 5,053 or 3.5 or 007 (digit by digit)."""
    whole, _, fraction = written.replace(",", "").partition(".")
    if (len(whole) > 1 and whole[0] == "0") or len(whole) > _LONGEST_CARDINAL:
        words = say_digits(whole)
    else:
        words = say_cardinal(int(whole))
    if fraction:
        words += " दशमलव " + " ".join(_NAMES[int(digit)] for digit in fraction)
    return words


def say_count(written: str) -> str:
    """Read a number before a scale, an amount or an hour: 1.5 is "डेढ़", 2.5 "ढाई", 3.5 "साढ़े तीन"."""
    whole, _, fraction = written.replace(",", "").partition(".")
    if fraction.rstrip("0") != "5" or len(whole) > 2:
        return say_number(written)
    return {"0": "आधा", "1": "डेढ़", "2": "ढाई"}.get(whole) or f"साढ़े {say_cardinal(int(whole))}"
