"""ElevenLabs: multilingual voices, with the time of every character.

The text goes to `/v1/text-to-speech/{voice_id}/with-timestamps` as plain text; long pauses and
changes of speed are made here. The sound is raw PCM, which says nothing of its own rate: it is
checked against the character times.
"""

from __future__ import annotations

import base64
import binascii
import logging
import os
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from lipwright.core.errors import VoiceError
from lipwright.media.audio.resample import resample
from lipwright.speech.providers.audio_response import read_pcm16, read_sound
from lipwright.speech.providers.base import VoiceInfo, describe_voice, import_sdk
from lipwright.speech.providers.concatenate import check_words
from lipwright.speech.providers.credentials import read_address, read_key
from lipwright.speech.providers.error_text import strip_html
from lipwright.speech.providers.plain_text_requests import Line, Spoken, cut_into_lines, join_spoken
from lipwright.speech.providers.retry import ProviderFailure, read_retry_after, with_retries
from lipwright.speech.providers.time_stretch import change_tempo, change_word_tempo
from lipwright.speech.speech import Phone, Speech, Word
from lipwright.speech.timing.provider_timestamps import words_from_characters
from lipwright.speech.timing.word_alignment import words_from_phones

if TYPE_CHECKING:
    from lipwright.speech.script.script import Script

TITLE = "ElevenLabs"
KEY = "ELEVENLABS_API_KEY"
BASE_URL = "ELEVENLABS_BASE_URL"
"""Environment variable of another address, such as the one for data that stays in India."""
MODEL = "ELEVENLABS_MODEL"
"""Environment variable of another model than DEFAULT_MODEL."""
DEFAULT_MODEL = "eleven_multilingual_v2"
RATE = 24000
"""Samples per second; 44100 takes a dearer plan."""
SLOWEST, FASTEST = 0.7, 1.2
"""What the service itself can do; the rest is done to the sound."""
LONGEST_TEXT = 2500
"""Characters in a request: the service takes 10,000, but voices drift in long ones."""
CONTEXT = 300
"""Characters before and after a request that the service is told for the melody."""
SHORTEST_PAUSE = 1.0
"""Seconds: shorter pauses are left to the voice, as "..."."""
TIMEOUT_SECONDS = 180
"""The whole sound comes in one answer: a long text takes a minute."""

_VOICE_ID = re.compile(r"[A-Za-z0-9]{20}")
_LIBRARY = "ElevenLabs' terms, paid plans"
_DEFAULT = "ElevenLabs' terms"
_VOICES = (
    ("monika", "2zRM7PkgwBPiau2jvVXc", "en-IN", "female", _LIBRARY),
    ("raju", "zT03pEAEi0VHKciJODfn", "hi-IN", "male", _LIBRARY),
    ("sarah", "EXAVITQu4vr4xnSDxMaL", "en-US", "female", _DEFAULT),
    ("jessica", "cgSgspJ2msm6clMCkdW9", "en-US", "female", _DEFAULT),
    ("laura", "FGY2WhTYpPnrIDTdsKH5", "en-US", "female", _DEFAULT),
    ("brian", "nPczCjzI2devNBz1zQrb", "en-US", "male", _DEFAULT),
    ("eric", "cjVigY5qzO86Huf0OWal", "en-US", "male", _DEFAULT),
    ("alice", "Xb7hH8MSUJpSbSDYk0k2", "en-GB", "female", _DEFAULT),
    ("lily", "pFZP5JQG7iQjIQuC4Bku", "en-GB", "female", _DEFAULT),
    ("george", "JBFqnCBsd6RMkjVDRZzb", "en-GB", "male", _DEFAULT),
    ("daniel", "onwK4e9ZLuTAKqWW03F9", "en-GB", "male", _DEFAULT),
)

log = logging.getLogger("lipwright")


