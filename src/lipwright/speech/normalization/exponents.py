"""Powers, raised figures and scientific notation in words: 10²³, m², 1e-5."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from lipwright.speech.normalization.locales import HINDI, Locale

_RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_AREA = re.compile(r"(?<=[\d\s])(km|cm|mm|m|ft)\s?([²³])")
_RAISED_POWER = re.compile(rf"(\d|(?<![^\W\d_])[^\W\d_])?([⁺⁻]?)([{_RAISED}]+)")
_TIMES_POWER = re.compile(r"\s?[x×·]\s?(?=10 (?:to the power|की घात))")
_CARET = re.compile(r"(\d|(?<![A-Za-z])[A-Za-z])\^([+-]?)(\d{1,4})(?!\w)")
_SCIENTIFIC = re.compile(
    r"(?<![\w.,])(\d{1,20}(?:\.\d{1,20})?)"
    r"(?:[eE]([+-])(\d{1,2})|(?<=\d)e()(\d{1,2})|\s?[x×·]\s?10\^([+-]?)(\d{1,3}))(?!\w|\.\d)"
)


@dataclass(frozen=True)
class _Words:
    to_the_power: str
    minus: str
    times_ten: str
    ten: str
    short: Mapping[int, str]


_ENGLISH = _Words(
    " to the power of ", "minus ", " times ten to the power of ", "ten to the power of ",
    {2: " squared", 3: " cubed"},
)  # fmt: skip
_IN_HINDI = _Words(
    " की घात ", "माइनस ", " गुणा दस की घात ", "दस की घात ", {2: " का वर्ग", 3: " का घन"}
)


def read_powers(text: str, locale: Locale) -> str:
    """Write powers out as words around figures; a raised figure after a word is a note's, and goes.

    Must be called before raised figures become plain ones.
    """
    words = _IN_HINDI if locale is HINDI else _ENGLISH
    text = _AREA.sub(lambda m: f"{'sq' if m[2] == '²' else 'cu'} {m[1]}", text)
    text = _RAISED_POWER.sub(lambda m: _say_power(m, words), text)
    text = _TIMES_POWER.sub(" times " if words is _ENGLISH else " गुणा ", text)
    text = _SCIENTIFIC.sub(lambda m: _say_scientific(m, words), text)
    return _CARET.sub(lambda m: m[1] + _say_exponent(m[2], m[3], words), text)


def _say_power(match: re.Match[str], words: _Words) -> str:
    base, sign, exponent = match.groups()
    if base is None:
        return " "
    plain = unicodedata.normalize("NFKC", exponent)
    return base + _say_exponent("-" if sign == "⁻" else "", plain, words)


def _say_exponent(sign: str, exponent: str, words: _Words) -> str:
    short = words.short.get(int(exponent)) if sign != "-" else None
    return short or words.to_the_power + (words.minus if sign == "-" else "") + exponent


def _say_scientific(match: re.Match[str], words: _Words) -> str:
    parts = [part for part in match.groups()[1:] if part is not None]
    sign, exponent = parts
    start = words.ten if match[1] == "1" else match[1] + words.times_ten
    return start + (words.minus if sign == "-" else "") + exponent
