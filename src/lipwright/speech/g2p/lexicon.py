"""Pronunciation lexicons: the program's own list, and the user's."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from importlib import resources
from pathlib import Path

from lipwright.core.atomic_file import check_rereadable
from lipwright.core.errors import VoiceError
from lipwright.speech.g2p.phoneme_alphabet import token_numbers

_USUAL_IPA = {
    "tʃ": "ʧ", "dʒ": "ʤ", "g": "ɡ", "'": "ˈ", ":": "ː", ".": "", "-": "", "eɪ": "A", "aɪ": "I",
    "aʊ": "W", "ɔɪ": "Y", "oʊ": "O", "əʊ": "O", "͡": "", "̪": "",
}  # fmt: skip
_NOT_RESPELLED = re.compile(r"[^A-Za-z'.:\s-]")
_NOT_IPA = re.compile(
    r"[^-A-Za-z'.:\s"
    "\u0250-\u02ff\u0300-\u036f\u1d00-\u1dff"  # Unicode's blocks of phonetic letters and marks
    "æçðøħŋœǀǁǂǃβθχⁿⱱ|‖‿↑↓→↗↘]"
)
_BRACKETS = "/[] "
LONGEST_FILE = 2_000_000
"""Bytes: about 80,000 words."""
MOST_WORDS = 20
"""Words in an entry."""


@cache
def own_lexicon() -> dict[str, str]:
    """Return the program's list of Indian names, words and function words, in lower case."""
    text = resources.files("lipwright.speech").joinpath("assets/lexicon.txt").read_text("utf-8")
    return _parse_lines(text, "lexicon.txt")


def read_lexicon(path: str | Path) -> dict[str, str]:
    """Read a user's lexicon.

    One word a line, then a space, then how to say it: phonemes in Kokoro's IPA, or a respelling
    in plain letters, hyphens between syllables and capitals for the stressed one (``Mathangi
    maa-THUNG-gee``). Several words, a tab between them and how to say them. Lines that start with
    # are comments. A file has at most ``LONGEST_FILE`` bytes, an entry ``MOST_WORDS`` words.

    Raises:
        MediaError: a pipe or a device.
        VoiceError: the file cannot be read or is too long, or a line has no pronunciation or none
            that can be read; some IPA that is read here Kokoro has no symbol for, see
            `clean_phonemes`.
    """
    check_rereadable(Path(path))
    try:
        with Path(path).open("rb") as file:
            content = file.read(LONGEST_FILE + 1)
        if len(content) > LONGEST_FILE:
            raise VoiceError(
                f"The lexicon {path} has more than {LONGEST_FILE:,} bytes: give a shorter one."
            )
        text = content.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as problem:
        reason = getattr(problem, "strerror", None) or "it is not UTF-8 text"
        raise VoiceError(
            f"The lexicon {path} cannot be read ({reason}): give a UTF-8 text file."
        ) from problem
    return _parse_lines(text, str(path))


def clean_phonemes(written: str) -> str:
    """Bring usual IPA into Kokoro's alphabet.

    Raises:
        VoiceError: it has a symbol Kokoro does not know.
    """
    phonemes = unicodedata.normalize("NFD", written.strip(_BRACKETS)).replace("c\u0327", "ç")
    for usual, kokoro in _USUAL_IPA.items():
        phonemes = phonemes.replace(usual, kokoro)
    unknown = [symbol for symbol in phonemes if symbol not in token_numbers()]
    if unknown:
        raise VoiceError(
            f'The pronunciation "{written}" has the symbol "{unknown[0]}", which the voice does '
            "not know: use IPA, or plain letters with hyphens between the syllables."
        )
    return phonemes


def _parse_lines(text: str, name: str) -> dict[str, str]:
    entries = {}
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        word, _, sounds = (part.strip() for part in line.partition("\t" if "\t" in line else " "))
        if (sign := _find_wrong_sign(sounds)) is not None:
            shown = sign if sign.isprintable() else f"U+{ord(sign):04X}"
            raise VoiceError(
                f'Line {number} of {name} has the sign "{shown}" in the pronunciation "{sounds}": '
                "use IPA, or plain letters with hyphens between the syllables."
            )
        if not any(map(_is_letter, sounds)):
            raise VoiceError(
                f'Line {number} of {name} has no pronunciation: write "{word}", a space and '
                "its sounds."
            )
        words = word.lower().split()
        if len(words) > MOST_WORDS:
            raise VoiceError(
                f"Line {number} of {name} has more than {MOST_WORDS} words in one entry: "
                "give shorter ones."
            )
        entries[" ".join(words)] = sounds
    return entries


def is_respelling(sounds: str) -> bool:
    """Return whether a pronunciation is written in plain letters rather than in IPA."""
    return sounds.isascii() and not sounds.startswith("/")


def _find_wrong_sign(sounds: str) -> str | None:
    """Find the first character that is neither of a respelling, nor of IPA or Kokoro's alphabet."""
    inner = unicodedata.normalize("NFD", sounds.strip(_BRACKETS))
    if is_respelling(sounds):
        found = _NOT_RESPELLED.search(inner)
        return found and found[0]
    known = token_numbers()
    return next((sign for sign in _NOT_IPA.findall(inner) if sign not in known), None)


def _is_letter(sign: str) -> bool:
    """Return whether a character is a letter.

    Stress and length marks, which Unicode calls modifier letters, are not.
    """
    return unicodedata.category(sign) in ("Ll", "Lu", "Lo")
