"""Cut words into pieces that the model can speak in one breath.

A unit is a word's phonemes with the punctuation after it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

LONGEST = 240
"""Symbols in a chunk. The model takes about 500, but memory grows with it and prosody suffers."""
SHORTEST = 16
"""A shorter sentence is spoken together with its neighbour: alone it sounds flat."""
EARLY = 64
"""Symbols in a first chunk that is wanted soon: about 3 s of speech, made in 0.5 s on two cores."""
SOONEST = 32
"""Symbols in a first chunk that somebody is waiting for: about 1.6 s of speech."""
LEAST = 10
"""And in a clause that is spoken by itself then, such as "Good morning,"."""
GROWTH = 1.4
"""With 1 s of speech made in 0.7 s, drawing beside it on two cores."""

PAUSES = {"sentence": 0.42, "ellipsis": 0.55, "clause": 0.16, "paragraph": 0.7, "none": 0.02}
"""Seconds of rest after a chunk, by how it ends."""


@dataclass(frozen=True)
class PhonemeChunk:
    """The phonemes of one run of the model, and the kind of its ending (a key of ``PAUSES``)."""

    phonemes: str
    ending: str
    rate: float = 1.0
    """Speed, times that of the whole speech."""
    pause: float | None = None
    """Seconds of rest after it, as the script asks for them; None: by how it ends."""
    done: float = 0.0
    """The part of the script that ends with it, 0 to 1."""


def split_sentences(text: str) -> list[str]:
    """Cut text after the marks that end a sentence."""
    return re.findall(r"[^.!?…]+[.!?…]*[\"”')\]]*|[.!?…]+", text)


def chunk_units(units: list[str], ends_paragraph: bool = True) -> list[PhonemeChunk]:
    """Cut units at sentences, and sentences that are too long at clauses or words.

    units: at least one, none of them empty. ends_paragraph: whether they are the end of one.
    """
    chunks = _chunk_sentences(_merge_short(_find_sentences(units)))
    if ends_paragraph:
        chunks[-1] = PhonemeChunk(chunks[-1].phonemes, "paragraph")
    return chunks


def shorten_first(chunks: Iterable[PhonemeChunk]) -> Iterator[PhonemeChunk]:
    """Cut a long first chunk at a clause or phrase, so that the first sound is ready sooner."""
    left = iter(chunks)
    for first in left:
        yield from _cut_at(first, EARLY)
        if first.phonemes:
            break
    yield from left


class GrowingChunks:
    """Cuts chunks so that each is spoken while the one before it is heard.

    Making sound takes a part of its length: after a short first chunk each may be `GROWTH` times as
    long as the one before. One instance serves all sentences of a text.
    """

    def __init__(self) -> None:
        self._most = float(SOONEST)

    def cut(self, chunks: Iterable[PhonemeChunk]) -> Iterator[PhonemeChunk]:
        """Yield the chunks, those that are too long in several."""
        for chunk in chunks:
            while True:
                opening, *rest = _cut_at(chunk, round(self._most), LEAST)
                if opening.phonemes:
                    self._most = max(self._most, GROWTH * min(_symbols(opening), self._most))
                yield opening
                if not rest:
                    break
                (chunk,) = rest


def _symbols(chunk: PhonemeChunk) -> int:
    return _length(chunk.phonemes.split(" "))


def _cut_at(chunk: PhonemeChunk, most: int, least: int = SHORTEST) -> Iterator[PhonemeChunk]:
    """A chunk, in two where it has more than `most` symbols; clauses have at least `least`."""
    units = chunk.phonemes.split(" ")
    count = _early_cut(units, most, least) if chunk.phonemes else len(units)
    if count < len(units):
        opening, rest = " ".join(units[:count]), " ".join(units[count:])
        part = chunk.done * len(opening) / len(chunk.phonemes)
        ending = _ending(units[count - 1])
        yield replace(chunk, phonemes=opening, ending=ending, pause=None, done=part)
        chunk = replace(chunk, phonemes=rest)
    yield chunk


def _early_cut(units: list[str], most: int, least: int = SHORTEST) -> int:
    """Return how many units to speak first: up to a clause's end in time, else to a phrase's."""
    if _length(units) <= most:
        return len(units)
    fitting = [n for n in range(1, len(units)) if _length(units[:n]) <= most]
    clauses = [n for n in fitting if units[n - 1][-1] in ",;:—" and _length(units[:n]) >= least]
    # A phrase ends before a word without stress: of, to, that.
    phrases = [n for n in fitting if "ˈ" in units[n - 1] and "ˈ" not in units[n]]
    return max(clauses or phrases or fitting or [len(units)])


def _find_sentences(units: list[str]) -> list[list[str]]:
    sentences: list[list[str]] = [[]]
    for unit in units:
        sentences[-1].append(unit)
        if unit[-1] in ".!?…":
            sentences.append([])
    return [sentence for sentence in sentences if sentence]


def _merge_short(sentences: list[list[str]]) -> list[list[str]]:
    merged: list[list[str]] = []
    for units in sentences:
        short = _length(units) < SHORTEST or (merged and _length(merged[-1]) < SHORTEST)
        if merged and short and _length(merged[-1]) + _length(units) < LONGEST:
            merged[-1] = merged[-1] + units
        else:
            merged.append(units)
    return merged


def _chunk_sentences(sentences: list[list[str]]) -> list[PhonemeChunk]:
    return [
        PhonemeChunk(" ".join(part), _ending(part[-1]))
        for units in sentences
        for part in _split_long(units)
    ]


def _split_long(units: list[str]) -> list[list[str]]:
    """Halve a sentence at its best break until every part fits."""
    if _length(units) <= LONGEST:
        return [units]
    if len(units) == 1:
        word = units[0]
        return [[word[i : i + LONGEST]] for i in range(0, len(word), LONGEST)]
    middle, position = _length(units) / 2, 0
    best, best_cost = 1, float("inf")
    for index, unit in enumerate(units[:-1], 1):
        position += len(unit) + 1
        cost = abs(position - middle) / middle + (0.0 if unit[-1] in ",;:—" else 0.7)
        if cost < best_cost:
            best, best_cost = index, cost
    return _split_long(units[:best]) + _split_long(units[best:])


def _length(units: list[str]) -> int:
    return sum(len(unit) + 1 for unit in units) - 1


def _ending(unit: str) -> str:
    if unit.endswith("…"):
        return "ellipsis"
    if unit[-1] in ".!?":
        return "sentence"
    return "clause" if unit[-1] in ",;:—" else "none"
