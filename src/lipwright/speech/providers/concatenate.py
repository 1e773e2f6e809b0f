"""What goes to a service in several requests, and one speech made of the answers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from lipwright.core.errors import VoiceError
from lipwright.speech.speech import Phone, Speech, Word

if TYPE_CHECKING:
    from lipwright.speech.script.script import Script


def check_words(script: Script) -> None:
    """Raise VoiceError for a script without a word: services answer those each in its own way."""
    if not re.search(r"\w", script.plain):
        raise VoiceError("There is nothing to speak in the text: write some words.")


def split_spans(words: Iterable[Word]) -> list[Word]:
    """Split words that a service timed together ("INR 5,053"), by their letters."""
    single: list[Word] = []
    for span in words:
        parts = span.text.split()
        total, spoken = sum(map(len, parts)), 0
        for part in parts:
            begin, spoken = spoken, spoken + len(part)
            length = span.end - span.start
            single.append(
                Word(
                    span.start + length * begin / total, span.start + length * spoken / total, part
                )
            )
    return single


def join_speeches(pieces: Sequence[Speech], transcript: str, provider: str) -> Speech:
    """Join speeches that follow one another into one, with their timings moved.

    The phones (and the words) of the whole are known only where every piece has them.

    pieces: at least one. provider: the service's name in sentences. Raises VoiceError where the
    pieces differ in their sample rate.
    """
    rate = pieces[0].rate
    if any(piece.rate != rate for piece in pieces):
        raise VoiceError(
            f"{provider} changed the sample rate in the middle of the speech: try again later."
        )
    starts = np.cumsum([0.0] + [piece.duration for piece in pieces[:-1]]).tolist()
    phones = [
        Phone(start + phone.start, start + phone.end, phone.symbol)
        for start, piece in zip(starts, pieces, strict=True)
        for phone in piece.phones or ()
    ]
    words = [
        Word(start + word.start, start + word.end, word.text)
        for start, piece in zip(starts, pieces, strict=True)
        for word in piece.words or ()
    ]
    return Speech.from_samples(
        np.concatenate([piece.samples for piece in pieces]),
        rate,
        phones=phones if all(piece.phones is not None for piece in pieces) else None,
        words=words if all(piece.words is not None for piece in pieces) else None,
        transcript=transcript,
    )
