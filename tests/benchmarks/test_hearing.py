"""How the voice's benchmark counts words, on pairs whose errors are known."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, BENCHMARKS / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def hearing() -> ModuleType:
    return load("hearing")


@pytest.mark.parametrize(
    ("reading", "heard", "errors"),
    [
        (
            "*priya your payment of five thousand and fifty three rupees is due",
            "Priya! Your payment of 5,053 rupees is due.",
            0,
        ),
        ("it is due on twenty fifth march twenty twenty six", "It is due on 25th March 2026", 0),
        ("at ten thirty a m", "at 10:30am.", 0),
        ("missus *gupta owes seven point two five percent", "Mrs. Gupta owes 7.25%", 0),
        ("one lakh twenty five thousand rupees", "1 lakh 25,000 rupees", 0),
        ("bread and butter and one hundred and two eggs", "Bread and butter and 102 eggs", 0),
        ("your gas is here", "your car is here", 1),
        ("your gas is here", "your is here", 1),
        ("your gas is here", "your big gas is here", 1),
        ("the twenty sixth", "the 26", 1),
        ("please pay", "", 2),
    ],
)
def test_errors_are_counted_in_words_however_they_are_written(hearing, reading, heard, errors):
    score = hearing.score_line(reading, heard)
    assert score.errors == errors
    assert score.rate == pytest.approx(errors / score.words)


def test_names_are_counted_apart(hearing):
    score = hearing.score_line("dear *anjali your rent is due", "Dear Angeli, your rent was due.")
    assert (score.errors, score.names, score.name_errors) == (2, 1, 1)
    assert score.rate_without_names == pytest.approx(1 / 5)
    assert score.wrong == [("anjali", "angeli"), ("is", "was")]
    whole = hearing.Score()
    for _ in range(2):
        whole.add(score)
    assert (whole.words, whole.errors, whole.names) == (12, 4, 2)


def test_every_line_has_a_reading_that_the_voice_agrees_with(hearing):
    """A number the normaliser reads wrongly would be heard wrongly, whatever the voice."""
    from lipwright.speech.normalization.normalize import normalize

    counts = {}
    for path in sorted((BENCHMARKS / "voice_lines").glob("*.txt")):
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line[0] != "#"]
        counts[path.stem] = len(lines)
        for line in lines:
            written, reading = line.split(" | ")
            mine = hearing.to_words(normalize(written))
            assert mine == [w.removeprefix("*") for w in hearing.to_words(reading)], written
    assert counts == {"reminders": 30, "held_out": 15}


def test_sound_is_measured(hearing, monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    voice = load("voice")
    rate = 16000
    tone = 0.5 * np.sin(np.arange(rate) * 2 * np.pi * 440 / rate)
    quiet = np.zeros(rate // 4)
    clean = np.concatenate([quiet, tone, quiet, quiet]).astype(np.float32)
    found = voice.measure_sound(clean, rate)
    assert found.peak == pytest.approx(-6.02, abs=0.05) and found.clipped == 0
    assert found.leading == pytest.approx(0.25, abs=0.002)
    assert found.trailing == pytest.approx(0.5, abs=0.002)
    assert found.offset < 1e-4
    broken = voice.measure_sound(np.clip(clean * 4 + 0.05, -1, 1), rate)
    assert broken.clipped > 1000 and broken.offset > 0.02
