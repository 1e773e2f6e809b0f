"""Google Cloud: keys, refusals, outages and broken answers, end to end."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

pytest.importorskip("google.cloud.texttospeech_v1beta1")

from tests.speech.providers.fakes.google import API_KEY, Account, FakeGoogle, refusal
from tests.speech.providers.fakes.server import Answer

from lipwright.core.errors import VoiceError
from lipwright.speech.providers import google
from lipwright.speech.providers.google_errors import describe
from lipwright.speech.script.script import read_script

TEXT = "Dear Ravi, pay INR 5,053 today."


def speak():
    return google.GoogleProvider().synthesize(read_script(TEXT), "en-IN-Neural2-A")


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
    google_cloud: FakeGoogle, account: Account, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    speak()
    token = google_cloud.requests[0].headers["authorization"].split()[1]
    assert account.info["private_key"][40:80] not in caplog.text and token not in caplog.text


def test_401_names_the_variable(google_cloud: FakeGoogle, waits: list[float]) -> None:
    google_cloud.account = None
    with pytest.raises(VoiceError, match="invalid authentication.*GOOGLE_APPLICATION_CREDENTIALS"):
        speak()
    assert not waits


def test_a_missing_key_file_is_named(
    google_cloud: FakeGoogle, monkeypatch: pytest.MonkeyPatch
) -> None:
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
    google_cloud: FakeGoogle,
    monkeypatch,
    tmp_path: Path,
    waits: list[float],
    content: str,
    words: str,
) -> None:
    file = tmp_path / "key.json"
    file.write_text(content)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(file))
    with pytest.raises(VoiceError, match=f"{words}.*put the path of") as caught:
        speak()
    assert "SECRET" not in str(caught.value) and not waits


def test_a_folder_instead_of_a_key_file(
    google_cloud: FakeGoogle, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path))
    with pytest.raises(VoiceError, match="the credentials cannot be read"):
        speak()


def test_a_sign_in_that_has_run_out() -> None:
    from google.auth.exceptions import RefreshError

    answer = {"error": "invalid_grant", "access_token": "SECRET"}
    failure = describe(RefreshError("invalid_grant: Bad Request", answer))
    assert failure and failure.words == "invalid_grant: Bad Request" and not failure.retryable
    assert "gcloud auth application-default login" in failure.advice


def test_no_credentials_at_all(
    google_cloud: FakeGoogle, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS")
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    with pytest.raises(VoiceError, match="credentials were not found.*gcloud auth"):
        speak()


def test_403_says_what_to_allow(google_cloud: FakeGoogle) -> None:
    words = "Cloud Text-to-Speech API has not been used in project 7 before or it is disabled."
    google_cloud.fail(refusal(403, "PERMISSION_DENIED", words))
    with pytest.raises(VoiceError, match="not been used in project 7.*enable the Text-to-Speech"):
        speak()


def test_429_waits_as_long_as_it_is_told(google_cloud: FakeGoogle, waits: list[float]) -> None:
    words = "Quota exceeded for quota metric 'Count of requests'"
    info = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "3.5s"}
    google_cloud.fail(
        refusal(429, "RESOURCE_EXHAUSTED", words, retry_after="7"),
        refusal(429, "RESOURCE_EXHAUSTED", words, info),
        refusal(500, "INTERNAL", "Internal error encountered."),
    )
    assert len(speak().words) == 6
    assert waits[:2] == [7, 3.5] and 0 < waits[2] < 5
    assert len(google_cloud.requests) == 5


def test_an_outage_ends_in_the_service_s_words(
    google_cloud: FakeGoogle, waits: list[float]
) -> None:
    google_cloud.fail(*[Answer(503, b"<html><title>x</title><p>That is an error.</p></html>")] * 9)
    with pytest.raises(VoiceError, match=r"after 4 tries \(That is an error\): try again later"):
        speak()
    assert len(google_cloud.requests) == 4


def test_a_dropped_connection_is_tried_again(google_cloud: FakeGoogle, waits: list[float]) -> None:
    google_cloud.fail(Answer(body={"voices": [{"name": "x" * 1000}]}, drop=True))
    assert len(speak().words) == 6
    assert len(waits) == 1


def test_nobody_there(google_cloud: FakeGoogle, monkeypatch: pytest.MonkeyPatch, waits) -> None:
    monkeypatch.setenv("GOOGLE_TTS_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(VoiceError, match="Connection refused.: check the connection"):
        speak()


def test_an_address_that_is_none(google_cloud: FakeGoogle, monkeypatch, waits) -> None:
    monkeypatch.setenv("GOOGLE_TTS_ENDPOINT", "http://::")
    with pytest.raises(VoiceError, match="GOOGLE_TTS_ENDPOINT is http://::, which is no address"):
        speak()
    assert not waits


def test_sentences_that_are_too_long(google_cloud: FakeGoogle) -> None:
    words = "This request contains sentences that are too long."
    list_answer = google_cloud.answer
    google_cloud.answer = lambda request: (  # type: ignore[method-assign]
        refusal(400, "INVALID_ARGUMENT", words)
        if request.method == "POST"
        else list_answer(request)
    )
    with pytest.raises(VoiceError, match="sentences that are too long.: write shorter sentences"):
        speak()


def test_an_answer_that_is_no_json(google_cloud: FakeGoogle, waits: list[float]) -> None:
    google_cloud.fail(Answer(200, b"<html>Log in to the hotel network</html>"))
    assert speak().words and len(waits) == 1