class ElevenLabsProvider:
    """Speaks through the ElevenLabs API; see `providers.base.Provider`."""

    name = "elevenlabs"

    def __init__(self) -> None:
        self.version = os.environ.get(MODEL, "").strip() or DEFAULT_MODEL

    def voices(self) -> list[VoiceInfo]:
        """List the voices known by name here; any other of the account works by name or id."""
        return [
            describe_voice(self.name, name, language, gender, licence)
            for name, _, language, gender, licence in _VOICES
        ]

    def synthesize(
        self, script: Script, voice: str, rate: float = 1.0, language: str = "en-IN"
    ) -> Speech:
        """Speak a script; the speech has words unless the service sends no character times."""
        check_words(script)
        import_sdk("elevenlabs", TITLE, "elevenlabs")
        service = _ElevenLabsService(read_key(TITLE, KEY), self.version)
        voice_id = _known_id(voice) or service.find_voice(voice)
        lines = cut_into_lines(script, SHORTEST_PAUSE, LONGEST_TEXT)
        texts = [line.text for line in lines]
        pieces = []
        for number, line in enumerate(lines):
            before, after = " ".join(texts[:number]), " ".join(texts[number + 1 :])
            around = before[-CONTEXT:].strip(), after[:CONTEXT].strip()
            pieces.append(service.speak(line, voice_id, rate * line.rate, around))
        return join_spoken(pieces, RATE, script.plain)


class _ElevenLabsService:
    """One client of the SDK, asked again where that helps."""

    def __init__(self, key: str, model: str) -> None:
        from elevenlabs.client import ElevenLabs

        self._key = key
        self._model = model
        self._client = ElevenLabs(
            api_key=key,
            base_url=read_address(BASE_URL),
            timeout=TIMEOUT_SECONDS,
            # to another host httpx would send the key along
            follow_redirects=False,
        )

    def find_voice(self, name: str) -> str:
        """Return the id of a voice in the user's account. Raises VoiceError where there is none."""
        found = self._ask(
            lambda: self._client.voices.search(
                search=name, page_size=100, request_options={"max_retries": 0}
            )
        )
        names = {(voice.name or "").lower(): voice.voice_id for voice in found.voices or ()}
        for known, voice_id in names.items():
            # names are often "Name - what it is good for"
            if name.lower() in (known, known.split(" - ")[0].strip()):
                return str(voice_id)
        raise VoiceError(
            f'{TITLE} has no voice "{name}" in your account: add it there, or choose one of '
            f"{', '.join(voice[0] for voice in _VOICES)}."
        )

    def speak(self, line: Line, voice_id: str, factor: float, around: tuple[str, str]) -> Spoken:
        """Send one request, at RATE. factor: speed. around: the text before and after the line."""
        from elevenlabs.types import VoiceSettings

        if not line.text:
            return Spoken(np.zeros(0, np.float32), None, line.silence)
        speed = min(max(factor, SLOWEST), FASTEST)
        # version 3 refuses a request that tells of the text around it
        before, after = ("", "") if self._model.startswith("eleven_v3") else around
        options: dict[str, Any] = {
            "voice_settings": VoiceSettings(speed=speed) if speed != 1.0 else None,
            "previous_text": before,
            "next_text": after,
        }
        answer = self._ask(
            lambda: self._client.text_to_speech.convert_with_timestamps(
                voice_id,
                text=line.text,
                model_id=self._model,
                output_format=f"pcm_{RATE}",
                request_options={"max_retries": 0},
                **{name: value for name, value in options.items() if value},
            )
        )
        samples = _read_audio(answer)
        words = _read_words(answer, line.text)
        _check_length(samples, words)
        samples = change_tempo(samples, RATE, factor / speed)
        return Spoken(samples, change_word_tempo(words, factor / speed), line.silence)

    def _ask(self, call: Callable[[], Any]) -> Any:
        return with_retries(call, describe, provider=TITLE, secrets=[self._key])


def describe(error: Exception) -> ProviderFailure | None:
    """Return what an exception of the SDK means."""
    import httpx
    from elevenlabs.core import ApiError

    if isinstance(error, httpx.UnsupportedProtocol | httpx.InvalidURL):
        return ProviderFailure(str(error), advice=f"check {BASE_URL}")
    if isinstance(error, httpx.TransportError):
        return ProviderFailure(
            str(error) or type(error).__name__, True, advice="check the connection"
        )
    if isinstance(error, (TypeError, ValueError, AttributeError)):  # the SDK reading the answer
        return ProviderFailure("its answer cannot be read", retryable=True)
    if not isinstance(error, ApiError):
        return None
    status = error.status_code or 0
    code, words = _read_detail(error.body)
    return ProviderFailure(
        words=words or f"status {status}",
        retryable=status in (408, 409, 425, 429) or status >= 500 or 200 <= status < 300,
        retry_after=read_retry_after(error.headers or {}),
        advice=_advise(status, code),
    )


