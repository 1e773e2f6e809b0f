"""Amazon Polly: Ogg Vorbis sound, and in a second request the times of its words and visemes.

Requests and answers: the SynthesizeSpeech operation of the API reference of Amazon Polly; visemes:
its "Phoneme and viseme tables for supported languages".
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from html import unescape
from typing import TYPE_CHECKING, Any

from lipwright.core.errors import VoiceError
from lipwright.speech.providers.audio_response import read_sound
from lipwright.speech.providers.base import VoiceInfo, describe_voice, import_sdk
from lipwright.speech.providers.concatenate import check_words, join_speeches
from lipwright.speech.providers.credentials import read_address, read_region
from lipwright.speech.providers.retry import (
    TIMEOUT_SECONDS,
    ProviderFailure,
    read_retry_after,
    with_retries,
)
from lipwright.speech.speech import Speech
from lipwright.speech.timing.provider_timestamps import (
    SILENCE,
    phones_from_visemes,
    words_from_marks,
)

if TYPE_CHECKING:
    from lipwright.speech.script.script import Script

_SERVICE = "Amazon Polly"
_RATE = 24000
"""Samples per second, as Vorbis: Polly's PCM ends at 16000."""
_REGION = "ap-south-1"
"""Where Kajal speaks, unless AWS_DEFAULT_REGION or a profile names another."""
_MAX_CHARACTERS = 6000
"""Of a request, tags included; without them 3000."""
_ADDRESSES = ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_POLLY")
_CHECK_KEYS = "check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or ~/.aws/credentials"
_CHECK_PLACE = "check the network, and the region in AWS_DEFAULT_REGION or ~/.aws/config"
_CHECK_SETTINGS = (
    "check what the environment variables that begin with AWS_ and the files in ~/.aws say"
)
_THROTTLING = frozenset(
    ("ThrottlingException", "Throttling", "TooManyRequestsException", "RequestLimitExceeded")
)
_DENIED = frozenset((401, 403))

_VISEMES = {
    "sil": SILENCE,
    "p": "p", "t": "t", "S": "ʃ", "T": "θ", "f": "f", "k": "k", "r": "ɹ", "s": "s", "l": "l",
    "@": "ə", "a": "a", "e": "e", "E": "ɛ", "i": "i", "o": "o", "O": "ɔ", "u": "u",
    "B": "β", "J": "ɲ", "x": "x",
}  # fmt: skip
"""Polly's visemes, each as one of its sounds: "p" is also b and m, "u" also w, "k" also h.

Ten sentences of Kokoro, whose exact phones were reduced to these, moved the lips nearly alike:
correlation of gap, spread and rounding 0.97, 0.90 and 0.98; from the sound 0.77, 0.63 and 0.66
(benchmarks/visemes.py).
"""
_INDIAN_VISEMES = _VISEMES | {"r": "ɾ"}
"""Indian English taps its r without rounding the lips."""
_UNKNOWN_VISEME = "ə"

_TERMS = "Amazon's terms, paid by the character"
_VOICES = (
    ("Kajal", "en-IN", "female", "neural"),
    ("Aditi", "en-IN", "female", "standard"),
    ("Raveena", "en-IN", "female", "standard"),
    ("Joanna", "en-US", "female", "neural"),
    ("Matthew", "en-US", "male", "neural"),
    ("Amy", "en-GB", "female", "neural"),
    ("Brian", "en-GB", "male", "neural"),
)
_ENGINES = {name: engine for name, *_, engine in _VOICES}
_INDIAN = frozenset(name for name, language, *_ in _VOICES if language == "en-IN")
_BILINGUAL = frozenset(("Kajal", "Aditi"))
"""They speak English unless the request asks for Hindi."""


class PollyProvider:
    """Amazon Polly through boto3; its key comes from wherever boto3 looks for one."""

    name = "polly"
    version = "2016-06-10"

    def voices(self) -> list[VoiceInfo]:
        """List the voices of Indian, American and British English; any other may be named."""
        return [
            describe_voice(
                self.name,
                name,
                language,
                gender,
                _TERMS,
                also=("hi-IN",) if name in _BILINGUAL else (),
            )
            for name, language, gender, _ in _VOICES
        ]

    def synthesize(
        self, script: Script, voice: str, rate: float = 1.0, language: str = "en-IN"
    ) -> Speech:
        """Speak a script with word and viseme times; see ``Provider.synthesize``.

        voice: "Kajal", or with an engine of one's choice "Joanna@standard".
        """
        check_words(script)
        client, secrets = _connect()
        name, _, engine = voice.partition("@")
        request = {
            "VoiceId": name,
            "Engine": engine or _ENGINES.get(name, "neural"),
            "TextType": "ssml",
        }
        if name in _BILINGUAL:
            request["LanguageCode"] = "hi-IN" if language.startswith("hi") else "en-IN"

        def size(piece: Script) -> int:
            return max(len(piece.ssml("polly", rate=rate)), 2 * len(piece.plain))

        pieces = [
            _speak(client, piece.plain, request | {"Text": piece.ssml("polly", rate=rate)}, secrets)
            for piece in script.split(_MAX_CHARACTERS, size)
        ]
        return join_speeches(pieces, script.plain, _SERVICE)


