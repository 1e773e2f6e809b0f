"""Google Cloud end to end: its own client against a local server that behaves like the service."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("google.cloud.texttospeech_v1beta1")

from tests.speech.providers.fakes.google import (
    API_KEY,
    SECONDS_PER_CHARACTER,
    Account,
    FakeGoogle,
    refusal,
)
from tests.speech.providers.fakes.server import Answer

from lipwright.errors import VoiceError
from lipwright.speech.providers import google, retry
from lipwright.speech.script import Pause, Script, Text, read_script
from lipwright.speech.timeline import in_order

TEXT = "Dear Ravi, pay INR 5,053 today."


@pytest.fixture(scope="session")
def account() -> Account:
    """A service account made for these tests."""
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "tests")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    info = {
        "type": "service_account",
        "project_id": "lipwright-tests",
        "private_key_id": "1",
        "private_key": private.decode(),
        "client_email": "speaker@lipwright-tests.iam.gserviceaccount.com",
        "token_uri": "http://127.0.0.1:9/never-asked",
    }
    return Account(info, certificate.public_bytes(serialization.Encoding.PEM))


@pytest.fixture
def service(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, account: Account
) -> Iterator[FakeGoogle]:
    """The service, with a service account's key file in the environment."""
    monkeypatch.setattr(  # a thread that asks Google where the account may be used
        "google.auth.credentials.CredentialsWithRegionalAccessBoundary"
        "._maybe_start_regional_access_boundary_refresh",
        lambda *_: None,
        raising=False,
    )
    with FakeGoogle(account) as server:
        file = tmp_path / "account.json"
        file.write_text(json.dumps(account.info))
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(file))
        monkeypatch.delenv("GOOGLE_API_KEY", raising=False)
        monkeypatch.setenv("GOOGLE_TTS_ENDPOINT", server.url)
        yield server


@pytest.fixture
def by_key(service: FakeGoogle, monkeypatch: pytest.MonkeyPatch) -> FakeGoogle:
    """The same with an API key."""
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS")
    monkeypatch.setenv("GOOGLE_API_KEY", API_KEY)
    return service


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    seconds: list[float] = []
    monkeypatch.setattr(retry, "wait", seconds.append)
    return seconds


def speak(text: str | Script = TEXT, voice: str = "en-IN-Neural2-A", rate: float = 1.0):
    script = text if isinstance(text, Script) else read_script(text)
    return google.GoogleProvider().synthesize(script, voice, rate)


def sent(service: FakeGoogle) -> list[dict]:
    return [request.json for request in service.requests if request.method == "POST"]


def test_words_have_the_times_of_their_marks(service: FakeGoogle) -> None:
    speech = speak()
    assert speech.rate == 24000 and speech.transcript == TEXT
    assert [word.text for word in speech.words] == TEXT.split()
    at = TEXT.index("5,053") * SECONDS_PER_CHARACTER
    assert speech.words[4].start == pytest.approx(at, abs=0.002)
    assert speech.duration == pytest.approx(len(TEXT) * SECONDS_PER_CHARACTER, abs=0.01)
    (body,) = sent(service)
    assert body["voice"] == {"languageCode": "en-IN", "name": "en-IN-Neural2-A"}
    assert body["enableTimePointing"] == ["SSML_MARK"]
    assert "speakingRate" not in body["audioConfig"]


def test_a_service_account_signs_for_itself(service: FakeGoogle) -> None:
    speak()
    assert all("authorization" in request.headers for request in service.requests)


def test_an_api_key_is_enough(by_key: FakeGoogle) -> None:
    speak()
    assert all(request.headers["x-goog-api-key"] == API_KEY for request in by_key.requests)
    assert not any(API_KEY in request.path for request in by_key.requests)


def test_pauses_end_words_and_speeds_go_into_the_ssml(service: FakeGoogle) -> None:
    script = Script((Text("One."), Pause(2.0), Text("Two & three", rate=0.5)))
    speech = speak(script, rate=2.0)
    one, two, *_ = speech.words
    assert one.end < 0.4 and two.start == pytest.approx(
        2.0 + 4 * SECONDS_PER_CHARACTER / 2, abs=0.01
    )
    (body,) = sent(service)
    assert body["audioConfig"]["speakingRate"] == 2.0
    assert [word.text for word in speech.words] == script.words


def test_lost_marks_join_the_word_before(service: FakeGoogle) -> None:
    service.lose = {"0", "4"}
    assert [word.text for word in speak().words] == ["Dear Ravi,", "pay", "INR 5,053", "today."]


def test_without_any_times_only_the_sound_is_known(service: FakeGoogle) -> None:
    service.lose = {str(number) for number in range(9)}
    assert speak().words is None


