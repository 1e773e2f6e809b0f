"""Speech: text spoken by any of the voices, with what is known of its times, or a recording."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from lipwright.speech.speech import Phone, Speech, Word

if TYPE_CHECKING:
    from lipwright.speech.kokoro.synthesizer import Synthesizer
    from lipwright.speech.script.script import Script, read_script
    from lipwright.speech.streaming import SpeechChunk, StreamingSpeech
    from lipwright.speech.synthesis import begin_speech, stream_speech, synthesize
    from lipwright.speech.voice import Voice
    from lipwright.speech.voices import DEFAULT_VOICE, VoiceInfo, list_voices, normalise_voice

__all__ = [
    "DEFAULT_VOICE",
    "StreamingSpeech",
    "Phone",
    "Script",
    "Speech",
    "SpeechChunk",
    "Synthesizer",
    "Voice",
    "VoiceInfo",
    "Word",
    "begin_speech",
    "list_voices",
    "normalise_voice",
    "read_script",
    "stream_speech",
    "synthesize",
]

_HOMES = {
    "streaming": ("SpeechChunk", "StreamingSpeech"),
    "script.script": ("Script", "read_script"),
    "synthesis": ("begin_speech", "stream_speech", "synthesize"),
    "kokoro.synthesizer": ("Synthesizer",),
    "voice": ("Voice",),
    "voices": ("DEFAULT_VOICE", "VoiceInfo", "list_voices", "normalise_voice"),
}


def __getattr__(name: str) -> Any:
    for module, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
