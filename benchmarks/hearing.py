"""What an offline recogniser understands of speech, and how many words of it are wrong.

The recogniser is Moonshine tiny (Jeffries et al. 2024, arXiv:2410.15608; MIT), of the development
extra `proof`. It knows few Indian names and writes numbers as it likes, so both sides are brought
to the same words before they are compared.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from lipwright.core.errors import MissingExtraError
from lipwright.speech import recognition

NAME_MARK = "*"

# One word, two spellings: neither is wrong.
SPELLINGS = {
    "mr": "mister", "mrs": "missus", "dr": "doctor", "cannot": "can not", "o": "oh",
    "installment": "instalment", "kilometers": "kilometres", "km": "kilometres", "kg": "kilograms",
    "am": "a m", "pm": "p m", "okay": "ok", "fulfill": "fulfil",
}  # fmt: skip
NUMBER_WORDS = frozenset(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety "
    "hundred thousand lakh crore million".split()
)


class Recogniser(recognition.Recogniser):
    """The recogniser, and a person who reads READER_WORDS."""

    def __init__(self) -> None:
        try:
            super().__init__()
        except MissingExtraError:
            raise SystemExit('error: run pip install ".[proof]" first.') from None
        self.reader = self.assets / "two_cities.wav"


# Charles Dickens, A Tale of Two Cities (1859), as the recording that comes with Moonshine has it.
READER_WORDS = """it was the best of times it was the worst of times it was the age of wisdom it was
the age of foolishness it was the epoch of belief it was the epoch of incredulity it was the season
of light it was the season of darkness it was the spring of hope it was the winter of despair we had
everything before us we had nothing before us we were all going direct to heaven we were all going
direct the other way in short the period was so far like the present period that some of its
noisiest authorities insisted on its being received for good or for evil in the superlative degree
of comparison only"""


@dataclass
class Score:
    """Words that were wrong, of so many; names among them apart."""

    words: int = 0
    errors: int = 0
    names: int = 0
    name_errors: int = 0
    wrong: list[tuple[str, str]] = field(default_factory=list)
    """(said, heard), "" for a word that is missing or too many."""

    @property
    def rate(self) -> float:
        """Word error rate: substituted, missing and added words over the words said."""
        return self.errors / max(1, self.words)

    @property
    def rate_without_names(self) -> float:
        """The same, names left out on both sides."""
        return (self.errors - self.name_errors) / max(1, self.words - self.names)

    def add(self, other: Score) -> None:
        self.words += other.words
        self.errors += other.errors
        self.names += other.names
        self.name_errors += other.name_errors
        self.wrong += other.wrong


def to_words(text: str) -> list[str]:
    """Text in words that can be compared: numbers read out, spellings made one, no "and" in them.

    A name's asterisk stays.
    """
    from lipwright.speech.normalization.normalize import normalize

    text = re.sub(r"(?<=\d) ?([ap])\.?m\b\.?", r" \1.m.", text, flags=re.IGNORECASE)
    if re.search(r"\d", text):
        text = normalize(text)
    words = re.findall(r"\*?[^\W_]+(?:'[^\W_]+)*", text.lower())
    words = " ".join(SPELLINGS.get(word.removesuffix("'s"), word) for word in words).split()
    return [
        word
        for index, word in enumerate(words)
        if word != "and" or not _within_number(words, index)
    ]


def score_line(said: str, heard: str) -> Score:
    """Compare what was said, its names marked with an asterisk, with what was heard."""
    reference = to_words(said)
    spoken = [word.removeprefix(NAME_MARK) for word in reference]
    score = Score(words=len(spoken), names=sum(w.startswith(NAME_MARK) for w in reference))
    for index, (mine, other) in align(spoken, to_words(heard)):
        if mine != other:
            score.errors += 1
            score.name_errors += bool(index is not None and reference[index][0] == NAME_MARK)
            score.wrong.append((mine, other))
    return score


def align(said: Sequence[str], heard: Sequence[str]) -> list[tuple[int | None, tuple[str, str]]]:
    """Pairs of words by least edits (Levenshtein): (place in `said`, (said, heard))."""
    costs = np.zeros((len(said) + 1, len(heard) + 1), int)
    costs[:, 0], costs[0] = np.arange(len(said) + 1), np.arange(len(heard) + 1)
    for i, mine in enumerate(said, 1):
        for j, other in enumerate(heard, 1):
            costs[i, j] = min(
                costs[i - 1, j - 1] + (mine != other), costs[i - 1, j] + 1, costs[i, j - 1] + 1
            )
    pairs: list[tuple[int | None, tuple[str, str]]] = []
    i, j = len(said), len(heard)
    while i or j:
        if i and j and costs[i, j] == costs[i - 1, j - 1] + (said[i - 1] != heard[j - 1]):
            i, j = i - 1, j - 1
            pairs.append((i, (said[i], heard[j])))
        elif i and costs[i, j] == costs[i - 1, j] + 1:
            i -= 1
            pairs.append((i, (said[i], "")))
        else:
            j -= 1
            pairs.append((None, ("", heard[j])))
    return pairs[::-1]


def _within_number(words: Sequence[str], index: int) -> bool:
    """Whether the "and" at this place joins two parts of one number: two hundred and fifty."""
    return (
        0 < index < len(words) - 1
        and words[index - 1] in ("hundred", "thousand", "lakh", "crore")
        and words[index + 1] in NUMBER_WORDS
    )
