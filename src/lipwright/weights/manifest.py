"""What can be fetched, from where, under which licence: `manifest.toml` as values."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from lipwright.core.errors import UsageError

MANIFEST = Path(__file__).with_name("manifest.toml")
SHA256 = re.compile(r"[0-9a-f]{64}")
NAME = re.compile(r"[a-z0-9][a-z0-9-]*")
FILE_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*")
SOURCE = re.compile(r"(?P<repository>[^/@:]+/[^/@:]+)@(?P<revision>[^:]+):(?P<path>.+)")


@dataclass(frozen=True)
class Source:
    """A file on the Hugging Face hub."""

    repository: str
    """owner/name"""
    revision: str
    """A commit, or "main" where none is known."""
    path: str
    """Inside the repository."""

    def __str__(self) -> str:
        return f"{self.repository}@{self.revision}:{self.path}"


@dataclass(frozen=True)
class ModelFile:
    """One file of a model."""

    name: str
    """Its name in the store."""
    sources: tuple[Source, ...]
    """Where it can be had, in the order in which they are tried; none for one with a `page`."""
    sha256: str | None
    """Lower case hexadecimal; None where nobody could be asked: then the first download decides."""
    sha256_from: str
    """Who vouches for the sum: "publisher", "third party" or "unknown"."""
    bytes: int | None
    """Its exact size, where known."""
    about: int | None
    """Its size in bytes as far as known, rounded."""
    page: str | None = None
    """The address of a file that is on no hub, where a person has to fetch it."""


@dataclass(frozen=True)
class Model:
    """Files that belong together, what they are for and what one may do with them."""

    name: str
    used_by: str
    files: tuple[ModelFile, ...]
    licence: str
    licence_url: str
    commercial: bool | None
    """Whether commercial use is allowed; None: unknown."""
    needs: tuple[str, ...]
    """Other models that are fetched with it."""
    note: str

    @property
    def about(self) -> int | None:
        """Its size in bytes as far as known; None when the size of no file is."""
        known = [file.about for file in self.files if file.about is not None]
        return sum(known) if known else None

    @property
    def terms(self) -> str:
        """The licence and what it means for commerce, to be put into a sentence."""
        if self.commercial is None:
            return f"licence: {self.licence}, commercial use not known to be allowed"
        said = "commercial use allowed" if self.commercial else "no commercial use"
        return f"licence: {self.licence}, {said}"


@cache
def load_manifest(path: Path | None = None) -> dict[str, Model]:
    """Return all models by name, in the manifest's order. Raises ValueError where it is wrong."""
    with (path or MANIFEST).open("rb") as file:
        table = tomllib.load(file)
    models = {entry["name"]: _read_model(entry) for entry in table["models"]}
    for model in models.values():
        if missing := set(model.needs) - set(models):
            raise ValueError(f"{model.name} needs {missing}, which the manifest does not have.")
    return models


def find_entry(name: str) -> Model:
    """Find the manifest's entry of this name. Raises UsageError, with the nearest names."""
    models = load_manifest()
    if name in models:
        return models[name]
    near = get_close_matches(name, models, n=1)
    hint = f"did you mean {near[0]}?" if near else "lipwright models list shows all of them."
    raise UsageError(f'There is no model "{name}": {hint}')


def with_needs(names: list[str]) -> list[Model]:
    """Return the models of these names and all they need, each once, needs last."""
    found: dict[str, Model] = {}
    waiting = list(names)
    while waiting:
        model = find_entry(waiting.pop(0))
        if model.name not in found:
            found[model.name] = model
            waiting += model.needs
    return list(found.values())


def human_size(count: int | None, exact: bool = True) -> str:
    """Write a size in decimal units: "436 MB"; "?" when unknown, "~" before a rounded one."""
    if count is None:
        return "?"
    sign = "" if exact else "~"
    if count < 1000:
        return f"{sign}{count} B"
    size = float(count)
    for unit in ("kB", "MB", "GB"):
        size /= 1000
        if size < 999.5 or unit == "GB":
            return f"{sign}{size:.0f} {unit}" if size >= 100 else f"{sign}{size:.3g} {unit}"
    raise AssertionError


def model_size(model: Model) -> str:
    """Return the size of a model for people; "~" when not every byte of it is known."""
    return human_size(model.about, all(file.bytes is not None for file in model.files))


def _read_model(entry: dict[str, Any]) -> Model:
    if not NAME.fullmatch(entry["name"]):
        raise ValueError(f"{entry['name']!r} is no name for a model.")
    commercial = entry["commercial"]
    if commercial not in (True, False, "unknown"):
        raise ValueError(f"{entry['name']}: commercial is true, false or unknown.")
    return Model(
        name=entry["name"],
        used_by=entry["for"],
        files=tuple(_read_file(file) for file in entry["files"]),
        licence=entry["licence"],
        licence_url=entry["licence_url"],
        commercial=None if commercial == "unknown" else commercial,
        needs=tuple(entry.get("needs", ())),
        note=entry.get("note", ""),
    )


def _read_file(entry: dict[str, Any]) -> ModelFile:
    name, digest = entry["file"], entry.get("sha256")
    if not FILE_NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name for a file.")
    if digest is not None and not SHA256.fullmatch(digest):
        raise ValueError(f"{name}: {digest!r} is no sha256.")
    if (digest is None) == ("sha256_from" in entry):
        raise ValueError(f"{name}: a sum has an origin, and only a sum has one.")
    page = entry.get("page")
    if (page is None) != ("repository" in entry):
        raise ValueError(f"{name}: a file is in a repository, or a person fetches it from a page.")
    return ModelFile(
        name=name,
        sources=() if page else _read_sources(entry),
        sha256=digest,
        sha256_from=entry.get("sha256_from", "unknown"),
        bytes=entry.get("bytes"),
        about=entry.get("bytes", entry.get("about")),
        page=page,
    )


def _read_sources(entry: dict[str, Any]) -> tuple[Source, ...]:
    first = Source(entry["repository"], entry["revision"], entry["path"])
    return (first, *(_read_source(mirror) for mirror in entry.get("mirrors", ())))


def _read_source(text: str) -> Source:
    match = SOURCE.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not owner/name@revision:path.")
    return Source(**match.groupdict())
