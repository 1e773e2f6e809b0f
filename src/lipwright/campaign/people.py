"""The table of people: CSV, TSV, JSON lines or Parquet, row by row in constant memory."""

from __future__ import annotations

import csv
import io
import json
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, NamedTuple

from lipwright.core.errors import MediaError, MissingExtraError, UsageError

LONGEST_CELL = 1 << 20
"""Characters that a cell of a table may have before the table counts as broken."""
MOST_COLUMNS = 1000
STANDARD_INPUT = Path("-")
_KINDS = {".csv": "csv", ".tsv": "tsv", ".txt": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl",
          ".parquet": "parquet", ".pq": "parquet"}  # fmt: skip
KINDS = ("csv", "tsv", "jsonl", "parquet")


class Person(NamedTuple):
    """A row of the table."""

    number: int
    """Counted from 1, without the header."""
    values: dict[str, str]
    """By column."""
    fault: str = ""
    """Why the row cannot be read, where it cannot."""


@dataclass
class PeopleTable:
    """A table that can be read from its beginning, once or, a file, again.

    Raises:
        UsageError: no such kind. MediaError: it cannot be read, has no header, two columns of one
            name, or no row at all. MissingExtraError: Parquet without its library.
    """

    path: Path
    """A file, or "-" for standard input."""
    kind: str | None = None
    """One of `KINDS`; None goes by the file's name, CSV for standard input."""
    encoding: str | None = None
    """Of the text; None takes that of a byte order mark, else UTF-8."""
    delimiter: str | None = None
    """Between the cells of CSV; None finds it in the header."""
    columns: tuple[str, ...] = field(default=(), init=False)
    """Known once the first row is read; of JSON lines those of the first row."""

    def __post_init__(self) -> None:
        """Check what can be checked without reading."""
        if self.kind is None:
            self.kind = _KINDS.get(self.path.suffix.lower(), "csv")
        if self.kind not in KINDS:
            raise UsageError(f'There is no kind of table "{self.kind}": choose {", ".join(KINDS)}.')
        if self.encoding is not None:
            try:
                "".encode(self.encoding)
            except LookupError:
                raise UsageError(f'There is no encoding "{self.encoding}".') from None

    def rows(self) -> Iterator[Person]:
        """Yield the rows. Raises MediaError where the table changed while it was read."""
        read = {"csv": self._csv, "tsv": self._csv, "jsonl": self._jsonl, "parquet": self._parquet}
        before = self._stamp()
        count = 0
        assert self.kind is not None
        for person in read[self.kind]():
            count += 1
            yield person
        if self._stamp() != before:
            raise MediaError(f"{self.path} changed while it was read: save it, and begin anew.")
        if not count:
            raise MediaError(f"{self.path} has no people in it: give a header and a row for each.")

    def _stamp(self) -> tuple[int, int] | None:
        if self.path == STANDARD_INPUT:
            return None
        try:
            status = self.path.stat()
        except OSError as error:
            raise self._unreadable(error) from error
        return status.st_size, status.st_mtime_ns

    def _unreadable(self, error: OSError) -> MediaError:
        return MediaError(f"{self.path} cannot be read ({error.strerror}): give another table.")

    def _binary(self) -> IO[bytes]:
        if self.path == STANDARD_INPUT:
            return sys.stdin.buffer
        try:
            return self.path.open("rb")
        except OSError as error:
            raise self._unreadable(error) from error

    def _text(self) -> io.TextIOWrapper:
        binary = self._binary()
        peek = getattr(binary, "peek", None)
        start: bytes = peek(4)[:4] if peek is not None else b""
        encoding = self.encoding or "utf-8-sig"
        if self.encoding is None and start[:2] in (b"\xff\xfe", b"\xfe\xff"):
            encoding = "utf-16"
        return io.TextIOWrapper(binary, encoding=encoding, newline="")

    def _lines(self) -> Iterator[str]:
        """The lines of the text. Raises MediaError where it is in another encoding."""
        text = self._text()
        try:
            yield from text
        except UnicodeError:
            raise MediaError(
                f"{self.path} is not {self.encoding or 'UTF-8'} text: save it so, or name its "
                "encoding."
            ) from None
        finally:
            with suppress(ValueError):
                text.detach() if self.path == STANDARD_INPUT else text.close()

    def _csv(self) -> Iterator[Person]:
        csv.field_size_limit(LONGEST_CELL)
        lines = self._lines()
        header = next(lines, "")
        delimiter = "\t" if self.kind == "tsv" else self.delimiter or _delimiter_of(header)
        reader = csv.reader(_before(header, lines), delimiter=delimiter, strict=True)
        try:
            self.columns = self._checked_columns(next(reader, []))
        except csv.Error as error:
            raise MediaError(f"The header of {self.path} cannot be read ({error}).") from None
        number = 0
        while True:
            number += 1
            try:
                cells = next(reader, None)
            except csv.Error as error:
                yield Person(number, {}, f"cannot be read ({error})")
                if "field larger" in str(error):
                    continue
                return
            if cells is None:
                return
            if not any(cell.strip() for cell in cells):
                number -= 1
                continue
            yield self._person(number, cells)

    def _person(self, number: int, cells: list[str]) -> Person:
        if len(cells) != len(self.columns):
            says = f"has {len(cells)} cells, and the header {len(self.columns)}"
            return Person(number, {}, says)
        return Person(number, dict(zip(self.columns, cells, strict=True)))

    def _checked_columns(self, names: list[str]) -> tuple[str, ...]:
        columns = [name.strip() for name in names]
        if not any(columns):
            raise MediaError(f"{self.path} is empty: give a header and a row for each person.")
        if len(columns) > MOST_COLUMNS:
            raise MediaError(f"{self.path} has {len(columns)} columns, more than {MOST_COLUMNS}.")
        for place, name in enumerate(columns, 1):
            if not name:
                raise MediaError(f"Column {place} of {self.path} has no name: give it one.")
            if columns.index(name) != place - 1:
                raise MediaError(f'{self.path} has two columns "{name}": rename one.')
        return tuple(columns)

    def _jsonl(self) -> Iterator[Person]:
        number = 0
        for line in self._lines():
            if not line.strip():
                continue
            number += 1
            yield self._parsed(number, line)

    def _parsed(self, number: int, line: str) -> Person:
        if len(line) > LONGEST_CELL:
            return Person(number, {}, f"has more than {LONGEST_CELL:,} characters")
        try:
            found = json.loads(line)
        except ValueError as error:
            return Person(number, {}, f"is no JSON ({error})")
        if not isinstance(found, dict):
            return Person(number, {}, "is no JSON object")
        self.columns = self.columns or tuple(found)
        return Person(number, {str(name).strip(): _cell(value) for name, value in found.items()})

    def _parquet(self) -> Iterator[Person]:
        try:
            import pyarrow.parquet as parquet
        except ImportError:
            raise MissingExtraError("Reading Parquet", "parquet") from None
        if self.path == STANDARD_INPUT:
            raise UsageError("Parquet cannot be read from standard input: give a file.")
        try:
            file = parquet.ParquetFile(os.fspath(self.path))
            self.columns = self._checked_columns(file.schema_arrow.names)
            number = 0
            for batch in file.iter_batches(batch_size=1024):
                for row in batch.to_pylist():
                    number += 1
                    yield Person(number, {name: _cell(row[name]) for name in self.columns})
        except MediaError:
            raise
        except OSError as error:
            raise MediaError(f"{self.path} cannot be read as Parquet ({error}).") from error
        except Exception as error:
            if type(error).__module__.startswith("pyarrow"):
                raise MediaError(f"{self.path} cannot be read as Parquet ({error}).") from error
            raise


def _cell(value: Any) -> str:
    """A value of JSON or Parquet as text."""
    if value is None or value is False:
        return ""
    if value is True:
        return "yes"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value if isinstance(value, str) else str(value)


def _delimiter_of(header: str) -> str:
    return max(",;\t|", key=header.count)


def _before(first: str, rest: Iterator[str]) -> Iterator[str]:
    if first:
        yield first
    yield from rest
