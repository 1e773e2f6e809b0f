"""Apply a user's pronunciations to a script, for the voices of services."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from lipwright.speech.g2p.letter_to_sound import say_respelling
from lipwright.speech.g2p.lexicon import is_respelling
from lipwright.speech.script.script import Script
from lipwright.speech.script.segments import Segment, Text

_IPA = str.maketrans(
    {
        "A": "eɪ", "I": "aɪ", "O": "oʊ", "W": "aʊ", "Y": "ɔɪ", "ʤ": "dʒ", "ʧ": "tʃ", "ᵊ": "ə",
        "ᵻ": "ɪ", "T": "t", "ɡ": "g",
    }
)  # fmt: skip


def apply_lexicon(script: Script, entries: Mapping[str, str]) -> Script:
    """Return the script with the lexicon's words as segments with phonemes, in usual IPA.

    entries: word to IPA or respelling, of `read_lexicon`. Segments with a reading of their own
    (say-as, phoneme) keep it.
    """
    if not entries:
        return script
    sounds = {word.lower(): _to_ipa(entry) for word, entry in entries.items()}
    words = "|".join(re.escape(word) for word in sorted(sounds, key=len, reverse=True))
    pattern = re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE)
    marked: list[Segment] = []
    for segment in script.segments:
        if isinstance(segment, Text) and not segment.say_as and not segment.phonemes:
            marked += _mark(segment, pattern, sounds)
        else:
            marked.append(segment)
    return script.with_segments(marked)


def _mark(segment: Text, pattern: re.Pattern[str], sounds: Mapping[str, str]) -> Iterator[Text]:
    position = 0
    for match in pattern.finditer(segment.text):
        if match.start() > position:
            yield replace(segment, text=segment.text[position : match.start()])
        yield replace(segment, text=match[0], phonemes=sounds[match[0].lower()])
        position = match.end()
    if position < len(segment.text):
        yield replace(segment, text=segment.text[position:])


def _to_ipa(entry: str) -> str:
    written = entry.strip()
    if is_respelling(written):
        return say_respelling(written).translate(_IPA)
    return written.strip("/[] ").translate(_IPA)
