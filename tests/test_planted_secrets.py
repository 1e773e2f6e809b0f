"""Secrets in every variable the program reads: none of them shows, whatever goes wrong."""

from __future__ import annotations

import contextlib
import logging
import re
from pathlib import Path

import pytest

from lipwright.cli import run
from lipwright.speech.providers import PROVIDERS, retry
from tests.helpers import speech_wav
from tests.weights.conftest import no_pauses

__all__ = ["no_pauses"]
SOURCE = Path(__file__).parents[1] / "src" / "lipwright"
SECRET = "s3cr3tpa55"
ADDRESS = f"http://somebody:{SECRET}@127.0.0.1:9"
PLANTED = {
    "AWS_ACCESS_KEY_ID": SECRET, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_SESSION_TOKEN": SECRET,
    "AWS_ENDPOINT_URL": ADDRESS, "AWS_ENDPOINT_URL_POLLY": ADDRESS,
    "AWS_EC2_METADATA_DISABLED": "true",
    "AZURE_SPEECH_ENDPOINT": ADDRESS, "AZURE_SPEECH_KEY": SECRET,
    "ELEVENLABS_API_KEY": SECRET, "ELEVENLABS_BASE_URL": ADDRESS,
    "GOOGLE_API_KEY": SECRET, "GOOGLE_TTS_ENDPOINT": ADDRESS,
    "HF_ENDPOINT": ADDRESS, "HF_TOKEN": SECRET,
    "HTTP_PROXY": ADDRESS, "HTTPS_PROXY": ADDRESS, "ALL_PROXY": ADDRESS,
    "LIPWRIGHT_TOKEN": SECRET,
    "LIPWRIGHT_ICE_SERVERS": f'[{{"urls": "turn:127.0.0.1", "credential": "{SECRET}"}}]',
    "http_proxy": ADDRESS, "https_proxy": ADDRESS, "all_proxy": ADDRESS,
}  # fmt: skip
NO_SECRETS = {
    "LIPWRIGHT_HOME", "LIPWRIGHT_DEBUG", "LIPWRIGHT_CACHE_MB", "ELEVENLABS_MODEL",
    "GOOGLE_APPLICATION_CREDENTIALS", "AZURE_SPEECH_REGION", "AWS_DEFAULT_REGION",
    "HF_HUB_OFFLINE", "HF_HUB_DISABLE_TELEMETRY", "ORT_DISABLE_TELEMETRY", "DO_NOT_TRACK",
    "SVT_LOG",
}  # fmt: skip
"""Names of files, numbers and switches."""
READ = re.compile(r'"((?:HF|LIPWRIGHT|AWS|AZURE|GOOGLE|ELEVENLABS|ORT|DO|SVT)_[A-Z_]+)"')


@pytest.fixture
def planted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr(retry, "wait", lambda seconds: None)
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    monkeypatch.setenv("LIPWRIGHT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LIPWRIGHT_CACHE_MB", "10")
    for name, value in PLANTED.items():
        monkeypatch.setenv(name, value)
    return tmp_path


def test_the_list_of_variables_is_whole() -> None:
    named = {
        name for path in SOURCE.rglob("*.py") for name in READ.findall(path.read_text("utf-8"))
    }
    named |= {name for info in PROVIDERS.values() for name in (*info.needs, *info.instead)}
    assert named >= {"HF_ENDPOINT", "ELEVENLABS_API_KEY", "AZURE_SPEECH_KEY"}
    assert named <= set(PLANTED) | NO_SECRETS, sorted(named - set(PLANTED) - NO_SECRETS)


@pytest.mark.usefixtures("no_pauses")
def test_nothing_shows_a_secret(planted: Path, hopper: Path, capfd, caplog) -> None:
    talk = speech_wav(planted / "talk.wav", 0.2)
    face = ["sync", "--image", str(hopper), "--quality", "low", "--motion", "still"]
    lines = [
        ["voices"],
        ["models", "list"],
        ["models", "download", "syncnet", "--accept-licence"],
        ["models", "download", "syncnet", "--accept-licence", "--from", ADDRESS],
        [*face, "--audio", str(talk), "--output", str(planted / "out.mp4")],
        [*face, "--audio", ADDRESS, "--output", str(planted / "none.mp4")],
        ["say", "--text", "Hi.", "--voice", ADDRESS, "-o", str(planted / "a.wav")],
    ]
    for voice in ("elevenlabs:sarah", "google:en-IN-Wavenet-A", "polly:Kajal"):
        lines.append(["say", "--text", "Hi.", "--voice", voice, "-o", str(planted / "a.wav")])
    with caplog.at_level(logging.DEBUG, "lipwright"):
        for line in lines:
            run(line)
    told = capfd.readouterr()
    assert told.out and told.err.count("error:") >= 5
    for text in (
        told.out,
        told.err,
        *(r.getMessage() for r in caplog.records if r.name == "lipwright"),
    ):
        assert SECRET not in text
    for path in planted.rglob("*"):
        with contextlib.suppress(IsADirectoryError):
            assert SECRET.encode() not in path.read_bytes(), path
