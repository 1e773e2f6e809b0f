"""A parsed script: markup read, placeholders filled, pauses found."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from lipwright.core.errors import UsageError, VoiceError
from lipwright.speech.script.segments import Pause, Segment, Text

__all__ = ["ELLIPSIS_SECONDS", "Pause", "Script", "Segment", "Text", "read_script"]

ELLIPSIS_SECONDS = 0.55
"""The pause of "...", s."""
_SHORT_PAUSE = 0.3
"""A pause below this is a comma to a voice that takes plain text."""
LONGEST_TEXT = 1_000_000
"""Characters: about 18 hours of speech."""
LONGEST_SILENCE = 1800.0
"""Seconds of all breaks of a script together."""
_ELLIPSIS = re.compile(r"(?<!\s)\s*+(?:…|\.\s?\.\s?\.)(?:\s?[.…])*+\s*+")

_SENTENCES = re.compile(r"(?s).+?(?:[.!?।]+[\"”')\]]*(?=\s)\s*|\n\s*\n|\Z)")
_WORDS = re.compile(r"\s*\S+\s*")


@dataclass(frozen=True)
class Script:
    """A text to speak."""

    segments: tuple[Segment, ...]
    language: str = "en-IN"
    """BCP 47 tag of whatever names no language of its own."""

    @property
    def plain(self) -> str:
        """The script for voices that take plain text.

        Pauses are "...", segments with say-as are in words; the rest is unchanged.
        """
        joined: list[str] = []
        for segment, words in self.readings():
            if isinstance(segment, Text):
                joined.append(words)
                continue
            while joined and not joined[-1].strip():
                joined.pop()
            if joined:
                joined[-1] = _add_pause(joined[-1].rstrip(), segment.seconds)
        return "".join(joined).strip()

    @property
    def transcript(self) -> str:
        """The script for people to read; only pauses written as "..." are shown."""
        silent = [
            segment
            for segment in self.segments
            if isinstance(segment, Text) or segment.seconds == ELLIPSIS_SECONDS
        ]
        return " ".join(self.with_segments(silent).plain.split())

    @property
    def words(self) -> list[str]:
        """The words of ``plain``, with their punctuation, for which ``ssml`` sets marks."""
        return self.plain.split()

    def readings(self) -> Iterator[tuple[Segment, str]]:
        """Yield each segment with its words: say-as read out, "" for a pause."""
        from lipwright.speech.normalization.say_as import read_as

        for segment in self.segments:
            if isinstance(segment, Pause):
                yield segment, ""
            elif segment.say_as:
                language = segment.language or self.language
                yield segment, read_as(segment.text, segment.say_as, language)
            else:
                yield segment, segment.text

    def ssml(
        self, dialect: str, *, voice: str | None = None, rate: float = 1.0, marks: bool = False
    ) -> str:
        """Return a whole SSML document in the dialect of a service.

        Args:
            dialect: "google", "polly" or "azure".
            voice: the voice to name; Azure wants it in the document, the others do not.
            rate: speed of the whole, for services with no parameter of their own for it.
            marks: put ``<mark name="0"/>`` and so on before every word; numbers as in ``words``.

        Raises:
            ValueError: no such dialect.
        """
        from lipwright.speech.script.ssml_writer import write_ssml

        return write_ssml(
            self.readings(), self.language, dialect, voice=voice, rate=rate, marks=marks
        )

    def split(self, limit: int, measure: Callable[[Script], int]) -> list[Script]:
        """Cut into scripts of at most ``limit`` each, at sentences where that is possible.

        Args:
            limit: the most ``measure`` may give.
            measure: the size of a script, such as ``lambda s: len(s.ssml("google").encode())``.

        Raises:
            VoiceError: a single word is larger than the limit.
        """
        return _split(self, limit, measure)

    def with_segments(self, segments: Sequence[Segment]) -> Script:
        """Return a script of these segments in the same language."""
        return replace(self, segments=tuple(segments))


def read_script(
    text: str,
    markup: str = "auto",
    values: Mapping[str, str] | None = None,
    language: str = "en-IN",
) -> Script:
    """Read a text as it was written by a person.

    Args:
        text: plain text, Markdown or SSML; ``...`` is a pause, ``{name}`` a placeholder.
        markup: "ssml", "plain" (Markdown is taken away), or "auto": SSML where it has tags.
        values: what stands for the placeholders. A value is words, never markup.
        language: BCP 47 tag, such as "en-IN" or "hi-IN".

    Raises:
        UsageError: no such ``markup``.
        VoiceError: a placeholder without a value, SSML that is not well formed, a text of more than
            ``LONGEST_TEXT`` characters, or breaks of more than ``LONGEST_SILENCE`` together.
    """
    from lipwright.speech.normalization.markdown import strip_markdown
    from lipwright.speech.script.ssml_parser import looks_like_ssml, parse_ssml, to_ssml_text
    from lipwright.speech.script.template import fill_placeholders

    if markup not in ("auto", "plain", "ssml"):
        raise UsageError(f'There is no markup "{markup}": choose auto, plain or ssml.')
    check_length(text)
    if markup == "ssml" or (markup == "auto" and looks_like_ssml(text)):
        segments = parse_ssml(check_length(fill_placeholders(text, values, to_ssml_text)))
    else:
        segments = [Text(check_length(fill_placeholders(strip_markdown(text), values)))]
    _check_silence(segments)
    return Script(tuple(_find_ellipses(segments)), language)


def check_length(text: str) -> str:
    """Return the text; raise VoiceError for one of more than ``LONGEST_TEXT`` characters."""
    if len(text) > LONGEST_TEXT:
        raise VoiceError(
            f"The text has {len(text):,} characters, more than the {LONGEST_TEXT:,} that can be "
            "spoken at once: split it."
        )
    return text


def _check_silence(segments: Sequence[Segment]) -> None:
    seconds = sum(segment.seconds for segment in segments if isinstance(segment, Pause))
    if seconds > LONGEST_SILENCE:
        raise VoiceError(
            f"The breaks of the text last {seconds / 60:.0f} minutes together, more than the "
            f"{LONGEST_SILENCE / 60:.0f} that a speech can have: make them shorter."
        )


def _add_pause(text: str, seconds: float) -> str:
    if text.endswith("...") or (seconds < _SHORT_PAUSE and text[-1] in ".,!?;:…"):
        return text + " "
    return text + ", " if seconds < _SHORT_PAUSE else text.rstrip(".,;:") + "... "


def _find_ellipses(segments: Sequence[Segment]) -> Iterator[Segment]:
    """Turn every "..." into a pause of its own, unless it ends the script."""
    for segment in segments:
        if isinstance(segment, Pause):
            yield segment
            continue
        start = 0
        for match in _ELLIPSIS.finditer(segment.text):
            if match.start() > start:
                yield replace(segment, text=segment.text[start : match.start()])
            yield Pause(ELLIPSIS_SECONDS)
            start = match.end()
        if start < len(segment.text):
            yield replace(segment, text=segment.text[start:])


def _split(script: Script, limit: int, measure: Callable[[Script], int]) -> list[Script]:
    """Cut a script so that ``measure`` of every part is at most ``limit``; see ``Script.split``."""
    if measure(script) <= limit:
        return [script]
    parts: list[list[Segment]] = [[]]
    for piece in _cut_finer(script, limit, measure):
        if parts[-1] and measure(script.with_segments([*parts[-1], piece])) > limit:
            parts.append([])
        parts[-1].append(piece)
    return [script.with_segments(part) for part in parts if any(map(_has_words, part))]


def _cut_finer(script: Script, limit: int, measure: Callable[[Script], int]) -> list[Segment]:
    """Cut segments into sentences, and the sentences that are too long into words."""
    pieces: list[Segment] = []
    for segment in script.segments:
        if isinstance(segment, Pause) or segment.say_as or segment.phonemes:
            pieces.append(segment)
            continue
        for sentence in _cut(segment, _SENTENCES):
            fits = measure(script.with_segments([sentence])) <= limit
            pieces += [sentence] if fits else _cut(sentence, _WORDS)
    for piece in pieces:
        if measure(script.with_segments([piece])) > limit:
            shown = getattr(piece, "text", "")[:30].strip()
            raise VoiceError(
                f'"{shown}..." is too long for this voice to say in one go: write it in sentences.'
            )
    return pieces


def _cut(segment: Text, pattern: re.Pattern[str]) -> list[Text]:
    return [replace(segment, text=match[0]) for match in pattern.finditer(segment.text)]


def _has_words(segment: Segment) -> bool:
    return isinstance(segment, Text) and bool(segment.text.strip())
