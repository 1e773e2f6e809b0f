"""Edge's voices through the real edge-tts, against a service on this machine."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator

import numpy as np
import pytest

from lipwright.core.errors import MissingExtraError, VoiceError
from lipwright.speech import Speech
from lipwright.speech.providers import retry
from lipwright.speech.providers.edge import EdgeProvider
from lipwright.speech.script.script import Script, read_script

pytest.importorskip("edge_tts")

from tests.speech.providers.fakes.edge import WORD_SECONDS, EdgeServer  # noqa: E402
from tests.speech.providers.fakes.websocket import Fault  # noqa: E402

VOICE = "en-IN-NeerjaNeural"
TEXT = "Namaste Asha, your bill of INR 5,053 is due."


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[EdgeServer]:
    with EdgeServer() as server:
        monkeypatch.setattr("edge_tts.communicate.WSS_URL", server.url)
        yield server


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that were waited, had anybody waited."""
    seconds: list[float] = []
    monkeypatch.setattr(retry, "wait", seconds.append)
    return seconds


def speak(text: str = TEXT, rate: float = 1.0) -> Speech:
    return EdgeProvider().synthesize(read_script(text), VOICE, rate)


def test_words_come_with_their_times_and_punctuation(service: EdgeServer) -> None:
    speech = speak()
    assert speech.words is not None
    assert [word.text for word in speech.words] == TEXT.split()
    starts = [word.start for word in speech.words]
    assert starts[:6] + starts[7:] == pytest.approx([0.1 + 0.3 * i for i in range(8)])
    inr, amount = speech.words[5:7]  # timed as one by the service
    assert amount.start == inr.end == pytest.approx(inr.start + WORD_SECONDS * 3 / 8)
    assert speech.words[0].end - speech.words[0].start == pytest.approx(WORD_SECONDS)
    assert speech.phones is None
    assert speech.rate == 24000
    assert speech.duration == pytest.approx(0.1 + 0.3 * 8 + 0.8, abs=0.1)
    assert speech.transcript == TEXT
    assert np.abs(speech.samples).max() > 0.1


@pytest.mark.parametrize("rate", [24000, 16000])
def test_sound_and_times_start_together(service: EdgeServer, rate: int) -> None:
    service.rate = rate
    speech = speak()
    assert speech.words is not None
    onset = np.flatnonzero(np.abs(speech.samples) > 0.05)[0] / speech.rate
    assert onset == pytest.approx(speech.words[0].start, abs=0.01)  # MP3's delay alone is 0.046 s


def test_the_named_voice_is_asked_for_at_the_rate(service: EdgeServer) -> None:
    speak(rate=1.25)
    (turn,) = service.turns
    assert turn.voice == "Microsoft Server Speech Text to Speech Voice (en-IN, NeerjaNeural)"
    assert "rate='+25%'" in turn.ssml


def test_signs_of_markup_are_only_text(service: EdgeServer) -> None:
    EdgeProvider().synthesize(read_script("Rock & roll < 5 minutes", markup="plain"), VOICE)
    assert "Rock & roll < 5 minutes" in "".join(service.turns[0].root.itertext())


def test_a_long_pause_is_as_long_as_it_was_asked_for(service: EdgeServer) -> None:
    speech = EdgeProvider().synthesize(
        read_script("<speak>First one.<break time='2s'/>Second one.</speak>"), VOICE
    )
    assert len(service.turns) == 2
    assert speech.words is not None
    assert [word.text for word in speech.words] == ["First", "one.", "Second", "one."]
    rest = speech.words[2].start - speech.words[1].end
    assert rest == pytest.approx(2.2, abs=0.05)  # 0.1 s of the service's own on either side
    pause = speech.samples[int((speech.words[1].end + 0.2) * speech.rate) :][: speech.rate]
    assert not pause.any()


def test_long_texts_are_cut_at_sentences(service: EdgeServer) -> None:
    sentence = "This sentence has some seven words inside. "
    speech = speak(sentence * 60)
    assert len(service.turns) > 1
    assert all("".join(turn.root.itertext()).endswith("inside.") for turn in service.turns)
    assert speech.words is not None and len(speech.words) == 60 * 7
    starts = [word.start for word in speech.words]
    assert starts == sorted(starts)
    assert speech.words[-1].end < speech.duration


