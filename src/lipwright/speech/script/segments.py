"""The segments of a script: pieces of text, each with its manner of speaking, and pauses."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Text:
    """Words spoken in one manner.

    ``text`` is as it was written (no markup, placeholders filled): numbers and abbreviations are
    unchanged. A blank line separates paragraphs. Spaces at either end count: two segments without
    one between them are one word.
    """

    text: str
    rate: float = 1.0
    """Speed, times that of the whole speech."""
    emphasis: int = 0
    """-1 reduced, 0 none, 1 moderate, 2 strong."""
    say_as: str | None = None
    """How to read it: a key of ``say_as.READINGS``, "date:dmy" with its order after a colon."""
    phonemes: str | None = None
    """How to pronounce it, in IPA; None: as usual."""
    language: str | None = None
    """BCP 47 tag, "hi-IN"; None: the script's own."""


@dataclass(frozen=True)
class Pause:
    """Silence."""

    seconds: float


Segment = Text | Pause
