"""ElevenLabs' API as far as it is used: one voice request, the list of voices, its errors.

After its public reference (POST /v1/text-to-speech/{voice_id}/with-timestamps, GET /v2/voices) and
the request code of its Python SDK.
"""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
from tests.speech.providers.fakes.server import Answer, FakeServer, Request
from tests.speech.providers.fakes.sounds import hum, pcm16

KEY = "sk_1f00c0ffee2badcafe3f00dfeed4deadbeef5ab1e"
MONIKA = "2zRM7PkgwBPiau2jvVXc"
OWN_VOICE = "Zx9Kq2mT7vB4nR1sW8pL"
MODELS = ("eleven_multilingual_v2", "eleven_flash_v2_5", "eleven_v3")
SECONDS_PER_CHARACTER = 0.06
TAIL_SECONDS = 0.2
_SPOKEN = {"5,053": "five thousand fifty-three", "INR": "rupees"}
_BODY = {"text", "model_id", "voice_settings", "previous_text", "next_text", "seed"}


def refusal(status: int, code: str, message: str, **headers: str) -> Answer:
    """An error as ElevenLabs words it."""
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, {"detail": {"status": code, "message": message}}, headers)


class FakeElevenLabs(FakeServer):
    """Hums 60 ms per character.

    Attributes:
        alignment, normalized_alignment: whether these are sent, or null.
        rate: the rate of the sound it sends, whatever was asked for.
        container: wraps the samples in a file, for a service that ignores the output format.
        empty: send no sound.
    """

    def __init__(self) -> None:
        super().__init__()
        self.alignment = True
        self.normalized_alignment = True
        self.rate: int | None = None
        self.container: Any = None
        self.empty = False

    def answer(self, request: Request) -> Answer:
        if request.headers.get("xi-api-key") != KEY:
            sent = request.headers.get("xi-api-key", "")
            return refusal(401, "invalid_api_key", f"Invalid API key: {sent}")
        if request.path == "/v2/voices":
            return self._list(request)
        start, _, rest = request.path.partition("/v1/text-to-speech/")
        voice_id, _, kind = rest.partition("/")
        assert (request.method, start, kind) == ("POST", "", "with-timestamps"), request.path
        assert request.headers["content-type"] == "application/json"
        if voice_id not in (MONIKA, OWN_VOICE):
            message = f"A voice with the voice_id '{voice_id}' was not found."
            return refusal(404, "voice_not_found", message)
        return self._speak(request)

    def _list(self, request: Request) -> Answer:
        assert request.method == "GET" and request.query["search"]
        wanted = request.query["search"][0].lower()
        voices = [
            {"voice_id": OWN_VOICE, "name": "Meera - Warm Reminders", "category": "cloned"},
            {"voice_id": MONIKA, "name": "Monika Sogam", "category": "professional"},
        ]
        found = [voice for voice in voices if wanted in voice["name"].lower()]
        return Answer(body={"voices": found, "has_more": False, "total_count": len(found)})

    def _speak(self, request: Request) -> Answer:
        body = request.json
        assert set(body) <= _BODY, body
        if body["model_id"] not in MODELS:
            message = f"A model with model ID {body['model_id']} does not exist."
            return refusal(400, "model_not_found", message)
        if body["model_id"] == "eleven_v3" and {"previous_text", "next_text"} & set(body):
            message = "Providing previous_text or next_text is not yet supported with 'eleven_v3'."
            return refusal(400, "unsupported_model", message)
        assert 0 < len(body["text"]) <= 10_000
        (wanted,) = request.query["output_format"]
        kind, _, rate = wanted.partition("_")
        assert kind == "pcm"
        if int(rate) > 24000:
            message = f"Output format {wanted} is only allowed for the Pro tier and above."
            return refusal(403, "output_format_not_allowed", message)
        speed = (body.get("voice_settings") or {}).get("speed", 1.0)
        if not 0.7 <= speed <= 1.2:
            return refusal(400, "invalid_voice_settings", f"Invalid speed {speed}")
        step = SECONDS_PER_CHARACTER / speed
        return Answer(body=self._sound(body["text"], step, self.rate or int(rate)))

    def _sound(self, text: str, step: float, rate: int) -> dict[str, Any]:
        tail = np.zeros(int(TAIL_SECONDS * rate), np.float32)
        samples = np.concatenate((hum(len(text) * step, rate), tail))
        data = self.container(samples, rate) if self.container else pcm16(samples)
        spoken = " ".join(_SPOKEN.get(word, word) for word in text.split(" "))
        return {
            "audio_base64": "" if self.empty else base64.b64encode(data).decode(),
            "alignment": _align(text, step) if self.alignment else None,
            "normalized_alignment": (
                _align(spoken, step * len(text) / len(spoken))
                if self.normalized_alignment
                else None
            ),
        }


def _align(text: str, step: float) -> dict[str, list[Any]]:
    return {
        "characters": list(text),
        "character_start_times_seconds": [round(i * step, 3) for i in range(len(text))],
        "character_end_times_seconds": [round((i + 1) * step, 3) for i in range(len(text))],
    }
