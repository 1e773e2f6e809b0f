"""What the benchmark of Wav2Lip says where torch is missing."""

from __future__ import annotations

import runpy
import sys

import pytest
from tests.benchmarks.modules import BENCHMARKS


def test_the_optional_part_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(SystemExit, match=r"error: .* needs torch: run pip install"):
        runpy.run_path(str(BENCHMARKS / "wav2lip.py"))
