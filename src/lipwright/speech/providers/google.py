"""Google Cloud Text-to-Speech: WaveNet, Neural2 and other voices, with a mark before every word.

Marks come back with times only through v1beta1. It is asked over REST: a long sound is larger than
the 4 MiB that a gRPC message may have.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from lipwright.core.errors import VoiceError
from lipwright.speech.providers.audio_response import check_rate, read_sound
from lipwright.speech.providers.base import VoiceInfo, describe_voice, import_sdk
from lipwright.speech.providers.concatenate import check_words
from lipwright.speech.providers.credentials import read_address, read_key
from lipwright.speech.providers.google_errors import TITLE, describe, describe_sign_in
from lipwright.speech.providers.plain_text_requests import Line, Spoken, cut_into_lines, join_spoken
from lipwright.speech.providers.retry import TIMEOUT_SECONDS, with_retries
from lipwright.speech.speech import Speech, Word
from lipwright.speech.timing.provider_timestamps import words_from_marks

if TYPE_CHECKING:
    from lipwright.speech.script.script import Script

SDK = "google.cloud.texttospeech_v1beta1"
CREDENTIALS = "GOOGLE_APPLICATION_CREDENTIALS"
API_KEY = "GOOGLE_API_KEY"
ENDPOINT = "GOOGLE_TTS_ENDPOINT"
"""Environment variable of a regional address: "eu-texttospeech.googleapis.com"."""
LONGEST_INPUT = 5000
"""Bytes of text or SSML in a request, tags included."""
SHORTEST_PAUSE = 1.0
"""Seconds, for voices that take plain text: shorter pauses are left to them, as "..."."""

_MARKS = re.compile(r"-(Standard|Wavenet|Neural2|News|Polyglot|Casual)-")
"""Families that know SSML marks; the others get plain text, and their speech has no words."""
_WITH_LANGUAGE = re.compile(r"[a-z]{2,3}-[A-Z]{2}-", re.IGNORECASE)
_SILENCE = 0.01
_MARGIN_SECONDS = 0.03
_FRAME_SECONDS = 0.01

_TERMS = "Google's terms, paid by the character"
_VOICES = """
    en-IN-Neural2-A f  en-IN-Neural2-B m  en-IN-Neural2-C m  en-IN-Neural2-D f
    en-IN-Wavenet-A f  en-IN-Wavenet-B m  en-IN-Wavenet-C m  en-IN-Wavenet-D f
    en-IN-Wavenet-E f  en-IN-Wavenet-F m  en-IN-Chirp3-HD-Kore f  en-IN-Chirp3-HD-Puck m
    hi-IN-Neural2-A f  hi-IN-Neural2-B m  hi-IN-Neural2-C m  hi-IN-Neural2-D f
    en-GB-Neural2-A f  en-GB-Neural2-B m  en-GB-Neural2-C f  en-GB-Neural2-D m
    en-US-Neural2-C f  en-US-Neural2-D m  en-US-Neural2-F f  en-US-Neural2-J m
