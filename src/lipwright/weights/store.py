"""Where models lie on this computer, and what is known of each file there.

<folder>/wav2lip/wav2lip.pth         a file, only ever there when whole and verified
<folder>/wav2lip/.incoming/          what is being brought, until it is whole and verified
<folder>/wav2lip.json                sums, and size and time of each file when it was verified
<folder>/wav2lip.lock                held while the model changes
<folder>/accepted.json               the licences that were accepted
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from lipwright.core.atomic_file import FORBIDDEN, FULL
from lipwright.core.errors import ModelError
from lipwright.core.paths import models_folder
from lipwright.weights.manifest import Model, ModelFile, human_size

logger = logging.getLogger("lipwright")

State = Literal["missing", "unchecked", "ready"]


@dataclass(frozen=True)
class Store:
    """The models of this computer."""

    folder: Path = field(default_factory=models_folder)

    def path(self, model: Model, file: ModelFile) -> Path:
        """Return where a file lies, or would."""
        return self.folder / model.name / file.name

    def state(self, model: Model, file: ModelFile) -> State:
        """Return what is here, told without reading the file.

        "ready": verified, and neither its size nor its time has changed since.
        """
        path = self.path(model, file)
        if not path.is_file():
            return "missing"
        known = self._record(model)["files"].get(file.name, {})
        if known.get("sha256") not in (None, "") and known.get("stamp") == _stamp(path):
            if known["sha256"] == self.expected_sum(model, file):
                return "ready"
        return "unchecked"

    def installed(self, model: Model) -> bool:
        """Return whether every file of the model is here, verified or not."""
        return all(self.path(model, file).is_file() for file in model.files)

    def expected_sum(self, model: Model, file: ModelFile) -> str | None:
        """Return the sum of the manifest, or else the one recorded when the file first came."""
        return file.sha256 or self._record(model)["sums"].get(file.name)

    def origin(self, model: Model, file: ModelFile) -> str | None:
        """Return where the file that is here came from; None where that is not known."""
        result: str | None = self._record(model)["files"].get(file.name, {}).get("from")
        return result

    @contextmanager
    def changing(self, model: Model) -> Iterator[None]:
        """Let only one process at a time into this block for the same model.

        Raises ModelError where nothing can be written.
        """
        folder = self.folder / model.name
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with _lock(self.folder / f"{model.name}.lock", model.name):
                yield
        except OSError as error:
            raise cannot_write(folder, error) from error

    @contextmanager
    def incoming(self, model: Model) -> Iterator[Path]:
        """Yield an empty folder beside the model's files, deleted after it: use it in `changing`.

        What a process that was killed left there is deleted as well.
        """
        folder = self.folder / model.name / ".incoming"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(exist_ok=True)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def verify(self, model: Model, file: ModelFile, again: bool = False) -> Path:
        """Return the path of a file once it is verified; `again` reads it even if nothing changed.

        Raises ModelError if it is missing or damaged.
        """
        path = self.path(model, file)
        state = self.state(model, file)
        if state == "missing":
            raise ModelError(f"{path} is missing: run lipwright models download {model.name}.")
        if state == "ready" and not again:
            return path
        found, stamp = hash_file(path), _stamp(path)
        expected = self.expected_sum(model, file)
        if expected is not None and found != expected:
            self._forget(model, file)
            raise ModelError(
                f"{path} is damaged: its sha256 is {found} and should be {expected}: run lipwright "
                f"models download {model.name}, which brings it anew."
            )
        self._remember(model, file, found, stamp, self.origin(model, file))
        return path

    def commit(self, model: Model, file: ModelFile, came: Path, digest: str, origin: str) -> Path:
        """Move a whole and verified file to its place and record it."""
        path = self.path(model, file)
        os.replace(came, path)
        self._remember(model, file, digest, _stamp(path), origin)
        return path

    def remove(self, model: Model) -> int:
        """Delete the model's files, whole or not. Returns how many bytes that freed.

        Accepted licences and recorded sums stay known. Raises ModelError if it cannot be deleted.
        """
        folder = self.folder / model.name
        if not folder.is_dir():
            return 0
        with self.changing(model):
            freed = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
            try:
                shutil.rmtree(folder)
            except OSError as error:
                raise ModelError(
                    f"{folder} cannot be deleted ({error.strerror}): check its permissions, and "
                    "that no program uses it."
                ) from error
            record = self._record(model)
            record["files"] = {}
            self._write(self._record_path(model), record)
        return freed

    def accepted(self) -> dict[str, str]:
        """Return the licences that were accepted, by name and address, with the time."""
        return _read_json(self.folder / "accepted.json")

    def accept(self, licence: str) -> None:
        """Remember that a licence was accepted. Raises ModelError where nothing can be written."""
        path = self.folder / "accepted.json"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with _lock(self.folder / "accepted.lock", "the accepted licences"):
                self._write(path, self.accepted() | {licence: _now()})
        except OSError as error:
            raise cannot_write(path, error) from error

    def _record_path(self, model: Model) -> Path:
        return self.folder / f"{model.name}.json"

    def _record(self, model: Model) -> dict[str, Any]:
        record = _read_json(self._record_path(model))
        return {part: record.get(part) or {} for part in ("sums", "files")}

    def _remember(
        self, model: Model, file: ModelFile, digest: str, stamp: list[int], origin: str | None
    ) -> None:
        """Records a verified file. A store that cannot be written is read anew each time."""
        record = self._record(model)
        record["sums"].setdefault(file.name, digest)
        if file.sha256:
            record["sums"][file.name] = digest
        record["files"][file.name] = {
            "sha256": digest,
            "stamp": stamp,
            "from": origin,
            "verified": _now(),
        }
        try:
            self._write(self._record_path(model), record)
        except OSError as error:
            logger.debug("%s cannot be recorded: %s", file.name, error)

    def _forget(self, model: Model, file: ModelFile) -> None:
        record = self._record(model)
        if record["files"].pop(file.name, None) is not None:
            try:
                self._write(self._record_path(model), record)
            except OSError as error:
                logger.debug("%s cannot be forgotten: %s", file.name, error)

    def _write(self, path: Path, content: dict[str, Any]) -> None:
        partial = path.with_name(f".{path.name}.{os.getpid()}.part")
        try:
            partial.write_text(json.dumps(content, indent=1, sort_keys=True), encoding="utf-8")
            os.replace(partial, path)
        finally:
            partial.unlink(missing_ok=True)


def hash_file(path: Path) -> str:
    """Return the sha256 of a file's bytes, never interpreted. Raises ModelError: unreadable."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(
            f"{path} cannot be read ({error.strerror}): check its permissions."
        ) from error


