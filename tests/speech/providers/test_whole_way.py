"""Edge, Amazon Polly and Azure from the command line to the file: paid once, and without a key."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lipwright.cli import run
from lipwright.speech import list_voices, synthesize

for module in ("aiohttp", "edge_tts", "boto3", "azure.cognitiveservices.speech"):
    pytest.importorskip(module)

from tests.speech.providers.fakes.azure import KEY, AzureServer  # noqa: E402
from tests.speech.providers.fakes.edge import EdgeServer  # noqa: E402
from tests.speech.providers.fakes.polly import ACCESS_KEY, SECRET_KEY, FakePolly  # noqa: E402

TEXT = "Namaste Asha, pay INR 5,053 today."
VOICES = ["edge:en-IN-NeerjaNeural", "polly:Kajal", "azure:en-IN-NeerjaNeural"]
SECRETS = [secret.encode() for secret in (KEY, ACCESS_KEY, SECRET_KEY)]


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    monkeypatch.setenv("LIPWRIGHT_HOME", str(folder))
    monkeypatch.delenv("LIPWRIGHT_CACHE_MB", raising=False)
    return folder


@pytest.fixture
def services(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[dict[str, Any]]:
    """The three services at once, by the names of their providers."""
    with EdgeServer() as edge, FakePolly() as polly, AzureServer() as azure:
        monkeypatch.setattr("edge_tts.communicate.WSS_URL", edge.url)
        monkeypatch.setenv("AWS_ENDPOINT_URL_POLLY", polly.url)
        monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
        monkeypatch.setenv("AZURE_SPEECH_KEY", KEY)
        monkeypatch.setenv("AZURE_SPEECH_REGION", "centralindia")
        monkeypatch.setenv("AZURE_SPEECH_ENDPOINT", azure.url)
        yield {"edge": edge, "polly": polly, "azure": azure}


def count_requests(service: Any) -> int:
    return len(service.requests) if isinstance(service, FakePolly) else service.connections


@pytest.mark.parametrize("voice", VOICES)
def test_a_line_is_paid_for_once(services: dict[str, Any], voice: str) -> None:
    service = services[voice.partition(":")[0]]
    first = synthesize(TEXT, voice)
    asked = count_requests(service)
    second = synthesize(TEXT, voice)
    assert asked and count_requests(service) == asked
    assert np.array_equal(first.samples, second.samples)
    assert first.words == second.words and first.phones == second.phones
    synthesize(TEXT, voice, rate=1.2)
    assert count_requests(service) > asked


@pytest.mark.parametrize("voice", VOICES)
def test_lips_have_phones_to_follow(services: dict[str, Any], voice: str) -> None:
    speech = synthesize(TEXT, voice)
    assert speech.words is not None and speech.phones is not None
    assert [word.text for word in speech.words] == TEXT.split()
    assert len(speech.phones) > 9


@pytest.mark.parametrize("voice", VOICES)
def test_a_video_and_the_cache_hold_no_key(
    services: dict[str, Any],
    fake_engines: None,
    hopper: Path,
    home: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    voice: str,
) -> None:
    output = tmp_path / "out.mp4"
    command = ["sync", "--image", str(hopper), "--text", TEXT, "--voice", voice]
    assert run([*command, "--engine", "fake", "--quality", "low", "--output", str(output)]) == 0
    said = capsys.readouterr()
    kept = [path for path in home.rglob("*") if path.is_file()]
    assert kept
    contents = [path.read_bytes() + str(path).encode() for path in (output, *kept)]
    for content in (*contents, said.out.encode(), said.err.encode()):
        assert not any(secret in content for secret in SECRETS)


@pytest.mark.parametrize("name", ["AZURE_SPEECH_KEY", "AWS_SECRET_ACCESS_KEY"])
def test_a_refused_key_is_one_sentence_without_it(
    services: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
) -> None:
    wrong = "0000wrong0000wrong0000wrong0000w"
    monkeypatch.setenv(name, wrong)
    voice = "azure:en-IN-NeerjaNeural" if name.startswith("AZURE") else "polly:Kajal"
    output = tmp_path / "speech.wav"
    assert run(["say", "--voice", voice, "--text", TEXT, "--output", str(output)]) == 1
    said = capsys.readouterr()
    assert name.split("_SECRET")[0] in said.err and said.err.count("\n") <= 4
    assert wrong not in said.out + said.err and not output.exists()


def test_the_list_says_which_keys_are_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AZURE_SPEECH_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AZURE_SPEECH_REGION", "centralindia")
    missing = {voice.provider: voice.status for voice in list_voices()}
    assert missing["edge"] == "installed"
    assert missing["polly"] == "needs a key: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
    assert missing["azure"] == "needs a key: AZURE_SPEECH_KEY"


def test_azure_s_region_or_endpoint_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def status() -> str:
        return next(voice.status for voice in list_voices() if voice.provider == "azure")

    monkeypatch.setenv("AZURE_SPEECH_KEY", KEY)
    for name in ("AZURE_SPEECH_REGION", "AZURE_SPEECH_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    assert status() == "needs a key: AZURE_SPEECH_REGION"
    monkeypatch.setenv("AZURE_SPEECH_ENDPOINT", "https://example.cognitiveservices.azure.com/")
    assert status() == "installed"
