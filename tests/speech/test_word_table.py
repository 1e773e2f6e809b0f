"""A table of words is searched in its file, and finds what parsing it finds."""

from __future__ import annotations

import json

import numpy as np
import pytest

from lipwright.speech.g2p import word_table
from lipwright.speech.g2p.word_table import WordTable

LETTERS = np.array(list("abcdeABC'éñz\u0915"))


def make_entries(count: int) -> dict[str, object]:
    random = np.random.default_rng(count)
    words = {"".join(random.choice(LETTERS, random.integers(1, 9))) for _ in range(count)}
    return {
        word: f"ˈ{word}ː" if index % 7 else {"DEFAULT": "a", "VERB": None, "NOUN": f"{word},"}
        for index, word in enumerate(sorted(words))
    }


def lay_out(entries: dict[str, object]) -> bytes:
    return json.dumps(entries, indent=2, ensure_ascii=False).encode()


@pytest.mark.parametrize("count", [1, 2, 3, 300])
def test_every_word_is_found_and_no_other(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    entries = make_entries(count)
    table = WordTable(lay_out(entries))
    monkeypatch.setattr(word_table, "json", None)  # nothing is parsed as a whole
    monkeypatch.setattr(WordTable, "_value", lambda table, start: start)
    others = {form for word in entries for form in (word + "x", word[:-1], "!" + word, "\ud800")}
    assert all(word in table for word in entries)
    assert not any(word in table for word in {*others, "DEFAULT", "NOUN", ""} - {*entries})


def test_entries_are_what_the_file_says() -> None:
    entries = make_entries(200)
    table = WordTable(lay_out(entries))
    assert {word: table.get(word) for word in entries} == entries
    assert table.get("DEFAULT") is None


@pytest.mark.parametrize(
    "content",
    [
        b"{}",
        b'{"b": "1", "a": "2"}',
        b'{\n  "b": "1",\n  "a": "2"\n}',
        b'{\n  "a": "2",\n  "\\u0062": "1"\n}',
    ],
)
def test_a_file_laid_out_otherwise_is_parsed(content: bytes) -> None:
    table = WordTable(content)
    known = json.loads(content)
    assert [table.get(word) for word in "abc"] == [known.get(word) for word in "abc"]


def test_after_many_searches_it_is_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word_table, "MANY", 3)
    table = WordTable(b'{\n  "a": "1",\n  "b": "2"\n}')
    assert [table.get("b") for _ in range(2)] == ["2", "2"]
    monkeypatch.setattr(WordTable, "_search", None)
    assert [table.get(word) for word in "abc"] == ["1", "2", None]
