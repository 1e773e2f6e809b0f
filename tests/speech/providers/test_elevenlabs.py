"""ElevenLabs end to end: its own SDK against a local server that behaves like the service."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

pytest.importorskip("elevenlabs")

from tests.speech.providers.fakes.elevenlabs import (
    KEY,
    MONIKA,
    OWN_VOICE,
    SECONDS_PER_CHARACTER,
    TAIL_SECONDS,
    FakeElevenLabs,
    refusal,
)
from tests.speech.providers.fakes.server import Answer
from tests.speech.providers.fakes.sounds import mp3, wav

from lipwright.core.errors import VoiceError
from lipwright.speech.providers import elevenlabs
from lipwright.speech.script.script import Pause, Script, Text, read_script
from lipwright.speech.timing.provider_timestamps import in_order

TEXT = "Dear Ravi, pay INR 5,053 today."
SECONDS = len(TEXT) * SECONDS_PER_CHARACTER + TAIL_SECONDS


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeElevenLabs]:
    with FakeElevenLabs() as server:
        monkeypatch.delenv("ELEVENLABS_MODEL", raising=False)
        monkeypatch.setenv("ELEVENLABS_API_KEY", KEY)
        monkeypatch.setenv("ELEVENLABS_BASE_URL", server.url)
        yield server


def speak(text: str | Script = TEXT, voice: str = "monika", rate: float = 1.0):
    script = text if isinstance(text, Script) else read_script(text)
    return elevenlabs.ElevenLabsProvider().synthesize(script, voice, rate)


def sent(service: FakeElevenLabs) -> list[dict]:
    return [request.json for request in service.requests if request.method == "POST"]


def test_words_have_the_times_of_their_characters(service: FakeElevenLabs) -> None:
    speech = speak()
    assert speech.rate == 24000
    assert speech.duration == pytest.approx(
        len(TEXT) * SECONDS_PER_CHARACTER + TAIL_SECONDS, abs=0.01
    )
    assert [word.text for word in speech.words] == TEXT.split()
    at = TEXT.index("5,053") * SECONDS_PER_CHARACTER
    assert speech.words[4].start == pytest.approx(at, abs=0.002)
    assert speech.words[4].end == pytest.approx(at + 5 * SECONDS_PER_CHARACTER, abs=0.002)
    assert speech.phones is None and speech.transcript == TEXT
    (body,) = sent(service)
    assert body == {"text": TEXT, "model_id": "eleven_multilingual_v2"}


def test_without_alignment_the_normalized_one_times_the_written_words(
    service: FakeElevenLabs,
) -> None:
    service.alignment = False
    words = speak().words
    assert [word.text for word in words] == TEXT.split()
    amount = words[4]  # "five thousand fifty-three" is much longer to say than to write
    assert amount.end - amount.start > 3 * (words[5].end - words[5].start)
    assert in_order(words) == list(words)


def test_without_any_alignment_only_the_sound_is_known(service: FakeElevenLabs) -> None:
    service.alignment = service.normalized_alignment = False
    assert speak().words is None


def test_alignments_of_unequal_lengths_are_not_trusted(service: FakeElevenLabs) -> None:
    broken = service._sound(TEXT, SECONDS_PER_CHARACTER, 24000)
    broken["alignment"]["character_start_times_seconds"].pop()
    broken["normalized_alignment"] = None
    service.fail(Answer(body=broken))
    assert speak().words is None


@pytest.mark.parametrize(("rate", "speed"), [(1.0, None), (1.1, 1.1), (0.5, 0.7), (2.0, 1.2)])
def test_rate_is_reached_whatever_the_service_can(
    service: FakeElevenLabs, rate: float, speed: float | None
) -> None:
    speech = speak(rate=rate)
    (body,) = sent(service)
    assert body.get("voice_settings", {}).get("speed") == speed
    spoken = len(TEXT) * SECONDS_PER_CHARACTER / rate
    assert speech.words[-1].end == pytest.approx(spoken, abs=0.02)
    assert spoken < speech.duration < spoken + TAIL_SECONDS / min(rate, 1) + 0.02


def test_long_pauses_and_speeds_are_made_here(service: FakeElevenLabs) -> None:
    slowly = Text(" Three", rate=0.5)
    script = Script((Pause(1.5), Text("One two."), Pause(2.0), slowly, Pause(1.0)))
    speech = speak(script)
    assert [body["text"] for body in sent(service)] == ["One two.", "Three"]
    assert sent(service)[1]["previous_text"] == "One two."
    assert sent(service)[0]["next_text"] == "Three"
    one, two, three = speech.words
    assert (one.text, two.text, three.text) == ("One", "two.", "Three")
    assert one.start == pytest.approx(1.5)
    first_ends = 1.5 + 8 * SECONDS_PER_CHARACTER + TAIL_SECONDS
    assert three.start == pytest.approx(first_ends + 2.0, abs=0.01)
    assert three.end - three.start == pytest.approx(5 * SECONDS_PER_CHARACTER / 0.5, abs=0.01)
    assert not speech.samples[: int(1.5 * speech.rate)].any()
    assert not speech.samples[-speech.rate :].any()


def test_short_pauses_are_left_to_the_voice(service: FakeElevenLabs) -> None:
    speak("Well... let us see.")
    assert [body["text"] for body in sent(service)] == ["Well... let us see."]


def test_long_texts_go_sentence_by_sentence(service: FakeElevenLabs) -> None:
    text = " ".join(f"This is reminder number {number} of many." for number in range(200))
    speech = speak(text)
    bodies = sent(service)
    assert len(bodies) == 3 and " ".join(body["text"] for body in bodies) == text
    assert all(len(body["text"]) <= 2500 and body["text"].endswith(".") for body in bodies)
    assert len(bodies[1]["previous_text"]) <= 300 and "previous_text" not in bodies[0]
    assert [word.text for word in speech.words] == text.split()
    assert all(
        a.end <= b.start + 1e-9 for a, b in zip(speech.words, speech.words[1:], strict=False)
    )


@pytest.mark.parametrize("model", ["eleven_flash_v2_5", "eleven_v3"])
def test_another_model_speaks_and_is_kept_apart(
    service: FakeElevenLabs, monkeypatch: pytest.MonkeyPatch, model: str
) -> None:
    monkeypatch.setenv("ELEVENLABS_MODEL", model)
    assert elevenlabs.ElevenLabsProvider().version == model
    speak(Script((Text("One."), Pause(2.0), Text("Two."))))
    assert [body["model_id"] for body in sent(service)] == [model, model]


def test_an_unknown_model(service: FakeElevenLabs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ELEVENLABS_MODEL", "eleven_v99")
    with pytest.raises(VoiceError, match="eleven_v99 does not exist.*check ELEVENLABS_MODEL"):
        speak()


def test_a_voice_of_the_account_is_found_by_its_name(service: FakeElevenLabs) -> None:
    speak(voice="meera")
    assert service.requests[-1].path == f"/v1/text-to-speech/{OWN_VOICE}/with-timestamps"


def test_an_id_is_taken_as_it_is(service: FakeElevenLabs) -> None:
    speak(voice=MONIKA)
    assert len(service.requests) == 1


def test_an_unknown_name_and_an_unknown_id(service: FakeElevenLabs) -> None:
    with pytest.raises(VoiceError, match='no voice "nobody" in your account: add it.*monika'):
        speak(voice="nobody")
    with pytest.raises(VoiceError, match="voice_id 'AAAAAAAAAAAAAAAAAAAA' was not found.*choose"):
        speak(voice="A" * 20)
    assert len(service.requests) == 2


def test_401_names_the_variable_and_never_the_key(
    service: FakeElevenLabs, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = "sk_wrong0000111122223333"
    monkeypatch.setenv("ELEVENLABS_API_KEY", wrong)
    caplog.set_level(logging.DEBUG)
    with pytest.raises(VoiceError, match="Invalid API key.*check ELEVENLABS_API_KEY") as caught:
        speak()
    assert len(service.requests) == 1
    assert service.requests[0].headers["xi-api-key"] == wrong
    assert wrong not in str(caught.value) and wrong not in caplog.text
    assert caught.value.__cause__ is None and caught.value.__suppress_context__


def test_the_key_is_in_no_log_and_nothing_of_the_speech(
    service: FakeElevenLabs, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    speech = speak()
    assert KEY not in caplog.text and KEY not in repr(speech)


def test_a_missing_key_names_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ELEVENLABS_API_KEY", raising=False)
    with pytest.raises(VoiceError, match="ELEVENLABS_API_KEY"):
        speak()


def test_a_key_no_header_can_hold_is_refused_without_repeating_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ELEVENLABS_API_KEY", "sk_söme\tthing")
    with pytest.raises(VoiceError) as caught:
        speak()
    assert "thing" not in str(caught.value)


def test_no_credits_left(service: FakeElevenLabs) -> None:
    words = "This request exceeds your quota of 10000. You have 5 credits remaining"
    service.fail(refusal(401, "quota_exceeded", words))
    with pytest.raises(VoiceError, match="exceeds your quota of 10000.*buy credits"):
        speak()


def test_429_waits_as_long_as_it_is_told(service: FakeElevenLabs, waits: list[float]) -> None:
    busy = refusal(429, "too_many_concurrent_requests", "Too many", retry_after="7")
    service.fail(busy, refusal(500, "internal_server_error", "Oops"))
    assert len(speak().words) == 6
    assert waits[0] == 7 and 0 < waits[1] < 2
    assert len(service.requests) == 3


def test_an_outage_ends_in_the_service_s_words(service: FakeElevenLabs, waits: list[float]) -> None:
    service.fail(*[Answer(503, b"<html><h1>upstream is down</h1></html>")] * 9)
    with pytest.raises(VoiceError, match=r"after 4 tries \(upstream is down\): try again later"):
        speak()
    assert len(service.requests) == 4 and len(waits) == 3


def test_a_dropped_connection_is_tried_again(service: FakeElevenLabs, waits: list[float]) -> None:
    whole = service._sound(TEXT, SECONDS_PER_CHARACTER, 24000)
    service.fail(Answer(body=whole, drop=True))
    assert len(speak().words) == 6
    assert len(waits) == 1


def test_an_address_that_is_none(monkeypatch: pytest.MonkeyPatch, waits: list[float]) -> None:
    monkeypatch.setenv("ELEVENLABS_API_KEY", KEY)
    monkeypatch.setenv("ELEVENLABS_BASE_URL", "api.elevenlabs.io")
    with pytest.raises(VoiceError, match="BASE_URL is api.elevenlabs.io, which is no address"):
        speak()
    assert not waits


def test_nobody_there(monkeypatch: pytest.MonkeyPatch, waits: list[float]) -> None:
    monkeypatch.setenv("ELEVENLABS_API_KEY", KEY)
    monkeypatch.setenv("ELEVENLABS_BASE_URL", "http://127.0.0.1:9")
    with pytest.raises(VoiceError, match="refused.*check the connection"):
        speak()


def test_422_says_what_is_wrong(service: FakeElevenLabs) -> None:
    detail = [{"loc": ["body", "text"], "msg": "field required", "type": "value_error.missing"}]
    service.fail(Answer(422, {"detail": detail}))
    with pytest.raises(VoiceError, match="field required"):
        speak()


@pytest.mark.parametrize("body", [{}, {"audio_base64": None}, {"audio_base64": "&"}])
def test_an_answer_without_sound(service: FakeElevenLabs, body: dict) -> None:
    service.fail(Answer(200, body))
    with pytest.raises(VoiceError, match="no sound|cannot be read"):
        speak()


@pytest.mark.parametrize("body", [b"<html>Log in to the hotel network</html>", b"[]", b"7"])
def test_an_answer_of_another_kind_is_asked_for_again(
    service: FakeElevenLabs, waits: list[float], body: bytes
) -> None:
    service.fail(Answer(200, body))
    assert speak().words and len(waits) == 1


def test_empty_sound(service: FakeElevenLabs) -> None:
    service.empty = True
    with pytest.raises(VoiceError, match="ElevenLabs sent no sound"):
        speak()


@pytest.mark.parametrize("rate", [8000, 16000, 44100, 48000])
def test_sound_of_another_rate_is_noticed(service: FakeElevenLabs, rate: int) -> None:
    service.rate = rate
    with pytest.raises(VoiceError, match="its sample rate is not the 24000"):
        speak(f"{TEXT} {TEXT}")


@pytest.mark.parametrize(("container", "rate"), [(wav, 22050), (mp3, 44100)])
def test_a_sound_file_instead_of_pcm_is_read(service: FakeElevenLabs, container, rate: int) -> None:
    service.container, service.rate = container, rate
    speech = speak()
    assert speech.rate == 24000 and speech.duration == pytest.approx(SECONDS, abs=0.08)


def test_a_redirect_does_not_take_the_key_elsewhere(service: FakeElevenLabs) -> None:
    with FakeElevenLabs() as other:
        service.fail(Answer(307, b"", {"Location": f"{other.url}/v1/text-to-speech/x"}))
        with pytest.raises(VoiceError):
            speak()
        assert other.requests == []


def test_voices_need_neither_key_nor_network() -> None:
    voices = elevenlabs.ElevenLabsProvider().voices()
    assert voices[0].language == "en-IN" and voices[0].full_name == "elevenlabs:monika"
    assert len({voice.name for voice in voices}) == len(voices)
