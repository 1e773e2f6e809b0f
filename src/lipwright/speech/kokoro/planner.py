"""Plan a script for Kokoro: chunks of phonemes, each with its rate and its pause."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from lipwright.core.errors import VoiceError
from lipwright.speech.g2p.lexicon import clean_phonemes
from lipwright.speech.g2p.pronouncer import Pronouncer
from lipwright.speech.kokoro.chunking import PhonemeChunk, chunk_paragraphs, split_sentences
from lipwright.speech.normalization.normalize import normalize
from lipwright.speech.script.script import Pause, Script, Text

_OPENING_MARKS = re.compile(r"^\s*([.,!?;:…।]+)(?=\s|$)")
_VOWEL = re.compile("[AIOQWYaæɐɑɒɔəɛɜeiɪoɤuʊʌᵻ]")
_MARKS = ".,!?;:…—"
_LONG_REST = 0.3  # seconds


@dataclass
class _Run:
    """Units, by paragraph, that are spoken at one speed without an explicit pause between them."""

    rate: float
    paragraphs: list[list[str]] = field(default_factory=lambda: [[]])
    rest: float | None = None

    def add(self, units: list[str], glued: bool) -> None:
        last = self.paragraphs[-1]
        if glued and last and units:
            last[-1] += units.pop(0)
        last.extend(units)

    def close(self, mark: str) -> None:
        """Put a mark after the last unit, unless it has one."""
        last = self.paragraphs[-1]
        if last and last[-1][-1] not in _MARKS:
            last[-1] += mark


def plan_script(script: Script, pronouncer: Pronouncer) -> list[PhonemeChunk]:
    """Return the chunks in order; a pause before the first word is a chunk without phonemes.

    Raises:
        VoiceError: the script has no words, or phonemes that the voice does not know.
    """
    chunks: list[PhonemeChunk] = []
    for run in _find_runs(script, pronouncer):
        spoken = [units for units in run.paragraphs if units]
        if not spoken:
            chunks = _rest_longer(chunks, run.rest or 0.0)
            continue
        if run.rest:
            run.close("…" if run.rest >= _LONG_REST else ",")
        made = [replace(chunk, rate=run.rate) for chunk in chunk_paragraphs(spoken)]
        made[-1] = replace(made[-1], pause=run.rest)
        chunks += made
    if not any(chunk.phonemes for chunk in chunks):
        shown = " ".join(script.plain.split())[:40]
        raise VoiceError(f'Nothing in the text "{shown}" can be spoken: write some words.')
    return chunks


def _find_runs(script: Script, pronouncer: Pronouncer) -> Iterator[_Run]:
    run, within_word = _Run(1.0), False
    for segment, words in script.readings():
        if isinstance(segment, Pause):
            run.rest = segment.seconds
            yield run
            run, within_word = _Run(run.rate), False
            continue
        opening = _OPENING_MARKS.match(words)
        if opening:
            run.close(opening[1].replace("।", ".")[0])
        if segment.rate != run.rate:
            yield run
            run = _Run(segment.rate)
        for number, paragraph in enumerate(re.split(r"\n\s*\n", words)):
            if number and run.paragraphs[-1]:
                run.paragraphs.append([])
            glued = within_word and not number and paragraph[:1].isalnum()
            run.add(_pronounce(segment, paragraph, script.language, pronouncer), glued)
        within_word = words[-1:].isalnum()
    yield run


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


def _rest_longer(chunks: list[PhonemeChunk], seconds: float) -> list[PhonemeChunk]:
    """Lengthen the pause after the last chunk, or before the first, by so many seconds."""
    if not seconds:
        return chunks
    before, last = chunks[:-1], chunks[-1] if chunks else PhonemeChunk("", "none")
    return [*before, replace(last, pause=(last.pause or 0.0) + seconds)]
