"""A table of words is searched in its file, and finds what parsing it finds."""

from __future__ import annotations

import json
from types import SimpleNamespace

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


@pytest.mark.parametrize("stride", [8, 8192])
@pytest.mark.parametrize("probes", [1, 64])
@pytest.mark.parametrize("count", [1, 2, 3, 300])
def test_every_word_is_found_and_no_other(
    count: int, probes: int, stride: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(word_table, "_PROBES", probes)
    monkeypatch.setattr(word_table, "_STRIDE", stride)
    entries = make_entries(count)
    table = WordTable(lay_out(entries))
    monkeypatch.setattr(word_table, "json", None)  # nothing is parsed as a whole
    monkeypatch.setattr(WordTable, "_value", lambda table, start: start)
    others = {form for word in entries for form in (word + "x", word[:-1], "!" + word, "\ud800")}
    others |= {f'{word}": {{\n    "DEFAULT' for word in entries}
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


def test_it_takes_no_more_memory_the_more_is_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is never parsed as a whole, however often a process speaks."""
    table, parsed = WordTable(lay_out(make_entries(200))), [0]

    def loads(content: bytes) -> object:
        parsed.append(len(content))
        return json.loads(content)

    monkeypatch.setattr(word_table, "json", SimpleNamespace(loads=loads))
    words = [*make_entries(200), "none"]
    for number in range(10_000):
        table.get(words[number % len(words)])
    assert 0 < max(parsed) < 100
