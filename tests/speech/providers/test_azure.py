"""Azure's voices through the real Speech SDK, against a service on this machine."""

from __future__ import annotations

import logging
import socket
import subprocess
import sys
from collections.abc import Iterator

import numpy as np
import pytest

from lipwright.articulation import articulate
from lipwright.core.errors import MissingExtraError, VoiceError
from lipwright.speech import Speech
from lipwright.speech.providers import azure, retry
from lipwright.speech.providers.azure import AzureProvider
from lipwright.speech.script.script import Script, read_script
from lipwright.speech.timing.provider_timestamps import SILENCE

pytest.importorskip("azure.cognitiveservices.speech")
pytest.importorskip("aiohttp")

from tests.speech.providers.fakes.azure import KEY, TAIL_SECONDS, AzureServer  # noqa: E402
from tests.speech.providers.fakes.websocket import Fault  # noqa: E402

VOICE = "en-IN-NeerjaNeural"
TEXT = "Mama, beta: pay INR 5,053 & rest."
SECONDS = 0.1 + 0.3 * 5 + TAIL_SECONDS


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[AzureServer]:
    with AzureServer() as server:
        monkeypatch.setenv("AZURE_SPEECH_KEY", KEY)
        monkeypatch.setenv("AZURE_SPEECH_ENDPOINT", server.url)
        yield server


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that were waited, had anybody waited."""
    seconds: list[float] = []
    monkeypatch.setattr(retry, "wait", seconds.append)
    return seconds


def speak(text: str = TEXT, voice: str = VOICE, rate: float = 1.0) -> Speech:
    return AzureProvider().synthesize(read_script(text), voice, rate)


def test_words_and_visemes_become_one_timeline(service: AzureServer) -> None:
    speech = speak()
    assert speech.words is not None and speech.phones is not None
    assert speech.rate == 24000
    assert speech.duration == pytest.approx(SECONDS)
    assert [word.text for word in speech.words] == [
        "Mama,",
        "beta:",
        "pay",
        "INR",
        "5,053",
        "rest.",
    ]
    assert speech.words[1].start == pytest.approx(0.4)
    assert speech.words[1].end == pytest.approx(0.65)
    assert [phone.symbol for phone in speech.phones[:5]] == [SILENCE, "p", "ɑ", "p", "ɛ"]
    assert speech.phones[1].start == pytest.approx(0.1)
    assert speech.phones[-1].end == pytest.approx(speech.duration)
    assert speech.transcript == TEXT


def test_every_event_arrives(service: AzureServer) -> None:
    for _ in range(5):
        speech = speak()
        assert speech.words is not None and speech.phones is not None
        assert len(speech.words) == 6 and len(speech.phones) == 2 + 2 * 5


def test_the_lips_close_for_m_and_in_silence(service: AzureServer) -> None:
    speech = speak()
    gap = articulate(speech).at(np.array([0.15, 0.3, speech.duration - 0.05]))[:, 1]
    assert gap[0] < 0.02 < 0.1 < gap[1]
    assert gap[2] < 0.01


def test_an_indian_r_does_not_round_the_lips(service: AzureServer) -> None:
    def symbols(voice: str) -> set[str]:
        phones = speak("Ravi", voice).phones
        assert phones is not None
        return {phone.symbol for phone in phones}

    assert "ɾ" in symbols(VOICE) and "ɹ" in symbols("en-US-JennyNeural")


def test_the_document_names_voice_rate_and_language(service: AzureServer) -> None:
    speak("<speak>Pay <break time='700ms'/>now.</speak>", rate=1.5)
    (turn,) = service.turns
    assert turn.voice == VOICE
    assert 'rate="+50%"' in turn.ssml and 'time="700ms"' in turn.ssml
    assert 'xml:lang="en-IN"' in turn.ssml


def test_without_visemes_the_sound_moves_the_lips(service: AzureServer) -> None:
    service.visemes = False
    speech = speak()
    assert speech.phones is None
    assert speech.words is not None


def test_long_texts_are_cut_at_sentences(service: AzureServer) -> None:
    sentence = "This sentence has some seven words inside. "
    speech = speak(sentence * 160)
    assert len(service.turns) > 1
    assert speech.words is not None and len(speech.words) == 160 * 7
    starts = [word.start for word in speech.words]
    assert starts == sorted(starts)


@pytest.mark.parametrize("rate", [8000, 16000])
def test_sound_of_another_rate_is_an_error(service: AzureServer, rate: int) -> None:
    service.rate = rate
    with pytest.raises(VoiceError, match="not of 24000 samples a second"):
        speak()


def test_a_wrong_key_is_final_and_never_shown(
    service: AzureServer,
    waits: list[float],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    wrong = "fedcba9876543210fedcba9876543210"
    monkeypatch.setenv("AZURE_SPEECH_KEY", wrong)
    with caplog.at_level(logging.INFO), pytest.raises(VoiceError, match="401") as caught:
        speak()
    assert str(caught.value).endswith("check AZURE_SPEECH_KEY and AZURE_SPEECH_ENDPOINT.")
    assert waits == []
    assert wrong not in str(caught.value) + caplog.text


def test_an_address_that_is_none(
    service: AzureServer, waits: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AZURE_SPEECH_ENDPOINT", "nowhere")
    with pytest.raises(VoiceError, match="AZURE_SPEECH_ENDPOINT is nowhere, which is no address"):
        speak()


def test_the_sdk_itself_fails(service: AzureServer, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: object) -> None:
        raise RuntimeError("Exception with error code: 0x1f (MISSING)\n[CALL STACK BEGIN]\n0x7f")

    monkeypatch.setattr("azure.cognitiveservices.speech.SpeechSynthesizer", fail)
    with pytest.raises(VoiceError, match="(MISSING).*see what") as caught:
        speak()
    assert "STACK" not in str(caught.value)


def test_a_key_that_the_service_repeats_is_hidden(
    service: AzureServer, waits: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    service.fail(*[Fault(status=500, words=f"no backend for {KEY}")] * 99)
    with caplog.at_level(logging.INFO), pytest.raises(VoiceError, match="no backend") as caught:
        speak()
    assert KEY not in str(caught.value) + caplog.text


def test_too_many_requests_are_made_again(service: AzureServer, waits: list[float]) -> None:
    # the SDK asks a second time by itself, at once, and does not pass Retry-After on
    service.fail(*[Fault(status=429, headers={"Retry-After": "3"})] * 4)
    assert speak().duration == pytest.approx(SECONDS)
    assert len(waits) == 2 and 0 < waits[0] < waits[1]


def test_tries_again_after_an_error_of_the_server(service: AzureServer, waits: list[float]) -> None:
    service.fail(*[Fault(status=500)] * 2)
    assert speak().duration == pytest.approx(SECONDS)
    assert len(waits) == 1


def test_gives_up_in_the_end(service: AzureServer, waits: list[float]) -> None:
    service.fail(*[Fault(status=503)] * 99)
    with pytest.raises(VoiceError, match=r"Azure did not speak the text after 4 tries"):
        speak()
    assert len(waits) == 3


def test_a_dropped_connection_is_tried_again(service: AzureServer, waits: list[float]) -> None:
    service.fail(Fault(kind="drop"))
    speech = speak()
    assert speech.duration == pytest.approx(SECONDS)
    assert speech.words is not None and len(speech.words) == 6
    assert len(waits) == 1


def test_a_service_that_falls_silent_is_given_up(
    service: AzureServer, waits: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(azure, "TIMEOUT_SECONDS", 0.3)
    service.fail(Fault(kind="hang"))
    assert speak().duration == pytest.approx(SECONDS)
    assert len(waits) == 1


def test_no_sound_is_an_error(service: AzureServer) -> None:
    service.fail(Fault(kind="empty"))
    with pytest.raises(VoiceError, match="Azure sent no sound"):
        speak()


def test_an_unknown_voice_is_said_in_azure_s_words(
    service: AzureServer, waits: list[float]
) -> None:
    with pytest.raises(VoiceError, match="Unsupported voice en-IN-Nobody.*check the voice"):
        speak(voice="en-IN-Nobody")
    assert waits == []


def test_a_service_that_is_not_there(monkeypatch: pytest.MonkeyPatch, waits: list[float]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    monkeypatch.setenv("AZURE_SPEECH_KEY", KEY)
    monkeypatch.setenv("AZURE_SPEECH_ENDPOINT", f"ws://127.0.0.1:{port}/tts")
    with pytest.raises(VoiceError, match="Connection failed.*check the network") as caught:
        speak()
    assert KEY not in str(caught.value)
    assert "ws://" not in str(caught.value) and "ConnectionId" not in str(caught.value)


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KEY", "REGION", "ENDPOINT"):
        monkeypatch.delenv(f"AZURE_SPEECH_{name}", raising=False)
    with pytest.raises(VoiceError, match="environment variable AZURE_SPEECH_KEY"):
        speak()
    monkeypatch.setenv("AZURE_SPEECH_KEY", KEY)
    with pytest.raises(VoiceError, match="AZURE_SPEECH_REGION"):
        speak()


def test_nothing_but_pauses_is_sent_nowhere(service: AzureServer) -> None:
    with pytest.raises(VoiceError, match="nothing to speak"):
        AzureProvider().synthesize(Script(()), VOICE)
    assert service.connections == 0


def test_a_program_that_ends_at_once_ends_well(service: AzureServer) -> None:
    """The SDK's threads must not call into an interpreter that is going."""
    program = (
        "from lipwright.core.errors import VoiceError\n"
        "from lipwright.speech.providers import retry\n"
        "from lipwright.speech.providers.azure import AzureProvider\n"
        "from lipwright.speech.script.script import read_script\n"
        "retry.wait = lambda seconds: None\n"
        "try:\n"
        f"    AzureProvider().synthesize(read_script({TEXT!r}), {VOICE!r})\n"
        "except VoiceError:\n"
        "    pass\n"
    )
    service.fail(*[Fault(kind="drop")] * 99)
    for _ in range(3):
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "")


def test_without_the_sdk_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "azure.cognitiveservices.speech", None)
    with pytest.raises(MissingExtraError, match=r'pip install "lipwright\[azure\]"'):
        speak()


def test_a_region_that_is_none_is_told_before_anybody_is_asked(
    service: AzureServer, waits: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    def look(host: str, port: int) -> list[object]:
        asked.append(host)
        raise socket.gaierror(reasons[-1], "no such host")

    asked: list[str] = []
    reasons = [socket.EAI_NONAME]
    monkeypatch.delenv("AZURE_SPEECH_ENDPOINT")
    monkeypatch.setattr(socket, "getaddrinfo", look)
    monkeypatch.setenv("AZURE_SPEECH_REGION", "Central India")
    with pytest.raises(VoiceError, match='REGION is "Central India", which is no region'):
        speak()
    assert not asked
    monkeypatch.setenv("AZURE_SPEECH_REGION", "garbage")
    for number, tries in ((socket.EAI_NONAME, 1), (socket.EAI_AGAIN, 4)):
        asked.clear()
        reasons.append(number)
        with pytest.raises(VoiceError, match="check the network and AZURE_SPEECH_REGION"):
            speak()
        assert asked == ["garbage.tts.speech.microsoft.com"] * tries
