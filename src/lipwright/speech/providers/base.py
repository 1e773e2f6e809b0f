"""What a voice provider is: the protocol each keeps, its entry in the registry, its voices."""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import TYPE_CHECKING, Protocol

from lipwright.core.errors import MissingExtraError
from lipwright.speech.language_tag import ACCENTS
from lipwright.speech.providers.credentials import has_keys

if TYPE_CHECKING:
    from lipwright.speech.script.script import Script
    from lipwright.speech.speech import Speech

INSTALLED = "installed"
"""The status of a voice that can speak now."""


@dataclass(frozen=True)
class VoiceInfo:
    """What a list of voices shows."""

    name: str
    """Its name with its provider: "anika", "en-IN-Neural2-A"."""
    provider: str
    """The name of its provider: "kokoro", "google"."""
    language: str
    """What it speaks unless told otherwise, as a BCP 47 tag: "en-IN", "hi-IN"."""
    accent: str
    """ "Indian English", "American English", "British English", "Hindi"."""
    gender: str
    """ "female", "male", or "" where the provider does not say."""
    licence: str
    """The licence of the voice, or the terms of the service in a few words."""
    status: str = ""
    """INSTALLED, or what is missing: a pip or a models command, or a key. `list_voices` fills it
    in; a provider only does so where the answer differs from voice to voice."""
    also: tuple[str, ...] = ()
    """Other languages it speaks."""

    @property
    def full_name(self) -> str:
        """What names it everywhere: "google:en-IN-Neural2-A"."""
        return f"{self.provider}:{self.name}"

    @property
    def languages(self) -> tuple[str, ...]:
        """All that it speaks, its own first."""
        return (self.language, *self.also)

    @property
    def installed(self) -> bool:
        """Whether it can speak now."""
        return self.status == INSTALLED


def describe_voice(
    provider: str,
    name: str,
    language: str,
    gender: str,
    licence: str,
    *,
    status: str = "",
    also: tuple[str, ...] = (),
) -> VoiceInfo:
    """Return a voice of one of the languages in ``ACCENTS``, which names its accent."""
    return VoiceInfo(name, provider, language, ACCENTS[language], gender, licence, status, also)


class Provider(Protocol):
    """Speaks scripts with the voices of one program or service.

    A provider is made without arguments. Making it, and `voices`, touch neither network, keys nor
    the provider's SDK: `lipwright voices` lists providers that are not installed too.
    """

    name: str
    """Its name in the registry."""
    version: str
    """Of its model or interface; part of the key under which speech is kept, so another version
    speaks anew."""

    def voices(self) -> list[VoiceInfo]:
        """Return the well known voices, Indian English first; the service may have more."""
        ...

    def synthesize(
        self, script: Script, voice: str, rate: float = 1.0, language: str = "en-IN"
    ) -> Speech:
        """Speak a script.

        voice: a name from `voices`, or another that the service knows. rate: 0.5 to 2, 1 is the
        voice's own speed. language: BCP 47, "en-IN", "hi-IN". The speech has whatever timings the
        provider gives: phones, words, both or none (see `speech.timeline`), times in seconds from
        its start, and the script's plain text as its transcript.

        Raises MissingExtraError where the SDK is not installed, and VoiceError, in one sentence
        with the provider's own words and never with a key, where it cannot be spoken.
        """
        ...


@dataclass(frozen=True)
class ProviderInfo:
    """One line of the registry."""

    name: str
    """What stands before the colon in the name of a voice."""
    summary: str
    """What it is, in one sentence."""
    extra: str
    """The optional part that brings its SDK: pip install "lipwright[EXTRA]"."""
    module: str
    """What can be imported when that part is installed: "boto3"."""
    needs: tuple[str, ...]
    """The environment variables that hold its key: all of them are needed."""
    default_voice: str
    """The voice that the provider's name alone stands for."""
    factory: str
    """Its class, as "module:Class", imported when it is made."""
    credential_files: tuple[str, ...] = ()
    """Files ("~/.aws/credentials") one of which can stand for the environment variables."""
    instead: tuple[str, ...] = ()
    """Other environment variables that can stand for them."""
    online: bool = True
    """Whether the text leaves this machine."""
    any_language: bool = False
    """Whether every voice speaks every language of the service, whatever `voices` lists."""
    other_voice: str = "VOICE"
    """How the name of a voice looks that is not listed, in errors: "ta-IN-Wavenet-A"; {language}
    stands for the code of the language that is asked for."""


def provider_status(info: ProviderInfo) -> str:
    """Return INSTALLED, or what a provider lacks here: its optional part, or a key."""
    if not _can_import(info.module):
        return f'pip install "lipwright[{info.extra}]"'
    has_another = bool(info.instead) and has_keys(info.instead)
    if info.needs and not has_another and not has_keys(info.needs, info.credential_files):
        missing = [name for name in info.needs if not os.environ.get(name, "").strip()]
        return f"needs a key: {' and '.join(missing)}"
    return INSTALLED


def _can_import(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # the package that should hold it is not there either
        return False


def import_sdk(module: str, what: str, extra: str) -> ModuleType:
    """Import a provider's SDK, such as "boto3" of "Amazon Polly" from the extra "polly".

    Raises MissingExtraError, naming the extra, where it is not installed.
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise MissingExtraError(what, extra) from error
