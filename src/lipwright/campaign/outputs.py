"""Where the videos of a campaign go: names by a pattern, in folders that do not grow too large."""

from __future__ import annotations

import os
import re
import shutil
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lipwright.core.errors import MediaError, MissingExtraError, UsageError

PER_FOLDER = 1000
"""Videos in one folder where the pattern names no folders itself."""
DEFAULT_PATTERN = "{row}.mp4"
"""Nothing about a person is in a file's name unless it is asked for."""
_FIELD = re.compile(r"\{([^{}]*)\}")
_UNSAFE = re.compile(r'[\x00-\x1f<>:"|?*\\]')
_RESERVED = {"con", "prn", "aux", "nul", *(f"{n}{i}" for n in ("com", "lpt") for i in range(1, 10))}
_LONGEST = 180
"""Bytes of a part of a name."""
_ADDRESS = re.compile(r"(?i)[a-z][a-z0-9+.-]+://")


class OutputNames:
    """Names of videos by a pattern."""

    def __init__(self, pattern: str | None, columns: tuple[str, ...], rows: int | None) -> None:
        """Check the pattern.

        Args:
            pattern: such as "{row}.mp4" or "{city}/{id}.mp4"; {row} is the row's number. None takes
                {row}.mp4.
            columns: of the table.
            rows: how many there are; None where that is not known: numbers get eight digits.

        Raises:
            UsageError: a column that is not there, a pattern without any, or one that leaves the
                output's folder.
        """
        self._pattern = DEFAULT_PATTERN if pattern is None else pattern
        self._sharded = "/" not in self._pattern
        self._digits = 8 if rows is None else max(6, len(str(rows)))
        fields = _FIELD.findall(self._pattern)
        for name in fields:
            if name != "row" and name not in columns:
                raise UsageError(
                    f'The pattern of the outputs has {{{name}}}, and the table no column "{name}".',
                    option="name",
                )
        if not fields:
            raise UsageError(
                f'The pattern of the outputs "{self._pattern}" names all videos alike: write '
                "{row} or a column in it.",
                option="name",
            )
        if self._pattern.startswith(("/", "~")) or ".." in self._pattern.split("/"):
            raise UsageError(
                f'The pattern of the outputs "{self._pattern}" leaves the output folder: write a '
                "name below it.",
                option="name",
            )
        if Path(self._pattern).suffix.lower() not in (".mp4", ".mov", ".mkv", ".webm"):
            raise UsageError(
                f'The pattern of the outputs "{self._pattern}" must end in .mp4, .mov, .mkv or '
                ".webm.",
                option="name",
            )

    def name(self, number: int, values: Mapping[str, str]) -> str:
        """Return the name of a row's video, with "/" between folders.

        Raises ValueError where a value makes no safe name; the message goes on from its column's.
        """

        def fill(match: re.Match[str]) -> str:
            if match[1] == "row":
                return f"{number:0{self._digits}d}"
            return _safe(values.get(match[1], ""), match[1])

        name = _FIELD.sub(fill, self._pattern)
        for part in name.split("/"):
            if len(part.encode()) > _LONGEST:
                raise ValueError(f"makes a file name of more than {_LONGEST} bytes")
        if self._sharded:
            name = f"{(number - 1) // PER_FOLDER:04d}/{name}"
        return name


def _safe(value: str, column: str) -> str:
    """A value as a part of a file's name. Raises ValueError where it makes none."""
    value = unicodedata.normalize("NFC", value).strip()
    if not value:
        raise ValueError(f"{column} is empty, and is part of the file's name")
    bad = _UNSAFE.search(value)
    if bad or "/" in value or value.startswith(".") or value.endswith((".", " ")):
        raise ValueError(f'{column} is "{value}", which makes no safe file name')
    if value.casefold().split(".")[0] in _RESERVED:
        raise ValueError(f'{column} is "{value}", a name that some systems reserve')
    if any(unicodedata.category(character) in ("Cf", "Cc", "Cs", "Co") for character in value):
        raise ValueError(f"{column} has invisible characters, which make no safe file name")
    return value


def is_address(output: str) -> bool:
    """Return whether an output is an address such as s3://bucket/folder, and not a folder."""
    return bool(_ADDRESS.match(output)) and not output.lower().startswith("file://")


class OutputStore:
    """The folder, or the address, that finished videos are put to: whole or not at all."""

    def __init__(self, output: str) -> None:
        """Open it.

        Args:
            output: a folder, or an address that fsspec knows, such as s3://bucket/folder.

        Raises:
            MissingExtraError: an address without the part for it. MediaError: it cannot be opened.
        """
        self._output = output
        self._files: Any = None
        if is_address(output):
            self._files, self._root = _open_address(output)

    def put(self, made: Path, name: str) -> int:
        """Move a finished file to its place; returns its bytes. Raises MediaError."""
        size = made.stat().st_size
        try:
            if self._files is None:
                target = Path(self._output) / name
                target.parent.mkdir(parents=True, exist_ok=True)
                partial = target.with_name(f".{target.name}.partial")
                shutil.move(made, partial)
                os.replace(partial, target)
                return size
            target_name = f"{self._root}/{name}"
            self._files.makedirs(target_name.rsplit("/", 1)[0], exist_ok=True)
            self._files.put_file(str(made), f"{target_name}.partial")
            self._files.mv(f"{target_name}.partial", target_name)
            made.unlink()
        except OSError as error:
            raise MediaError(
                f"{name} cannot be written to {self._output} ({error.strerror or error}): make "
                "room, or check permissions."
            ) from error
        return size

    def remove(self, name: str) -> None:
        """Remove a video; one that is not there is no error."""
        if self._files is None:
            (Path(self._output) / name).unlink(missing_ok=True)
        elif self._files.exists(f"{self._root}/{name}"):
            self._files.rm_file(f"{self._root}/{name}")

    def exists(self, name: str) -> bool:
        """Return whether a video is there."""
        if self._files is None:
            return (Path(self._output) / name).exists()
        return bool(self._files.exists(f"{self._root}/{name}"))


def _open_address(output: str) -> tuple[Any, str]:
    try:
        from fsspec.core import url_to_fs
    except ImportError:
        raise MissingExtraError("Writing to an address", "storage") from None
    try:
        files, root = url_to_fs(output)
    except (ImportError, ValueError) as error:
        raise MediaError(
            f"{output} cannot be opened ({error}): install fsspec's part for it, or give a folder."
        ) from error
    return files, str(root).rstrip("/")
