"""Phone times from files of others: read, or told in a sentence what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from lipwright.core.errors import MediaError
from lipwright.evaluation.phones_file import read_phones
from lipwright.speech.speech import Phone


def test_phones_are_read(tmp_path: Path) -> None:
    path = tmp_path / "phones.json"
    path.write_text('[[0, 0.1, "m"], [0.1, 0.25, "ɑː"], [0.25, 0.25, ""]]', encoding="utf-8")
    assert read_phones(str(path)) == (
        Phone(0, 0.1, "m"),
        Phone(0.1, 0.25, "ɑː"),
        Phone(0.25, 0.25, ""),
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is not JSON"),
        ("[[0, 1,", "is not JSON"),
        (b"\xff\xfe[", "is not JSON"),
        ("7", "is not a list of phones"),
        ("[7]", "is not a list of phones"),
        ('[[0, 1, "m", 2]]', "is not a list of phones"),
        ('[["soon", 1, "m"]]', "is not a list of phones"),
        ('[[null, 1, "m"]]', "is not a list of phones"),
        ('[[0.2, 0.1, "m"]]', r"has a phone from 0\.2 to 0\.1 s"),
        ('[[-1, 0.1, "m"]]', r"has a phone from -1 to 0\.1 s"),
        ('[[NaN, 0.1, "m"]]', r"has a phone from nan to 0\.1 s"),
        ("[]", "has no phones"),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, content: str | bytes, said: str) -> None:
    path = tmp_path / "phones.json"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(MediaError, match=rf"phones\.json {said}"):
        read_phones(path)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match=r"none\.json cannot be read \(No such file"):
        read_phones(tmp_path / "none.json")
