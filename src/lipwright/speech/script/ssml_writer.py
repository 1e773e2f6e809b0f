"""Write a script as an SSML document, in the dialect of each service.

Say-as is never left to the service: every voice reads amounts and dates alike, and Polly's neural
voices refuse some of it. What a service does not support is left out or replaced: Polly's neural
voices and Azure's take no emphasis, so that is a change of speed there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from lipwright.speech.script.segments import Pause, Segment, Text

_EMPHASIS = {-1: "reduced", 1: "moderate", 2: "strong"}
_EMPHASIS_RATES = {-1: 1.12, 1: 0.9, 2: 0.8}


@dataclass(frozen=True)
class _Dialect:
    opening: str
    """The root's start tag."""
    longest_break: float
    """Seconds."""
    emphasis: bool
    languages: bool
    """Whether ``lang`` may change the language within the text."""
    signed_rates: bool
    """"+20%" rather than "120%"."""


_DIALECTS = {
    "google": _Dialect("<speak>", 10.0, True, True, False),
    "polly": _Dialect("<speak>", 10.0, False, True, False),
    "azure": _Dialect(
        '<speak version="1.0" xmlns="http://www.w3.org/2001/10/synthesis" xml:lang="{language}">',
        5.0, False, False, True,
    ),
}  # fmt: skip


def write_ssml(
    readings: Iterable[tuple[Segment, str]],
    language: str,
    dialect: str,
    *,
    voice: str | None,
    rate: float,
    marks: bool,
) -> str:
    """Return the document; see ``Script.ssml``."""
    if dialect not in _DIALECTS:
        raise ValueError(f"no SSML dialect {dialect!r}: choose one of {', '.join(_DIALECTS)}")
    manner = _DIALECTS[dialect]
    body = "".join(_write_segments(readings, manner, _Marks() if marks else None))
    if rate != 1.0:
        body = f"<prosody rate={_percent(rate, manner)}>{body}</prosody>"
    if voice:
        body = f"<voice name={quoteattr(voice)}>{body}</voice>"
    return manner.opening.format(language=language) + body + "</speak>"


class _Marks:
    """Numbers words as ``Script.words`` does: one may begin in a segment and end in another."""

    def __init__(self) -> None:
        self._count = 0
        self._within_word = False

    def set_before(self, text: str, with_text: bool = True) -> str:
        """Return escaped text with a mark before every word that begins in it, or the marks."""
        parts = []
        for part in re.findall(r"\s+|\S+", text):
            if part.isspace():
                self._within_word = False
                parts.append(part * with_text)
                continue
            if not self._within_word:
                parts.append(f'<mark name="{self._count}"/>')
                self._count += 1
            self._within_word = True
            parts.append(escape(part) * with_text)
        return "".join(parts)

    def end_word(self) -> None:
        """End the current word, at a pause."""
        self._within_word = False


def _write_segments(
    readings: Iterable[tuple[Segment, str]], manner: _Dialect, marks: _Marks | None
) -> Iterator[str]:
    for segment, words in readings:
        if isinstance(segment, Pause):
            if marks:
                marks.end_word()
            yield from _write_break(segment.seconds, manner)
        elif segment.phonemes:  # nothing but text may stand in a phoneme element
            before = marks.set_before(words, with_text=False) if marks else ""
            yield before + _wrap(segment, escape(words), manner)
        else:
            said = marks.set_before(words) if marks else escape(words)
            yield re.sub(r"\n\s*\n", '<break strength="x-strong"/>', _wrap(segment, said, manner))


def _write_break(seconds: float, manner: _Dialect) -> Iterator[str]:
    left = round(seconds * 1000)
    while left > 0:
        length = min(left, round(manner.longest_break * 1000))
        yield f'<break time="{length}ms"/>'
        left -= length


def _wrap(segment: Text, said: str, manner: _Dialect) -> str:
    if segment.phonemes and said.strip():
        said = f'<phoneme alphabet="ipa" ph={quoteattr(segment.phonemes)}>{said}</phoneme>'
    rate = segment.rate
    if segment.emphasis and manner.emphasis:
        said = f'<emphasis level="{_EMPHASIS[segment.emphasis]}">{said}</emphasis>'
    elif segment.emphasis:
        rate *= _EMPHASIS_RATES[segment.emphasis]
    if rate != 1.0:
        said = f"<prosody rate={_percent(rate, manner)}>{said}</prosody>"
    if segment.language and manner.languages:
        said = f"<lang xml:lang={quoteattr(segment.language)}>{said}</lang>"
    return said


def _percent(rate: float, manner: _Dialect) -> str:
    percent = round(rate * 100)
    return f'"{percent - 100:+d}%"' if manner.signed_rates else f'"{percent}%"'
