"""Letter-to-sound for words no dictionary has: English rules, and rules for Indian names."""

from __future__ import annotations

import re

from lipwright.speech.g2p.accents import Accent, find_accent
from lipwright.speech.g2p.letter_to_sound_english import looks_english, sound_out_english

# Longest first. Vowels: ʌ ə ɪ ʊ ɛ short, with ː long; I = aɪ.
_INDIC_CONSONANTS = {
    "ksh": "kʃ", "chh": "ʧʰ", "tch": "ʧ", "tth": "tʰ", "sch": "ʃ",
    "bh": "bʰ", "dh": "dʰ", "gh": "ɡʰ", "kh": "kʰ", "jh": "ʤʰ", "ph": "f", "th": "t",
    "sh": "ʃ", "ch": "ʧ", "zh": "ɻ", "ck": "k", "qu": "kʋ", "wh": "ʋ",
    "b": "b", "c": "k", "d": "d", "f": "f", "g": "ɡ", "h": "h", "j": "ʤ", "k": "k", "l": "l",
    "m": "m", "n": "n", "p": "p", "q": "k", "r": "ɾ", "s": "s", "t": "t", "v": "ʋ", "w": "ʋ",
    "x": "ks", "y": "j", "z": "z", "jn": "ɡj",
}  # fmt: skip
_INDIC_VOWELS = {
    "aa": "aː", "ee": "iː", "ii": "iː", "oo": "uː", "uu": "uː", "ai": "I", "ay": "I", "ei": "eː",
    "ey": "eː", "au": "ɔː", "ou": "aʊ", "oi": "Y", "oy": "Y", "eu": "eːjʊ", "ea": "ɪja",
    "a": "ʌ", "e": "eː", "i": "ɪ", "o": "oː", "u": "ʊ", "y": "ɪ",
}  # fmt: skip

# Where the usual romanisation hides a long vowel or a silent letter.
_LONG_VOWELS: tuple[tuple[str, str], ...] = (
    (r"^raj", "raaj"),
    (r"^ram(?=[ak]?ch|k|an[aiu]|p|$)", "raam"),
    (r"^bala", "baalaa"),
    (r"^narayan", "naaraayan"),
    (r"^hr", "r"),
    (r"^x", "z"),
    (r"(?<=[^u])raj$", "raaj"),
    (r"(?<=[^ua])ram$", "raam"),
    (r"(?<=[a-z])(b|d)ad$", r"\1aad"),
    (r"(n)ath$", r"\1aath"),
    (r"das$", "daas"),
    (r"(w|p|l)al(a?)$", r"\1aal\2"),
    (r"(?<=[a-z]d)ar$", "aar"),
    (r"rani$", "raani"),
    (r"kumar", "kumaar"),
    (r"prasad", "prasaad"),
    (r"(a)o$", "aau"),
    (r"pur$", "puur"),
    (r"ah$", "aa"),
    (r"ay$", "ey"),
    (r"qu(?=[ie])", "k"),
)


def sound_out(word: str, accent: Accent | None = None) -> str:
    """Return phonemes for any word in a to z, Indian English ones unless an accent is given.

    Empty only without a letter.
    """
    accent = accent or find_accent("en-IN")
    word = re.sub("[^a-z]", "", word.lower())
    if looks_english(word):
        return accent.from_dictionary(sound_out_english(word), None)
    return accent.from_indian(sound_out_name(word))


def say_respelling(written: str) -> str:
    """Return phonemes of syllables in plain letters, capitals for the stress: maa-THUNG-gee.

    Vowels are read as in uh (u, a), aa, ee, i, oo, e, o, ai.
    """
    syllables = re.findall("[A-Za-z]+", written)
    loud = [number for number, syllable in enumerate(syllables) if syllable.isupper()] or [0]
    sounds = []
    for number, syllable in enumerate(syllables):
        plain = re.sub("(?<![aeiou])u(?![aeiou])", "a", syllable.lower())
        said = sound_out_name(plain)
        sounds.append(said if number in loud else said.replace("ˈ", ""))
    return "".join(sounds)


