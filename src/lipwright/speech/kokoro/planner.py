"""Plan a script for Kokoro: chunks of phonemes, each with its rate and its pause."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from lipwright.core.errors import VoiceError
from lipwright.speech.g2p.lexicon import clean_phonemes
from lipwright.speech.g2p.pronouncer import Pronouncer
from lipwright.speech.kokoro.chunking import PhonemeChunk, chunk_units, split_sentences
from lipwright.speech.normalization.normalize import normalize
from lipwright.speech.normalization.pieces import cut_text
from lipwright.speech.script.script import Pause, Script, Text

_OPENING_MARKS = re.compile(r"^\s*([.,!?;:…।]+)(?=\s|$)")
_VOWEL = re.compile("[AIOQWYaæɐɑɒɔəɛɜeiɪoɤuʊʌᵻ]")
_MARKS = ".,!?;:…—"
_LONG_REST = 0.3  # seconds
_MOST_UNITS = 1000
"""Words that are held back at most until they are cut into chunks."""
_SAME, _PIECE, _PARAGRAPH = range(3)


def plan_script(script: Script, pronouncer: Pronouncer) -> Iterator[PhonemeChunk]:
    """Yield the chunks in order; a pause before the first word is a chunk without phonemes.

    About a paragraph, or a piece of a long one, is planned at a time.

    Raises:
        VoiceError: the script has no words, or phonemes that the voice does not know.
    """
    waiting: PhonemeChunk | None = None
    spoken = False
    for chunk in _plan(script, pronouncer):
        if waiting is not None and not chunk.phonemes:
            waiting = replace(waiting, pause=(waiting.pause or 0.0) + (chunk.pause or 0.0))
            continue
        if waiting is not None:
            yield waiting
        waiting, spoken = chunk, spoken or bool(chunk.phonemes)
    if waiting is None or not spoken:
        shown = " ".join(script.plain[:200].split())[:40]
        raise VoiceError(f'Nothing in the text "{shown}" can be spoken: write some words.')
    yield replace(waiting, done=1.0)


class _Run:
    """Words that are spoken at one speed without an explicit pause between them.

    The last paragraph is held back: what comes after it may change its last mark and its rest.
    """

    def __init__(self, rate: float, begin: float) -> None:
        self.rate = rate
        self._held: list[str] = []
        self._after = _SAME
        self._begin = self._end = begin

    def separate(self, boundary: int) -> None:
        """Let what is added next stand in another piece or paragraph."""
        self._after = max(self._after, boundary)

    def add(self, units: list[str], glued: bool, done: float) -> list[PhonemeChunk]:
        """Add units; return chunks of those before them, where they are complete.

        glued: the first unit belongs to the last word. done: of the script, 0 to 1.
        """
        chunks: list[PhonemeChunk] = []
        if units:
            if glued and self._held and self._after == _SAME:
                self._held[-1] += units.pop(0)
            elif self._held and (self._after != _SAME or len(self._held) > _MOST_UNITS):
                chunks = self._cut(self._after == _PARAGRAPH)
            self._after = _SAME
            self._held += units
        self._end = done
        return chunks

    def close(self, mark: str) -> None:
        """Put a mark after the last unit, unless it has one, or its paragraph is over."""
        if self._held and self._after != _PARAGRAPH and self._held[-1][-1] not in _MARKS:
            self._held[-1] += mark

    def end(self, rest: float | None = None) -> list[PhonemeChunk]:
        """Return the chunks that are left; rest: seconds of silence after them."""
        if not self._held:
            return [PhonemeChunk("", "none", pause=rest, done=self._end)] if rest else []
        if rest:
            self.close("…" if rest >= _LONG_REST else ",")
        chunks = self._cut(ends_paragraph=True)
        chunks[-1] = replace(chunks[-1], pause=rest)
        return chunks

    def _cut(self, ends_paragraph: bool) -> list[PhonemeChunk]:
        made = chunk_units(self._held, ends_paragraph)
        total, reached = sum(len(chunk.phonemes) for chunk in made), 0
        chunks = []
        for chunk in made:
            reached += len(chunk.phonemes)
            done = self._begin + (self._end - self._begin) * reached / total
            chunks.append(replace(chunk, rate=self.rate, done=done))
        self._held, self._begin = [], self._end
        if not ends_paragraph and len(chunks) > 1 and chunks[-1].ending in ("clause", "none"):
            self._held, self._begin = chunks.pop().phonemes.split(" "), chunks[-1].done
        return chunks


def _plan(script: Script, pronouncer: Pronouncer) -> Iterator[PhonemeChunk]:
    total = sum(len(segment.text) for segment in script.segments if isinstance(segment, Text)) or 1
    run, within_word, read = _Run(1.0, 0.0), False, 0
    for segment, words in script.readings():
        if isinstance(segment, Pause):
            yield from run.end(segment.seconds)
            run, within_word = _Run(run.rate, read / total), False
            continue
        opening = _OPENING_MARKS.match(words)
        if opening:
            run.close(opening[1].replace("।", ".")[0])
        if segment.rate != run.rate:
            yield from run.end()
            run = _Run(segment.rate, read / total)
        whole = len(words) or 1
        for piece, boundary, position in _pieces(words):
            run.separate(boundary)
            glued = within_word and not position and piece[:1].isalnum()
            done = (read + len(segment.text) * (position + len(piece)) / whole) / total
            units = _pronounce(segment, piece, script.language, pronouncer)
            yield from run.add(units, glued, min(done, 1.0))
        read += len(segment.text)
        within_word = words[-1:].isalnum()
    yield from run.end()


def _pieces(words: str) -> Iterator[tuple[str, int, int]]:
    """Yield the pieces of a text, what parts each from the one before, and about where it is."""
    position = 0
    for number, paragraph in enumerate(re.split(r"\n\s*\n", words)):
        for count, piece in enumerate(cut_text(paragraph)):
            yield piece, _PIECE if count else _PARAGRAPH if number else _SAME, position
            position += len(piece)


def _pronounce(segment: Text, words: str, language: str, pronouncer: Pronouncer) -> list[str]:
    if segment.phonemes:
        return clean_phonemes(segment.phonemes).split() if words.strip() else []
    spoken = segment.language or language
    plain, hindi = normalize(words, spoken), spoken.startswith("hi")
    units: list[str] = []
    for sentence in split_sentences(plain):
        units += [unit for unit in pronouncer.pronounce(sentence, hindi) if unit]
    return [_emphasise(unit, segment.emphasis) for unit in units]


def _emphasise(unit: str, emphasis: int) -> str:
    """Give a word full stress, or remove it: the voice follows the stress marks."""
    if emphasis < 0:
        return unit.replace("ˈ", "ˌ")
    if emphasis > 0 and "ˈ" not in unit:
        unit = unit.replace("ˌ", "ˈ")
        return unit if "ˈ" in unit else _VOWEL.sub(r"ˈ\g<0>", unit, count=1)
    return unit
