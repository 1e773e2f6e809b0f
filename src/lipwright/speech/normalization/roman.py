"""Roman numerals where they can be nothing else: Chapter IV, World War II, George V."""

from __future__ import annotations

import re

from lipwright.speech.normalization.locales import INDIA, Locale
from lipwright.speech.normalization.number_words import say_cardinal, say_ordinal

_NUMERAL = r"(?=[IVXL]+\b)(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})(?<=[IVXLC])"
_KINDS = (
    "Chapter|Class|Phase|Part|War|Volume|Article|Schedule|Tier|Type|Level|Stage|Grade|Unit|Std|"
    "Standard|Act|Scene|Form|Category|Section|Book|Appendix|Annexure"
)
_COUNTED = re.compile(
    rf"\b({_KINDS}|{_KINDS.upper()}|(?:{_KINDS.lower()})(?=\s+[IVXL]{{2}}))\s+({_NUMERAL})\b"
    r"(?!\.[A-Z]|')"
)
_RULERS = (
    "Elizabeth|George|Henry|Louis|Charles|Edward|Philip|James|William|Richard|John|Paul|Benedict|"
    "Pius|Leo|Gregory|Clement|Francis|Napoleon|Wilhelm|Frederick|Nicholas|Catherine|Alexander|"
    "Peter|Ivan|Mary|Margaret|Akbar|Ramesses|Ramses|Ptolemy|Krishnaraja|Rama|Chola|Pulakeshin"
)
_RULER = re.compile(
    r"\b((?:King|Queen|Pope|Emperor|Tsar|Empress|Sultan)\s+[A-Z][a-z]+"
    rf"|(?:{_RULERS})(?!\s+I\b))\s+({_NUMERAL})\b(?!\.\s*[A-Z]|')"
)
_DIGITS = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}


def read_roman_numerals(text: str, locale: Locale = INDIA) -> str:
    """Write numerals out: a ruler's as an ordinal, that of a chapter or class as a number."""
    text = _COUNTED.sub(lambda m: f"{m[1]} {say_cardinal(_value(m[2]), locale)}", text)
    return _RULER.sub(lambda m: f"{m[1]} the {say_ordinal(_value(m[2]), locale)}", text)


def _value(written: str) -> int:
    values = [_DIGITS[digit] for digit in written]
    pairs = zip(values, [*values[1:], 0], strict=True)
    return sum(-value if value < after else value for value, after in pairs)
