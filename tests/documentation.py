"""The commands and snippets of README and docs, found in their fenced blocks."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """One fenced block."""

    page: str
    language: str
    text: str


def blocks(language: str) -> Iterator[Block]:
    """All blocks of a language, page by page."""
    for page in PAGES:
        for found in FENCE.finditer(page.read_text(encoding="utf-8")):
            if found[1] == language:
                yield Block(page.name, language, found[2])


def commands() -> list[tuple[str, list[str]]]:
    """Each command line of the shell blocks as (page, words), comments left out, once each."""
    found = {}
    for page, _, text in blocks("sh"):
        for line in text.replace("\\\n", " ").splitlines():
            words = shlex.split(line, comments=True)
            if words and "..." not in words:
                found[tuple(words)] = page
    return [(page, list(words)) for words, page in found.items()]


def program(words: list[str]) -> list[str] | None:
    """What `lipwright` is given by a command line; None where it is another program's."""
    if words[0] == "lipwright":
        return words[1:]
    if words[:2] == ["python", "main.py"]:
        return ["sync", *words[2:]]
    if words[:2] == ["python", "download_models.py"]:
        return ["models", "download", *words[2:]] if words[2:] else ["models", "list"]
    return None
