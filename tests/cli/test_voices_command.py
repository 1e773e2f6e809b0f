"""lipwright voices and lipwright cache, and the voice options of say."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from lipwright.cli import run
from lipwright.cli.voices import SAMPLES
from lipwright.media.audio.decode import probe_audio
from lipwright.speech.cache import SpeechCache
from lipwright.speech.providers import PROVIDERS
from lipwright.speech.providers.kokoro import KokoroProvider
from lipwright.speech.speech import Speech


@pytest.fixture(autouse=True)
def own_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LIPWRIGHT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LIPWRIGHT_CACHE_MB", "10")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def spoken(monkeypatch: pytest.MonkeyPatch) -> list[tuple]:
    """Another stands in for the offline voice: half a second of hum; what it was asked to say."""
    said: list[tuple] = []

    def synthesize(self, script, voice, rate, language, lexicon, progress):
        said.append((script.plain, voice, rate, language, lexicon))
        hum = np.sin(np.arange(22050) / 20).astype(np.float32) * 0.3
        return Speech.from_samples(hum, 44100, [], script.plain, [])

    monkeypatch.setattr(KokoroProvider, "synthesize", synthesize)
    return said


def listed(capsys: pytest.CaptureFixture[str], *options: str) -> list[dict]:
    assert run(["voices", "--json", *options]) == 0
    return json.loads(capsys.readouterr().out)


def test_voices_are_filtered(capsys: pytest.CaptureFixture[str]) -> None:
    everyone = listed(capsys)
    assert everyone[0]["full_name"] == "kokoro:anika" and everyone[0]["language"] == "en-IN"
    indian = listed(capsys, "--accent", "indian", "--gender", "female", "--provider", "kokoro")
    assert [voice["name"] for voice in indian] == ["anika", "hf_alpha"]
    assert 4 <= len(listed(capsys, "--language", "hi")) < len(everyone)


def test_the_table_says_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["voices", "--accent", "british", "--provider", "kokoro"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["name", "accent", "gender", "language", "licence", "status"]
    (lily,) = [line for line in lines if "bf_lily" in line]
    assert lily.endswith("lipwright models download kokoro-voices-british")
    assert run(["voices", "--accent", "martian"]) == 0
    assert "No voice is like that" in capsys.readouterr().out


def test_a_line_for_each_listed_provider_says_what_it_is(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["voices", "--accent", "indian"]) == 0
    voices, _, providers = capsys.readouterr().out.partition("\n\n")
    lines = dict(line.split(maxsplit=1) for line in providers.splitlines())
    assert lines.pop("provider") == "summary"
    assert lines == {name: info.summary for name, info in PROVIDERS.items()}
    assert all(f"\n{name}:" in voices for name in lines)
    assert run(["voices", "--provider", "gtts"]) == 0
    _, _, providers = capsys.readouterr().out.partition("\n\n")
    assert [line.split()[0] for line in providers.splitlines()] == ["provider", "gtts"]


def test_a_preview_is_a_sound_file(spoken: list, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["voices", "--preview", "bf_emma"]) == 0
    assert "kokoro-bf_emma.wav" in capsys.readouterr().out
    assert probe_audio(Path("kokoro-bf_emma.wav")).duration == pytest.approx(0.5)
    assert spoken[0][:2] == (SAMPLES["en-GB"], "bf_emma")
    assert run(["voices", "--preview", "anika", "--language", "hi", "-o", "a.wav", "--quiet"]) == 0
    assert spoken[1][0] == SAMPLES["hi"] and spoken[1][3] == "hi-IN" and Path("a.wav").is_file()


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["voices", "--preview", "nobody"], 1, 'no voice "nobody"'),
        (["voices", "--preview", "en-in-neerjaneural"], 1, "edge:en-IN-NeerjaNeural or azure:en"),
        (["voices", "--output", "a.wav"], 2, "--preview"),
        (["voices", "--provider", "piper"], 1, "no voice provider"),
        (["voices", "--preview", "gtts", "--language", "ta"], 1, "gtts:ta"),
        (["say", "--voice=edge", "--language=ta", "--text", "x", "-o", "a.wav"], 1, "edge:ta"),
        (["say", "--text", "Hi {name}", "-o", "a.wav"], 1, "name"),
        (["say", "--text", "Hi", "--set", "name", "-o", "a.wav"], 2, "name=Mathangi (--set)."),
        (["say", "--text", "{name}", "-o", "a.wav"], 1, "for braces (--set)."),
        (["say", "--text", "Hi", "--language", "fr", "-o", "a.wav"], 1, "does not speak"),
    ],
)
def test_what_is_wrong(
    spoken: list,
    arguments: list[str],
    status: int,
    message: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(arguments) == status
    assert message in capsys.readouterr().err
    assert spoken == [] and not Path("a.wav").exists()


def test_the_same_line_is_kept_shown_and_cleared(
    spoken: list, capsys: pytest.CaptureFixture[str]
) -> None:
    say = ["say", "--text", "Dear {name}", "--set", "name=Asha", "-o", "a.wav", "--rate", "1.2"]
    for _ in range(2):
        assert run(say) == 0
    assert run([*say, "--no-cache"]) == 0
    assert spoken == [("Dear Asha", "anika", 1.2, "en-IN", {})] * 2
    capsys.readouterr()
    assert run(["cache"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].split()[:2] == ["kokoro", "1"]
    assert "speech" in lines[-1] and "10 MB at most" in lines[-1]
    assert run(["cache", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["providers"][0]["speeches"] == 1 and facts["limit"] == 10_000_000
    assert run(["cache", "--clear"]) == 0
    assert capsys.readouterr().out.startswith("1 speech deleted")
    assert SpeechCache().usage() == []
    assert run(["cache", "--clear", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"speeches": 0, "bytes": 0}
