"""Azure AI Speech: PCM sound with the times of words and visemes, through Microsoft's Speech SDK.

Viseme numbers: "Map phonemes to visemes" in the service's documentation.
"""

from __future__ import annotations

import os
import re
import socket
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lipwright.core.errors import VoiceError
from lipwright.speech.providers.audio_response import read_pcm16
from lipwright.speech.providers.base import VoiceInfo, describe_voice, import_sdk
from lipwright.speech.providers.concatenate import check_words, join_speeches, split_spans
from lipwright.speech.providers.credentials import read_address, read_key, read_region
from lipwright.speech.providers.retry import TIMEOUT_SECONDS, ProviderFailure, with_retries
from lipwright.speech.speech import Speech, Word
from lipwright.speech.timing.provider_timestamps import (
    SILENCE,
    attach_punctuation,
    phones_from_visemes,
)

if TYPE_CHECKING:
    from lipwright.speech.script.script import Script

_SERVICE = "Azure"
_RATE = 24000
_TICKS = 10_000_000
"""The service's unit of time, per second."""
_MAX_CHARACTERS = 6000
"""Of a request: the service speaks at most ten minutes at a time."""
_POLL_SECONDS = 0.2
_TOLERANCE = 0.1
"""Seconds by which the times of a speech may run past its sound."""

_VISEMES = {
    0: SILENCE, 1: "ə", 2: "ɑ", 3: "ɔ", 4: "ɛ", 5: "ɜ", 6: "i", 7: "u", 8: "o", 9: "W", 10: "Y",
    11: "I", 12: "h", 13: "ɹ", 14: "l", 15: "s", 16: "ʃ", 17: "ð", 18: "f", 19: "t", 20: "k",
    21: "p",
}  # fmt: skip
"""Each as one of its sounds: 21 is also b and m, 7 also w, 1 also æ and ʌ.

Ten sentences of Kokoro, whose exact phones were reduced to these, moved the lips nearly alike:
correlation of gap, spread and rounding 0.97, 0.92 and 1.00; from the sound 0.77, 0.63 and 0.66
(benchmarks/visemes.py).
"""
_INDIAN_VISEMES = _VISEMES | {13: "ɾ"}
"""Indian English taps its r without rounding the lips."""
_UNKNOWN_VISEME = "ə"

_TERMS = "Microsoft's terms, paid by the character"
_VOICES = (
    ("en-IN-NeerjaNeural", "female"),
    ("en-IN-PrabhatNeural", "male"),
    ("en-IN-AaravNeural", "male"),
    ("en-IN-AashiNeural", "female"),
    ("en-IN-AnanyaNeural", "female"),
    ("en-IN-KavyaNeural", "female"),
    ("en-IN-KunalNeural", "male"),
    ("en-IN-RehaanNeural", "male"),
    ("hi-IN-SwaraNeural", "female"),
    ("hi-IN-MadhurNeural", "male"),
    ("en-US-JennyNeural", "female"),
    ("en-US-GuyNeural", "male"),
    ("en-GB-SoniaNeural", "female"),
    ("en-GB-RyanNeural", "male"),
)


class AzureProvider:
    """Azure AI Speech, with a key and a region or an endpoint of one's own."""

    name = "azure"
    version = "1"

    def voices(self) -> list[VoiceInfo]:
        """Return the voices of English and Hindi; any other of Azure's may be named."""
        return [
            describe_voice(self.name, name, name[:5], gender, _TERMS) for name, gender in _VOICES
        ]

    def synthesize(
        self, script: Script, voice: str, rate: float = 1.0, language: str = "en-IN"
    ) -> Speech:
        """Speak a script with word and viseme times; see ``Provider.synthesize``."""
        check_words(script)
        sdk = import_sdk("azure.cognitiveservices.speech", _SERVICE, "azure")
        key = read_key(_SERVICE, "AZURE_SPEECH_KEY")
        config = _configure(sdk, key)

        symbols = _INDIAN_VISEMES if voice[2:5] == "-IN" else _VISEMES

        def write(piece: Script) -> str:
            return piece.ssml("azure", voice=voice, rate=rate)

        def speak(piece: Script) -> Speech:
            ssml = write(piece)
            answer = with_retries(
                lambda: _ask(sdk, config, ssml), _describe, provider=_SERVICE, secrets=[key]
            )
            return _read_answer(answer, piece.plain, symbols)

        parts = script.split(_MAX_CHARACTERS, lambda piece: len(write(piece)))
        return join_speeches([speak(part) for part in parts], script.plain, _SERVICE)


@dataclass
class _Answer:
    """What comes for one request; the SDK's own thread fills the lists."""

    sound: bytes = b""
    words: list[Word] = field(default_factory=list)
    visemes: list[tuple[float, int]] = field(default_factory=list)
    latest: float = field(default_factory=time.monotonic)
    """When something came."""


class _Refusal(Exception):
    """A request that was cancelled: with the SDK's error code and the service's words."""

    def __init__(self, code: Any, words: str) -> None:
        super().__init__(words)
        self.code = code


