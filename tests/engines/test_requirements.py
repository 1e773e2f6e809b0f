"""What an engine needs and what of it is not here."""

from __future__ import annotations

from pathlib import Path

from lipwright.engines import ENGINES
from lipwright.engines.requirements import Requirements
from lipwright.weights import Store, find_entry


def test_commands_that_bring_what_is_missing_are_told_with_sizes(tmp_path):
    store = Store(tmp_path)
    needs = Requirements("wav2lip", ("json", "there_is_no_such_module"), ("wav2lip",), once=True)
    assert needs.missing(store) == [
        'pip install "lipwright[wav2lip]" (for the first run)',
        "lipwright models download wav2lip (436 MB)",
    ]


def test_nothing_is_missing_where_all_is_here(tmp_path, monkeypatch):
    monkeypatch.setattr(Store, "installed", lambda *_: True)
    assert Requirements("wav2lip", ("json",), ("wav2lip",)).missing(Store(tmp_path)) == []


def test_every_engine_names_parts_and_models_that_exist():
    project = (Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8")
    for info in ENGINES.values():
        if needs := info.spec.requires:
            assert f"\n{needs.extra} = [" in project and f"[{needs.extra}]" in info.spec.needs
            for model in needs.models:
                assert find_entry(model).name == model
