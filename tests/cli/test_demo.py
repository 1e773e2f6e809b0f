"""`lipwright demo`: one command, one video."""

from __future__ import annotations

import json
from pathlib import Path

import av
import pytest
from tests.helpers import speech_like

from lipwright.cli import run
from lipwright.cli.demo import find_sample_portrait
from lipwright.core.errors import MissingExtraError
from lipwright.speech.script.script import Script
from lipwright.speech.speech import Speech


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is said, by a voice that hums for a moment."""
    texts: list[str] = []

    def speak(script: Script, *_: object, **__: object) -> Speech:
        texts.append(script.plain)
        return Speech.from_samples(speech_like(0.4, 16_000), 16_000)

    monkeypatch.setattr("lipwright.speech.begin_speech", speak)
    return texts


def test_a_portrait_reminds_of_a_bill(said: list[str], tmp_path: Path, capsys) -> None:
    output = tmp_path / "new" / "demo.mp4"
    command = ["demo", "--output", str(output), "--quality", "low", "--fps", "10", "--json"]
    assert run(command) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["engine"] == "warp" and facts["frames"] == 4
    assert len(said) == 1 and "bill" in said[0]
    with av.open(str(output)) as video:
        assert sum(1 for _ in video.decode(video=0)) == 4


def test_a_folder_that_cannot_be_made_is_told(said: list[str], tmp_path: Path, capsys) -> None:
    (tmp_path / "file").write_text("in the way")
    assert run(["demo", "--output", str(tmp_path / "file" / "demo.mp4")]) == 1
    assert "file cannot be made (" in capsys.readouterr().err
    assert said == []


def test_a_matplotlib_without_pictures_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "is_file", lambda path: False)
    with pytest.raises(MissingExtraError, match=r"lipwright\[demo\]"):
        find_sample_portrait()
