"""Pronounce one Hindi word: exceptions first, else by the rules of Devanagari."""

from __future__ import annotations

import unicodedata

from lipwright.speech.g2p.hindi.devanagari import say_devanagari

_EXCEPTIONS = {
    "यह": "jeː", "वह": "ʋoː", "ये": "jeː", "वे": "ʋeː", "न": "nə", "कि": "kɪ", "हैं": "hɛ̃",
    "मैं": "mɛ̃", "में": "mẽː", "छह": "cʰˈɛː", "छः": "cʰˈɛː", "रुपए": "ɾˈʊpeː",
    "रुपये": "ɾˈʊpeː", "रूपये": "ɾˈʊpeː", "दुःख": "dˈʊkʰ", "बहुत": "bəhˈʊt", "श्री": "ʃɾiː",
    "जन्मदिन": "ɟənmdˈɪn", "पासवर्ड": "pˈaːsʋəɾɖ", "नंबर": "nˈʌmbəɾ", "बैंक": "bˈɛ̃ŋk",
    "कृपया": "kɾˈɪpjaː", "ॐ": "ˈoːm", "नमस्ते": "nəmˈʌsteː", "जी": "ɟiː", "महंगा": "mɛhˈʌŋɡaː",
}  # fmt: skip
_UNSTRESSED = frozenset(
    "का की के को से ने पर है था थी थे हो तो ही भी और या आप हम तुम जो कि इस उस इन उन यह वह ये वे".split()
)


def say_hindi_word(word: str) -> str:
    """Return the phonemes of a word in Devanagari; "" where it has no letter."""
    word = unicodedata.normalize("NFC", word)
    sounds = unicodedata.normalize("NFD", _EXCEPTIONS.get(word) or say_devanagari(word))
    return sounds.replace("ˈ", "") if word in _UNSTRESSED else sounds
