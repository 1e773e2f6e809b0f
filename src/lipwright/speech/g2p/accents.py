"""The accents of English: how each pronounces the dictionaries' phonemes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from lipwright.core.errors import VoiceError
from lipwright.speech.g2p.accent_indian import to_indian_english
from lipwright.speech.g2p.accents_western import (
    american_from_indian,
    british_from_indian,
    to_american,
    to_british,
)


@dataclass(frozen=True)
class Accent:
    """One accent of English."""

    tag: str
    """BCP 47."""
    from_dictionary: Callable[[str, str | None], str]
    """Converts a word's American and British phonemes to the accent's."""
    from_indian: Callable[[str], str]
    """Converts phonemes of the own list and the rules for Indian names to the accent's."""
    letters: Mapping[str, str]
    """Names of letters that are not the dictionary's."""
    words: Mapping[str, str] = field(default_factory=dict)
    """Words pronounced differently within a sentence."""
    before_vowels: Mapping[str, str] = field(default_factory=dict)
    """Words pronounced differently before a vowel."""
    own_list_first: bool = False
    """Whether the own list takes precedence over the dictionaries."""


_INDIAN_LETTERS = {
    "a": "ˈeː", "b": "bˈiː", "c": "sˈiː", "d": "ɖˈiː", "e": "ˈiː", "f": "ˈɛf", "g": "ʤˈiː",
    "h": "ˈeːʧ", "i": "ˈI", "j": "ʤˈeː", "k": "kˈeː", "l": "ˈɛl", "m": "ˈɛm", "n": "ˈɛn",
    "o": "ˈoː", "p": "pˈiː", "q": "kjˈuː", "r": "ˈaːɾ", "s": "ˈɛs", "t": "ʈˈiː", "u": "jˈuː",
    "v": "ʋˈiː", "w": "ɖˈʌblju", "x": "ˈɛks", "y": "ʋˈI", "z": "zˈɛɖ",
}  # fmt: skip
_AMERICAN_LETTERS = {
    "a": "ˈA", "b": "bˈi", "c": "sˈi", "d": "dˈi", "e": "ˈi", "f": "ˈɛf", "g": "ʤˈi", "h": "ˈAʧ",
    "i": "ˈI", "j": "ʤˈA", "k": "kˈA", "l": "ˈɛl", "m": "ˈɛm", "n": "ˈɛn", "o": "ˈO", "p": "pˈi",
    "q": "kjˈu", "r": "ˈɑɹ", "s": "ˈɛs", "t": "tˈi", "u": "jˈu", "v": "vˈi", "w": "dˈʌbᵊlju",
    "x": "ˈɛks", "y": "wˈI", "z": "zˈi",
}  # fmt: skip
_BRITISH_LETTERS = {
    letter: sounds.replace("i", "iː").replace("u", "uː").replace("O", "Q").replace("ɑɹ", "ɑː")
    for letter, sounds in _AMERICAN_LETTERS.items()
} | {"z": "zˈɛd"}

ACCENTS = {
    accent.tag: accent
    for accent in (
        Accent(
            "en-IN",
            to_indian_english,
            from_indian=lambda sounds: sounds,
            letters=_INDIAN_LETTERS,
            own_list_first=True,
        ),
        Accent(
            "en-US",
            to_american,
            american_from_indian,
            _AMERICAN_LETTERS,
            {"a": "ɐ", "an": "ɐn", "the": "ðə", "to": "tə", "of": "ʌv", "been": "bɪn"},
            {"the": "ði", "to": "tʊ"},
        ),
        Accent(
            "en-GB",
            to_british,
            british_from_indian,
            _BRITISH_LETTERS,
            {"a": "ɐ", "an": "ɐn", "the": "ðə", "to": "tə", "of": "ɒv", "been": "biːn"},
            {"the": "ði", "to": "tʊ"},
        ),
    )
}


def find_accent(tag: str) -> Accent:
    """Return the accent with this tag.

    Raises:
        VoiceError: no such accent.
    """
    if tag not in ACCENTS:
        raise VoiceError(f'There is no accent "{tag}": choose one of {", ".join(ACCENTS)}.')
    return ACCENTS[tag]
