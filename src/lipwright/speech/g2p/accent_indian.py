"""American dictionary pronunciations turned into Indian English.

The dictionaries are misaki's, American and British, in Kokoro's alphabet (A = eɪ, I = aɪ, O = oʊ,
W = aʊ, Y = ɔɪ, ʤ, ʧ, ᵻ, T = flapped t). Indian English follows British vowels, says its r's,
has retroflex stops for t d, dental stops for th (the voiceless one aspirated: J. C. Wells, Accents
of English 3, 1982), one sound for v and w, and plain long vowels for "late" and "go".
"""

from __future__ import annotations

import re

# In order: what an earlier row makes, a later row may change again.
_SHIFTS: tuple[tuple[str, str], ...] = (
    ("ɾ", "ʈ"),
    ("ɜɹ", "əɾ"),
    ("əɹ", "əɾ"),
    ("ɚ", "əɾ"),
    ("ɑɹ", "aːɾ"),
    ("ɔɹ", "ɔːɾ"),
    ("ɪɹ", "iːəɾ"),
    ("ɛɹ", "eːɾ"),
    ("ʊɹ", "ʊəɾ"),
    ("A", "eː"),
    ("O", "oː"),
    ("ᵻ", "ɪ"),
    ("ᵊ", "ə"),
    ("T", "ʈ"),
    ("t", "ʈ"),
    ("d", "ɖ"),
    ("θ", "tʰ"),
    ("ð", "d"),
    ("v", "ʋ"),
    ("w", "ʋ"),
    ("ɹ", "ɾ"),
    ("i", "iː"),
    ("u", "uː"),
    ("ɐ", "ə"),
    ("ɑ", "aː"),
)


def to_indian_english(american: str, british: str | None = None) -> str:
    """Return the Indian English phonemes of a word given in American (and British) phonemes.

    The British form decides between vowels that American English has merged: lot, bath, thought,
    and the glide in "due".
    """
    phonemes = american
    if british:
        phonemes = _take_british_vowels(phonemes, british)
    for old, new in _SHIFTS:
        phonemes = phonemes.replace(old, new)
    phonemes = phonemes.replace("ːː", "ː")
    return re.sub("iː$", "i", phonemes)


def _take_british_vowels(american: str, british: str) -> str:
    phonemes = american
    if "ɒ" in british:  # lot
        phonemes = phonemes.replace("ɑ", "ɔ", 1)
    if "ɑː" in british and "æ" in phonemes:  # bath
        phonemes = phonemes.replace("æ", "aː", 1)
    if "ɔː" in british and "ɑ" in phonemes and "ɑɹ" not in phonemes:  # thought
        phonemes = phonemes.replace("ɑ", "ɔː", 1)
    if "jˈuː" in british and "ju" not in phonemes and "jˈu" not in phonemes:  # due
        phonemes = phonemes.replace("ˈu", "jˈu")
    return phonemes
