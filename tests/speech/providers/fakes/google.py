"""Google Cloud Text-to-Speech, v1beta1 over REST, as far as it is used.

After the public reference (voices.list, text.synthesize) and the transport of the Python client.
It takes an API key, or a token that a service account has signed itself, and checks the signature.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

import numpy as np
from tests.speech.providers.fakes.server import Answer, FakeServer, Request
from tests.speech.providers.fakes.sounds import hum, pcm16, wav

API_KEY = "AIzaSyFake0Key0For0Tests0Only0000000000"
SECONDS_PER_CHARACTER = 0.06
LIMIT = 5000
TOO_LONG = (
    "Either `input.text` or `input.ssml` is longer than the limit of 5000 bytes. "
    "This limit is different from quotas."
)
VOICES = {
    "en-IN-Neural2-A": 24000,
    "en-IN-Neural2-B": 24000,
    "en-IN-Wavenet-A": 24000,
    "en-IN-Standard-A": 22050,
    "en-IN-Chirp3-HD-Kore": 24000,
    "hi-IN-Wavenet-A": 24000,
}
_TAGS = {
    "speak",
    "mark",
    "break",
    "prosody",
    "emphasis",
    "say-as",
    "sub",
    "phoneme",
    "lang",
    "p",
    "s",
}


def refusal(status: int, name: str, message: str, *details: dict, **headers: str) -> Answer:
    """An error as Google words it."""
    headers = {key.replace("_", "-"): value for key, value in headers.items()}
    error = {"code": status, "message": message, "status": name, "details": list(details)}
    return Answer(status, {"error": error}, headers)


@dataclass
class Account:
    """A service account: what is in its key file, and the certificate that proves its tokens."""

    info: dict[str, str]
    certificate: bytes


class FakeGoogle(FakeServer):
    """Hums 60 ms per character.

    Attributes:
        account: whose tokens are taken besides API_KEY.
        replace: the voice it silently speaks with instead.
        lose: names of marks whose times it does not send.
        header_rate: what the WAV header says, where it is wrong.
        empty, raw: send no sound, or sound without its header.
        refuse: the answer to whatever is to be spoken.
    """

    def __init__(self, account: Account | None = None) -> None:
        super().__init__()
        self.account = account
        self.replace: str | None = None
        self.lose: set[str] = set()
        self.header_rate: int | None = None
        self.empty = False
        self.raw = False
        self.refuse: Answer | None = None

    def answer(self, request: Request) -> Answer:
        if not self._may_enter(request):
            return self._turn_away(request)
        if request.path == "/v1beta1/voices":
            return self._list(request)
        assert (request.method, request.path) == ("POST", "/v1beta1/text:synthesize"), request.path
        return self._speak(request.json)

    def _may_enter(self, request: Request) -> bool:
        if "x-goog-api-key" in request.headers:
            return request.headers["x-goog-api-key"] == API_KEY
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if kind != "Bearer" or self.account is None:
            return False
        from google.auth import jwt

        claims = jwt.decode(token, certs=self.account.certificate, verify=True)
        return claims["iss"] == self.account.info["client_email"]

    def _turn_away(self, request: Request) -> Answer:
        if "x-goog-api-key" in request.headers:
            sent = request.headers["x-goog-api-key"]
            info = {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": "API_KEY_INVALID",
            }
            message = f"API key not valid: {sent}. Please pass a valid API key."
            return refusal(400, "INVALID_ARGUMENT", message, info)
        message = "Request had invalid authentication credentials."
        return refusal(401, "UNAUTHENTICATED", message)

    def _list(self, request: Request) -> Answer:
        assert request.method == "GET"
        (language,) = request.query["languageCode"]
        voices = [
            {
                "languageCodes": [name[:5]],
                "name": name,
                "ssmlGender": "FEMALE",
                "naturalSampleRateHertz": rate,
            }
            for name, rate in VOICES.items()
            if name.startswith(language)
        ]
        return Answer(body={"voices": voices} if voices else {})

    def _speak(self, body: dict[str, Any]) -> Answer:
        known = {"input", "voice", "audioConfig", "enableTimePointing"}
        assert set(body) <= known and len(body["input"]) == 1, body
        if self.refuse:
            return self.refuse
        ((kind, text),) = body["input"].items()
        if len(text.encode()) > LIMIT:
            return refusal(400, "INVALID_ARGUMENT", TOO_LONG)
        voice = body["voice"]["name"]
        assert body["voice"]["languageCode"] == voice[:5]
        assert body["audioConfig"]["audioEncoding"] == "LINEAR16"
        assert "sampleRateHertz" not in body["audioConfig"]
        speed = body["audioConfig"].get("speakingRate", 1.0)
        assert 0.25 <= speed <= 2.0
        if kind == "ssml" and "Chirp" in voice:
            message = "This voice only supports text input. SSML input is not supported."
            return refusal(400, "INVALID_ARGUMENT", message)
        assert bool(body.get("enableTimePointing")) == (kind == "ssml")
        rate = VOICES[self.replace or voice]
        events = list(_read(text, speed)) if kind == "ssml" else [("sound", len(text) / speed)]
        return self._sound(events, rate)

    def _sound(self, events: list[tuple[str, Any]], rate: int) -> Answer:
        blocks, points, length = [np.zeros(0, np.float32)], [], 0
        for kind, value in events:
            if kind == "mark":
                points.append({"markName": value, "timeSeconds": length / rate})
                continue
            seconds = value * SECONDS_PER_CHARACTER if kind == "sound" else value
            block = hum(seconds, rate) if kind == "sound" else np.zeros(int(seconds * rate))
            blocks.append(block.astype(np.float32))
            length += block.size
        samples = np.concatenate(blocks)
        data = pcm16(samples) if self.raw else wav(samples, self.header_rate or rate)
        return Answer(
            body={
                "audioContent": "" if self.empty else base64.b64encode(data).decode(),
                "timepoints": [point for point in points if point["markName"] not in self.lose],
                "audioConfig": {"audioEncoding": "LINEAR16", "sampleRateHertz": rate},
            }
        )


def _read(ssml: str, speed: float) -> Iterator[tuple[str, Any]]:
    """Sounds (characters), rests (s) and marks of a document. Not well formed: an exception."""
    root = ElementTree.fromstring(ssml)
    assert root.tag == "speak"
    yield from _walk(root, speed)


def _walk(element: ElementTree.Element, speed: float) -> Iterator[tuple[str, Any]]:
    assert element.tag in _TAGS, element.tag
    if element.tag == "mark":
        yield "mark", element.attrib["name"]
    if element.tag == "break" and (time := element.get("time", "")).endswith("ms"):
        yield "rest", float(time[:-2]) / 1000
    inner = speed
    if element.tag == "prosody":
        inner *= float(element.attrib["rate"].rstrip("%")) / 100
    yield from _say(element.text, inner)
    for child in element:
        yield from _walk(child, inner)
        yield from _say(child.tail, inner)


def _say(text: str | None, speed: float) -> Iterator[tuple[str, Any]]:
    for part in re.findall(r"\s+|\S+", text or ""):
        if part.isspace():
            yield "rest", len(part) * SECONDS_PER_CHARACTER / speed
        else:
            yield "sound", len(part) / speed