def test_works_inside_a_running_event_loop(service: EdgeServer) -> None:
    async def main() -> Speech:
        return speak()

    assert asyncio.run(main()).duration > 1


def test_sound_of_another_rate_keeps_its_length(service: EdgeServer) -> None:
    service.rate = 16000
    speech = speak()
    assert speech.rate == 16000
    assert speech.duration == pytest.approx(0.1 + 0.3 * 8 + 0.8, abs=0.15)


def test_waits_as_long_as_the_service_asks(service: EdgeServer, waits: list[float]) -> None:
    service.fail(Fault(status=429, headers={"Retry-After": "7"}))
    assert speak().duration > 1
    assert waits == [7.0]
    assert service.connections == 2


def test_tries_again_after_an_error_of_the_server(service: EdgeServer, waits: list[float]) -> None:
    service.fail(Fault(status=500), Fault(status=503))
    assert speak().duration > 1
    assert len(waits) == 2 and waits[1] > waits[0]


def test_gives_up_in_the_end(service: EdgeServer, waits: list[float]) -> None:
    service.fail(*[Fault(status=500)] * 9)
    with pytest.raises(VoiceError, match=r"Edge did not speak the text after 4 tries \(HTTP 500"):
        speak()
    assert service.connections == retry.TRIES


@pytest.mark.parametrize("status", [401, 403])
def test_a_refusal_is_final(service: EdgeServer, waits: list[float], status: int) -> None:
    service.fail(*[Fault(status=status)] * 2)
    with pytest.raises(VoiceError, match=f"HTTP {status}.*may have changed"):
        speak()
    assert waits == []


def test_a_clock_that_is_wrong_is_mended(service: EdgeServer, waits: list[float]) -> None:
    service.fail(Fault(status=403))
    assert speak().duration > 1
    assert service.connections == 2


def test_half_a_speech_is_not_taken_for_a_whole(service: EdgeServer, waits: list[float]) -> None:
    service.fail(Fault(kind="drop"))
    speech = speak()
    assert service.connections == 2
    assert speech.words is not None and len(speech.words) == 9
    service.fail(*[Fault(kind="drop")] * 9)
    with pytest.raises(VoiceError, match="Edge did not speak the text after 4 tries"):
        speak()


def test_no_sound_is_an_error(service: EdgeServer, waits: list[float]) -> None:
    service.fail(*[Fault(kind="empty")] * 9)
    with pytest.raises(VoiceError, match="No audio was received.*check the text and the voice"):
        speak()


def test_an_unknown_voice_is_said_before_anything_is_sent(service: EdgeServer) -> None:
    with pytest.raises(VoiceError, match="Invalid voice 'neerja'.*check the voice's name"):
        EdgeProvider().synthesize(read_script(TEXT), "neerja")
    assert service.connections == 0


def test_a_service_that_is_not_there(monkeypatch: pytest.MonkeyPatch, waits: list[float]) -> None:
    monkeypatch.setattr("edge_tts.communicate.WSS_URL", "ws://127.0.0.1:9/edge/v1?a=b")
    with pytest.raises(VoiceError, match="after 4 tries.*check the network"):
        speak()


def test_without_the_sdk_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "edge_tts", None)
    with pytest.raises(MissingExtraError, match=r'pip install "lipwright\[edge\]"'):
        speak()


def test_nothing_but_pauses_is_nothing_to_speak() -> None:
    with pytest.raises(VoiceError, match="nothing to speak"):
        EdgeProvider().synthesize(Script(()), VOICE)


def test_the_log_tells_of_a_new_try_without_the_text(
    service: EdgeServer, waits: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    service.fail(Fault(status=500))
    with caplog.at_level(logging.INFO, "lipwright"):
        speak()
    assert "trying again" in caplog.text and "Asha" not in caplog.text


def test_its_voices_begin_with_an_indian_one() -> None:
    voices = EdgeProvider().voices()
    assert voices[0].full_name == f"edge:{VOICE}"
    assert {voice.language for voice in voices} == {"en-IN", "hi-IN", "en-US", "en-GB"}
