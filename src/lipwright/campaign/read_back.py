"""What was spoken of a person is heard by a recogniser, and compared with what was asked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from lipwright.speech.normalization.normalize import normalize

if TYPE_CHECKING:
    from lipwright.campaign.template import Passage
    from lipwright.speech.g2p.pronouncer import Pronouncer
    from lipwright.speech.speech import Speech

    Hear = Callable[[Speech], str]

SOUND_ALIKE = 0.5
"""Share of a name's sounds that may be heard otherwise: recognisers write names as they like."""
NUMBERS = re.compile(
    r"(?:zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thir|twen|for|fif|"
    r"nin|hundred|thousand|lakh|crore|million|minus|point|first|second|third|eigh|twelf)"
)
"""How words of numbers begin: of those every one counts."""
CURRENCIES = frozenset({"rupee", "dollar", "euro", "pound", "dirham", "yen", "franc"})
"""Without the s of several."""
_STRESS = re.compile(r"[ˈˌːʰ.,!?;: ]")


class ReadBack:
    """Compares what is heard with what was asked for, in English."""

    def __init__(self, hear: Hear | None = None) -> None:
        """hear: gives the words of a speech; None takes the offline recogniser.

        Raises MissingExtraError without it.
        """
        from lipwright.speech.g2p.pronouncer import Pronouncer

        self._hear = hear or _recogniser()
        self._pronouncer: Pronouncer = Pronouncer({}, accent="en-IN")

    def differences(self, passage: Passage, speech: Speech) -> list[str]:
        """Return a sentence for each value of a passage that is not heard in its speech."""
        heard = to_words(self._hear(speech))
        return [
            f'{name}: "{value}" was not heard in "{" ".join(heard)}"'
            for name, value in passage.values
            if not self._agrees(value, heard)
        ]

    def _agrees(self, value: str, heard: Sequence[str]) -> bool:
        wanted = to_words(value)
        if _contains(heard, wanted):
            return True
        if re.search(r"\d", value):
            return self._same_numbers(wanted, heard)
        sounds = self._sounds(wanted)
        for length in range(1, len(wanted) + 3):
            for start in range(len(heard) - length + 1):
                other = self._sounds(heard[start : start + length])
                if distance(sounds, other) <= SOUND_ALIKE * len(sounds):
                    return True
        return False

    def _same_numbers(self, wanted: Sequence[str], heard: Sequence[str]) -> bool:
        """Whether every number is heard as asked, and the words between them sound alike."""
        for start in range(len(heard) - len(wanted) + 1):
            pairs = zip(wanted, heard[start : start + len(wanted)], strict=True)
            if all(self._same_word(*pair) for pair in pairs):
                return True
        return False

    def _same_word(self, wanted: str, heard: str) -> bool:
        if wanted == heard or NUMBERS.match(wanted) or NUMBERS.match(heard):
            return wanted == heard
        if wanted.rstrip("s") in CURRENCIES:  # which one it is tells from others alone
            other = heard.rstrip("s")
            return other == wanted.rstrip("s") or other not in CURRENCIES
        sounds = self._sounds([wanted])
        return distance(sounds, self._sounds([heard])) <= SOUND_ALIKE * len(sounds)

    def _sounds(self, words: Sequence[str]) -> str:
        return _STRESS.sub("", " ".join(self._pronouncer.pronounce(" ".join(words))))


def to_words(text: str) -> list[str]:
    """Return a text as the words that are spoken, in small letters and without signs."""
    said = normalize(text) if re.search(r"[\d₹$€£]", text) else text
    words = re.findall(r"[^\W\d_]+", said.replace("'", "").replace("-", " ").lower())
    return [word for word in words if word != "and"]


def distance(first: str, second: str) -> int:
    """Return the least number of sounds to change, add or leave out (Levenshtein)."""
    row = list(range(len(second) + 1))
    for i, mine in enumerate(first, 1):
        before, row[0] = row[0], i
        for j, other in enumerate(second, 1):
            before, row[j] = row[j], min(before + (mine != other), row[j] + 1, row[j - 1] + 1)
    return row[-1]


def _contains(words: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether words stand in others one after the other, however these are cut into words."""
    return "".join(wanted) in "".join(words)


def _recogniser() -> Hear:
    from lipwright.speech.recognition import Recogniser

    network = Recogniser()
    return lambda speech: network.hear(speech.samples, speech.rate)
