"""Agreement of the text normaliser with the public test tables of NeMo-text-processing.

The tables (Apache-2.0, https://github.com/NVIDIA/NeMo-text-processing) are not part of lipwright:
clone that project and give the path of its folder tests/nemo_text_processing:

    python benchmarks/normalization.py FOLDER [--show CATEGORY]

A line is "written~spoken". What is compared are the words alone, in lower case, without marks;
"and" within numbers and the spellings of Hindi numbers, which are a matter of taste, do not count.
"""

from __future__ import annotations

import argparse
import re
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from lipwright.speech.normalization.normalize import normalize

CATEGORIES = (
    "cardinal", "ordinal", "decimal", "date", "time", "money", "measure", "telephone",
    "electronic", "fraction", "roman",
)  # fmt: skip
LOCALES = {"en": "en-US", "hi": "hi-IN"}
_SPELLINGS = {
    "छः": "छह", "रुपए": "रुपये", "रूपए": "रुपये", "हजार": "हज़ार", "निन्यानबे": "निन्यानवे",
    "सत्तानबे": "सत्तानवे", "पचानबे": "पचानवे", "छियानबे": "छियानवे", "इक्यानबे": "इक्यानवे",
    "बानबे": "बानवे", "तिरानबे": "तिरानवे", "चौरानबे": "चौरानवे", "अट्ठानबे": "अट्ठानवे",
    "अठानबे": "अट्ठानवे", "तिरेसठ": "तिरसठ", "तिरेपन": "तिरपन", "पंचानबे": "पचानवे", "उनासी": "उन्यासी",
    "फारेनहाइट": "फ़ारेनहाइट", "फीट": "फ़ुट",
}  # fmt: skip


class Row(NamedTuple):
    """A line of a table."""

    written: str
    wanted: str
    said: str

    @property
    def agrees(self) -> bool:
        """Whether the words are the same."""
        return _bare(self.wanted) == _bare(self.said)


def read_rows(folder: Path, language: str, category: str) -> Iterator[Row]:
    """Yield the lines of a table with what the normaliser makes of them; none without a table."""
    path = folder / language / "data_text_normalization" / f"test_cases_{category}.txt"
    if not path.exists():
        return
    for line in path.read_text("utf-8").splitlines():
        written, separator, wanted = line.partition("~")
        if separator and written.strip():
            yield Row(written, wanted, normalize(written, LOCALES[language]))


def _bare(words: str) -> str:
    words = _nasal(unicodedata.normalize("NFC", words.lower()))
    words = re.sub(r"[^\w\s\u0900-\u0963]", " ", words)
    words = re.sub(r"\b([a-z])\s+(?=[a-z]\b)", r"\1", " ".join(words.split()))
    spellings = {_nasal(a): _nasal(b) for a, b in _SPELLINGS.items()}
    said = [spellings.get(word, word) for word in words.split()]
    return " ".join(word for word in said if word not in ("and", "और"))


def _nasal(words: str) -> str:
    """Write both signs of a nasal vowel alike, and a nukta as a sign of its own."""
    return unicodedata.normalize("NFD", words).replace("ँ", "ं")


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table of agreement, and the lines of a category that differ."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="tests/nemo_text_processing of that project")
    parser.add_argument("--show", metavar="CATEGORY", help="print what differs, or all")
    options = parser.parse_args(arguments)
    print("| category | English | Hindi |\n|---|---|---|")
    for category in CATEGORIES:
        cells = []
        for language in LOCALES:
            rows = list(read_rows(options.folder, language, category))
            agreeing = sum(row.agrees for row in rows)
            cells.append(f"{agreeing} of {len(rows)}" if rows else "-")
            if options.show in (category, "all"):
                for row in rows:
                    if not row.agrees:
                        print(
                            f"    {row.written}\n      wanted {row.wanted}\n      said   {row.said}"
                        )
        print(f"| {category} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