def sound_out_name(word: str) -> str:
    """Return phonemes for a romanised Indian name or word, in lower case."""
    for pattern, spelling in _LONG_VOWELS:
        word = re.sub(pattern, spelling, word)
    return _stress(_indic_segments(word))


def _indic_segments(word: str) -> list[tuple[str, bool]]:
    """Cut a word into (phonemes, is a vowel)."""
    word = re.sub(r"([bcdfghjklmnpqrstvwxz])\1", r"\1", word)
    segments: list[tuple[str, bool]] = []
    position = 0
    while position < len(word):
        rest = word[position:]
        size, sound, vowel = _next_grapheme(rest, bool(segments) and not segments[-1][1])
        after = rest[size:]
        if vowel:
            sound = _fit_vowel(sound, after, first=not any(v for _, v in segments))
        elif sound == "n" and after[:1] in ("k", "g", "c"):
            sound = "ŋ"
        if sound:
            segments.append((sound, vowel))
        position += size
    return segments


def _next_grapheme(rest: str, after_consonant: bool) -> tuple[int, str, bool]:
    """Return the letters taken, their sound, and whether it is a vowel."""
    if rest[0] == "y" and (after_consonant and rest[1:2] not in "aeiou" or rest == "y"):
        return 1, "ɪ" if len(rest) > 1 else "iː", True
    for size in (3, 2, 1):
        letters = rest[:size]
        if len(letters) < size:
            continue
        if letters in _INDIC_VOWELS and letters[0] != "y":
            if letters[-1] == "y" and rest[size : size + 1] in tuple("aeiou"):
                continue  # the y belongs to the vowel after it
            return size, _INDIC_VOWELS[letters], True
        if letters in _INDIC_CONSONANTS:
            sound = _INDIC_CONSONANTS[letters]
            if letters == "c" and rest[1:2] in ("e", "i", "y"):
                sound = "s"
            return size, sound, False
    return 1, "", False


def _fit_vowel(sound: str, after: str, first: bool) -> str:
    """Give a written vowel its length from where it stands."""
    if not after:  # the last sound of a name is long
        return {"ʌ": "aː", "ɪ": "iː", "ʊ": "uː"}.get(sound, sound)
    closed = re.match(r"(?:[bcdfgjklmnpqrstvwxz]{2})", after) is not None
    digraph = re.match(r"(?:sh|ch|th|dh|bh|kh|gh|ph|zh|ksh)(?:[aeiouy]|$)", after) is not None
    if sound in ("eː", "oː") and closed and not digraph:
        return {"eː": "ɛ", "oː": "ɔ"}[sound]
    if sound in ("ɪ", "ʊ") and after[:1] in tuple("aeiou"):
        return sound + ("j" if sound == "ɪ" else "ʋ")
    return sound


def _stress(segments: list[tuple[str, bool]]) -> str:
    """Put the main stress before a vowel: on a heavy last but one, else on the one before it."""
    vowels = [index for index, (_, is_vowel) in enumerate(segments) if is_vowel]
    if not vowels:
        return "".join(sound for sound, _ in segments)

    def is_long(number: int) -> bool:
        sound = segments[vowels[number]][0]
        return "ː" in sound or sound[-1] in "IYW"

    def is_heavy(number: int) -> bool:
        return is_long(number) or vowels[number + 1] - vowels[number] > 2

    count = len(vowels)
    chosen = 0
    if count == 2:
        closed = vowels[1] < len(segments) - 1
        chosen = 1 if closed and is_long(1) and not is_heavy(0) else 0
    elif count > 2:
        chosen = count - 2 if is_heavy(count - 2) else count - 3
    sounds = []
    for index, (sound, is_vowel) in enumerate(segments):
        if is_vowel and index == vowels[chosen]:
            sound = "ˈ" + sound
        elif sound == "ʌ" and index != vowels[0]:
            sound = "ə"
        sounds.append(sound)
    return "".join(sounds)
