"""Services behind the public functions: a line is paid for once, and a key is kept nowhere."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.speech.providers.fakes.elevenlabs import KEY, FakeElevenLabs
from tests.speech.providers.fakes.google import API_KEY, FakeGoogle
from tests.speech.providers.fakes.gtts import FakeTranslate

from lipwright.cli import run
from lipwright.core.errors import MissingExtraError, VoiceError
from lipwright.speech import list_voices, synthesize
from lipwright.speech.providers import elevenlabs, google, gtts
from lipwright.speech.script.script import Script, Text

TEXT = "Dear Ravi, pay INR 5,053 today."
VOICES = ["elevenlabs:monika", "google:en-IN-Neural2-A", "gtts:en-IN"]
MODULES = {
    "elevenlabs": "elevenlabs",
    "google": "google.cloud.texttospeech_v1beta1",
    "gtts": "gtts",
}


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    monkeypatch.setenv("LIPWRIGHT_HOME", str(folder))
    monkeypatch.delenv("LIPWRIGHT_CACHE_MB", raising=False)
    for name in ("ELEVENLABS_API_KEY", "GOOGLE_API_KEY", "GOOGLE_APPLICATION_CREDENTIALS"):
        monkeypatch.delenv(name, raising=False)
    return folder


@pytest.fixture
def services(monkeypatch: pytest.MonkeyPatch):
    """The three services at once, by the names of their providers."""
    with FakeElevenLabs() as eleven, FakeGoogle() as cloud, FakeTranslate() as translate:
        monkeypatch.setenv("ELEVENLABS_API_KEY", KEY)
        monkeypatch.setenv("ELEVENLABS_BASE_URL", eleven.url)
        monkeypatch.setenv("GOOGLE_API_KEY", API_KEY)
        monkeypatch.setenv("GOOGLE_TTS_ENDPOINT", cloud.url)
        monkeypatch.setattr("gtts.tts._translate_url", translate.translate_url, raising=False)
        yield {"elevenlabs": eleven, "google": cloud, "gtts": translate}


@pytest.mark.parametrize("voice", VOICES)
def test_a_line_is_paid_for_once_and_kept_without_the_key(services, home: Path, voice: str) -> None:
    provider = voice.partition(":")[0]
    pytest.importorskip(MODULES[provider])
    first = synthesize(TEXT, voice)
    asked = len(services[provider].requests)
    second = synthesize(TEXT, voice)
    assert len(services[provider].requests) == asked
    assert np.array_equal(first.samples, second.samples) and first.words == second.words
    synthesize(TEXT, voice, rate=1.1)
    assert len(services[provider].requests) > asked
    kept = [path for path in home.rglob("*") if path.is_file()]
    assert kept
    for path in kept:
        content = path.read_bytes() + str(path).encode()
        assert KEY.encode() not in content and API_KEY.encode() not in content


@pytest.mark.parametrize("voice", VOICES)
def test_lips_have_words_or_sound_to_follow(services, voice: str) -> None:
    pytest.importorskip(MODULES[voice.partition(":")[0]])
    speech = synthesize(TEXT, voice)
    assert (speech.words is None) == voice.startswith("gtts")
    if speech.words:
        assert [word.text for word in speech.words] == TEXT.split()


@pytest.mark.parametrize(
    ("provider", "title", "extra"),
    [
        (elevenlabs.ElevenLabsProvider, "ElevenLabs", "elevenlabs"),
        (google.GoogleProvider, "Google Cloud", "google"),
        (gtts.GttsProvider, "gTTS", "gtts"),
    ],
)
def test_a_missing_sdk_names_its_extra(
    monkeypatch: pytest.MonkeyPatch, provider, title: str, extra: str
) -> None:
    monkeypatch.setitem(__import__("sys").modules, MODULES[extra], None)
    with pytest.raises(MissingExtraError, match=rf'{title} needs .*"lipwright\[{extra}\]"'):
        provider().synthesize(Script((Text("Hello."),)), "x")


@pytest.mark.parametrize("provider", [elevenlabs.ElevenLabsProvider, google.GoogleProvider])
def test_a_script_without_words_costs_nothing(provider) -> None:
    with pytest.raises(VoiceError, match="nothing to speak"):
        provider().synthesize(Script((Text("?!"),)), "x")


def test_the_list_says_which_key_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("google.cloud.texttospeech_v1beta1")
    monkeypatch.setenv("HOME", "/nowhere")

    def status() -> str:
        return next(voice.status for voice in list_voices() if voice.provider == "google")

    assert status() == "needs a key: GOOGLE_APPLICATION_CREDENTIALS"
    monkeypatch.setenv("GOOGLE_API_KEY", API_KEY)
    assert status() == "installed"


@pytest.mark.parametrize("voice", VOICES)
def test_say_writes_no_key(
    services, tmp_path: Path, capsys: pytest.CaptureFixture[str], voice: str
) -> None:
    pytest.importorskip(MODULES[voice.partition(":")[0]])
    output = tmp_path / "speech.wav"
    assert run(["say", "--voice", voice, "--text", TEXT, "--output", str(output)]) == 0
    said = capsys.readouterr()
    for content in (output.read_bytes(), said.out.encode(), said.err.encode()):
        assert KEY.encode() not in content and API_KEY.encode() not in content


@pytest.mark.parametrize(
    ("voice", "variable", "key"),
    [
        ("elevenlabs:monika", "ELEVENLABS_API_KEY", "sk_wrong000011112222"),
        ("google:en-IN-Neural2-A", "GOOGLE_API_KEY", "AIzaWrong000011112222"),
    ],
)
def test_a_refused_key_is_one_sentence_without_it(
    services, monkeypatch, tmp_path, capsys, voice: str, variable: str, key: str
) -> None:
    pytest.importorskip(MODULES[voice.partition(":")[0]])
    monkeypatch.setenv(variable, key)
    output = tmp_path / "speech.wav"
    assert run(["say", "--voice", voice, "--text", TEXT, "--output", str(output)]) == 1
    said = capsys.readouterr()
    assert f"check {variable}" in said.err and said.err.count("\n") <= 3
    assert key not in said.out + said.err and not output.exists()
