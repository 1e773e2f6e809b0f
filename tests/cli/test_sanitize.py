"""What is printed shows itself: nothing steers the terminal."""

from __future__ import annotations

import pytest

from lipwright.cli.sanitize import one_line


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\nb\tc", "a b c"),
        ("\x1b[31mred", r"\x1b[31mred"),
        ("n\udcff.mp4", r"n\udcff.mp4"),
        ("gpj.\u202efilm", r"gpj.\u202efilm"),
        ("ü ş 字 क्\u200dष", "ü ş 字 क्\u200dष"),
    ],
)
def test_one_line(text: str, shown: str) -> None:
    assert one_line(text) == shown
