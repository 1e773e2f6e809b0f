"""One `synthesize` for all voices: the cache, loudness, phones from words, checks beforehand."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lipwright.core.errors import MissingExtraError, UsageError, VoiceError
from lipwright.media.audio.loudness import measure_loudness
from lipwright.speech import begin_speech, read_script, stream_speech, synthesize
from lipwright.speech.providers import PROVIDERS
from lipwright.speech.providers.base import ProviderInfo, VoiceInfo
from lipwright.speech.speech import Phone, Speech, Word

RATE = 24000


class Echo:
    """A service that hums for half a second a word."""

    name = "echo"
    version = "1"
    heard: list[tuple] = []
    with_words = True
    phones: list[Phone] | None = None

    def voices(self) -> list[VoiceInfo]:
        return [VoiceInfo("en-IN-Echo", "echo", "en-IN", "Indian English", "", "free")]

    def synthesize(self, script, voice, rate=1.0, language="en-IN") -> Speech:
        Echo.heard.append((script.plain, voice, rate, language))
        words = script.plain.split()
        times = np.arange(RATE * len(words) // 2) / RATE
        timed = [Word(n / 2, n / 2 + 0.45, word) for n, word in enumerate(words)]
        return Speech.from_samples(
            0.02 * np.sin(2 * np.pi * 300 * times).astype(np.float32),
            RATE,
            Echo.phones,
            script.plain,
            timed if Echo.with_words else None,
        )


@pytest.fixture(autouse=True)
def echo(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> type[Echo]:
    info = ProviderInfo(
        name="echo",
        summary="Hums.",
        extra="echo",
        module="json",
        needs=(),
        default_voice="en-IN-Echo",
        factory="tests.speech.test_speak:Echo",
        any_language=True,
    )
    monkeypatch.setitem(PROVIDERS, "echo", info)
    monkeypatch.setattr("lipwright.speech.synthesis.create_provider", lambda name: Echo())
    monkeypatch.setattr("lipwright.speech.voices.create_provider", lambda name: Echo())
    monkeypatch.setenv("LIPWRIGHT_HOME", str(tmp_path))
    monkeypatch.delenv("LIPWRIGHT_CACHE_MB")
    monkeypatch.setattr(Echo, "heard", [])
    return Echo


def test_the_same_line_is_spoken_once(echo: type[Echo], tmp_path: Path) -> None:
    first = synthesize("Namaste, ₹50 please", "echo")
    told: list[float] = []
    second = synthesize("Namaste, ₹50 please", "echo:en-IN-Echo", progress=told.append)
    assert len(echo.heard) == 1 and told == [1.0]
    assert np.array_equal(first.samples, second.samples)
    assert first.words == second.words and first.phones == second.phones
    kept = [path.read_bytes() for path in (tmp_path / "cache" / "speech").glob("*.npz")]
    assert len(kept) == 1 and b"Namaste" not in kept[0][:200]


@pytest.mark.parametrize(
    "other",
    [
        {"text": "Hello there!"},
        {"voice": "echo:another"},
        {"rate": 1.1},
        {"language": "en-GB"},
        {"lexicon": {"there": "dhair"}},
        {"cache": False},
    ],
)
def test_another_line_is_spoken_anew(echo: type[Echo], other: dict) -> None:
    asked: dict[str, Any] = {"text": "Hello there", "voice": "echo"}
    synthesize(**asked)
    synthesize(**(asked | other))
    assert len(echo.heard) == 2


def test_another_version_speaks_anew(echo: type[Echo], monkeypatch: pytest.MonkeyPatch) -> None:
    synthesize("Hello", "echo")
    monkeypatch.setattr(echo, "version", "2")
    synthesize("Hello", "echo")
    assert len(echo.heard) == 2


def test_every_voice_is_as_loud() -> None:
    speech = synthesize("Hello there, how are you today", "echo")
    assert measure_loudness(speech.samples, RATE) == pytest.approx(-16, abs=0.3)


def test_phones_are_placed_inside_words() -> None:
    pytest.importorskip("misaki")
    speech = synthesize("Pay ₹50, Mathangi", "echo")
    assert speech.words is not None and speech.phones is not None
    last = [p for p in speech.phones if p.start >= speech.words[2].start - 1e-9]
    assert "".join(phone.symbol for phone in last) == "maːtˈʌŋɡiː"
    for phone in speech.phones:
        assert any(w.start - 1e-6 <= phone.start <= phone.end <= w.end + 1e-6 for w in speech.words)


def test_phones_of_the_provider_stay(echo: type[Echo], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(echo, "phones", [Phone(0.0, 0.1, "m")])
    assert synthesize("Hello", "echo").phones == (Phone(0.0, 0.1, "m"),)


def test_no_times_no_phones(echo: type[Echo], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(echo, "with_words", False)
    assert synthesize("Hello", "echo").phones is None


def test_a_language_nobody_here_pronounces_has_no_phones() -> None:
    speech = synthesize("Vanakkam", "echo", language="ta-IN")
    assert speech.words is not None and speech.phones is None


def test_without_the_dictionaries_the_sound_moves_the_lips(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def missing(*arguments: object, **options: object) -> None:
        raise MissingExtraError("The offline voice", "voice")

    monkeypatch.setattr("lipwright.speech.g2p.pronouncer.Pronouncer", missing)
    with caplog.at_level(logging.INFO, "lipwright"):
        assert synthesize("Hello", "echo").phones is None
    assert 'extra "voice"' in caplog.text


def test_dictionaries_that_come_later_move_the_lips_of_what_is_kept(
    echo: type[Echo], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("misaki")

    def missing(*arguments: object, **options: object) -> None:
        raise MissingExtraError("The offline voice", "voice")

    with monkeypatch.context() as patch:
        patch.setattr("lipwright.speech.g2p.pronouncer.Pronouncer", missing)
        assert synthesize("Hello", "echo").phones is None
    assert synthesize("Hello", "echo").phones is not None
    assert len(echo.heard) == 1


def test_placeholders_and_languages_reach_the_provider(echo: type[Echo]) -> None:
    synthesize("Hello {name}", "echo", values={"name": "Asha"}, language="hi", rate=1.5)
    script = read_script("Hello", language="en-GB")
    synthesize(script, "echo")
    assert echo.heard == [
        ("Hello Asha", "en-IN-Echo", 1.5, "hi-IN"),
        ("Hello", "en-IN-Echo", 1.0, "en-GB"),
    ]


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        ({"rate": 3}, UsageError, "out of range"),
        ({"text": "  "}, VoiceError, "empty"),
        ({"text": "... !"}, VoiceError, "can be spoken"),
        ({"voice": "nobody:x"}, VoiceError, "no voice provider"),
        ({"language": "klingon"}, VoiceError, "is no language"),
        ({"lexicon": "/no/such/file"}, VoiceError, "lexicon"),
    ],
)
def test_what_is_wrong_is_told_before_anybody_is_paid(
    echo: type[Echo], wrong: dict, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        synthesize(**({"text": "Hello", "voice": "echo"} | wrong))
    assert echo.heard == []


def test_a_service_s_speech_is_whole_when_it_is_begun(echo: type[Echo]) -> None:
    told: list[float] = []
    speech = begin_speech("Hello there", "echo", progress=told.append)
    assert type(speech) is Speech and told == [1.0] and speech.duration == 1
    assert begin_speech("Hello there", "echo").words == speech.words
    assert len(echo.heard) == 1


def test_words_that_cannot_be_pronounced_move_the_lips_by_their_sound(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object) -> None:
        raise VoiceError("The word has no pronunciation: write it otherwise.")

    monkeypatch.setattr("lipwright.speech.g2p.pronouncer.Pronouncer.pronounce", fail)
    assert not synthesize("Hello", "echo").phones


@pytest.mark.parametrize("language", ["en-US", "en-NZ"])
def test_english_of_any_country_is_pronounced(language: str) -> None:
    assert synthesize("Hello", "echo", language=language).phones


def test_a_service_streams_as_one_chunk() -> None:
    (chunk,) = stream_speech("Hello there", "echo", language="ta")
    assert chunk.start == 0 and chunk.done == 1 and chunk.phones is None
    assert chunk.samples.size == RATE


def test_say_writes_44100_hz_whatever_the_voice(tmp_path: Path) -> None:
    import wave

    from lipwright.cli import run

    path = tmp_path / "said.wav"
    assert run(["say", "--text", "Namaste to you", "--voice", "echo", "--output", str(path)]) == 0
    with wave.open(str(path)) as sound:
        assert (sound.getframerate(), sound.getsampwidth(), sound.getnchannels()) == (44100, 2, 1)
        assert abs(sound.getnframes() / 44100 - 1.5) < 0.01