def test_long_scripts_go_in_5000_bytes_at_sentences(service: FakeGoogle) -> None:
    text = " ".join(
        f"Reminder {number}: Rām & Co. should pay ₹5,053 today." for number in range(150)
    )
    speech = speak(text)
    bodies = sent(service)
    assert len(bodies) > 3
    for body in bodies:
        ssml = body["input"]["ssml"]
        assert 2000 < len(ssml.encode()) <= 5000 or body is bodies[-1]
        assert ssml.rstrip().removesuffix("</speak>").rstrip().endswith(("today.", "Co."))
    assert [word.text for word in speech.words] == text.split()
    assert in_order(speech.words) == list(speech.words)
    assert speech.words[-1].end == pytest.approx(speech.duration, abs=0.1)


def test_plain_voices_get_text_and_have_no_words(service: FakeGoogle) -> None:
    script = Script((Pause(1.0), Text("One two."), Pause(1.5), Text("Three.", rate=0.5)))
    speech = speak(script, voice="en-IN-Chirp3-HD-Kore")
    first, second = sent(service)
    assert first["input"] == {"text": "One two."} and second["input"] == {"text": "Three."}
    assert second["audioConfig"]["speakingRate"] == 0.5
    assert speech.words is None
    sound = 8 * SECONDS_PER_CHARACTER + 6 * SECONDS_PER_CHARACTER / 0.5
    assert speech.duration == pytest.approx(1.0 + 1.5 + sound, abs=0.02)
    assert not speech.samples[:24000].any()


def test_plain_voices_count_bytes_not_characters(service: FakeGoogle) -> None:
    text = "यह एक परीक्षा है। " * 150  # 44 bytes each
    speak(text, voice="en-IN-Chirp3-HD-Kore")
    sizes = [len(body["input"]["text"].encode()) for body in sent(service)]
    assert len(sizes) == 2 and max(sizes) <= 5000


def test_a_name_without_language_gets_it(service: FakeGoogle) -> None:
    google.GoogleProvider().synthesize(read_script("Ji."), "wavenet-a", language="hi-IN")
    assert sent(service)[0]["voice"]["name"] == "hi-IN-Wavenet-A"


def test_a_voice_that_is_not_listed_is_never_asked_for(service: FakeGoogle) -> None:
    with pytest.raises(
        VoiceError, match='no voice "en-IN-Neural2-Z": choose one of en-IN-Neural2-A'
    ):
        speak(voice="en-IN-Neural2-Z")
    with pytest.raises(VoiceError, match='no voice "xx-XX-Wavenet-A": choose another language'):
        speak(voice="xx-XX-Wavenet-A")
    assert not sent(service)


def test_another_voice_in_its_place_is_noticed(service: FakeGoogle) -> None:
    service.replace = "en-IN-Standard-A"
    with pytest.raises(VoiceError, match="another voice than en-IN-Neural2-A.*24000.*22050"):
        speak()


def test_a_voice_may_have_another_rate_of_its_own(service: FakeGoogle) -> None:
    assert speak(voice="en-IN-Standard-A").rate == 22050


def test_a_header_that_belies_the_answer(service: FakeGoogle) -> None:
    service.header_rate = 8000
    with pytest.raises(VoiceError, match="8000 samples a second instead of 24000"):
        speak()


def test_empty_sound_and_sound_without_header(service: FakeGoogle) -> None:
    service.empty = True
    with pytest.raises(VoiceError, match="Google Cloud sent no sound"):
        speak()
    service.empty, service.raw = False, True
    with pytest.raises(VoiceError, match="something that is no sound"):
        speak()


def test_a_wrong_api_key_is_named_and_not_repeated(
    by_key: FakeGoogle, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = "AIzaWrongKey000000000000000000000000000"
    monkeypatch.setenv("GOOGLE_API_KEY", wrong)
    caplog.set_level(logging.DEBUG)
    with pytest.raises(
        VoiceError, match="API key not valid: .hidden.*check GOOGLE_API_KEY"
    ) as caught:
        speak()
    assert by_key.requests[0].headers["x-goog-api-key"] == wrong
    assert wrong not in str(caught.value) and wrong not in caplog.text
    assert caught.value.__cause__ is None and caught.value.__suppress_context__


def test_keys_are_in_no_log_and_nothing_of_the_speech(
    by_key: FakeGoogle, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    speech = speak()
    assert API_KEY not in caplog.text and API_KEY not in repr(speech)


def test_a_private_key_is_in_no_log(
    service: FakeGoogle, account: Account, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    speak()
    token = service.requests[0].headers["authorization"].split()[1]
    assert account.info["private_key"][40:80] not in caplog.text and token not in caplog.text


def test_401_names_the_variable(service: FakeGoogle, waits: list[float]) -> None:
    service.account = None
    with pytest.raises(VoiceError, match="invalid authentication.*GOOGLE_APPLICATION_CREDENTIALS"):
        speak()
    assert not waits


def test_a_missing_key_file_is_named(service: FakeGoogle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "/nowhere/key.json")
    with pytest.raises(VoiceError, match="/nowhere/key.json was not found.*put the path of"):
        speak()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("-----BEGIN PRIVATE KEY-----SECRET", "key.json is not a valid json file"),
        ('{"type": "SECRET"}', "key.json does not have a valid type"),
        ('{"type": "service_account", "private_key": "SECRET"}', "Failed to load service account"),
        ('["SECRET"]', "the credentials cannot be read"),
    ],
)
def test_a_broken_key_file_is_told_of_without_what_it_holds(
    service: FakeGoogle, monkeypatch, tmp_path: Path, waits: list[float], content: str, words: str
) -> None:
    file = tmp_path / "key.json"
    file.write_text(content)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(file))
    with pytest.raises(VoiceError, match=f"{words}.*put the path of") as caught:
        speak()
    assert "SECRET" not in str(caught.value) and not waits


