"""gTTS end to end: its own requests against a local server that behaves like Google Translate."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

pytest.importorskip("gtts")

from tests.speech.providers.fakes.gtts import SECONDS_PER_CHARACTER, FakeTranslate
from tests.speech.providers.fakes.server import Answer
from tests.speech.providers.fakes.sounds import wav

from lipwright.core.errors import VoiceError
from lipwright.speech.providers import gtts
from lipwright.speech.script.script import Pause, Script, Text, read_script

TEXT = "Dear Ravi, pay INR 5,053 today."
SECONDS = len(TEXT) * SECONDS_PER_CHARACTER
RESTS = 0.2


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeTranslate]:
    with FakeTranslate() as server:
        monkeypatch.setattr("gtts.tts._translate_url", server.translate_url)
        yield server


def speak(text: str | Script = TEXT, voice: str = "en-IN", rate: float = 1.0):
    script = text if isinstance(text, Script) else read_script(text)
    return gtts.GttsProvider().synthesize(script, voice, rate)


@pytest.mark.parametrize(
    ("voice", "domain", "language"),
    [
        ("en-IN", "co.in", "en"),
        ("co.in", "co.in", "en"),
        ("EN-gb", "co.uk", "en"),
        ("hi-IN", "co.in", "hi"),
        ("ta", "co.in", "ta"),
        ("bn-IN", "co.in", "bn"),
    ],
)
def test_a_voice_is_a_language_and_a_domain(
    service: FakeTranslate, voice: str, domain: str, language: str
) -> None:
    speech = speak(voice=voice)
    assert service.asked == [(domain, language, TEXT)]
    assert speech.rate == 24000 and speech.duration == pytest.approx(SECONDS + RESTS, abs=0.1)
    assert speech.words is None and speech.phones is None and speech.transcript == TEXT


def test_long_texts_go_a_hundred_characters_at_a_time(service: FakeTranslate) -> None:
    text = "Your electricity bill for October is due on the fifth of November. " * 5
    speech = speak(text)
    asked = [text for _, _, text in service.asked]
    assert len(asked) == 5 and ". ".join(asked) == text.strip()
    quiet = np.abs(speech.samples) < 0.003
    assert quiet.mean() < 0.12, "the silence that every part brings should be gone"


def test_rate_and_pauses_are_made_here(service: FakeTranslate) -> None:
    whole = speak(Script((Text("One two. "), Pause(2.0), Text("Three", rate=0.5))), rate=2.0)
    first, second = 8 * SECONDS_PER_CHARACTER + RESTS, 5 * SECONDS_PER_CHARACTER + RESTS
    assert whole.duration == pytest.approx(first / 2 + 2.0 + second, abs=0.15)
    silent = whole.samples[int((first / 2 + 0.1) * 24000) :][: int(1.8 * 24000)]
    assert not silent.any()


def test_an_unknown_voice(service: FakeTranslate) -> None:
    with pytest.raises(VoiceError, match='no voice "xx-YY": choose one of en-IN'):
        speak(voice="xx-YY")


def test_nothing_to_say(service: FakeTranslate) -> None:
    with pytest.raises(VoiceError, match="nothing to speak in the text"):
        speak(Script((Text("?!"),)))


def test_429_waits_as_long_as_it_is_told(service: FakeTranslate, waits: list[float]) -> None:
    service.fail(Answer(429, b"", {"Retry-After": "9"}), Answer(500, b"oops"))
    assert speak().duration > 1
    assert waits[0] == 9 and len(service.requests) == 3


def test_being_stopped_by_google(service: FakeTranslate, waits: list[float]) -> None:
    service.fail(*[Answer(429, b"<html>unusual traffic</html>")] * 9)
    with pytest.raises(VoiceError, match=r"gTTS .* \(429 \(Too Many Requests\).*wait some hours"):
        speak()
    assert len(service.requests) == 4


def test_one_part_that_fails_is_asked_for_again_alone(
    service: FakeTranslate, waits: list[float]
) -> None:
    service.fail(Answer(body=service.reply("x")), Answer(502, b""))
    speak("Your electricity bill for October is due on the fifth of November. " * 3)
    assert len(service.requests) == 4


def test_a_refusal_is_not_tried_again(service: FakeTranslate, waits: list[float]) -> None:
    service.fail(Answer(403, b"no"))
    with pytest.raises(VoiceError, match="403 .Forbidden.*upstream API changes"):
        speak()
    assert not waits


def test_a_dropped_connection_is_tried_again(service: FakeTranslate, waits: list[float]) -> None:
    service.fail(Answer(body=service.reply(TEXT), drop=True))
    assert speak().duration > 1 and len(waits) == 1


def test_nobody_there(monkeypatch: pytest.MonkeyPatch, waits: list[float]) -> None:
    monkeypatch.setattr("gtts.tts._translate_url", lambda tld, path: "http://127.0.0.1:9/x")
    with pytest.raises(VoiceError, match="Connection refused.: check the connection") as caught:
        speak()
    assert "object at" not in str(caught.value)


def test_an_answer_without_sound(service: FakeTranslate) -> None:
    service.empty = True
    with pytest.raises(VoiceError, match="No audio stream in response"):
        speak()


def test_an_empty_sound(service: FakeTranslate) -> None:
    service.encode = lambda samples, rate: b""
    with pytest.raises(VoiceError, match="no sound|No audio"):
        speak()


def test_something_that_is_no_mp3(service: FakeTranslate) -> None:
    service.encode = lambda samples, rate: b"<html>" * 50
    with pytest.raises(VoiceError, match="gTTS sent something that is no sound"):
        speak()


def test_another_sample_rate_is_resampled(service: FakeTranslate) -> None:
    service.rate = 44100
    speech = speak()
    assert speech.rate == 24000 and speech.duration == pytest.approx(SECONDS + RESTS, abs=0.1)


def test_another_format_is_read(service: FakeTranslate) -> None:
    service.encode = wav
    assert speak().duration == pytest.approx(SECONDS + RESTS, abs=0.02)


def test_the_server_s_certificate_is_checked(service: FakeTranslate) -> None:
    import requests

    sent: list[dict] = []

    class Session(requests.Session):
        def send(self, request, **settings):
            sent.append(settings)
            return super().send(request, **settings)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(requests, "Session", Session)
        speak()
    assert sent and all(settings["verify"] for settings in sent)
    assert all(settings["timeout"] for settings in sent)


def test_voices_need_no_network() -> None:
    voices = gtts.GttsProvider().voices()
    assert voices[0].full_name == "gtts:en-IN"
