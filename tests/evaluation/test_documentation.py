"""Every measure is defined in the docs, by the name that it has in the code."""

from __future__ import annotations

import re
from pathlib import Path

from lipwright.evaluation import MEASURES, METHODS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "measures.md"


def test_every_measure_and_method_is_defined():
    rows = re.findall(r"^\| `([\w ]+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    wanted = [*(measure.name for measure in MEASURES), *(m for m in METHODS if m != "ours")]
    assert sorted(rows) == sorted(wanted)
