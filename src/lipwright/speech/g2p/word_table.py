"""A table of words in a sorted JSON file, searched where it lies: parsing one takes 50 ms."""

from __future__ import annotations

import json
from typing import Any

_START, _COLON, _END = b'\n  "', b'": ', b"\n}"
MANY = 4000
"""Searches after which the table is parsed after all: each takes 20 times as long as in a dict."""
_PROBES = 64


class WordTable:
    """The entries of a JSON object, by their key.

    Args:
        content: JSON in UTF-8. One that `json.dumps(indent=2, sort_keys=True)` could have written
            is searched; any other is parsed at once.
    """

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._searches = 0
        self._parsed: dict[str, Any] | None = None
        if not self._is_sorted():
            self._parsed = json.loads(content)

    def get(self, word: str) -> Any:
        """Return the entry of a word, or None."""
        if self._parsed is None:
            self._searches += 1
            if self._searches < MANY:
                return self._search(word)
            self._parsed = json.loads(self._content)
        return self._parsed.get(word)

    def __contains__(self, word: str) -> bool:
        """Return whether there is an entry; none is null."""
        return self.get(word) is not None

    def _search(self, word: str) -> Any:
        """Find an entry by halving; the order of UTF-8 is that of code points, as `sort_keys`."""
        wanted = word.encode("utf-8", "surrogatepass")
        low, high = 0, len(self._content)
        while low < high:
            start = self._content.rfind(_START, low, (low + high) // 2 + len(_START))
            if start < 0:
                start = self._content.find(_START, low, high)
                if start < 0:
                    return None
            key, value = self._key(start)
            if key == wanted:
                return self._value(value)
            if key < wanted:
                low = value
            else:
                high = start
        return None

    def _key(self, start: int) -> tuple[bytes, int]:
        """Return the key of the entry that starts there, and where its value starts."""
        start += len(_START)
        end = self._content.index(_COLON, start)
        return self._content[start:end], end + len(_COLON)

    def _value(self, start: int) -> Any:
        end = self._content.find(_START, start)
        if end < 0:
            end = self._content.rindex(_END)
        return json.loads(self._content[start:end].rstrip(b","))

    def _is_sorted(self) -> bool:
        """Return whether it is laid out for searching: told by some of its keys."""
        if not self._content.startswith(b"{" + _START) or b"\\" in self._content:
            return False
        size = len(self._content)
        starts = {self._content.find(_START, size * i // _PROBES) for i in range(_PROBES)}
        keys = [self._key(start)[0] for start in sorted(starts - {-1})]
        return keys == sorted(keys)
