"""A table of what is written in India and how it is read out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lipwright.speech.normalization.normalize import normalize

pytest.importorskip("num2words", reason="reading out numbers needs the voice extra")


def _rows() -> Iterator[tuple[str, str, str]]:
    """Yield locale, written text and words of each row."""
    locale = ""
    for line in Path(__file__).with_name("readings.tsv").read_text("utf-8").splitlines():
        if line.startswith("## "):
            locale = line.removeprefix("## ")
        elif "\t" in line:
            written, _, read = line.partition("\t")
            yield locale, written, read


ROWS = list(_rows())


def test_the_table_is_large() -> None:
    assert len(ROWS) >= 200


@pytest.mark.parametrize(("locale", "written", "read"), ROWS)
def test_reading(locale: str, written: str, read: str) -> None:
    assert normalize(written, locale) == read
