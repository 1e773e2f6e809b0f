"""Line breaking of captions: the cost of a break between two words."""

from __future__ import annotations

import re
import unicodedata

SENTENCE_END, CLAUSE_END = ".!?…।॥", ",;:—–"
KEPT_TOGETHER = 50.0
"""More than all other costs of a caption: parting a number is the last thing to do."""
AT_SENTENCE, AT_CLAUSE, BETWEEN_WORDS, AFTER_SMALL_WORD = 0.0, 1.0, 3.0, 4.5

_BEFORE_NUMBERS = frozenset("rs inr usd eur gbp no nos number ₹ $ € £ #".split())
_TITLES = frozenset("mr mrs ms dr prof shri smt sri sir st".split())
_MONTHS = frozenset(
    "january february march april may june july august september october november december "
    "jan feb mar apr jun jul aug sep sept oct nov dec".split()
)
_AFTER_NUMBERS = _MONTHS | frozenset(
    "hundred thousand lakh lakhs crore crores million billion rupee rupees paise paisa dollar "
    "dollars cents pounds pence euros percent per am pm a.m p.m o'clock % km kg kilometres "
    "kilograms ₹ st nd rd th".split()
)
_NUMBER_WORDS = frozenset(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety "
    "hundred thousand lakh crore million billion point".split()
)
_SMALL_WORDS = frozenset(
    "a an the of to in on at by for from with and or but nor as if that than your my his her its "
    "our their is are was be will has have had not no this these those".split()
)


def break_cost(before: str, after: str) -> float:
    """Return the cost of a break: 0 after a sentence, most inside a number or a name."""
    if before[-1:] not in SENTENCE_END + CLAUSE_END or _bare(before) in _BEFORE_NUMBERS | _TITLES:
        if _belong_together(before, after):
            return KEPT_TOGETHER
    end = before.rstrip("\"”’')]")[-1:]
    if end in SENTENCE_END and end:
        return AT_SENTENCE
    if end in CLAUSE_END and end:
        return AT_CLAUSE
    return AFTER_SMALL_WORD if _bare(before) in _SMALL_WORDS else BETWEEN_WORDS


def ends_sentence(word: str) -> bool:
    """Return whether a sentence ends with this word; "Mr." ends none."""
    end = word.rstrip("\"”’')]")[-1:]
    return bool(end) and end in SENTENCE_END and _bare(word) not in _TITLES | _BEFORE_NUMBERS


def text_width(text: str) -> int:
    """Return the columns of a text: combining marks take none, wide characters 2."""
    return sum(
        2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
        if unicodedata.category(character) not in ("Mn", "Me", "Cf")
    )


def _belong_together(before: str, after: str) -> bool:
    first, second = _bare(before), _bare(after)
    if first in _TITLES:
        return True
    if _has_digit(second):
        return first in _BEFORE_NUMBERS or first in _MONTHS or _has_digit(first)
    if _has_digit(first) or first in _NUMBER_WORDS:
        return second in _AFTER_NUMBERS or second in _NUMBER_WORDS
    return first in _MONTHS and second in _NUMBER_WORDS


def _has_digit(word: str) -> bool:
    return any(character.isdigit() for character in word)


def _bare(word: str) -> str:
    """Return the word in lower case without the punctuation around it."""
    return re.sub(r"^[\"“‘'(\[]+|[\"”’')\].,;:!?…।—–]+$", "", word).lower()
