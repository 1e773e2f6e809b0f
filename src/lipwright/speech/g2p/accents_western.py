"""American and British English in Kokoro's alphabet: from misaki's dictionaries, and from names.

misaki writes American and British sounds apart (go is ɡˌO and ɡˌQ, trap æ and a), and Kokoro was
trained on them like that.
"""

from __future__ import annotations

import re

_VOWELS = "AIOQWYaæɐɑɒɔəɛɜiɪuʊʌᵊᵻ"

# American to British, for words that only the American dictionary has, or that were sounded out.
_TO_BRITISH: tuple[tuple[str, str], ...] = (
    ("[ɾT]", "t"),
    ("ʔ", "t"),
    ("ᵻ", "ɪ"),
    ("æ", "a"),
    ("O", "Q"),
    ("(?<!ː)ɜɹ|ɚ", "ɜːɹ"),
    ("ɔɹ", "ɔːɹ"),
    ("ɑɹ", "ɑːɹ"),
    ("ɪɹ", "ɪəɹ"),
    ("ʊɹ", "ʊəɹ"),
    ("ɛɹ", "ɛːɹ"),
    ("ɑ(?!ː)", "ɒ"),
    ("ɔ(?!ː)", "ɔː"),
    ("u(?!ː)", "uː"),
    ("i(?=.)(?!ː)", "iː"),
    (f"iː(?=[ˈˌ]?[{_VOWELS}])", "i"),
    (f"ɹ(?![ˈˌ]?[{_VOWELS}])", ""),
)

# Indian English, as the own list and the rules for names give it, to the nearest sounds.
_FROM_INDIAN: tuple[tuple[str, str], ...] = (
    ("ʰ", ""), ("c", "ʧ"), ("ɟ", "ʤ"), ("ʂ", "ʃ"), ("ɲ", "n"), ("r", "ɹ"),
    ("ʈ", "t"), ("ɖ", "d"), ("ʋ", "v"), ("ɾ", "ɹ"), ("ɻ", "ɹ"), ("ɽ", "ɹ"), ("ɳ", "n"),
    ("ɣ", "ɡ"), ("x", "k"), ("q", "k"), ("\u0303", ""), ("eː", "A"), ("e", "ɛ"), ("ɛː", "æ"),
)  # fmt: skip
_LONG = {
    "en-US": (("oː", "O"), ("o", "O"), ("aʊ", "W"), ("ː", ""), ("(?<![ʊ])a", "ɑ")),
    "en-GB": (("oː", "Q"), ("o", "Q"), ("aʊ", "W"), ("aː", "ɑː"), ("æ", "a")),
}


def to_american(american: str, british: str | None = None) -> str:
    """Return the American phonemes as Kokoro takes them: the flap is T, the glottal stop t."""
    flapped = re.sub(f"(?<=[{_VOWELS}])t(?=ɪŋ|ᵻ|əɹ|i$)", "ɾ", american)
    return flapped.replace("ɾ", "T").replace("ʔ", "t")


def to_british(american: str, british: str | None = None) -> str:
    """Return the British phonemes of a word; by rule where only the American ones are known."""
    sounds = british or _apply(american, _TO_BRITISH)
    return re.sub(f"əɹ(?![ˈˌ]?[{_VOWELS}])", "ə", sounds.replace("ᵻ", "ɪ"))


def american_from_indian(sounds: str) -> str:
    """Return American phonemes near to Indian English ones, for Indian names and words."""
    return _apply(_apply(sounds, _FROM_INDIAN), _LONG["en-US"])


def british_from_indian(sounds: str) -> str:
    """Return British phonemes near to Indian English ones, for Indian names and words."""
    return _apply(_apply(sounds, _FROM_INDIAN), _LONG["en-GB"])


def _apply(sounds: str, shifts: tuple[tuple[str, str], ...]) -> str:
    for pattern, replacement in shifts:
        sounds = re.sub(pattern, replacement, sounds)
    return sounds