def sum_of(path: Path) -> str:
    """Return a file's sha256, read anew only if it is no model, or changed since verified."""
    record = _read_json(path.parent.with_name(f"{path.parent.name}.json"))
    known = (record.get("files") or {}).get(path.name, {})
    if known.get("sha256") and path.is_file() and known.get("stamp") == _stamp(path):
        result: str = known["sha256"]
        return result
    return hash_file(path)


def check_room(folder: Path, missing: int, what: str) -> None:
    """Raise ModelError if `missing` more bytes do not fit on the disk of the folder."""
    free = shutil.disk_usage(folder).free
    if missing > free:
        raise ModelError(
            f"{what} needs {human_size(missing)} more and {folder} has {human_size(free)} left: "
            "make room, or set LIPWRIGHT_HOME to a folder on a larger disk."
        )


def cannot_write(path: Path, error: OSError) -> ModelError:
    """Return what kept something from being written below `path`, in a sentence with the cure."""
    cure = "set LIPWRIGHT_HOME to another folder"
    if error.errno in FULL:
        return ModelError(f"{path} cannot be written, the disk is full: make room, or {cure}.")
    if error.errno in FORBIDDEN:
        return ModelError(f"{path} cannot be written, permission is denied: allow it, or {cure}.")
    return ModelError(f"{path} cannot be written ({error.strerror or error}): {cure}.")


@contextmanager
def _lock(path: Path, what: str) -> Iterator[None]:
    """Hold a lock between processes; wait, and say so, while another one holds it."""
    from filelock import FileLock, Timeout  # it takes long to import

    lock = FileLock(path)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        logger.info("Another lipwright works on %s: waiting for it.", what)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _stamp(path: Path) -> list[int]:
    """What changes when a file is written: its size and time."""
    status = path.stat()
    return [status.st_size, status.st_mtime_ns]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _read_json(path: Path) -> dict[str, Any]:
    """What a file of ours says; nothing for one that is missing or broken."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
