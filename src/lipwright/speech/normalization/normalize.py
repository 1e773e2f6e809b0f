"""Normalize written text to the words that are read out, in a country's English or in Hindi.

The result has only words, apostrophes and the marks , . ! ? ; : … with a blank line between
paragraphs. Letters to be spelled stand alone in capitals: "U P I".
"""

from __future__ import annotations

import re
import unicodedata

from lipwright.speech.normalization.abbreviations import (
    read_abbreviations,
    read_acronyms,
    read_signs,
)
from lipwright.speech.normalization.addresses import read_addresses
from lipwright.speech.normalization.codes import read_codes, read_house_numbers
from lipwright.speech.normalization.dates import read_dates, read_times, read_years
from lipwright.speech.normalization.exponents import read_powers
from lipwright.speech.normalization.hindi import read_hindi
from lipwright.speech.normalization.indic_scripts import to_devanagari
from lipwright.speech.normalization.locales import HINDI, Locale, find_locale
from lipwright.speech.normalization.markdown import strip_markdown
from lipwright.speech.normalization.money import read_money
from lipwright.speech.normalization.numbers import read_measured, read_numbers
from lipwright.speech.normalization.pieces import cut_text
from lipwright.speech.normalization.roman import read_roman_numerals

_LOOKALIKES = str.maketrans(
    {
        "‘": "'", "’": "'", "`": "'", "´": "'", "“": '"', "”": '"', "\u00a0": " ", "\u202f": " ",
        "‑": "-", "‒": "–", "−": "-", "½": " 1/2 ", "¼": " 1/4 ", "¾": " 3/4 ", "．": ".",
        "\t": " ", "\r": "\n", "।": ".", "॥": ".",
    }
)  # fmt: skip
_DEVANAGARI_SIGNS = "\u0900-\u0903\u093a-\u093c\u093e-\u094f\u0951-\u0957\u0962\u0963"
_PARAGRAPH_END = re.compile(r"\n\s*\n")
_MARKS = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"\.\s?\.\s?\.(?:\s?\.)*|…(?:\s*[.…])*", "… "),
        (r"\s+[-–—]+\s+|—|--+|(?<=[A-Za-z])–(?=[A-Za-z])", ", "),
        (r"\s*[(\[{]\s*", ", "),
        (r"\s*[)\]}]\s*(?=[.,!?;:…])", ""),
        (r"\s*[)\]}]", ", "),
        (r"(?<=\w)[-–_](?=\w)", " "),
        (r"(?<!\w)'|'(?!\w)", " "),
        (rf"(?<![\u0900-\u0963\u0971-\u097f])[{_DEVANAGARI_SIGNS}]+", " "),
        (r"[^\w\s'.,!?;:…\u0900-\u0963\u0971-\u097f]|[_\d]", " "),
        (r"[ \f\v]+", " "),
        (r" +(?=[.,!?;:…])", ""),
        (r"[.,;:]*([!?…])[.,;:!?…]*", r"\1"),
        (r"[.,;:]*\.[.,;:]*", "."),
        (r"[,;:]{2,}", ","),
        (r"(?<=[.,!?;:…])(?=[^\s.,!?;:…'])", " "),
        (r"(?m)^[ ,;:.]+|[ ]+$", ""),
    )
)


def normalize(text: str, locale: str = "en-IN") -> str:
    """Return ``text`` in plain words.

    Args:
        text: as it was written; Markdown is taken away.
        locale: BCP 47 tag of how numbers, dates and amounts are read, see ``locales.LOCALES``.

    Raises:
        MissingExtraError: the text has numbers and num2words is not installed.
        VoiceError: no such locale.
    """
    place = find_locale(locale)
    text = strip_markdown(_tidy_characters(read_powers(to_devanagari(text), place)))
    text = "".join(_read_piece(piece, place) for piece in cut_text(text))
    paragraphs = _PARAGRAPH_END.split(text)
    return "\n\n".join(" ".join(part.split()) for part in paragraphs if part.strip())


def _read_piece(piece: str, place: Locale) -> str:
    """Return a piece in words, with the white space that it ends with."""
    text = read_addresses(piece)
    text = read_hindi(text) if place is HINDI else _read_english(text, place)
    text = read_acronyms(text)
    for pattern, replacement in _MARKS:
        text = pattern.sub(replacement, text)
    kept = piece.rstrip()
    return text.rstrip() + piece[len(kept) :]


def _read_english(text: str, place: Locale) -> str:
    text = read_money(read_house_numbers(text, place), place)
    text = read_dates(text, place)
    text = read_times(text, place)
    text = read_abbreviations(read_roman_numerals(text, place))
    text = read_codes(text, place)
    text = read_years(text, place)
    return read_numbers(read_signs(read_measured(text, place)), place)


def _tidy_characters(text: str) -> str:
    """Unify typographic variants and digits of other scripts; drop marks that are not read."""
    text = text.translate(_LOOKALIKES)
    kept = []
    for character in text:
        category = unicodedata.category(character)
        if category == "Nd" and not character.isascii():
            character = str(unicodedata.digit(character))
        elif category in ("No", "Nl"):  # superscripts, fractions, Roman numerals
            character = unicodedata.normalize("NFKC", character).replace("\u2044", "/")
            character = "".join(c if c.isascii() else " " for c in character)
        elif category in ("Cf", "Cs", "Co", "Sk") or (category == "So" and character != "°"):
            character = "" if category == "Cf" else " "
        elif category == "Cc" and character != "\n":
            character = " "
        kept.append(character)
    return "".join(kept)
