"""Amazon Polly through the real boto3, against a service on this machine."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from lipwright.articulation import articulate
from lipwright.core.errors import MissingExtraError, VoiceError
from lipwright.speech import Speech
from lipwright.speech.providers import retry
from lipwright.speech.providers.polly import PollyProvider
from lipwright.speech.script.script import Script, read_script
from lipwright.speech.timing.provider_timestamps import SILENCE

pytest.importorskip("boto3")

from tests.speech.providers.fakes.polly import (  # noqa: E402
    ACCESS_KEY,
    FIRST,
    SECRET_KEY,
    WORD_SECONDS,
    FakePolly,
    refusal,
)
from tests.speech.providers.fakes.server import Answer  # noqa: E402

TEXT = "Mama, beta: pay INR 5,053 & rest."


@pytest.fixture
def service(account: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakePolly]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
    with FakePolly() as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_POLLY", server.url)
        yield server


@pytest.fixture
def account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of an account without any settings of its own."""
    import os

    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    return tmp_path


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that were waited, had anybody waited."""
    seconds: list[float] = []
    monkeypatch.setattr(retry, "wait", seconds.append)
    return seconds


def speak(text: str = TEXT, voice: str = "Kajal", rate: float = 1.0, **more: str) -> Speech:
    return PollyProvider().synthesize(read_script(text), voice, rate, **more)


def test_words_and_visemes_become_one_timeline(service: FakePolly) -> None:
    speech = speak()
    assert speech.words is not None and speech.phones is not None
    assert speech.rate == 24000
    assert [word.text for word in speech.words] == [
        "Mama,",
        "beta:",
        "pay",
        "INR",
        "5,053",
        "rest.",
    ]
    assert speech.words[1].start == pytest.approx(FIRST + WORD_SECONDS)
    assert [phone.symbol for phone in speech.phones[:5]] == [SILENCE, "p", "a", "p", "ɛ"]
    assert speech.phones[1].start == pytest.approx(FIRST)
    assert speech.phones[1].end == pytest.approx(FIRST + 0.15)
    assert speech.phones[-1].end == pytest.approx(speech.duration)
    assert speech.transcript == TEXT


def test_the_lips_close_for_m_and_in_silence(service: FakePolly) -> None:
    gap = articulate(speak()).at(np.array([FIRST + 0.05, FIRST + 0.22, 100.0]))[:, 1]
    assert gap[0] < 0.02 < 0.1 < gap[1]
    speech = speak()
    assert articulate(speech).at(np.array([speech.duration - 0.02]))[0, 1] < 0.01


def test_an_indian_r_does_not_round_the_lips(service: FakePolly) -> None:
    def symbols(voice: str) -> set[str]:
        phones = speak("Ravi", voice).phones
        assert phones is not None
        return {phone.symbol for phone in phones}

    assert "ɾ" in symbols("Kajal") and "ɹ" in symbols("Joanna")


def test_sound_and_marks_are_asked_for_alike(service: FakePolly) -> None:
    speak(rate=1.5)
    sound, marks = (request.json for request in service.requests)
    assert sound["OutputFormat"] == "ogg_vorbis" and marks["OutputFormat"] == "json"
    assert marks["SpeechMarkTypes"] == ["word", "viseme"]
    alike = ("Text", "VoiceId", "Engine", "LanguageCode", "TextType")
    assert all(sound[name] == marks[name] for name in alike)
    assert (sound["VoiceId"], sound["Engine"]) == ("Kajal", "neural")
    assert sound["LanguageCode"] == "en-IN"
    assert 'rate="150%"' in sound["Text"] and "&amp;" in sound["Text"]


def test_kajal_speaks_hindi_when_asked_to(service: FakePolly) -> None:
    speak("Namaste", language="hi")
    assert service.requests[0].json["LanguageCode"] == "hi-IN"


def test_other_voices_keep_their_language_and_engine(service: FakePolly) -> None:
    speak(voice="Aditi")
    assert service.requests[-1].json["Engine"] == "standard"
    speak(voice="Joanna@neural")
    assert "LanguageCode" not in service.requests[-1].json
    with pytest.raises(VoiceError, match="does not support the selected engine.*check the voice"):
        speak(voice="Kajal@standard")


def test_long_texts_are_cut_at_sentences(service: FakePolly) -> None:
    sentence = "This sentence has some seven words inside. "
    speech = speak(sentence * 90)
    assert len(service.requests) > 2
    assert speech.words is not None and len(speech.words) == 90 * 7
    starts = [word.start for word in speech.words]
    assert starts == sorted(starts)
    assert speech.words[-1].end <= speech.duration


def test_emphasis_is_not_sent_to_a_voice_that_refuses_it(service: FakePolly) -> None:
    speak("<speak>Pay <emphasis level='strong'>now</emphasis>.</speak>")


def test_sound_of_another_rate_keeps_its_length(service: FakePolly) -> None:
    service.rate = 16000
    speech = speak()
    assert speech.rate == 16000
    assert speech.duration == pytest.approx(FIRST + WORD_SECONDS * 6 + 0.2, abs=0.1)


def test_the_keys_of_a_profile_do_too(
    service: FakePolly, account: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    (account / "credentials").write_text(
        f"[default]\naws_access_key_id={ACCESS_KEY}\naws_secret_access_key={SECRET_KEY}\n"
    )
    assert speak().duration > 1


def test_speaks_in_mumbai_unless_told_otherwise(
    service: FakePolly, monkeypatch: pytest.MonkeyPatch
) -> None:
    speak()
    assert "/ap-south-1/polly/" in service.requests[-1].headers["authorization"]
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    speak()
    assert "/eu-west-1/polly/" in service.requests[-1].headers["authorization"]


def test_without_a_key_the_variables_are_named(account: Path) -> None:
    with pytest.raises(VoiceError, match="AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or in"):
        speak()


def test_a_profile_that_is_not_there(account: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(VoiceError, match="nobody.*begin with AWS_"):
        speak()


def test_a_wrong_key_is_final_and_never_shown(
    service: FakePolly,
    waits: list[float],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    wrong = "wrong+key/that/nobody/may/see/00000000000"
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", wrong)
    with caplog.at_level(logging.INFO), pytest.raises(VoiceError, match="signature") as caught:
        speak()
    assert "check AWS_ACCESS_KEY_ID" in str(caught.value)
    assert waits == []
    assert caught.value.__suppress_context__
    assert wrong not in str(caught.value) + caplog.text and ACCESS_KEY not in caplog.text


def test_a_key_that_the_service_repeats_is_hidden(service: FakePolly, waits: list[float]) -> None:
    service.fail(refusal(401, "UnrecognizedClientException", f"no account has {ACCESS_KEY}"))
    with pytest.raises(VoiceError, match="no account has ") as caught:
        speak()
    assert ACCESS_KEY not in str(caught.value)


def test_waits_as_long_as_the_service_asks(service: FakePolly, waits: list[float]) -> None:
    service.fail(refusal(429, "TooManyRequestsException", "Rate exceeded", Retry_After="3"))
    assert speak().duration > 1
    assert waits == [3.0]


def test_throttling_comes_as_a_bad_request(service: FakePolly, waits: list[float]) -> None:
    service.fail(refusal(400, "ThrottlingException", "Rate exceeded"))
    assert speak().duration > 1
    assert len(waits) == 1


def test_tries_again_after_an_error_of_the_server(service: FakePolly, waits: list[float]) -> None:
    service.fail(refusal(500, "ServiceFailureException", "An unknown condition"))
    assert speak().duration > 1
    service.fail(*[refusal(503, "ServiceUnavailable", "Down for today")] * 9)
    with pytest.raises(VoiceError, match=r"after 4 tries \(Down for today\)"):
        speak()


def test_a_dropped_connection_is_tried_again(service: FakePolly, waits: list[float]) -> None:
    service.fail(Answer(body=b"OggS" * 99, headers={"Content-Type": "audio/ogg"}, drop=True))
    assert speak().duration > 1
    assert len(waits) == 1


def test_no_sound_is_an_error(service: FakePolly) -> None:
    service.silent = True
    with pytest.raises(VoiceError, match="Amazon Polly sent no sound"):
        speak()


def test_marks_that_are_none_are_an_error(service: FakePolly) -> None:
    good = service.answer
    service.answer = lambda request: (  # type: ignore[method-assign]
        Answer(body=b"<html>") if request.json["OutputFormat"] == "json" else good(request)
    )
    with pytest.raises(VoiceError, match="speech marks that cannot be read"):
        speak()


def test_an_unknown_voice_is_said_in_polly_s_words(service: FakePolly, waits: list[float]) -> None:
    with pytest.raises(VoiceError, match="'voiceId' failed.*check the voice"):
        speak(voice="Nobody")
    assert waits == []


def test_nothing_but_pauses_is_sent_nowhere(service: FakePolly) -> None:
    with pytest.raises(VoiceError):
        PollyProvider().synthesize(Script(()), "Kajal")


def test_without_the_sdk_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "boto3", None)
    with pytest.raises(MissingExtraError, match=r'pip install "lipwright\[polly\]"'):
        speak()


def test_a_service_that_cannot_be_reached_is_asked_again_and_no_key_is_blamed(
    service: FakePolly, waits: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_POLLY", "http://me:pa55word@127.0.0.1:9")
    with pytest.raises(VoiceError, match="after 4 tries .*check the network, and the reg") as told:
        PollyProvider().synthesize(read_script("Hi."), "Kajal")
    assert len(waits) == 3 and "pa55word" not in str(told.value)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("AWS_DEFAULT_REGION", "Mumbai", 'AWS_DEFAULT_REGION is "Mumbai", which is no region'),
        ("AWS_ENDPOINT_URL", "nowhere", "AWS_ENDPOINT_URL is nowhere, which is no address"),
    ],
)
def test_places_that_are_none_are_told_before_anybody_is_asked(
    service: FakePolly, monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(VoiceError, match=said):
        PollyProvider().synthesize(read_script("Hi."), "Kajal")
    assert not service.requests
