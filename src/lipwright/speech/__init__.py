"""Speech: text to a voice with exact phone times, or a recording."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from lipwright.speech.base import Phone, Speech

if TYPE_CHECKING:
    from lipwright.speech.synthesis import SpeechChunk, Synthesizer, stream_speech, synthesize
    from lipwright.speech.voices import DEFAULT_VOICE, VoiceInfo, list_voices, normalise_voice

__all__ = [
    "DEFAULT_VOICE",
    "Phone",
    "Speech",
    "SpeechChunk",
    "Synthesizer",
    "VoiceInfo",
    "list_voices",
    "normalise_voice",
    "stream_speech",
    "synthesize",
]

_HOMES = {
    "synthesis": ("SpeechChunk", "Synthesizer", "stream_speech", "synthesize"),
    "voices": ("DEFAULT_VOICE", "VoiceInfo", "list_voices", "normalise_voice"),
}


def __getattr__(name: str) -> Any:
    for module, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
