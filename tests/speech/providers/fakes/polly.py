"""Amazon Polly's SynthesizeSpeech, after its API reference and botocore's service model."""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import re
import xml.etree.ElementTree as ElementTree
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from tests.speech.providers.fakes.server import Answer, FakeServer, Request
from tests.speech.providers.fakes.sounds import hum

ACCESS_KEY, SECRET_KEY = "AKIDFAKEFAKEFAKEFAKE", "very/secret+key/of/a/fake/account/0000000"
FIRST, WORD_SECONDS = 0.05, 0.3
VOICES = {
    "Kajal": ("neural", ("en-IN", "hi-IN")),
    "Aditi": ("standard", ("en-IN", "hi-IN")),
    "Joanna": ("neural", ("en-US",)),
}
RATES = {"8000", "16000", "22050", "24000", "44100", "48000"}
VISEMES = {"m": "p", "b": "p", "p": "p", "a": "a", "n": "t", "s": "s", "t": "t", "e": "E", "r": "r"}


class FakePolly(FakeServer):
    """Speaks each word in 0.3 s: half of it the shape of its first letter, half of its second."""

    rate: int | None = None
    """Of the sound, where it is not the one asked for."""
    silent = False

    def answer(self, request: Request) -> Answer:
        assert (request.method, request.path) == ("POST", "/v1/speech")
        assert request.headers["content-type"] == "application/json"
        if not is_signed(request, SECRET_KEY):
            return refusal(403, "InvalidSignatureException", "The request signature we calculated "
                           "does not match the signature you provided.")  # fmt: skip
        body = request.json
        assert {"Text", "VoiceId", "OutputFormat", "TextType", "Engine"} <= set(body)
        problem = find_problem(body)
        if problem:
            return refusal(400, *problem)
        words = re.findall(r"\w+(?:[.,'’]\w+)*", plain_text(body["Text"]))
        if body["OutputFormat"] == "json":
            marks = "".join(json.dumps(mark) + "\n" for mark in speech_marks(words, body))
            return Answer(
                body=marks.encode(), headers={"Content-Type": "application/x-json-stream"}
            )
        rate = self.rate or int(body["SampleRate"])
        seconds = FIRST + WORD_SECONDS * len(words) + 0.2
        sound = b"" if self.silent else vorbis(hum(seconds, rate), rate)
        headers = {"Content-Type": "audio/ogg", "x-amzn-RequestCharacters": str(len(body["Text"]))}
        return Answer(body=sound, headers=headers)


def find_problem(body: dict[str, Any]) -> tuple[str, str] | None:
    """What Polly refuses, as (code, message)."""
    engine, languages = VOICES.get(body["VoiceId"], ("", ()))
    if not engine:
        return "ValidationException", "Value at 'voiceId' failed to satisfy constraint"
    if engine != body["Engine"]:
        return "ValidationException", "This voice does not support the selected engine"
    if body.get("LanguageCode", languages[0]) not in languages:
        return "LanguageNotSupportedException", "This voice does not speak this language"
    if body["OutputFormat"] != "json" and "SpeechMarkTypes" in body:
        return "MarksNotSupportedForFormatException", "Marks need the format json"
    if body["OutputFormat"] == "ogg_vorbis" and body["SampleRate"] not in RATES:
        return "InvalidSampleRateException", "Sample rate not allowed"
    if len(body["Text"]) > 6000 or len(plain_text(body["Text"])) > 3000:
        return "TextLengthExceededException", "Maximum text length has been exceeded"
    if re.search(r"<emphasis|<amazon:effect name|pitch=", body["Text"]):
        return "InvalidSsmlException", "Unsupported Neural feature"
    return None


def plain_text(ssml: str) -> str:
    root = ElementTree.fromstring(ssml)
    assert root.tag == "speak"
    return "".join(root.itertext())


def speech_marks(words: list[str], body: dict[str, Any]) -> list[dict[str, Any]]:
    """Words with their place in bytes of the SSML, and visemes, in the order of their times."""
    text, position = body["Text"].encode(), 0
    marks: list[dict[str, Any]] = [{"time": 0, "type": "viseme", "value": "sil"}]
    for number, word in enumerate(words):
        time = round(1000 * (FIRST + WORD_SECONDS * number))
        begin = text.index(word.encode(), position)
        position = begin + len(word.encode())
        marks.append({"time": time, "type": "word", "start": begin, "end": position, "value": word})
        for part, letter in enumerate(word.lower()[:2]):
            shape = VISEMES.get(letter, "@")
            marks.append({"time": time + 150 * part, "type": "viseme", "value": shape})
    end = round(1000 * (FIRST + WORD_SECONDS * len(words)))
    marks.append({"time": end, "type": "viseme", "value": "sil"})
    return [mark for mark in marks if mark["type"] in body["SpeechMarkTypes"]]


def refusal(status: int, code: str, words: str, **headers: str) -> Answer:
    """An error as the service's REST interface words it."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, {"message": words}, {"x-amzn-ErrorType": code, **named})


def is_signed(request: Request, secret: str) -> bool:
    """Whether the request bears AWS's Signature Version 4 of this secret."""
    match = re.fullmatch(
        r"AWS4-HMAC-SHA256 Credential=(\w+)/(\d+)/([\w-]+)/polly/aws4_request, "
        r"SignedHeaders=([\w;-]+), Signature=([0-9a-f]{64})",
        request.headers["authorization"],
    )
    assert match, request.headers["authorization"]
    access, day, region, names, signature = match.groups()
    assert access == ACCESS_KEY
    canonical = "\n".join(
        (
            request.method,
            urlsplit(request.path).path,
            "",
            *(f"{name}:{request.headers[name].strip()}" for name in names.split(";")),
            "",
            names,
            hashlib.sha256(request.body).hexdigest(),
        )
    )
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    scope = f"{day}/{region}/polly/aws4_request"
    signed = f"AWS4-HMAC-SHA256\n{request.headers['x-amz-date']}\n{scope}\n{digest}"
    key = b"AWS4" + secret.encode()
    for part in (*scope.split("/"), signed):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.compare_digest(key.hex(), signature)


def vorbis(samples: np.ndarray, rate: int) -> bytes:
    """An Ogg Vorbis file of mono samples."""
    import av

    data = io.BytesIO()
    with av.open(data, "w", format="ogg") as container:
        # FFmpeg's own Vorbis encoder writes stereo only
        stream = container.add_stream("vorbis", rate=rate, layout="stereo")
        stream.codec_context.options = {"strict": "experimental"}
        frame = av.AudioFrame.from_ndarray(np.stack([samples, samples]), "fltp", "stereo")
        frame.rate = rate
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)
    return data.getvalue()
