"""The voices there are, by name: ``provider:voice``, or just the voice of the offline ones."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from difflib import get_close_matches

from lipwright.core.errors import VoiceError
from lipwright.speech.kokoro.voices import DEFAULT_VOICE, KOKORO_VOICES, check_language
from lipwright.speech.language_tag import join_tag, split_tag, with_country
from lipwright.speech.providers import (
    INSTALLED,
    PROVIDERS,
    VoiceInfo,
    create_provider,
    provider_status,
)

__all__ = [
    "DEFAULT_VOICE",
    "VoiceInfo",
    "VoiceName",
    "list_voices",
    "normalise_voice",
    "parse_language",
    "parse_voice",
]

DEFAULT_LANGUAGE = "en-IN"
_TAG_IN_NAME = re.compile(r"([a-z]{2,3}-[A-Z]{2})(?:-|$)")


@dataclass(frozen=True)
class VoiceName:
    """A provider, and a voice it has."""

    provider: str
    voice: str

    def __str__(self) -> str:
        return f"{self.provider}:{self.voice}"


def list_voices(
    *,
    accent: str | None = None,
    gender: str | None = None,
    language: str | None = None,
    provider: str | None = None,
) -> list[VoiceInfo]:
    """Return the voices known without asking anybody, the default first.

    accent: part of an accent's name ("indian") or a tag ("en-IN"). gender: "female" or "male".
    language: "hi", "en-GB". provider: its name. Raises VoiceError for an unknown provider.
    """
    names = list(PROVIDERS) if provider is None else [provider.strip().lower()]
    voices = [voice for name in names for voice in _voices_of(name)]
    return [
        voice
        for voice in voices
        if (accent is None or _has_accent(voice, accent))
        and (gender is None or voice.gender == gender.strip().lower())
        and (language is None or any(_is_in(tag, language) for tag in voice.languages))
    ]


def normalise_voice(name: str) -> str:
    """Return the full name, ``kokoro:anika``, of a voice given as anika, Anika or kokoro:anika.

    Raises:
        VoiceError: there is no such voice or provider; the message names those there are.
    """
    return str(parse_voice(name))


def parse_voice(name: str, language: str | None = None) -> VoiceName:
    """Return the provider and the voice of a name.

    "anika", "kokoro:bf_emma", "google:en-IN-Neural2-A"; a provider alone ("edge") stands for its
    default voice, or for its first one of the `language` that is asked for. A service
    may have voices that lipwright does not list: their names are taken as they are. Raises
    VoiceError as `normalise_voice` does, and where a provider alone lists no voice of the language.
    """
    provider, separator, voice = (part.strip() for part in name.partition(":"))
    if not separator:
        if provider.lower() in KOKORO_VOICES:
            return VoiceName("kokoro", provider.lower())
        if provider.lower() not in PROVIDERS:
            raise VoiceError(_unknown(name))
    provider = provider.lower()
    if provider not in PROVIDERS:
        known = ", ".join(PROVIDERS)
        raise VoiceError(
            f'There is no voice provider "{provider}" ("{name}"): choose one of {known}, such as '
            f"kokoro:{DEFAULT_VOICE}."
        )
    if not voice:
        return VoiceName(provider, _default_voice(provider, language))
    if provider == "kokoro":
        if voice.lower() not in KOKORO_VOICES:
            raise VoiceError(_unknown(voice))
        return VoiceName(provider, voice.lower())
    listed = (info.name for info in create_provider(provider).voices())
    return VoiceName(provider, next((n for n in listed if n.lower() == voice.lower()), voice))


def parse_language(language: str | None, voice: VoiceName) -> str:
    """Return a language as a tag with its country: "hi" is "hi-IN"; None is the voice's own.

    Raises VoiceError for what is no tag, and for one that an offline voice cannot speak.
    """
    if language is None:
        return _own_language(voice)
    if voice.provider == "kokoro":
        return check_language(language)
    return with_country(language)


def _default_voice(provider: str, language: str | None) -> str:
    default = PROVIDERS[provider].default_voice
    if language is None:
        return default
    base, country = split_tag(language)
    wanted = join_tag(base, country)
    voices = create_provider(provider).voices()
    fitting = [v.name for v in voices if any(_is_in(tag, wanted) for tag in v.languages)]
    if fitting:
        return default if default in fitting else fitting[0]
    info = PROVIDERS[provider]
    if info.any_language or not info.online:  # parse_language says what an offline voice speaks
        return default
    example = info.other_voice.format(language=base)
    raise VoiceError(
        f'{provider} lists no voice of the language "{language}": name one that the service has, '
        f'written like {provider}:{example} ("lipwright voices" shows those that are listed).'
    )


def _own_language(voice: VoiceName) -> str:
    if voice.provider == "kokoro":
        return KOKORO_VOICES[voice.voice].language
    for info in create_provider(voice.provider).voices():
        if info.name == voice.voice:
            return info.language
    match = _TAG_IN_NAME.match(voice.voice)
    return match[1] if match else DEFAULT_LANGUAGE


def _voices_of(provider: str) -> list[VoiceInfo]:
    maker = create_provider(provider)
    status = provider_status(PROVIDERS[provider])
    return [
        replace(voice, status=status if status != INSTALLED else voice.status or INSTALLED)
        for voice in maker.voices()
    ]


def _has_accent(voice: VoiceInfo, accent: str) -> bool:
    wanted = accent.strip().lower()
    return wanted in voice.accent.lower() or _is_in(voice.language, wanted)


def _is_in(tag: str, wanted: str) -> bool:
    tag, wanted = tag.lower(), wanted.strip().lower().replace("_", "-")
    return tag == wanted or tag.startswith(wanted + "-")


def _unknown(name: str) -> str:
    namesakes = [info.full_name for info in list_voices() if info.name.lower() == name.lower()]
    if namesakes:
        return f'The voice "{name}" needs its provider\'s name: choose {" or ".join(namesakes)}.'
    near = get_close_matches(name.lower(), KOKORO_VOICES, n=1)
    hint = f"did you mean {near[0]}" if near else f"choose {' or '.join(list(KOKORO_VOICES)[:2])}"
    return f'There is no voice "{name}": {hint}, or one that "lipwright voices" lists.'
