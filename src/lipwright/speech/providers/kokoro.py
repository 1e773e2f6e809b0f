"""Kokoro-82M, the voice on this machine: exact phone times, no network, no key."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from lipwright.core.version import __version__
from lipwright.speech.kokoro.voices import KOKORO_VOICES, KokoroVoice, is_downloaded
from lipwright.speech.providers.base import VoiceInfo, describe_voice

if TYPE_CHECKING:
    from lipwright.speech.kokoro.synthesizer import Lexicon
    from lipwright.speech.script.script import Script
    from lipwright.speech.speech import Speech


class KokoroProvider:
    """The offline voices."""

    name = "kokoro"

    @property
    def version(self) -> str:
        """Changes with the code that reads and speaks a text, so a mended word is spoken anew."""
        return _code_version()

    def voices(self) -> list[VoiceInfo]:
        """Return those that ship with lipwright first, and of these the Indian ones."""
        return [_describe(voice) for voice in KOKORO_VOICES.values()]

    def synthesize(
        self,
        script: Script,
        voice: str,
        rate: float = 1.0,
        language: str = "en-IN",
        lexicon: Lexicon = None,
        progress: Callable[[float], None] | None = None,
    ) -> Speech:
        """Speak a script; see `Synthesizer`."""
        from lipwright.speech.kokoro.synthesizer import Synthesizer

        speaker = Synthesizer(voice, lexicon=lexicon, language=language)
        return speaker.synthesize(script, rate, progress)


def _describe(voice: KokoroVoice) -> VoiceInfo:
    needed = "" if is_downloaded(voice) else f"lipwright models download {voice.model}"
    return describe_voice(
        "kokoro",
        voice.name,
        voice.language,
        voice.gender,
        "Apache-2.0",
        status=needed,
        also=voice.languages[1:],
    )


@cache
def _code_version() -> str:
    """A hash of the modules and word lists of `lipwright.speech` itself."""
    digest = hashlib.sha256(__version__.encode())
    with resources.as_file(resources.files("lipwright.speech")) as folder:
        files = [file for file in folder.rglob("*") if file.suffix in (".py", ".txt")]
        for file in sorted(files, key=lambda file: file.relative_to(folder).as_posix()):
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]