def _connect() -> tuple[Any, list[str]]:
    """A client, and what must not be shown of its credentials."""
    boto3 = import_sdk("boto3", _SERVICE, "polly")
    import botocore.exceptions
    from botocore.config import Config

    for name in _ADDRESSES:
        read_address(name)
    read_region("AWS_DEFAULT_REGION", "[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}", _REGION)
    patience = Config(
        connect_timeout=10,
        read_timeout=TIMEOUT_SECONDS,
        retries={"total_max_attempts": 1},  # with_retries does it, alike for all services
    )
    try:
        session = boto3.session.Session()
        found = session.get_credentials()
        keys = found and found.get_frozen_credentials()
        client = session.client(
            "polly", region_name=session.region_name or _REGION, config=patience
        )
    except (botocore.exceptions.BotoCoreError, ValueError) as error:
        raise VoiceError(
            f"{_SERVICE} cannot be set up ({str(error).rstrip('.')}): {_CHECK_SETTINGS}."
        ) from None
    if not keys:
        raise VoiceError(
            f"{_SERVICE} needs a key: put it in the environment variables AWS_ACCESS_KEY_ID and "
            "AWS_SECRET_ACCESS_KEY, or in ~/.aws/credentials."
        )
    return client, [keys.access_key, keys.secret_key, keys.token]


def _speak(client: Any, text: str, request: dict[str, Any], secrets: list[str]) -> Speech:
    def ask(**output: Any) -> bytes:
        answer = client.synthesize_speech(**request, **output)
        with closing(answer["AudioStream"]) as stream:
            result: bytes = stream.read()
            return result

    def get(call: Callable[[], bytes]) -> bytes:
        return with_retries(call, _describe, provider=_SERVICE, secrets=secrets)

    sound = get(lambda: ask(OutputFormat="ogg_vorbis", SampleRate=str(_RATE)))
    samples, rate = read_sound(sound, _SERVICE)
    marks = get(lambda: ask(OutputFormat="json", SpeechMarkTypes=["word", "viseme"]))
    words, visemes = _read_marks(marks, request["VoiceId"])
    duration = samples.size / rate
    return Speech.from_samples(
        samples,
        rate,
        phones=phones_from_visemes(visemes, duration) if visemes else None,
        words=words_from_marks(text, words, duration) if words else None,
        transcript=text,
    )


def _read_marks(data: bytes, voice: str) -> tuple[list[tuple[str, float]], list[tuple[float, str]]]:
    """Words as (text, s) and visemes as (s, symbol), from one JSON object a line."""
    symbols = _INDIAN_VISEMES if voice in _INDIAN else _VISEMES
    words, visemes = [], []
    try:
        for line in data.decode("utf-8").splitlines():
            if not line.strip():
                continue
            mark = json.loads(line)
            seconds = mark["time"] / 1000
            if mark["type"] == "word":
                words.append((unescape(mark["value"]), seconds))
            elif mark["type"] == "viseme":
                visemes.append((seconds, symbols.get(mark["value"], _UNKNOWN_VISEME)))
    except (ValueError, KeyError, TypeError):
        raise VoiceError(
            f"{_SERVICE} sent speech marks that cannot be read: try again later."
        ) from None
    return words, visemes


def _describe(error: Exception) -> ProviderFailure | None:
    import botocore.exceptions

    if isinstance(error, botocore.exceptions.ClientError):
        return _describe_answer(error.response)
    if isinstance(error, botocore.exceptions.SSLError):
        return ProviderFailure(str(error), advice="check the connection and its certificates")
    if isinstance(error, botocore.exceptions.ConnectionError):
        return ProviderFailure(str(error), retryable=True, advice=_CHECK_PLACE)
    if isinstance(
        error, botocore.exceptions.HTTPClientError | botocore.exceptions.IncompleteReadError
    ):
        return ProviderFailure(str(error), retryable=True, advice="check the network and try again")
    if isinstance(error, botocore.exceptions.BotoCoreError):
        return ProviderFailure(str(error), advice=_CHECK_KEYS)
    return None


def _describe_answer(response: dict[str, Any]) -> ProviderFailure:
    code = response.get("Error", {}).get("Code", "")
    words = response.get("Error", {}).get("Message", "") or code
    metadata = response.get("ResponseMetadata", {})
    status = metadata.get("HTTPStatusCode", 0)
    throttled = status == 429 or code in _THROTTLING
    if throttled or status >= 500:
        wait = read_retry_after(metadata.get("HTTPHeaders", {}))
        return ProviderFailure(words, retryable=True, retry_after=wait)
    if status in _DENIED:
        return ProviderFailure(words, advice=_CHECK_KEYS)
    return ProviderFailure(words, advice="check the voice, its engine and the text")