""".split()


class GoogleProvider:
    """Speaks through Google Cloud; see `providers.base.Provider`."""

    name = "google"
    version = "v1beta1"

    def voices(self) -> list[VoiceInfo]:
        """Return the well known voices; every other works by its name."""
        genders = {"f": "female", "m": "male"}
        return [
            describe_voice(self.name, name, name[:5], genders[letter], _TERMS)
            for name, letter in zip(_VOICES[::2], _VOICES[1::2], strict=True)
        ]

    def synthesize(
        self, script: Script, voice: str, rate: float = 1.0, language: str = "en-IN"
    ) -> Speech:
        """Speak a script; the speech has words if the voice knows SSML marks."""
        check_words(script)
        import_sdk(SDK, TITLE, "google")
        service = _GoogleService()
        wanted = voice if _WITH_LANGUAGE.match(voice) else f"{language}-{voice}"
        chosen, natural_rate = service.find_voice(wanted)
        if _MARKS.search(chosen):
            pieces = [service.speak_marked(part, chosen, rate) for part in _split(script)]
        else:
            lines = cut_into_lines(script, SHORTEST_PAUSE, LONGEST_INPUT, _count_bytes)
            pieces = [service.speak_plain(line, chosen, rate) for line in lines]
        found = _check_voice({rate for _, rate in pieces if rate}, natural_rate, chosen)
        return join_spoken([piece for piece, _ in pieces], found, script.plain)


class _GoogleService:
    """One client of the SDK, asked again where that helps."""

    def __init__(self) -> None:
        options: dict[str, str] = {}
        if endpoint := read_address(ENDPOINT, bare=True):
            options["api_endpoint"] = endpoint
        key = ""
        if not os.environ.get(CREDENTIALS) and os.environ.get(API_KEY, "").strip():
            key = options["api_key"] = read_key(TITLE, API_KEY)
        self._secrets = [key]
        self._client = with_retries(
            lambda: _make_client(options), describe_sign_in, provider=TITLE, secrets=self._secrets
        )

    def find_voice(self, name: str) -> tuple[str, int]:
        """Return the exact name of a voice and its own sample rate.

        Raises VoiceError where the service does not list it: asked for it all the same, it may
        answer in another voice.
        """
        language = "-".join(name.split("-")[:2])
        answer = self._ask(
            lambda: self._client.list_voices(
                language_code=language, retry=None, timeout=TIMEOUT_SECONDS
            )
        )
        for voice in answer.voices:
            if voice.name.lower() == name.lower():
                return voice.name, voice.natural_sample_rate_hertz
        there = sorted((voice.name for voice in answer.voices), key=_by_family)
        choice = f"choose one of {', '.join(there[:6])}" if there else "choose another language"
        raise VoiceError(f'{TITLE} has no voice "{name}": {choice}.')

    def speak_marked(self, script: Script, voice: str, rate: float) -> tuple[Spoken, int]:
        """Speak SSML with a mark before every word; return the sound and its sample rate."""
        answer = self._speak({"ssml": script.ssml("google", marks=True)}, voice, rate, marks=True)
        samples, found = _read_audio(answer)
        return Spoken(samples, _read_words(script.words, answer.timepoints, samples, found)), found

    def speak_plain(self, line: Line, voice: str, rate: float) -> tuple[Spoken, int]:
        """Speak plain text; return the sound and its sample rate, 0 for silence alone."""
        if not line.text:
            return Spoken(np.zeros(0, np.float32), None, line.silence), 0
        answer = self._speak({"text": line.text}, voice, min(max(rate * line.rate, 0.25), 2.0))
        samples, found = _read_audio(answer)
        return Spoken(samples, None, line.silence), found

    def _speak(self, text: dict[str, str], voice: str, rate: float, marks: bool = False) -> Any:
        # no sample rate: in its own, a voice shows whether it is the right one
        audio: dict[str, Any] = {"audio_encoding": "LINEAR16"}
        if rate != 1.0:  # some voices refuse even the 1
            audio["speaking_rate"] = rate
        request = {
            "input": text,
            "voice": {"language_code": "-".join(voice.split("-")[:2]), "name": voice},
            "audio_config": audio,
            "enable_time_pointing": ["SSML_MARK"] if marks else [],
        }
        return self._ask(
            lambda: self._client.synthesize_speech(
                request=request, retry=None, timeout=TIMEOUT_SECONDS
            )
        )

    def _ask(self, call: Callable[[], Any]) -> Any:
        return with_retries(call, describe, provider=TITLE, secrets=self._secrets)


def _make_client(options: dict[str, str]) -> Any:
    from google.cloud import texttospeech_v1beta1

    return texttospeech_v1beta1.TextToSpeechClient(client_options=options, transport="rest")


def _split(script: Script) -> list[Script]:
    return script.split(LONGEST_INPUT, lambda part: _count_bytes(part.ssml("google", marks=True)))


def _count_bytes(text: str) -> int:
    return len(text.encode())


def _by_family(name: str) -> tuple[int, str]:
    families = ["Neural2", "Wavenet", "Chirp3", "Standard"]
    order = [number for number, family in enumerate(families) if family in name]
    return (order or [len(families)])[0], name


def _read_audio(answer: Any) -> tuple[np.ndarray, int]:
    """Samples and their rate, which the WAV header and the answer's own words must agree on."""
    samples, rate = read_sound(answer.audio_content, TITLE)
    if announced := answer.audio_config.sample_rate_hertz:
        check_rate(rate, announced, TITLE)
    return samples, rate


def _check_voice(found: set[int], natural_rate: int, voice: str) -> int:
    """The sample rate of all parts. Raises VoiceError where it is not the voice's own."""
    for rate in found:
        if len(found) > 1 or rate != (natural_rate or rate):
            raise VoiceError(
                f"{TITLE} answered in another voice than {voice}, whose sound has {natural_rate} "
                f"samples a second and not {rate}: choose another voice."
            )
    return next(iter(found), natural_rate)


def _read_words(
    said: list[str], timepoints: Any, samples: np.ndarray, rate: int
) -> list[Word] | None:
    """Words by the times of their marks; what lost its mark joins the word before."""
    times = {int(point.mark_name): point.time_seconds for point in timepoints}
    marks = sorted(number for number in times if number < len(said))
    if not marks:
        return None
    edges = [0, *marks[1:], len(said)]
    texts = [" ".join(said[a:b]) for a, b in zip(edges, edges[1:], strict=False)]
    starts = [(text, times[mark]) for text, mark in zip(texts, marks, strict=True)]
    words = words_from_marks(" ".join(said), starts, samples.size / rate)
    return [_end_with_sound(word, samples, rate) for word in words]


def _end_with_sound(word: Word, samples: np.ndarray, rate: int) -> Word:
    """A mark does not say where its word ends: the rest before the next is not part of it."""
    begin, end = round(word.start * rate), round(word.end * rate)
    frame = round(_FRAME_SECONDS * rate)
    loud = np.flatnonzero(np.abs(samples[begin:end]) > _SILENCE)
    if loud.size == 0:
        return word
    heard = (begin + loud[-1] + frame) / rate + _MARGIN_SECONDS
    return word._replace(end=min(word.end, heard))
