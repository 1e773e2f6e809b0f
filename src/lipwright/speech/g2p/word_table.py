"""A table of words in a sorted JSON file, searched where it lies.

Parsing one takes 50 ms and then 16 MB for as long as the process lives.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from typing import Any

_START, _COLON, _END = b'\n  "', b'": ', b"\n}"
_STRIDE = 8192
"""Bytes of the file in which a word is looked for, at most."""
_PROBES = 64
"""Places of a small file at which its order is looked at."""


class WordTable:
    """The entries of a JSON object, by their key.

    Args:
        content: JSON in UTF-8. One that `json.dumps(indent=2, sort_keys=True)` could have written
            is searched; any other is parsed at once.
    """

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._starts = self._sample_starts()
        self._keys = [self._key(start) for start in self._starts]
        self._parsed: dict[str, Any] | None = None
        if not self._starts or self._keys != sorted(self._keys):
            self._parsed = json.loads(content)

    def get(self, word: str) -> Any:
        """Return the entry of a word, or None."""
        if self._parsed is not None:
            return self._parsed.get(word)
        if '"' in word:  # no key has one
            return None
        wanted = word.encode("utf-8", "surrogatepass")  # bytes sort as code points do
        place = bisect_right(self._keys, wanted) - 1
        if place < 0:
            return None
        entry = b"".join((_START, wanted, _COLON))
        end = self._starts[place + 1] if place + 1 < len(self._starts) else len(self._content)
        found = self._content.find(entry, self._starts[place], end)
        return None if found < 0 else self._value(found + len(entry))

    def __contains__(self, word: str) -> bool:
        """Return whether there is an entry; none is null."""
        return self.get(word) is not None

    def _key(self, start: int) -> bytes:
        """Return the key of the entry that starts there."""
        start += len(_START)
        return self._content[start : self._content.index(_COLON, start)]

    def _value(self, start: int) -> Any:
        end = self._content.find(_START, start)
        if end < 0:
            end = self._content.rindex(_END)
        return json.loads(self._content[start:end].rstrip(b","))

    def _sample_starts(self) -> list[int]:
        """Return where some entries start, the first among them.

        None where it is not laid out for searching.
        """
        if not self._content.startswith(b"{" + _START) or b"\\" in self._content:
            return []
        size = len(self._content)
        places = range(0, size, max(1, min(_STRIDE, size // _PROBES)))
        return sorted({self._content.find(_START, place) for place in places} - {-1})
