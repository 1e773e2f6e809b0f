"""The yardstick of the normaliser, on a table of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.benchmarks.modules import benchmark_modules

pytest.importorskip("num2words", reason="reading out numbers needs the voice extra")


def test_agreement_is_counted_and_what_differs_is_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "en" / "data_text_normalization"
    folder.mkdir(parents=True)
    (folder / "test_cases_time.txt").write_text("5pm~five PM\n105~one hundred and five\n7~eight\n")
    with benchmark_modules("normalization") as modules:
        modules.normalization.main([str(tmp_path), "--show", "time"])
    shown = capsys.readouterr().out
    assert "| time | 2 of 3 | - |" in shown and "| money | - | - |" in shown
    assert "    7\n      wanted eight\n      said   seven\n" in shown


def test_spellings_of_hindi_do_not_count(tmp_path: Path) -> None:
    folder = tmp_path / "hi" / "data_text_normalization"
    folder.mkdir(parents=True)
    (folder / "test_cases_money.txt").write_text("₹99~निन्यानबे रुपए\n₹5~छः रुपए\n", "utf-8")
    with benchmark_modules("normalization") as modules:
        rows = list(modules.normalization.read_rows(tmp_path, "hi", "money"))
    assert [row.agrees for row in rows] == [True, False]
