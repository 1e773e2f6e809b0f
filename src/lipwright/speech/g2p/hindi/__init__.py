"""Hindi pronunciation: words in Devanagari and in Latin letters."""

from __future__ import annotations

from lipwright.speech.g2p.hindi.romanised import spell_in_devanagari
from lipwright.speech.g2p.hindi.words import say_hindi_word

__all__ = ["say_hindi_word", "spell_in_devanagari"]
