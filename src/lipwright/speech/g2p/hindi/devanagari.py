"""Words in Devanagari to phonemes, by rule.

The script gives almost everything except three things: which inherent vowels are silent (the schwa
rule of Ohala 1983: one between a vowel and a consonant before, and a consonant and a vowel after,
from the end of the word to its beginning), where the stress is (Pandey 1989: on the heaviest
syllable), and the sound of a nasal sign (as the consonant after it). Symbols are those of Kokoro's
Hindi voices, which learned from espeak-ng's: c ɟ for च ज, dental t d, retroflex ʈ ɖ, and r for ड़,
which espeak-ng writes "r."; ɽ they never saw.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

NASAL = "\u0303"
_VIRAMA, _NUKTA = "\u094d", "\u093c"
_CONSONANTS = {
    "क": "k", "ख": "kʰ", "ग": "ɡ", "घ": "ɡʰ", "ङ": "ŋ", "च": "c", "छ": "cʰ", "ज": "ɟ",
    "झ": "ɟʰ", "ञ": "n", "ट": "ʈ", "ठ": "ʈʰ", "ड": "ɖ", "ढ": "ɖʰ", "ण": "ɳ", "त": "t",
    "थ": "tʰ", "द": "d", "ध": "dʰ", "न": "n", "प": "p", "फ": "pʰ", "ब": "b", "भ": "bʰ",
    "म": "m", "य": "j", "र": "ɾ", "ल": "l", "व": "ʋ", "श": "ʃ", "ष": "ʂ", "स": "s", "ह": "h",
    "ळ": "l", "ऴ": "l", "ऩ": "n", "ऱ": "ɾ",
}  # fmt: skip
_WITH_NUKTA = {
    "क": "k", "ख": "x", "ग": "ɣ", "ज": "z", "झ": "ʒ", "ड": "r", "ढ": "rh", "फ": "f", "य": "j",
}  # fmt: skip
_VOWELS = {
    "अ": "ə", "आ": "aː", "इ": "ɪ", "ई": "iː", "उ": "ʊ", "ऊ": "uː", "ऋ": "ɾɪ", "ऌ": "lɪ",
    "ए": "eː", "ऐ": "ɛː", "ओ": "oː", "औ": "ɔː", "ऑ": "ɔ", "ऍ": "æ", "ऎ": "ɛ", "ऒ": "ɔ",
    "ॲ": "æ", "ऄ": "ə", "ॐ": "oːm",
}  # fmt: skip
_SIGNS = {
    "ा": "aː", "ि": "ɪ", "ी": "iː", "ु": "ʊ", "ू": "uː", "ृ": "ɾɪ", "े": "eː", "ै": "ɛː",
    "ो": "oː", "ौ": "ɔː", "ॉ": "ɔ", "ॅ": "æ", "ॆ": "ɛ", "ॊ": "ɔ",
}  # fmt: skip
_NASAL_BEFORE = (
    ("kɡ", "ŋ"), ("cɟ", "n"), ("ʈɖɽɳ", "ɳ"), ("pbmʋf", "m"), ("tdnʃszjɾl", "n"),
)  # fmt: skip
_SONORITY = {symbol: rank for rank, group in enumerate(
    ("pbtdʈɖkɡcɟq", "fsʃzxɣhʒ", "mnɳŋ", "lɾr", "jʋ")) for symbol in group}  # fmt: skip
_SHORT_NASALS = {"aː": "a", "iː": "i", "uː": "u", "oː": "o", "ɛː": "ɛ", "ɔː": "ɔ"}


@dataclass
class _Sound:
    symbol: str
    vowel: bool = False
    inherent: bool = False
    """A vowel that is not written, and may be silent."""
    nasal: str = ""
    """ "ं" or "ँ" over a vowel."""


def say_devanagari(word: str) -> str:
    """Return the phonemes of one word in Devanagari; "" where it has no letter."""
    sounds = _drop_schwas(_read_letters(unicodedata.normalize("NFD", word)))
    return _stress(_colour_before_h(_sound_nasals(sounds)))


def _read_letters(word: str) -> list[_Sound]:
    sounds: list[_Sound] = []
    word = word.replace("ज्ञ", "ग्य")
    for position, letter in enumerate(word):
        after = word[position + 1 : position + 2]
        if letter in _CONSONANTS:
            table = _WITH_NUKTA if after == _NUKTA else _CONSONANTS
            sounds.append(_Sound(table.get(letter, _CONSONANTS[letter])))
            sounds.append(_Sound("ə", vowel=True, inherent=True))
        elif letter == "ऄ" and sounds and sounds[-1].inherent:  # of other scripts: never silent
            sounds[-1].inherent = False
        elif letter in _VOWELS:
            sounds += _split_vowel(_VOWELS[letter])
        elif letter in _SIGNS and sounds and sounds[-1].inherent:
            sounds[-1:] = _split_vowel(_SIGNS[letter])
        elif letter == _VIRAMA and sounds and sounds[-1].inherent:
            sounds.pop()
        elif letter in "ंँ" and sounds and sounds[-1].vowel:
            sounds[-1].nasal = letter
            sounds[-1].inherent = False
        elif letter == "ः" and sounds:
            sounds.append(_Sound("h"))
    return sounds


def _split_vowel(symbol: str) -> list[_Sound]:
    """Cut ɾɪ, a vowel of the script, into consonant and vowel."""
    if symbol[0] in "ɾl":
        return [_Sound(symbol[0]), _Sound(symbol[1:], vowel=True)]
    if symbol == "oːm":
        return [_Sound("oː", vowel=True), _Sound("m")]
    return [_Sound(symbol, vowel=True)]


def _drop_schwas(sounds: list[_Sound]) -> list[_Sound]:
    kept = list(sounds)
    for position in range(len(sounds) - 1, 0, -1):
        if not kept[position].inherent:
            continue
        last = position == len(kept) - 1
        if (last and _ends_silently(kept)) or (not last and _is_between(kept, position)):
            del kept[position]
    return kept


def _ends_silently(sounds: list[_Sound]) -> bool:
    """Tell whether a final schwa is silent: not the only vowel, not after a rising cluster."""
    if not any(sound.vowel for sound in sounds[:-1]):
        return False
    before, consonant = sounds[-3] if len(sounds) > 2 else None, sounds[-2]
    if before is None or before.vowel:
        return True
    return _SONORITY.get(consonant.symbol[0], 0) <= _SONORITY.get(before.symbol[0], 0)


def _is_between(sounds: list[_Sound], position: int) -> bool:
    """Tell whether a schwa stands in V C _ C V."""
    if position < 2 or position + 2 >= len(sounds):
        return False
    shape = [sounds[position + offset].vowel for offset in (-2, -1, 1, 2)]
    return shape == [True, False, False, True]


def _sound_nasals(sounds: list[_Sound]) -> list[_Sound]:
    """Turn the signs for nasals into a nasal consonant before a stop, else a nasal vowel."""
    said: list[_Sound] = []
    for position, sound in enumerate(sounds):
        said.append(sound)
        if not sound.nasal:
            continue
        following = sounds[position + 1].symbol[0] if position + 1 < len(sounds) else ""
        consonant = next((nasal for group, nasal in _NASAL_BEFORE if following in group), "")
        long = sound.symbol.endswith("ː")
        if not following or sounds[position + 1].vowel or not consonant:
            _make_nasal(sound)
        elif sound.nasal == "ँ" or (long and following not in "pbmkɡtdʈɖcɟ"):
            _make_nasal(sound)
            if following in "kɡcɟʈɖtdpb":
                said.append(_Sound(consonant))
        else:
            said.append(_Sound(consonant))
    return said


def _make_nasal(sound: _Sound) -> None:
    short = _SHORT_NASALS.get(sound.symbol)
    if short:
        sound.symbol = short + NASAL
    else:
        sound.symbol = sound.symbol[0] + NASAL + sound.symbol[1:]


def _colour_before_h(sounds: list[_Sound]) -> list[_Sound]:
    """Say the schwas of पहले and शहर as ɛ, as everybody does."""
    for position in range(len(sounds) - 1):
        if sounds[position].symbol == "ə" and sounds[position + 1].symbol == "h":
            after = sounds[position + 2] if position + 2 < len(sounds) else None
            if after is not None and (not after.vowel or after.inherent):
                sounds[position].symbol = "ɛ"
                if after.vowel:
                    after.symbol = "ɛ"
    return sounds


def _stress(sounds: list[_Sound]) -> str:
    """Join the sounds, with the stress before the vowel of the heaviest syllable."""
    vowels = [index for index, sound in enumerate(sounds) if sound.vowel]
    if not vowels:
        return "".join(sound.symbol for sound in sounds)
    weights = [_weigh(sounds, vowels, number) for number in range(len(vowels))]
    heaviest = max(weights)
    ranked = [number for number, weight in enumerate(weights) if weight == heaviest]
    earlier = [number for number in ranked if number < len(vowels) - 1]
    chosen = vowels[(ranked if heaviest > 2 else earlier or ranked)[-1]]
    if heaviest == 1 and len(vowels) > 1:
        chosen = vowels[-3] if len(vowels) > 2 else vowels[0]
    said = []
    for index, sound in enumerate(sounds):
        symbol = sound.symbol
        if index == chosen:
            symbol = "ˈ" + (symbol.replace("ə", "ʌ"))
        elif index == vowels[-1] == len(sounds) - 1:
            symbol = re.sub("(?<=[iu])ː$", "", symbol)
        said.append(symbol)
    return re.sub("(?<=.)əj$", "ɛj", "".join(said)).replace("kʂ", "kʃ")


def _weigh(sounds: list[_Sound], vowels: list[int], number: int) -> int:
    """Return the morae of a syllable; the last of a word counts one less, unless it has three."""
    here = vowels[number]
    long = "ː" in sounds[here].symbol or NASAL in sounds[here].symbol
    if number + 1 < len(vowels):
        between = vowels[number + 1] - here - 1
        return (2 if long else 1) + max(0, between - 1)
    weight = (2 if long else 1) + len(sounds) - here - 1
    return weight if weight >= 3 else weight - 1
