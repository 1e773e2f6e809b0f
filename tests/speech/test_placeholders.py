"""Placeholders in scripts, and their values."""

from __future__ import annotations

import logging

import pytest

from lipwright.core.errors import UsageError, VoiceError
from lipwright.speech.script.template import fill_placeholders, parse_values


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("Hi {name}!", "Hi Mathangi!"),
        ("{ name } owes {due date}", "Mathangi owes 5,053"),
        ("{name}{name}", "MathangiMathangi"),
        ("{{name}} {}", "{name} {}"),
        ("{5} { } {a", "{5} { } {a"),
    ],
)
def test_filling(text: str, filled: str) -> None:
    assert fill_placeholders(text, {"name": "Mathangi", "due date": "5,053"}) == filled


def test_values_are_not_filled_again() -> None:
    assert fill_placeholders("{a}", {"a": "{b}", "b": "no"}) == "{b}"


def test_missing_values_are_all_named() -> None:
    with pytest.raises(VoiceError, match=r"\{name\}, \{sum\} without a value.*\{\{ and \}\}"):
        fill_placeholders("{name} {sum} {name}")


def test_a_value_nobody_asks_for_is_told(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "lipwright"):
        fill_placeholders("Hi", {"nmae": "x"})
    assert "{nmae}" in caplog.text


def test_parsing() -> None:
    assert parse_values(["name=Mathangi", "sum=INR 5=3", "{day}="]) == {
        "name": "Mathangi", "sum": "INR 5=3", "day": "",
    }  # fmt: skip


@pytest.mark.parametrize("written", ["name", "=x", "", "5=x", "a{b=x"])
def test_impossible_assignments(written: str) -> None:
    with pytest.raises(UsageError, match="name=value"):
        parse_values([written])


def test_a_name_given_twice() -> None:
    with pytest.raises(UsageError, match="a has two values"):
        parse_values(["a=1", "a=2"])
