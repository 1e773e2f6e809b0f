"""Names in other scripts of India, brought to Devanagari, whose sounds the offline voices know.

Unicode lays these scripts out alike, 128 characters each, so that a letter of one stands where its
sister stands in the others (The Unicode Standard, chapter 12). What differs is told here. Tamil
does not write whether a stop has a voice: between vowels and after a nasal it has.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

KEPT_VOWEL = "ऄ"
"""After a consonant: its inherent vowel is spoken, wherever it stands."""
_DEVANAGARI = 0x0900
_VIRAMA = "\u094d"
_CONSONANT = "[\u0915-\u0939]\u093c?"


@dataclass(frozen=True)
class IndicScript:
    """A script of India."""

    name: str
    start: int
    """The first of its 128 code points."""
    language: str
    """The language of most that is written in it, BCP 47."""
    voices: tuple[str, ...]
    """Voices of services that speak it."""
    keeps_vowels: bool = False
    """Whether the inherent vowel is never silent, as it often is in Hindi."""


SCRIPTS = (
    IndicScript("Bengali", 0x0980, "bn", ("edge:bn-IN-TanishaaNeural", "gtts:bn")),
    IndicScript("Gurmukhi", 0x0A00, "pa", ("azure:pa-IN-VaaniNeural", "gtts:pa")),
    IndicScript("Gujarati", 0x0A80, "gu", ("edge:gu-IN-DhwaniNeural", "gtts:gu")),
    IndicScript("Odia", 0x0B00, "or", ("azure:or-IN-SubhasiniNeural",), keeps_vowels=True),
    IndicScript("Tamil", 0x0B80, "ta", ("edge:ta-IN-PallaviNeural", "gtts:ta"), keeps_vowels=True),
    IndicScript("Telugu", 0x0C00, "te", ("edge:te-IN-ShrutiNeural", "gtts:te"), keeps_vowels=True),
    IndicScript("Kannada", 0x0C80, "kn", ("edge:kn-IN-SapnaNeural", "gtts:kn"), keeps_vowels=True),
    IndicScript(
        "Malayalam", 0x0D00, "ml", ("edge:ml-IN-SobhanaNeural", "gtts:ml"), keeps_vowels=True
    ),
)
_OTHERS = {
    "ৎ": "त्", "ৰ": "र", "ৱ": "व", "য": "ज", "য়": "य",  # Bengali and Assamese
    "ੰ": "ं", "ੲ": "इ", "ੳ": "उ", "ੴ": "इक ओंकार", "ଯ": "ज", "ୟ": "य", "ୱ": "व",
    "ஃப": "फ़", "ற்ற": "ट्र", "ன்ற": "न्ड्र", "ௗ": "",
    "ೞ": "ऴ", "റ്റ": "ट्ट", "ന്റ": "न्ड",
    "ൺ": "ण्", "ൻ": "न्", "ർ": "र्", "ൽ": "ल्", "ൾ": "ळ्", "ൿ": "क्", "ൔ": "म्", "ൕ": "य्", "ൖ": "ऴ्",
}  # fmt: skip
_OTHER = re.compile("|".join(sorted(map(re.escape, _OTHERS), key=len, reverse=True)))
_WORD = re.compile("[\u0980-\u0d7f\u200c\u200d]+")
_ADDAK = re.compile(rf"\u0a71({_CONSONANT})")
_VOICED = dict(zip("कचटतप", "गजडदब", strict=True))
_AFTER_NASAL = re.compile(f"(?<=[ङञणनमऩ]{_VIRAMA})[कचटतप]")
_BETWEEN_VOWELS = re.compile(f"(?<=[^{_VIRAMA}])[कटतप](?!{_VIRAMA})")
"""Of the same word: the first letter of a word has no voice."""
_SOFT_S = re.compile(f"(?<!{_VIRAMA})च(?!{_VIRAMA})")
_BARE = re.compile(rf"({_CONSONANT})(?![\u093c\u093e-\u094d\u0962\u0963])")


def find_script(character: str) -> IndicScript | None:
    """Return the script of India that a character belongs to; None for Devanagari and others."""
    code = ord(character)
    return next((script for script in SCRIPTS if 0 <= code - script.start < 128), None)


def main_script(text: str) -> IndicScript | None:
    """Return the script of more than half of a text's letters, if it is another one of India."""
    counts: dict[IndicScript, int] = {}
    letters = 0
    for character in text:
        if character.isalpha():
            letters += 1
            if "\u0980" <= character <= "\u0d7f" and (script := find_script(character)):
                counts[script] = counts.get(script, 0) + 1
    most = max(counts, key=lambda script: counts[script], default=None)
    return most if most is not None and 2 * counts[most] > letters else None


def to_devanagari(text: str) -> str:
    """Return a text with its words in other scripts of India in Devanagari; NFC."""
    text = unicodedata.normalize("NFC", text)
    return _WORD.sub(lambda match: _transliterate(match[0]), text)


def _transliterate(word: str) -> str:
    script = next(filter(None, map(find_script, word)), None)
    if script is None:
        return word
    word = _OTHER.sub(lambda match: _OTHERS[match[0]], unicodedata.normalize("NFC", word))
    word = "".join(map(_sister, word))
    word = _ADDAK.sub(rf"\1{_VIRAMA}\1", word).replace("\u0a71", "")
    if script.name == "Tamil":
        word = _give_voice(word)
    return _BARE.sub(rf"\1{KEPT_VOWEL}", word) if script.keeps_vowels else word


def _sister(character: str) -> str:
    """Return the character of Devanagari that stands in the same place, or "" if it has none."""
    script = find_script(character)
    if script is None or character == "\u0a71":
        return "" if character in "\u200c\u200d" else character
    sister = chr(_DEVANAGARI + ord(character) - script.start)
    return sister if unicodedata.category(character)[0] == unicodedata.category(sister)[0] else ""


def _give_voice(word: str) -> str:
    """Write the stops of a Tamil word as they are said: பாண்டியன் with ड, முருகன் with ग."""
    word = _AFTER_NASAL.sub(lambda match: _VOICED[match[0]], word)
    return _SOFT_S.sub("स", _BETWEEN_VOWELS.sub(lambda match: _VOICED[match[0]], word))
