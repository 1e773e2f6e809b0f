"""A text, any voice, its speech: read, looked up, spoken by the voice's provider, kept."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import Any

from lipwright.core.cancellation import CancelToken, cancellable
from lipwright.core.errors import LipwrightError, MissingExtraError, VoiceError
from lipwright.media.audio.loudness import set_loudness
from lipwright.speech.cache import SpeechCache, make_key, round_samples
from lipwright.speech.kokoro.chunking import shorten_first
from lipwright.speech.kokoro.synthesizer import (
    OUTPUT_RATE,
    Lexicon,
    Synthesizer,
    check_rate,
    check_text,
    read_entries,
)
from lipwright.speech.language_tag import ACCENTS
from lipwright.speech.normalization.indic_scripts import main_script
from lipwright.speech.providers import PROVIDERS, Provider, create_provider
from lipwright.speech.script.apply_lexicon import apply_lexicon
from lipwright.speech.script.script import Script, read_script
from lipwright.speech.speech import Phone, Speech, Word
from lipwright.speech.streaming import SpeechChunk, StreamingSpeech
from lipwright.speech.timing.provider_timestamps import estimate_phones
from lipwright.speech.voices import DEFAULT_VOICE, VoiceName, parse_language, parse_voice

log = logging.getLogger("lipwright")


def synthesize(
    text: str | Script,
    voice: str = DEFAULT_VOICE,
    rate: float = 1.0,
    lexicon: Lexicon = None,
    progress: Callable[[float], None] | None = None,
    *,
    language: str | None = None,
    markup: str = "auto",
    values: Mapping[str, str] | None = None,
    cache: bool = True,
    cancel: CancelToken | None = None,
) -> Speech:
    """Speak a text.

    Args:
        text: what to say: plain text, Markdown or SSML; numbers, dates, amounts and abbreviations
            are read out. Or a ``Script``, which has its own language.
        voice: "anika", "google:en-IN-Neural2-A" or another name from ``list_voices``.
        rate: speed, 0.5 (half as fast) to 2.0 (twice as fast).
        lexicon: pronunciations of one's own: a file (see ``read_lexicon``) or a mapping.
        progress: called with the part done, 0 to 1.
        language: "en-IN", "hi"; None is the voice's own.
        markup: how to read the text: "auto", "plain" or "ssml".
        values: what stands for the placeholders, such as {name}, of the text.
        cache: take the same line from the cache, and keep it there (see ``SpeechCache``).
        cancel: ends it from another thread; a request to a service is waited for.

    Returns:
        Mono speech at -16 LUFS with the times that the provider gives.

    Raises:
        MissingExtraError: what the voice needs is not installed.
        UsageError: ``rate`` is out of range.
        VoiceError: no such voice or language, nothing to speak, a lexicon that cannot be read, a
            missing key, or a service that refuses.
        Cancelled: by ``cancel``.
    """
    with cancellable(cancel):
        order = _read_order(text, voice, rate, lexicon, language, markup, values)
        return _speak_whole(order, progress, cache)


def begin_speech(
    text: str | Script,
    voice: str = DEFAULT_VOICE,
    rate: float = 1.0,
    lexicon: Lexicon = None,
    progress: Callable[[float], None] | None = None,
    *,
    language: str | None = None,
    markup: str = "auto",
    values: Mapping[str, str] | None = None,
    cache: bool = True,
) -> Speech:
    """Begin to speak a text, and return at once where that can be: arguments as in ``synthesize``.

    An offline voice speaks on in a thread while its first sentences are already used; what is in
    the cache, and what a service sends, is whole when it comes. Sound and times are those of
    ``synthesize``. Raises as it does; what goes wrong in the thread is raised by the speech.
    """
    order = _read_order(text, voice, rate, lexicon, language, markup, values)
    if order.online:
        return _speak_whole(order, progress, cache)
    kept = SpeechCache() if cache else None
    found = kept.get(order.key) if kept else None
    if found is not None:
        _tell_done(progress)
        return found
    speaker = order.load_voice()

    def finish(spoken: Speech) -> Speech:
        whole = speaker.finish(spoken, order.script)
        if kept:
            kept.put(order.key, whole)
        return whole

    chunks = speaker.stream(order.script, rate)
    return StreamingSpeech(chunks, OUTPUT_RATE, finish, progress, speaker.stop)


def stream_speech(
    text: str | Script,
    voice: str = DEFAULT_VOICE,
    rate: float = 1.0,
    lexicon: Lexicon = None,
    *,
    language: str | None = None,
    markup: str = "auto",
    values: Mapping[str, str] | None = None,
    cache: bool = True,
) -> Iterator[SpeechChunk]:
    """Yield the speech of a text as it is made; arguments and errors as in ``synthesize``.

    An offline voice speaks about a sentence at a time and takes nothing from the cache. A service
    answers as a whole: its speech is one chunk.
    """
    order = _read_order(text, voice, rate, lexicon, language, markup, values)
    if not order.online:
        yield from order.load_voice().stream(order.script, rate, shorten_first)
        return
    speech = _speak_whole(order, None, cache)
    yield SpeechChunk(speech.samples, speech.rate, 0.0, speech.phones, 1.0)


@dataclass(frozen=True)
class _Order:
    """All that decides how a speech sounds."""

    script: Script
    voice: VoiceName
    rate: float
    language: str
    lexicon: dict[str, str]
    provider: Provider

    @property
    def online(self) -> bool:
        return PROVIDERS[self.voice.provider].online

    @property
    def key(self) -> str:
        parts: dict[str, Any] = {
            "version": self.provider.version,
            "voice": self.voice.voice,
            "rate": float(self.rate),
            "language": self.language,
            "script": repr(self.script),
            "lexicon": self.lexicon,
        }
        return make_key(self.voice.provider, parts)

    def load_voice(self) -> Synthesizer:
        """Return the offline voice."""
        return Synthesizer(str(self.voice), lexicon=self.lexicon, language=self.language)

    def speak(self, progress: Callable[[float], None] | None) -> Speech:
        """Return the speech as the cache can hold it."""
        speak, voice = self.provider.synthesize, self.voice.voice
        if self.online:
            sent = speak(apply_lexicon(self.script, self.lexicon), voice, self.rate, self.language)
            samples = round_samples(set_loudness(sent.samples, sent.rate))
        else:
            more: dict[str, Any] = {"lexicon": self.lexicon, "progress": progress}
            sent = speak(self.script, voice, self.rate, self.language, **more)
            samples = sent.samples  # rounded chunk by chunk
        return Speech.from_samples(samples, sent.rate, sent.phones, sent.transcript, sent.words)


def _read_order(
    text: str | Script,
    voice: str,
    rate: float,
    lexicon: Lexicon,
    language: str | None,
    markup: str,
    values: Mapping[str, str] | None,
) -> _Order:
    """Checks a request as far as that can be done without speaking."""
    check_rate(rate)
    if isinstance(text, Script):
        name = parse_voice(voice, language or text.language)
        script, tag = text, parse_language(language or text.language, name)
    else:
        name = parse_voice(voice, language)
        tag = parse_language(language, name)
        check_text(text)
        script = read_script(text, markup, values, tag)
    if not any(character.isalnum() for character in script.plain):
        raise VoiceError("Nothing in the text can be spoken: write some words.")
    if not PROVIDERS[name.provider].online:
        _check_script(script)
    entries = read_entries(lexicon)
    provider = create_provider(name.provider)
    return _Order(script, name, rate, tag, entries, provider)


def _check_script(script: Script) -> None:
    """Raise VoiceError for a text that is mostly in a script of which offline voices say names."""
    found = main_script(script.plain)
    if found is not None:
        raise VoiceError(
            f"Most of the text is in the {found.name} script, in which the offline voices read "
            f"names alone: choose a voice that speaks it, such as {' or '.join(found.voices)}."
        )


def _speak_whole(order: _Order, progress: Callable[[float], None] | None, cache: bool) -> Speech:
    speech = _speak_once(order, progress) if cache else order.speak(progress)
    if order.online and speech.phones is None and speech.words:
        # not in the cache: they get better with our dictionaries, and may be installed later
        speech = replace(speech, phones=_estimate(speech.words, order))
    _tell_done(progress)
    return speech


def _tell_done(progress: Callable[[float], None] | None) -> None:
    if progress:
        progress(1.0)


def _speak_once(order: _Order, progress: Callable[[float], None] | None) -> Speech:
    """The speech from the cache; spoken, and kept there, the first time."""
    kept, key = SpeechCache(), order.key
    speech = kept.get(key)
    if speech is not None:
        return speech
    with kept.lock(key) if order.online else nullcontext():
        # another process may have spoken it meanwhile
        speech = kept.get(key) if order.online else None
        if speech is None:
            speech = order.speak(progress)
            kept.put(key, speech)
    return speech


def _estimate(words: Sequence[Word], order: _Order) -> tuple[Phone, ...] | None:
    """Phones inside the words, where lipwright can pronounce the language; else None."""
    from lipwright.speech.g2p.pronouncer import Pronouncer
    from lipwright.speech.normalization.normalize import normalize

    accent = order.language if order.language in ACCENTS else ""
    if not accent and order.language.startswith("en"):
        accent = "en-GB"
    if not accent:
        return None
    try:
        pronouncer = Pronouncer(order.lexicon, accent=accent)
    except MissingExtraError:
        log.info('The extra "voice" would move the lips of %s better.', order.voice)
        return None

    def say(written: str) -> str:
        try:
            return " ".join(pronouncer.pronounce(normalize(written, accent)))
        except LipwrightError:
            return ""

    phones = estimate_phones(words, say)
    return None if phones is None else tuple(phones)
