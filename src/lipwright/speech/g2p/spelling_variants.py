"""British spellings of American words, and the other way round.

misaki 0.7.4, which Python 3.13 gets, has "colour" only in its British dictionary and "color" only
in its American one; newer ones have both in both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_PAIRS: tuple[tuple[str, str], ...] = (
    (r"our(?=$|s$|ed$|ing$|able$|ably$|ful$|fully$|ite|itism$|less$|al$|er$|ers$)", "or"),
    (r"is(?=e$|ed$|es$|er$|ers$|ing$|ation$|ations$|able$)", "iz"),
    (r"ys(?=e$|ed$|es$|er$|ing$)", "yz"),
    (r"(?<=[a-z]{2}[^aeiou])re(?=$|s$|d$)", "er"),
    (r"ae|oe", "e"),
    (r"(?<=[aeiou])ll(?=ed$|ing$|er$|ers$|or$|ors$)", "l"),
    (r"(?<=[^l])l(?=ment$|ments$|$)", "ll"),
    (r"ogue(?=$|s$|d$)", "og"),
    (r"ence(?=$|s$)", "ense"),
    (r"mme(?=$|s$)", "m"),
    (r"(?<=gr)e(?=y)", "a"),
    (r"(?<=co)s(?=[iy])", "z"),
    (r"(?<=p)lough", "low"),
)
_BACK: tuple[tuple[str, str], ...] = (
    (r"or(?=$|s$|ed$|ing$|able$|ably$|ful$|fully$|ite|itism$|less$|al$|er$|ers$)", "our"),
    (r"iz(?=e$|ed$|es$|er$|ers$|ing$|ation$|ations$|able$)", "is"),
    (r"yz(?=e$|ed$|es$|er$|ing$)", "ys"),
    (r"(?<=[a-z]{2}[^aeiou])er(?=$|s$)", "re"),
    (r"(?<=[aeiou])l(?=ed$|ing$|er$|ers$|or$|ors$)", "ll"),
    (r"ll(?=ment$|ments$|$)", "l"),
    (r"og(?=$|s$)", "ogue"),
    (r"ense(?=$|s$)", "ence"),
    (r"(?<=gr)a(?=y)", "e"),
    (r"(?<=co)z(?=[iy])", "s"),
    (r"(?<=p)low", "lough"),
)


def other_spellings(word: str) -> Iterator[str]:
    """Yield how the other side of the Atlantic might write a lower-case word."""
    for pattern, replacement in (*_PAIRS, *_BACK):
        other = re.sub(pattern, replacement, word, count=1)
        if other != word:
            yield other
