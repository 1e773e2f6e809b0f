"""Pronounce a sentence of plain words, word by word, with nothing left out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from lipwright.core.errors import VoiceError
from lipwright.speech.g2p.accents import find_accent
from lipwright.speech.g2p.dictionary import LONGEST_WORD, Dictionary
from lipwright.speech.g2p.heteronyms import guess_tag
from lipwright.speech.g2p.hindi import say_hindi_word, spell_in_devanagari
from lipwright.speech.g2p.letter_to_sound import say_respelling, sound_out
from lipwright.speech.g2p.lexicon import clean_phonemes, is_respelling, own_lexicon, read_lexicon
from lipwright.speech.normalization.normalize import normalize

__all__ = ["Pronouncer", "read_lexicon"]

_DEVANAGARI = "\u0900-\u0963\u0971-\u097f"
_LETTER = rf"[^\W\d_{_DEVANAGARI}]"
_TOKEN = re.compile(rf"[{_DEVANAGARI}]+|{_LETTER}+(?:['’]{_LETTER}+)*['’]?|[.,!?;:…—]")
_PUNCTUATION = ".,!?;:…—"
_UNSTRESSED = frozenset(
    "a an the is are am was be been by to of and or in on at as for with through will would could "
    "should may might can which that this your my it its i i'm".split()
)
_PLAIN_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ß": "ss", "æ": "ae", "œ": "oe"})
_VOWEL = re.compile("[ˈˌ]?[AIOQWYaæɑɒɔəɛɜeiɪouʊʌ]")
_VOICELESS = "ptkfθʈTʔ"
_HISSING = "szʃʒʧʤ"


class Pronouncer:
    """Turns words into phonemes: user's list, own list, dictionary, then spelling rules.

    Words in Devanagari, and the Hindi ones that are known in Latin letters, are said as in Hindi.

    Args:
        lexicon: the user's pronunciations, word to phonemes or respelling.
        accent: "en-IN", "en-US", "en-GB", or "hi-IN": the Indian one, in Hindi sentences.

    Raises:
        MissingExtraError: misaki is not installed.
        VoiceError: no such accent.
    """

    def __init__(self, lexicon: Mapping[str, str] | None = None, accent: str = "en-IN") -> None:
        self._hindi = accent == "hi-IN"
        self._accent = find_accent("en-IN" if self._hindi else accent)
        self._dictionary = Dictionary(self._accent)
        self._user = {word.lower(): sounds for word, sounds in (lexicon or {}).items()}
        self._phrases: dict[tuple[str, ...], str] = {}
        for key, sounds in self._user.items():
            self._phrases |= {(key,): sounds, _read_key(key): sounds}
        self._longest = max(map(len, self._phrases), default=0)
        self._own = own_lexicon()

    def pronounce(self, sentence: str, hindi: bool = False) -> list[str]:
        """Return a unit per word: its phonemes, followed by the punctuation after it.

        An entry of the user's with several words is one unit.
        ``hindi``: the sentence is Hindi, if perhaps in Latin letters.
        """
        found = _TOKEN.findall(unicodedata.normalize("NFC", sentence).replace("’", "'"))
        tokens = [part for token in found for part in _parts(token)]
        words = [token for token in tokens if token not in _PUNCTUATION]
        spelled = spell_in_devanagari(words, hindi or self._hindi)
        said: list[str] = []
        units: list[str] = []
        position = index = 0
        while position < len(tokens):
            size = 1
            if tokens[position] not in _PUNCTUATION:
                size, sounds = self._find_phrase(tokens, position)
                units.append(sounds or self._say(words, index, spelled[index]))
                said.append(tokens[position].lower() if size == 1 else "")
                index += size
            elif units:
                units[-1] += tokens[position]
            position += size
        return self._link(said, units)

    def _find_phrase(self, tokens: list[str], position: int) -> tuple[int, str]:
        """Return how many tokens from here are an entry of the user's, and its sounds; or 1, ""."""
        for size in range(min(self._longest, len(tokens) - position), 0, -1):
            phrase = tuple(token.lower() for token in tokens[position : position + size])
            if entry := self._phrases.get(phrase):
                return size, self._say_entry(entry)
            entry = self._phrases.get((*phrase[:-1], phrase[-1].removesuffix("'s")))
            if entry:
                return size, self._add_s(self._say_entry(entry))
        return 1, ""

    def _link(self, words: list[str], units: list[str]) -> list[str]:
        """Say some words, in lower case, otherwise before a vowel: "the apple"."""
        for index, word in enumerate(words[:-1]):
            linked = self._accent.before_vowels.get(word)
            if linked and units[index][-1:] not in _PUNCTUATION and _VOWEL.match(units[index + 1]):
                units[index] = linked
        return units

    def _say(self, words: list[str], index: int, devanagari: str | None) -> str:
        word = words[index]
        key = word.lower()
        if devanagari:
            return self._accent.from_indian(say_hindi_word(devanagari))
        if self._is_letter_name(words, index):
            return self._say_letter(word)
        if key in self._accent.words:
            return self._accent.words[key]
        tag = guess_tag(words, index) if self._dictionary.has_variants(key) else None
        sounds = self._look_up(word, tag) or self._say_unknown(word)
        return re.sub("[ˈˌ]", "", sounds) if key in _UNSTRESSED else sounds

    def _look_up(self, word: str, tag: str | None = None) -> str | None:
        """Find a word in the own list and the dictionary, in the accent's order."""
        if entry := self._user.get(word.lower()):
            return self._say_entry(entry)
        listed = self._own.get(word.lower())
        if listed and self._accent.own_list_first:
            return listed
        found = self._dictionary.look_up(word, tag)
        return found or (self._accent.from_indian(listed) if listed else None)

    def _say_unknown(self, word: str) -> str:
        """Say a word that is in no list: letters, parts, or by its spelling."""
        plain = unicodedata.normalize("NFKD", word.translate(_PLAIN_LETTERS))
        plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
        if not plain.replace("'", "").isascii():
            raise VoiceError(
                f'The voice cannot read "{word}": write it in Latin letters or Devanagari, or add '
                "it to a lexicon."
            )
        if plain != word and self._dictionary.look_up(plain):
            return self._say_part(plain)
        stem, apostrophe, ending = plain.partition("'")
        if apostrophe and ending.lower() == "s":
            return self._add_s(self._say_part(stem))
        if plain.isupper() and len(plain) <= 5:
            return " ".join(self._say_letter(letter) for letter in plain if letter.isalpha())
        parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", plain)
        if len(parts) > 1:  # PhonePe, ChatGPT
            return " ".join(self._say_part(part) for part in parts)
        compound = self._dictionary.split_compound(plain)
        if compound:
            first, second = (self._dictionary.look_up(part) or "" for part in compound)
            return first + second.replace("ˈ", "ˌ")
        return sound_out(plain, self._accent)

    def _say_part(self, part: str) -> str:
        if part.isupper() and len(part) <= 5:
            return " ".join(self._say_letter(letter) for letter in part)
        return self._look_up(part) or sound_out(part, self._accent)

    def _say_entry(self, entry: str) -> str:
        """Say a user's entry: phonemes as they are, a respelling by its syllables."""
        if is_respelling(entry):
            return self._accent.from_indian(say_respelling(entry))
        return clean_phonemes(entry)

    def _say_letter(self, word: str) -> str:
        letter, _, possessive = word.partition("'")
        plain = unicodedata.normalize("NFKD", letter.lower())[0]
        sounds = self._accent.letters.get(plain, "")
        return self._add_s(sounds) if possessive else sounds

    def _add_s(self, sounds: str) -> str:
        if sounds[-1:] in _HISSING:
            return sounds + self._accent.from_dictionary("ᵻz", None)
        return sounds + ("s" if sounds[-1:] in _VOICELESS else "z")

    def _is_letter_name(self, words: list[str], index: int) -> bool:
        """Tell whether a single letter is spelled out rather than the words "a" or "I"."""
        letter = words[index].removesuffix("'s")
        plain = unicodedata.normalize("NFKD", letter.lower())
        if len(letter) != 1 or plain[0] not in self._accent.letters:
            return False
        if letter.lower() not in "ai":
            return True
        if letter == "A" and index and not words[index - 1].isupper():
            return True  # Grade A, Vitamin A: an article is not written so within a sentence
        neighbours = words[max(0, index - 1) : index] + words[index + 1 : index + 2]
        return letter.isupper() and any(len(word) == 1 and word.isupper() for word in neighbours)


def _parts(token: str) -> list[str]:
    """Cut what is too long for a word."""
    return [token[start : start + LONGEST_WORD] for start in range(0, len(token), LONGEST_WORD)]


def _read_key(key: str) -> tuple[str, ...]:
    """Return the words an entry stands for once a text is normalised: "upi" is u, p, i."""
    plain = normalize(key.upper() if len(key) < 6 else key)
    return tuple(re.findall(r"[^\s.,!?;:…]+", plain.lower()))
