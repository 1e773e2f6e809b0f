"""gTTS: the voice of Google Translate, free and without a key, for tries rather than for a service.

The interface is Google's own and unofficial: it has no voices but one per language and domain, no
speed, no times and no promise; Google stops those who ask too often.
"""

from __future__ import annotations

import base64
import binascii
import re
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from lipwright.core.errors import VoiceError
from lipwright.media.audio.resample import resample
from lipwright.speech.providers.audio_response import read_sound
from lipwright.speech.providers.base import VoiceInfo, describe_voice, import_sdk
from lipwright.speech.providers.concatenate import check_words
from lipwright.speech.providers.error_text import innermost_reason
from lipwright.speech.providers.plain_text_requests import Line, Spoken, cut_into_lines, join_spoken
from lipwright.speech.providers.retry import (
    TIMEOUT_SECONDS,
    ProviderFailure,
    read_retry_after,
    with_retries,
)
from lipwright.speech.providers.time_stretch import change_tempo
from lipwright.speech.speech import Speech

if TYPE_CHECKING:
    from lipwright.speech.script.script import Script

TITLE = "gTTS"
RATE = 24000
"""Samples per second of its MP3."""
SHORTEST_PAUSE = 0.5
"""Seconds: it makes no more of "..." than of a comma."""
LONGEST_TEXT = 5000
"""Characters; gTTS itself asks for a hundred at a time."""
INDIA = "co.in"
_AUDIO = re.compile(r'jQ1olc","\[\\"(.*?)\\"]')
_SILENCE = 0.003
_REST_SECONDS = 0.1
"""What is kept of the silence around each hundred characters."""

_LICENCE = "Google's terms, unofficial use"
_VOICES = (
    ("en-IN", "en", INDIA),
    ("hi-IN", "hi", INDIA),
    ("en-GB", "en", "co.uk"),
    ("en-US", "en", "us"),
)


class GttsProvider:
    """Speaks through Google Translate; see `providers.base.Provider`."""

    name = "gtts"
    version = "translate"

    def voices(self) -> list[VoiceInfo]:
        """List one voice per accent; other languages work by their code, "ta", "bn"."""
        return [describe_voice(self.name, name, name, "female", _LICENCE) for name, *_ in _VOICES]

    def synthesize(
        self, script: Script, voice: str, rate: float = 1.0, language: str = "en-IN"
    ) -> Speech:
        """Speak a script. The speech has no times; its speed is changed afterwards."""
        check_words(script)
        import_sdk("gtts", TITLE, "gtts")
        spoken_language, domain = _find_voice(voice)
        lines = cut_into_lines(script, SHORTEST_PAUSE, LONGEST_TEXT)
        pieces = [_speak(line, spoken_language, domain, rate * line.rate) for line in lines]
        return join_spoken(pieces, RATE, script.plain)


def _find_voice(name: str) -> tuple[str, str]:
    """The language and the Google domain of a voice. Raises VoiceError for an unknown one."""
    from gtts.lang import tts_langs

    for known, language, domain in _VOICES:
        if name.lower() in (known.lower(), domain):
            return language, domain
    languages = {code.lower(): code for code in tts_langs()}
    code = name.lower() if name.lower() in languages else name.lower().removesuffix("-in")
    if code in languages:
        return languages[code], INDIA
    raise VoiceError(
        f'{TITLE} has no voice "{name}": choose one of {", ".join(v[0] for v in _VOICES)}, '
        "or the code of a language."
    )


def _speak(line: Line, language: str, domain: str, factor: float) -> Spoken:
    from gtts import gTTS

    if not line.text:
        return Spoken(np.zeros(0, np.float32), None, line.silence)
    speaker = gTTS(line.text, tld=domain, lang=language, lang_check=False)
    requests = speaker._prepare_requests()
    parts = [
        with_retries(partial(_ask, speaker, request), describe, provider=TITLE)
        for request in requests
    ]
    samples = np.concatenate([_read_part(part) for part in parts])
    return Spoken(change_tempo(samples, RATE, factor), None, line.silence)


def _ask(speaker: Any, request: Any) -> bytes:
    """The MP3 of one request; gTTS's own `stream` would not check the server's certificate."""
    import requests
    from gtts import gTTSError

    with requests.Session() as session:
        settings = session.merge_environment_settings(request.url, {}, None, None, None)
        answer = session.send(request, timeout=TIMEOUT_SECONDS, **settings)
    found = _AUDIO.search(answer.text)
    if answer.status_code != 200 or found is None:
        raise gTTSError(tts=speaker, response=answer)
    try:
        return base64.b64decode(found[1], validate=True)
    except binascii.Error:
        raise VoiceError(f"{TITLE} sent sound that cannot be read: try again later.") from None


def describe(error: Exception) -> ProviderFailure | None:
    """Return what an exception of gTTS or of requests means."""
    import requests
    from gtts import gTTSError

    if isinstance(error, requests.exceptions.SSLError):
        return ProviderFailure(
            innermost_reason(error), advice="check the connection and its certificates"
        )
    if isinstance(error, requests.exceptions.RequestException):
        return ProviderFailure(innermost_reason(error), True, advice="check the connection")
    if not isinstance(error, gTTSError):
        return None
    status = error.rsp.status_code
    if status == 429:
        advice = "wait some hours, or choose another voice"
    else:
        advice = "try again later, or choose another voice"
    return ProviderFailure(
        words=error.msg or f"status {status}",
        retryable=status == 429 or status >= 500,
        retry_after=read_retry_after(error.rsp.headers),
        advice=advice,
    )


def _read_part(data: bytes) -> np.ndarray:
    """The samples of a part, with at most a little of the silence at either end."""
    samples, rate = read_sound(data, TITLE)
    samples = resample(samples, rate, RATE)
    loud = np.flatnonzero(np.abs(samples) > _SILENCE)
    rest = round(_REST_SECONDS * RATE)
    if loud.size == 0:
        return samples[:rest]
    return samples[max(0, loud[0] - rest) : loud[-1] + rest]