def _read_detail(body: Any) -> tuple[str, str]:
    """The code and the words of an error: {"detail": {"status", "message"}}, a list of them, ..."""
    detail = body.get("detail", body) if isinstance(body, dict) else body
    if isinstance(detail, list) and detail:
        detail = detail[0]
    if isinstance(detail, dict):
        code = detail.get("status") or detail.get("code") or ""
        return str(code), str(detail.get("message") or detail.get("msg") or code)
    return "", strip_html(str(detail or ""))


def _advise(status: int, code: str) -> str:
    if "quota" in code:
        return "buy credits, wait for the next month, or choose another voice"
    if "model" in code:
        return f"check {MODEL}"
    if status == 401:
        return f"check {KEY}"
    if status == 402:
        return "take a larger plan, or choose another voice"
    if status in (400, 403, 404, 422):
        return "choose another voice, or see what your plan and key allow"
    return "try again later"


def _known_id(voice: str) -> str | None:
    for name, voice_id, *_ in _VOICES:
        if voice.lower() == name:
            return voice_id
    return voice if _VOICE_ID.fullmatch(voice) else None


def _read_audio(answer: Any) -> np.ndarray:
    """The sound of an answer at RATE, whatever the service wrapped it in."""
    try:
        data = base64.b64decode(getattr(answer, "audio_base_64", None) or "", validate=True)
    except (binascii.Error, TypeError, ValueError):
        raise VoiceError(f"{TITLE} sent sound that cannot be read: try again later.") from None
    if not data.startswith((b"RIFF", b"ID3", b"OggS")):
        return read_pcm16(data, TITLE)
    samples, rate = read_sound(data, TITLE)
    return resample(samples, rate, RATE)


def _read_words(answer: Any, text: str) -> list[Word] | None:
    """The words of the text by the times of its characters, or of those that stand for them."""
    characters = _read_alignment(getattr(answer, "alignment", None))
    if characters:
        return words_from_characters(*zip(*characters, strict=True)) or None
    characters = _read_alignment(getattr(answer, "normalized_alignment", None))
    if not characters:
        log.info("%s sent no times: the lips follow the sound.", TITLE)
        return None
    phones = [Phone(start, end, _plain_letter(letter)) for letter, start, end in characters]
    return words_from_phones(phones, text, _plain_letters) or None


def _read_alignment(alignment: Any) -> list[tuple[str, float, float]]:
    """Character, start and end (s) each; nothing where null comes, or what does not fit."""
    characters = getattr(alignment, "characters", None) or []
    starts = getattr(alignment, "character_start_times_seconds", None) or []
    ends = getattr(alignment, "character_end_times_seconds", None) or []
    if not len(characters) == len(starts) == len(ends):
        return []
    return list(zip(characters, map(float, starts), map(float, ends), strict=True))


def _plain_letters(word: str) -> str:
    return "".join(letter for letter in word.lower() if letter.isalnum() or letter == "'")


def _plain_letter(letter: str) -> str:
    return _plain_letters(letter) or " "


def _check_length(samples: np.ndarray, words: list[Word] | None) -> None:
    """Raises VoiceError where the sound is too short or too long for its times: another rate."""
    if not words:
        return
    spoken = words[-1].end
    heard = (np.flatnonzero(np.abs(samples) > 0.005)[-1:] + 1).sum() / RATE
    if spoken > 1.1 * samples.size / RATE + 0.25 or heard > 1.25 * spoken + 1.0:
        raise VoiceError(
            f"{TITLE} sent {samples.size / RATE:.1f} s of sound for {spoken:.1f} s of words, so "
            f"its sample rate is not the {RATE} asked for: try again, or choose another voice."
        )