def _configure(sdk: Any, key: str) -> Any:
    if endpoint := read_address("AZURE_SPEECH_ENDPOINT", ("https", "wss", "http", "ws")):
        place = {"endpoint": endpoint}
    elif region := read_region("AZURE_SPEECH_REGION", "[a-z][a-z0-9]{3,31}", "centralindia"):
        with_retries(lambda: _find_host(region), _describe, provider=_SERVICE, secrets=[key])
        place = {"region": region}
    else:
        raise VoiceError(
            f"{_SERVICE} needs to know where your key is valid: put its region, such as "
            "centralindia, in the environment variable AZURE_SPEECH_REGION."
        )
    config = sdk.SpeechConfig(subscription=key, **place)
    config.set_speech_synthesis_output_format(sdk.SpeechSynthesisOutputFormat.Raw24Khz16BitMonoPcm)
    return config


def _find_host(region: str) -> None:
    """Look for the service of a region: the SDK itself tries for a minute, four times over.

    Raises socket.gaierror.
    """
    clouds = {"china": "azure.cn", "usgov": "azure.us", "usdod": "azure.us"}
    socket.getaddrinfo(f"{region}.tts.speech.{clouds.get(region[:5], 'microsoft.com')}", 443)


def _ask(sdk: Any, config: Any, ssml: str) -> _Answer:
    answer, ended = _Answer(), threading.Event()
    synthesizer = sdk.SpeechSynthesizer(config, None)

    def add_word(event: Any) -> None:
        answer.latest = time.monotonic()
        if event.boundary_type == sdk.SpeechSynthesisBoundaryType.Word:
            start = event.audio_offset / _TICKS
            answer.words.append(Word(start, start + event.duration.total_seconds(), event.text))

    def add_viseme(event: Any) -> None:
        answer.latest = time.monotonic()
        answer.visemes.append((event.audio_offset / _TICKS, event.viseme_id))

    signals = {
        synthesizer.synthesis_word_boundary: add_word,
        synthesizer.viseme_received: add_viseme,
        synthesizer.synthesis_completed: lambda _: ended.set(),
        synthesizer.synthesis_canceled: lambda _: ended.set(),
    }
    for signal, receive in signals.items():
        signal.connect(receive)
    try:
        coming = synthesizer.speak_ssml_async(ssml)
        # get() knows no timeout, and returns before the last events, which must not reach an
        # interpreter that is going
        while not ended.wait(_POLL_SECONDS):
            if time.monotonic() - answer.latest > TIMEOUT_SECONDS:
                synthesizer.stop_speaking_async().get()
                raise TimeoutError("no answer in time")
        result = coming.get()
    finally:
        for signal in signals:
            signal.disconnect_all()
    if result.reason == sdk.ResultReason.Canceled:
        details = result.cancellation_details
        raise _Refusal(details.error_code, details.error_details)
    answer.sound = result.audio_data
    return answer


def _read_answer(answer: _Answer, text: str, symbols: dict[int, str]) -> Speech:
    samples = read_pcm16(answer.sound, _SERVICE)
    duration = samples.size / _RATE
    times = [word.end for word in answer.words] + [start for start, _ in answer.visemes]
    if max(times, default=0.0) > duration + _TOLERANCE:
        # raw PCM does not say its rate: sound of another one, or cut short, does not fit its times
        raise VoiceError(
            f"{_SERVICE} sent {duration:.1f} s of sound but times up to {max(times):.1f} s, so it "
            f"is cut short or not of {_RATE} samples a second: try again, or choose another voice."
        )
    shapes = [(start, symbols.get(number, _UNKNOWN_VISEME)) for start, number in answer.visemes]
    return Speech.from_samples(
        samples,
        _RATE,
        phones=phones_from_visemes(shapes, duration) if shapes else None,
        words=attach_punctuation(text, split_spans(answer.words)) if answer.words else None,
        transcript=text,
    )


def _describe(error: Exception) -> ProviderFailure | None:
    if isinstance(error, socket.gaierror):
        return ProviderFailure(
            f"its address is not known, {error.strerror}",
            retryable=error.errno == socket.EAI_AGAIN,
            advice=f"check the network and {_place()}",
        )
    if isinstance(error, TimeoutError):
        return ProviderFailure(str(error), retryable=True)
    if isinstance(error, RuntimeError):  # the SDK itself: its first line, then a stack of C++
        words = (str(error).splitlines() or [""])[0]
        return ProviderFailure(words, advice="see what Microsoft's Speech SDK needs here")
    if not isinstance(error, _Refusal):
        return None
    words, name = _clean(str(error)), error.code.name
    if name in ("AuthenticationFailure", "Forbidden"):
        return ProviderFailure(words, advice=f"check AZURE_SPEECH_KEY and {_place()}")
    if name == "ConnectionFailure":
        return ProviderFailure(words, retryable=True, advice=f"check the network and {_place()}")
    if name == "BadRequest":
        return ProviderFailure(words, advice="check the voice and the text")
    return ProviderFailure(words, retryable=True)


def _place() -> str:
    """The variable that says where the key is valid."""
    has_endpoint = os.environ.get("AZURE_SPEECH_ENDPOINT", "").strip()
    return "AZURE_SPEECH_ENDPOINT" if has_endpoint else "AZURE_SPEECH_REGION"


def _clean(details: str) -> str:
    """The SDK's words without the address, the headers and the state it adds."""
    lines = details.partition(" USP state")[0].splitlines()
    return " ".join(line for line in lines if not re.match(r"wss?://|X-[A-Za-z-]+: ", line))
