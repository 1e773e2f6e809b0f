"""A long script is spoken in several requests; this makes one speech of the answers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lipwright.errors import VoiceError
from lipwright.speech.base import Phone, Speech, Word


def join_speeches(pieces: Sequence[Speech], transcript: str, provider: str) -> Speech:
    """One speech of several that follow one another, with their timings moved.

    The phones (and the words) of the whole are known only where every piece has them.

    provider: the service's name in sentences. Raises VoiceError where there are no pieces, or they
    differ in their sample rate.
    """
    if not pieces:
        raise VoiceError("There is nothing to speak in the text: write some words.")
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
