"""A voice that is kept: its choices made once, its texts spoken at once, or as they come in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from lipwright.core.cancellation import check_cancelled
from lipwright.core.errors import UsageError
from lipwright.core.given import describe
from lipwright.speech.kokoro.chunking import GrowingChunks
from lipwright.speech.kokoro.synthesizer import (
    OUTPUT_RATE,
    Lexicon,
    Synthesizer,
    check_rate,
    check_text,
)
from lipwright.speech.providers import PROVIDERS
from lipwright.speech.script.script import Script, Text, read_script
from lipwright.speech.sentences import whole_sentences
from lipwright.speech.speech import Phone, Speech
from lipwright.speech.streaming import SpeechChunk, StreamingSpeech
from lipwright.speech.synthesis import begin_speech, synthesize
from lipwright.speech.voices import DEFAULT_VOICE, parse_language, parse_voice


@dataclass(frozen=True)
class Voice:
    """A voice with all that is chosen of it; any number of threads may use it.

    The model of the offline voices is loaded once in a process, for all of them.

    Raises:
        UsageError: ``rate`` is out of range.
        VoiceError: no such voice or language.
    """

    name: str = DEFAULT_VOICE
    """"anika", "google:en-IN-Neural2-A" or another name from ``list_voices``."""
    rate: float = field(default=1.0, kw_only=True)
    """Speed, 0.5 to 2.0."""
    language: str | None = field(default=None, kw_only=True)
    """"en-IN", "hi-IN"; None is the voice's own."""
    lexicon: Lexicon = field(default=None, kw_only=True)
    """Pronunciations of one's own: a file or a mapping."""
    cache: bool = field(default=True, kw_only=True)
    """Whether lines are taken from the cache, and kept there."""

    def __post_init__(self) -> None:
        """Check what can be checked without a text."""
        check_rate(self.rate)
        parse_language(self.language, parse_voice(self.name, self.language))

    @property
    def is_offline(self) -> bool:
        """Whether it speaks here, and so texts that come in pieces."""
        return not PROVIDERS[parse_voice(self.name, self.language).provider].online

    def synthesize(self, text: str | Script, **more: Any) -> Speech:
        """Speak a text: see ``lipwright.synthesize``, also for more arguments."""
        return synthesize(text, self.name, self.rate, self.lexicon, **self._chosen(more))

    def begin(self, text: str | Script, **more: Any) -> Speech:
        """Begin to speak a text: see ``lipwright.begin_speech``, also for more arguments."""
        return begin_speech(text, self.name, self.rate, self.lexicon, **self._chosen(more))

    def speak_pieces(self, pieces: Iterable[str], *, early: bool = False) -> StreamingSpeech:
        """Speak a text while it is still being written, such as by a language model.

        Each sentence is spoken as soon as it is whole, so frames can be had before the text ends.
        Nothing is taken from the cache, or kept there.

        Args:
            pieces: plain text or Markdown, cut anywhere, taken in a thread; no SSML.
            early: whether long sentences are cut, so that the beginning is there sooner, and each
                part while the one before it is heard.

        Raises:
            UsageError: a voice of a service, or, where somebody waits, a piece that is no text.
            VoiceError: where somebody waits, a text of which nothing can be spoken.
        """
        name = parse_voice(self.name, self.language)
        if not self.is_offline:
            raise UsageError(
                f'The voice "{name}" speaks whole texts alone: choose an offline voice, such as '
                f'"{DEFAULT_VOICE}".'
            )
        if isinstance(pieces, str) or not isinstance(pieces, Iterable):
            raise UsageError(
                f"The pieces of the text are {describe(pieces)}: give an iterable of str."
            )
        language = parse_language(self.language, name)
        speaker = Synthesizer(str(name), lexicon=self.lexicon, language=language)
        said: list[str] = []

        def finish(spoken: Speech) -> Speech:
            return speaker.finish(spoken, Script((Text(" ".join(said)),), language))

        chunks = self._chunks(speaker, pieces, said, language, early)
        return StreamingSpeech(chunks, OUTPUT_RATE, finish, stop=speaker.stop)

    def _chosen(self, more: dict[str, Any]) -> dict[str, Any]:
        return {"language": self.language, "cache": self.cache, **more}

    def _chunks(
        self,
        speaker: Synthesizer,
        pieces: Iterable[str],
        said: list[str],
        language: str,
        early: bool,
    ) -> Iterator[SpeechChunk]:
        """The chunks of all sentences on one clock; their words are added to `said`."""
        start = 0.0
        cut = GrowingChunks().cut if early else iter
        for sentence in whole_sentences(_checked(pieces)):
            script = read_script(sentence, "plain", language=language)
            if not any(character.isalnum() for character in script.plain):
                continue
            said.append(" ".join(script.plain.split()))
            begin = start
            for chunk in speaker.stream(script, self.rate, cut):
                phones = tuple(
                    Phone(begin + phone.start, begin + phone.end, phone.symbol)
                    for phone in chunk.phones or ()
                )
                yield SpeechChunk(chunk.samples, chunk.rate, begin + chunk.start, phones, 0.0)
                start += chunk.samples.size / chunk.rate
        if not start:
            check_text("")


def _checked(pieces: Iterable[str]) -> Iterator[str]:
    for piece in pieces:
        check_cancelled()
        if not isinstance(piece, str):
            raise UsageError(f"A piece of the text is {describe(piece)}: give str alone.")
        yield piece
