"""The parts of `make bench` that measure drift, on curves whose truth is known."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from lipwright.articulation.curves import CHANNELS, Articulation

SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "quality.py"


@pytest.fixture(scope="module")
def quality() -> ModuleType:
    spec = importlib.util.spec_from_file_location("quality_benchmark", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_drift_is_seen_minute_by_minute(quality):
    generator = np.random.default_rng(3)
    frames = np.arange(3 * 60 * 25)
    rough = np.convolve(generator.standard_normal(len(frames) + 50), np.hanning(25), "same")[25:-25]
    curves = np.zeros((len(frames), len(CHANNELS)), np.float32)
    curves[:, CHANNELS.index("gap")] = np.abs(rough)
    articulation = Articulation(25.0, curves)
    spoken = frames % 75 < 50
    late = np.interp(frames + 2.0, frames, np.abs(rough))  # ours comes two frames late
    assert quality.minute_offsets(articulation, late, spoken) == pytest.approx([2, 2, 2])
    drifting = np.interp(frames + frames / 1500, frames, np.abs(rough))
    found = quality.minute_offsets(articulation, drifting, spoken)
    assert found == pytest.approx([0.5, 1.5, 2.5], abs=0.25)


def test_the_corpus_is_where_the_environment_says(quality, monkeypatch, tmp_path):
    monkeypatch.setenv("LIPWRIGHT_GRID", str(tmp_path))
    assert quality.find_grid() == tmp_path
    monkeypatch.delenv("LIPWRIGHT_GRID")
    assert quality.find_grid().parts[-3:] == ("shared", "data", "grid")


def test_without_the_corpus_it_says_so(quality, monkeypatch, tmp_path):
    monkeypatch.setattr(quality, "on_our_own_speech", lambda folder: iter(["own"]))
    options = quality.argparse.Namespace(grid=tmp_path, noise=10.0, limit=None)
    lines = list(quality.measure(options, tmp_path))
    assert len(lines) == 3 and "set LIPWRIGHT_GRID" in lines[0] and lines[-1] == "own"
