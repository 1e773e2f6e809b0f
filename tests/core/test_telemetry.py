"""Telemetry is off before any library could read that it is on."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SWITCHES = "ORT_DISABLE_TELEMETRY HF_HUB_DISABLE_TELEMETRY DO_NOT_TRACK"


def run(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=True,
    )


@pytest.mark.parametrize("before", ["0", "1", "false", ""])
def test_importing_lipwright_switches_everything_off(before: str) -> None:
    code = f"import lipwright, os; print(*(os.environ[name] for name in '{SWITCHES}'.split()))"
    done = run(code, **dict.fromkeys(SWITCHES.split(), before))
    assert done.stdout.split() == ["1", "1", "1"] and done.stderr == ""


def test_who_imported_onnxruntime_before_is_told() -> None:
    code = "import sys; sys.modules['onnxruntime'] = sys; import lipwright"
    assert "import lipwright first" in run(code, ORT_DISABLE_TELEMETRY="0").stderr
    assert run(code, ORT_DISABLE_TELEMETRY="1").stderr == ""


def test_the_hub_is_silent_even_if_it_was_imported_before() -> None:
    pytest.importorskip("huggingface_hub")
    code = (
        "from huggingface_hub import constants; assert not constants.HF_HUB_DISABLE_TELEMETRY; "
        "from lipwright.weights.hf_hub import import_hub; import_hub(); "
        "print(constants.HF_HUB_DISABLE_TELEMETRY)"
    )
    off = dict.fromkeys([*SWITCHES.split(), "DISABLE_TELEMETRY"], "0")
    assert run(code, **off).stdout.strip() == "True"


def test_onnxruntime_is_told_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    import onnxruntime

    from lipwright.core.onnx import load_onnxruntime

    told: list[bool] = []
    monkeypatch.setenv("ORT_DISABLE_TELEMETRY", "0")
    monkeypatch.setattr(onnxruntime, "disable_telemetry_events", lambda: told.append(True))
    assert load_onnxruntime() is onnxruntime
    assert told and os.environ["ORT_DISABLE_TELEMETRY"] == "1"


def test_one_module_of_the_package_imports_onnxruntime() -> None:
    """Elsewhere it could be the first that does, before telemetry is off."""
    sources = {path: ast.parse(path.read_text("utf-8")) for path in (ROOT / "src").rglob("*.py")}
    found = [path for path, tree in sources.items() if imports_onnxruntime(ast.walk(tree))]
    assert found == [ROOT / "src/lipwright/core/onnx.py"]


@pytest.mark.parametrize("folder", ["benchmarks", "training"])
def test_scripts_import_lipwright_first(folder: str) -> None:
    """What a function imports comes after it."""
    sources = {path: ast.parse(path.read_text("utf-8")) for path in (ROOT / folder).rglob("*.py")}
    assert [path for path, tree in sources.items() if imports_onnxruntime(tree.body)] == []


def imports_onnxruntime(nodes: Iterable[ast.AST]) -> bool:
    """Whether one of these statements imports it, or a part of it."""
    names: list[str] = []
    for node in nodes:
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names.append(node.module or "")
    return any(name.split(".")[0] == "onnxruntime" for name in names)
