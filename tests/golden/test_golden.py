"""Rearranged code draws the same pictures: decoded frames and sound, byte for byte."""

from __future__ import annotations

import pytest

from tests.golden.cases import CASES, recorded, wav2lip


@pytest.fixture
def expected() -> dict:
    digests = recorded()
    if digests is None:
        pytest.skip(
            "no digests of a machine like this one: run python -m tests.golden.record before a "
            "change, and this test after it"
        )
    return digests


@pytest.mark.parametrize("name", CASES)
def test_the_frames_are_the_recorded_ones(name, expected, tmp_path, monkeypatch):
    monkeypatch.setenv("LIPWRIGHT_HOME", str(tmp_path / "home"))
    assert CASES[name](tmp_path) == expected[name]


def test_the_frames_of_wav2lip_are_the_recorded_ones(expected, tmp_path, monkeypatch):
    pytest.importorskip("torch", reason="torch is not installed: pip install .[wav2lip]")
    if "wav2lip" not in expected:
        pytest.skip("recorded without torch")
    monkeypatch.setenv("LIPWRIGHT_HOME", str(tmp_path / "home"))
    assert wav2lip(tmp_path) == expected["wav2lip"]
