"""Microsoft Edge's read-aloud voices: no key, MP3, with the time of every word.

They are reached with edge-tts (LGPL-3.0), as the browser reaches them. Microsoft documents no such
use: it may change or end at any time.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from lipwright.core.errors import VoiceError
from lipwright.speech.providers.audio_response import read_sound
from lipwright.speech.providers.base import VoiceInfo, describe_voice, import_sdk
from lipwright.speech.providers.concatenate import check_words, split_spans
from lipwright.speech.providers.plain_text_requests import Line, Spoken, cut_into_lines, join_spoken
from lipwright.speech.providers.retry import (
    TIMEOUT_SECONDS,
    ProviderFailure,
    read_retry_after,
    with_retries,
)
from lipwright.speech.speech import Speech, Word
from lipwright.speech.timing.provider_timestamps import attach_punctuation

if TYPE_CHECKING:
    from lipwright.speech.script.script import Script

Result = TypeVar("Result")

_SERVICE = "Edge"
_TICKS = 10_000_000
"""The service's unit of time, per second."""
_LONGEST_TEXT = 1300
"""Characters in a request: edge-tts cuts at 4096 bytes, anywhere between two words."""
_LAME_DELAY = 1105
"""Samples of silence at the start of LAME's MP3: 576 of its own, 529 of any decoder. FFmpeg takes
them away only where a Xing header tells of them; the service sends none."""
_SHORTEST_PAUSE = 0.6
"""Seconds: a shorter pause stays the "..." or comma that it is in plain text."""
_TAIL_SECONDS = 0.1
"""What is left of the silence after a line's last word, where a pause of ours follows."""

_TERMS = "Microsoft's terms, undocumented use"
_VOICES = (
    ("en-IN-NeerjaNeural", "female"),
    ("en-IN-NeerjaExpressiveNeural", "female"),
    ("en-IN-PrabhatNeural", "male"),
    ("hi-IN-SwaraNeural", "female"),
    ("hi-IN-MadhurNeural", "male"),
    ("en-US-AriaNeural", "female"),
    ("en-US-GuyNeural", "male"),
    ("en-GB-SoniaNeural", "female"),
    ("en-GB-RyanNeural", "male"),
)


class EdgeProvider:
    """The voices of Microsoft Edge through edge-tts."""

    name = "edge"
    version = "1"

    def voices(self) -> list[VoiceInfo]:
        """Return the voices of English and Hindi; any other of Edge's may be named."""
        return [
            describe_voice(self.name, name, name[:5], gender, _TERMS) for name, gender in _VOICES
        ]

    def synthesize(
        self, script: Script, voice: str, rate: float = 1.0, language: str = "en-IN"
    ) -> Speech:
        """Speak a script's plain text with word times; see ``Provider.synthesize``.

        The service takes no markup: emphasis and phonemes are lost. The voice decides the language.
        """
        check_words(script)
        edge_tts = import_sdk("edge_tts", _SERVICE, "edge")
        lines = cut_into_lines(script, _SHORTEST_PAUSE, _LONGEST_TEXT)
        answers = [_speak(edge_tts, line, voice, rate) for line in lines]
        rates = {sample_rate for _, sample_rate in answers if sample_rate}
        if len(rates) > 1:
            raise VoiceError(
                f"{_SERVICE} changed the sample rate in the middle of the speech: try again later."
            )
        return join_spoken([spoken for spoken, _ in answers], rates.pop(), script.plain)


def _speak(edge_tts: Any, line: Line, voice: str, rate: float) -> tuple[Spoken, int]:
    """A line's sound and words, and its sample rate (0 for a line that is only a pause)."""
    if not line.text:
        return Spoken(np.zeros(0, np.float32), None, line.silence), 0

    def ask() -> tuple[bytes, list[Word]]:
        return _wait_for(_listen(edge_tts, line.text, voice, rate * line.rate))

    sound, words = with_retries(ask, _describe, provider=_SERVICE)
    samples, sample_rate = _decode(sound)
    if words and line.silence:
        samples = samples[: round((words[-1].end + _TAIL_SECONDS) * sample_rate)]
    timed = attach_punctuation(line.text, split_spans(words)) if words else None
    return Spoken(samples, timed, line.silence), sample_rate


def _wait_for(coming: Coroutine[Any, Any, Result]) -> Result:
    """What a coroutine returns, also where the caller's thread has a running event loop."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(coming)
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coming).result()


async def _listen(edge_tts: Any, text: str, voice: str, rate: float) -> tuple[bytes, list[Word]]:
    request = edge_tts.Communicate(
        text,
        voice,
        rate=f"{round((rate - 1) * 100):+d}%",
        boundary="WordBoundary",
        receive_timeout=int(TIMEOUT_SECONDS),
    )
    sound, words = bytearray(), []
    async for message in request.stream():
        if message["type"] == "audio":
            sound += message["data"]
        elif message["type"] == "WordBoundary":
            start = message["offset"] / _TICKS
            words.append(Word(start, start + message["duration"] / _TICKS, message["text"]))
    # edge-tts takes a connection lost in mid-speech for its end; at a real end it resets this
    if request.state.get("chunk_audio_bytes"):
        raise ConnectionResetError("the connection was lost before the speech was whole")
    return bytes(sound), words


def _decode(sound: bytes) -> tuple[np.ndarray, int]:
    """Samples that start where the times of the words count from, and their rate."""
    samples, sample_rate = read_sound(sound, _SERVICE)
    told = any(name in sound[:400] for name in (b"Xing", b"Info"))
    if b"LAME" in sound and not told:  # LAME fills what is left of a frame with its name
        samples = samples[min(_LAME_DELAY, samples.size - 1) :]
    return samples, sample_rate


def _describe(error: Exception) -> ProviderFailure | None:
    import aiohttp
    from edge_tts import exceptions

    if isinstance(error, aiohttp.ClientResponseError):
        return _describe_status(error)
    if isinstance(error, aiohttp.ClientError | OSError | TimeoutError | asyncio.TimeoutError):
        words = re.sub(r" ssl:(<.*?>|\w+)", "", str(error)) or "no answer in time"
        return ProviderFailure(words, retryable=True, advice="check the network and try again")
    if isinstance(error, exceptions.NoAudioReceived | exceptions.WebSocketError):
        return ProviderFailure(
            str(error), retryable=True, advice="check the text and the voice, and try again"
        )
    if isinstance(error, exceptions.EdgeTTSException):
        return ProviderFailure(str(error), advice=_UPDATE)
    if isinstance(error, ValueError):  # edge-tts looks at the voice's name before it asks
        return ProviderFailure(str(error), advice="check the voice's name")
    return None


_UPDATE = 'the service may have changed, try pip install --upgrade "edge-tts<8"'


def _describe_status(error: Any) -> ProviderFailure:
    words = f"HTTP {error.status}, {error.message}"
    if error.status == 429 or error.status >= 500:
        wait = read_retry_after(error.headers or {})
        return ProviderFailure(words, retryable=True, retry_after=wait)
    return ProviderFailure(words, advice=_UPDATE)
