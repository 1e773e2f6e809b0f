"""Microsoft Edge's read-aloud voices: no key, MP3, with the time of every word.

They are reached with edge-tts (LGPL-3.0), as the browser reaches them. Microsoft documents no such
use: it may change or end at any time.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from lipwright.speech.base import Speech, Word
from lipwright.speech.providers.base import VoiceInfo, import_sdk
from lipwright.speech.providers.pieces import join_speeches
from lipwright.speech.providers.retry import (
    TIMEOUT_SECONDS,
    ProviderFailure,
    read_retry_after,
    with_retries,
)
from lipwright.speech.providers.sound import read_sound
from lipwright.speech.timeline import attach_punctuation

if TYPE_CHECKING:
    from lipwright.speech.script import Script

_SERVICE = "Edge"
_TICKS = 10_000_000
"""The service's unit of time, per second."""
_MOST_BYTES = 3000
"""Of a request, escaped: edge-tts cuts longer ones anywhere between two words, at 4096."""

_TERMS = "Microsoft's terms, undocumented use"
_VOICES = (
    ("en-IN-NeerjaNeural", "Indian English", "female"),
    ("en-IN-NeerjaExpressiveNeural", "Indian English", "female"),
    ("en-IN-PrabhatNeural", "Indian English", "male"),
    ("hi-IN-SwaraNeural", "Hindi", "female"),
    ("hi-IN-MadhurNeural", "Hindi", "male"),
    ("en-US-AriaNeural", "American English", "female"),
    ("en-US-GuyNeural", "American English", "male"),
    ("en-GB-SoniaNeural", "British English", "female"),
    ("en-GB-RyanNeural", "British English", "male"),
)


class EdgeProvider:
    """The voices of Microsoft Edge through edge-tts."""

    name = "edge"
    version = "1"

    def voices(self) -> list[VoiceInfo]:
        """The voices of English and Hindi; any other of Edge's may be named."""
        return [
            VoiceInfo(name, self.name, name[:5], accent, gender, _TERMS)
            for name, accent, gender in _VOICES
        ]

    def synthesize(
        self, script: Script, voice: str, rate: float = 1.0, language: str = "en-IN"
    ) -> Speech:
        """Speaks a script's plain text with word times; see ``Provider.synthesize``.

        The service takes no markup: a pause is "...", emphasis and phonemes are lost. The voice
        decides the language.
        """
        edge_tts = import_sdk("edge_tts", _SERVICE, "edge")

        def size(piece: Script) -> int:
            return len(escape(piece.plain).encode())

        pieces = [
            _speak(edge_tts, piece.plain, voice, rate) for piece in script.split(_MOST_BYTES, size)
        ]
        return join_speeches(pieces, script.plain, _SERVICE)


def _speak(edge_tts: Any, text: str, voice: str, rate: float) -> Speech:
    def ask() -> tuple[bytes, list[Word]]:
        # in a thread of its own, because the caller's may have a running event loop
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(asyncio.run, _listen(edge_tts, text, voice, rate)).result()

    sound, words = with_retries(ask, _describe, provider=_SERVICE)
    samples, sample_rate = read_sound(sound, _SERVICE)
    return Speech.from_samples(
        samples, sample_rate, words=attach_punctuation(text, words), transcript=text
    )


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


def _describe(error: Exception) -> ProviderFailure | None:
    import aiohttp
    from edge_tts import exceptions

    if isinstance(error, aiohttp.ClientResponseError):
        return _describe_status(error)
    if isinstance(error, aiohttp.ClientError | OSError | TimeoutError | asyncio.TimeoutError):
        words = str(error) or "no answer in time"
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