def test_a_folder_instead_of_a_key_file(
    service: FakeGoogle, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path))
    with pytest.raises(VoiceError, match="the credentials cannot be read"):
        speak()


def test_a_sign_in_that_has_run_out() -> None:
    from google.auth.exceptions import RefreshError

    answer = {"error": "invalid_grant", "access_token": "SECRET"}
    failure = google.describe(RefreshError("invalid_grant: Bad Request", answer))
    assert failure and failure.words == "invalid_grant: Bad Request" and not failure.retryable
    assert "gcloud auth application-default login" in failure.advice


def test_no_credentials_at_all(
    service: FakeGoogle, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS")
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    with pytest.raises(VoiceError, match="credentials were not found.*gcloud auth"):
        speak()


def test_403_says_what_to_allow(service: FakeGoogle) -> None:
    words = "Cloud Text-to-Speech API has not been used in project 7 before or it is disabled."
    service.fail(refusal(403, "PERMISSION_DENIED", words))
    with pytest.raises(VoiceError, match="not been used in project 7.*enable the Text-to-Speech"):
        speak()


def test_429_waits_as_long_as_it_is_told(service: FakeGoogle, waits: list[float]) -> None:
    words = "Quota exceeded for quota metric 'Count of requests'"
    info = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "3.5s"}
    service.fail(
        refusal(429, "RESOURCE_EXHAUSTED", words, retry_after="7"),
        refusal(429, "RESOURCE_EXHAUSTED", words, info),
        refusal(500, "INTERNAL", "Internal error encountered."),
    )
    assert len(speak().words) == 6
    assert waits[:2] == [7, 3.5] and 0 < waits[2] < 5
    assert len(service.requests) == 5


def test_an_outage_ends_in_the_service_s_words(service: FakeGoogle, waits: list[float]) -> None:
    service.fail(*[Answer(503, b"<html><title>x</title><p>That is an error.</p></html>")] * 9)
    with pytest.raises(VoiceError, match=r"after 4 tries \(That is an error\): try again later"):
        speak()
    assert len(service.requests) == 4


def test_a_dropped_connection_is_tried_again(service: FakeGoogle, waits: list[float]) -> None:
    service.fail(Answer(body={"voices": [{"name": "x" * 1000}]}, drop=True))
    assert len(speak().words) == 6
    assert len(waits) == 1


def test_nobody_there(service: FakeGoogle, monkeypatch: pytest.MonkeyPatch, waits) -> None:
    monkeypatch.setenv("GOOGLE_TTS_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(VoiceError, match="Connection refused.: check the connection"):
        speak()


def test_sentences_that_are_too_long(service: FakeGoogle) -> None:
    words = "This request contains sentences that are too long."
    list_answer = service.answer
    service.answer = lambda request: (  # type: ignore[method-assign]
        refusal(400, "INVALID_ARGUMENT", words)
        if request.method == "POST"
        else list_answer(request)
    )
    with pytest.raises(VoiceError, match="sentences that are too long.: write shorter sentences"):
        speak()


def test_an_answer_that_is_no_json(service: FakeGoogle, waits: list[float]) -> None:
    service.fail(Answer(200, b"<html>Log in to the hotel network</html>"))
    assert speak().words and len(waits) == 1


def test_voices_need_neither_key_nor_network() -> None:
    voices = google.GoogleProvider().voices()
    assert voices[0].full_name == "google:en-IN-Neural2-A" and voices[0].gender == "female"
    assert len({voice.name for voice in voices}) == len(voices)


def test_words_end_where_their_sound_does(service: FakeGoogle) -> None:
    speech = speak("Stop. <break time='1500ms'/> Go on.")
    stop, go = speech.words[:2]
    begin, end = round(stop.end * 24000) + 240, round(go.start * 24000) - 240
    assert end - begin > 24000 and not np.any(speech.samples[begin:end])
