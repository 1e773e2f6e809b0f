"""A sentence of plain words to phonemes, word by word, with nothing left out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from lipwright.errors import VoiceError
from lipwright.speech.dictionary import Dictionary
from lipwright.speech.heteronyms import guess_tag
from lipwright.speech.lexicon import clean_phonemes, own_lexicon, read_lexicon
from lipwright.speech.spelling import say_respelling, sound_out

__all__ = ["Pronouncer", "read_lexicon"]

_TOKEN = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*['’]?|[.,!?;:…—]")
_PUNCTUATION = ".,!?;:…—"
_UNSTRESSED = frozenset(
    "a an the is are am was be been by to of and or in on at as for with through will would could "
    "should may might can which that this your my it its i i'm".split()
)
_PLAIN_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ß": "ss", "æ": "ae", "œ": "oe"})
_LETTERS = {
    "a": "ˈeː", "b": "bˈiː", "c": "sˈiː", "d": "ɖˈiː", "e": "ˈiː", "f": "ˈɛf", "g": "ʤˈiː",
    "h": "ˈeːʧ", "i": "ˈI", "j": "ʤˈeː", "k": "kˈeː", "l": "ˈɛl", "m": "ˈɛm", "n": "ˈɛn",
    "o": "ˈoː", "p": "pˈiː", "q": "kjˈuː", "r": "ˈaːɾ", "s": "ˈɛs", "t": "ʈˈiː", "u": "jˈuː",
    "v": "ʋˈiː", "w": "ɖˈʌblju", "x": "ˈɛks", "y": "ʋˈI", "z": "zˈɛɖ",
}  # fmt: skip


class Pronouncer:
    """Turns words into phonemes: user's list, own list, dictionary, then spelling rules.

    Args:
        lexicon: the user's pronunciations, word to phonemes or respelling.
    """

    def __init__(self, lexicon: Mapping[str, str] | None = None) -> None:
        self._dictionary = Dictionary()
        self._user = {word.lower(): sounds for word, sounds in (lexicon or {}).items()}
        self._own = own_lexicon()

    def pronounce(self, sentence: str) -> list[str]:
        """Return a unit per word: its phonemes, followed by the punctuation after it."""
        tokens = _TOKEN.findall(unicodedata.normalize("NFC", sentence).replace("’", "'"))
        words = [token for token in tokens if token[0].isalpha()]
        units: list[str] = []
        index = 0
        for token in tokens:
            if token[0].isalpha():
                units.append(self._say(words, index))
                index += 1
            elif units and token in _PUNCTUATION:
                units[-1] += token
        return units

    def _say(self, words: list[str], index: int) -> str:
        word = words[index]
        key = word.lower()
        if key in self._user:
            return self._say_entry(self._user[key])
        if _is_letter_name(words, index):
            return _say_letters(word)
        sounds = self._own.get(key)
        if sounds is None:
            tag = guess_tag(words, index) if self._dictionary.has_variants(key) else None
            sounds = self._dictionary.look_up(word, tag)
        if sounds is None:
            sounds = self._say_unknown(word)
        return re.sub("[ˈˌ]", "", sounds) if key in _UNSTRESSED else sounds

    def _say_unknown(self, word: str) -> str:
        """Say a word that is in no list: letters, parts, or by its spelling."""
        plain = unicodedata.normalize("NFKD", word.translate(_PLAIN_LETTERS))
        plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
        if not plain.replace("'", "").isascii():
            raise VoiceError(
                f'The voice cannot read "{word}": write it in Latin letters or add it to a lexicon.'
            )
        if plain != word and self._dictionary.look_up(plain):
            return self._say_part(plain)
        stem, apostrophe, ending = plain.partition("'")
        if apostrophe and ending.lower() == "s":
            sounds = self._say_part(stem)
            return sounds + ("s" if sounds[-1:] in "ptkfʈ" else "z")
        if plain.isupper() and len(plain) <= 5:
            return " ".join(_LETTERS[letter] for letter in plain.lower() if letter in _LETTERS)
        parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", plain)
        if len(parts) > 1:  # PhonePe, ChatGPT
            return " ".join(self._say_part(part) for part in parts)
        compound = self._dictionary.split_compound(plain)
        if compound:
            first, second = (self._dictionary.look_up(part) or "" for part in compound)
            return first + second.replace("ˈ", "ˌ")
        return sound_out(plain)

    def _say_part(self, part: str) -> str:
        if part.isupper() and len(part) <= 5:
            return " ".join(_LETTERS[letter] for letter in part.lower())
        return self._own.get(part.lower()) or self._dictionary.look_up(part) or sound_out(part)

    def _say_entry(self, entry: str) -> str:
        """Say a user's entry: phonemes as they are, a respelling by its syllables."""
        if not entry.isascii() or entry.startswith("/"):
            return clean_phonemes(entry)
        return say_respelling(entry)


def _is_letter_name(words: list[str], index: int) -> bool:
    """Tell whether a single letter is spelled out rather than the words "a" or "I"."""
    letter = words[index].removesuffix("'s")
    if len(letter) != 1 or unicodedata.normalize("NFKD", letter.lower())[0] not in _LETTERS:
        return False
    if letter.lower() not in "ai":
        return True
    if letter == "A" and index and not words[index - 1].isupper():
        return True  # Grade A, Vitamin A: an article is not written so within a sentence
    neighbours = words[max(0, index - 1) : index] + words[index + 1 : index + 2]
    return letter.isupper() and any(len(word) == 1 and word.isupper() for word in neighbours)


def _say_letters(word: str) -> str:
    letter, _, possessive = word.partition("'")
    plain = unicodedata.normalize("NFKD", letter.lower())[0]
    return _LETTERS.get(plain, "") + ("z" if possessive else "")
