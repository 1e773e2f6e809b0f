"""Brings files into the store: from the hub, resumed where a break left them, or from a folder."""

from __future__ import annotations

import logging
import os
import shutil
import time
from pathlib import Path

from lipwright.core.errors import ModelError
from lipwright.weights import hf_hub
from lipwright.weights.hf_hub import HubError, Remote
from lipwright.weights.licences import Ask, require_accepted
from lipwright.weights.manifest import SUM, Model, ModelFile, Source, human_size, with_needs
from lipwright.weights.store import Progress, Store, check_room, drop_part, hash_file

logger = logging.getLogger("lipwright")

TRIES = 5
"""How often one source may fail in a row without a new byte."""
TRIES_TO_REACH = 3
"""How often a server that is not there is looked for."""
LONGEST_WAIT = 300.0
"""Seconds: a server that asks for more is given up."""


def download_models(
    names: list[str],
    *,
    folder: Path | None = None,
    accept_licence: bool = False,
    ask: Ask | None = None,
    store: Store | None = None,
    progress: Progress | None = None,
) -> list[Path]:
    """Brings models, and those they need, into the store; what is there already is left alone.

    folder: take the files from there instead of the hub. accept_licence, ask: see
    `licences.require_accepted`. Returns the paths of all files. Raises UsageError for an unknown
    name, MissingExtraError without the extra [models], ModelError for whatever else goes wrong;
    the part that came is then kept, and the next call goes on from there.
    """
    store = store or Store()
    models = with_needs(names)
    if folder is not None and not folder.exists():
        raise ModelError(f"{folder} is not there: give the folder that has the files.")
    wanted = [model for model in models if not _all_ready(store, model)]
    if wanted and folder is None:
        hf_hub.require_hub()
    require_accepted(wanted, store, accept_licence, ask)
    return [
        _bring(store, model, file, folder, progress) for model in models for file in model.files
    ]


def _all_ready(store: Store, model: Model) -> bool:
    return all(store.state(model, file) == "ready" for file in model.files)


def _bring(
    store: Store, model: Model, file: ModelFile, folder: Path | None, progress: Progress | None
) -> Path:
    """The path of one file, brought if it is not there yet."""
    if store.state(model, file) == "ready":
        return store.path(model, file)
    with store.changing(model):
        if store.path(model, file).is_file():  # another process may just have brought it
            try:
                return store.verify(model, file, progress)
            except ModelError as error:
                logger.warning("%s", error)
                store.path(model, file).unlink()
        if folder is not None:
            return _take(store, model, file, folder, progress)
        return _fetch_from_any(store, model, file, progress)


def _take(
    store: Store, model: Model, file: ModelFile, folder: Path, progress: Progress | None
) -> Path:
    """Copies, or links, a file that is already on this computer."""
    found = _find_in(folder, file)
    if not os.access(found, os.R_OK):
        raise ModelError(f"{found} cannot be read: check its permissions.")
    part = store.part(model, file)
    drop_part(part)
    try:
        _link_or_copy(found, part)
        digest = _check_sum(store, model, file, part, str(found), progress)
        return store.commit(model, file, digest, str(found.absolute()))
    except HubError as problem:
        raise ModelError(
            f"{problem.reason}: look for another copy, or run lipwright models download "
            f"{model.name}."
        ) from None
    finally:
        drop_part(part)


def _link_or_copy(found: Path, part: Path) -> None:
    try:
        os.link(found.resolve(), part)
    except OSError:  # another disk, or one without links
        check_room(part.parent, found.stat().st_size, found.name)
        shutil.copyfile(found, part)


def _find_in(folder: Path, file: ModelFile) -> Path:
    """The file in a folder, under any name it has in the manifest, or the file itself."""
    if folder.is_file():
        return folder
    names = [file.name, *(source.path for source in file.sources)]
    names += [Path(source.path).name for source in file.sources]
    for name in names:
        if (folder / name).is_file():
            return folder / name
    raise ModelError(f"{folder} has no {file.name}: give the folder that has it.")


def _fetch_from_any(store: Store, model: Model, file: ModelFile, progress: Progress | None) -> Path:
    """Fetches a file from the first source that has it. Raises ModelError if none does."""
    problems: list[HubError] = []
    for source in file.sources:
        if problems:
            logger.warning("%s: trying %s.", problems[-1].reason, source.repository)
        try:
            return _fetch(store, model, file, source, progress)
        except HubError as problem:
            problems.append(problem)
            if problem.unreachable:
                break
    reasons = "; ".join(dict.fromkeys(problem.reason for problem in problems))
    kept = " (the part that came is kept)" if store.part(model, file).is_file() else ""
    raise ModelError(
        f"{file.name} could not be downloaded, {reasons}{kept}: check the connection and run the "
        "same again, or give the file with --from FOLDER."
    )


def _fetch(
    store: Store, model: Model, file: ModelFile, source: Source, progress: Progress | None
) -> Path:
    """Fetches a file from one source, trying again after breaks. Raises HubProblem, ModelError."""
    part = store.part(model, file)
    resumed = part.is_file()
    logger.info(
        "Downloading %s (%s) from %s.",
        file.name,
        human_size(file.about, file.bytes is not None),
        source.repository,
    )
    failures = 0
    while True:
        before = _size(part)
        try:
            remote = hf_hub.look_up(source)
            expected = store.expected_sum(model, file)
            _refuse_another_file(file, source, remote, expected)
            _go_on(part, Source(source.repository, remote.commit, source.path), remote, progress)
            break
        except HubError as problem:
            failures = 1 if _size(part) > before else failures + 1
            tries = TRIES_TO_REACH if problem.unreachable else TRIES
            retry_after = (
                problem.retry_after if problem.retry_after is not None else 2.0 ** (failures - 1)
            )
            if not problem.retryable or failures >= tries or retry_after > LONGEST_WAIT:
                raise
            logger.info("%s: trying again in %.0f s.", problem.reason, retry_after)
            _pause(retry_after)
    try:
        digest = _check_sum(
            store, model, file, part, source.repository, progress, promised=remote.etag
        )
    except HubError as problem:
        drop_part(part)
        if resumed:  # the fault may lie in the part that an earlier run left
            logger.warning("%s.", problem.reason)
            return _fetch(store, model, file, source, progress)
        raise
    return store.commit(model, file, digest, str(source))


def _refuse_another_file(
    file: ModelFile, source: Source, remote: Remote, expected: str | None
) -> None:
    """Raises HubProblem if the hub says beforehand that this is not the file that is wanted."""
    etag = remote.etag or ""
    if expected and SUM.fullmatch(etag) and etag != expected:
        raise HubError(
            f"{source.repository} has another file under this name (its sha256 is {etag}, "
            f"expected {expected})"
        )
    if file.bytes and remote.size and file.bytes != remote.size:
        raise HubError(
            f"{source.repository} has another file under this name (of {remote.size} bytes, "
            f"expected {file.bytes})"
        )


def _go_on(part: Path, source: Source, remote: Remote, progress: Progress | None) -> None:
    """Fetches what is missing of a file into `part`. Raises HubProblem; what came stays."""
    note = part.with_name(f"{part.name}.etag")
    same = note.is_file() and note.read_text(encoding="utf-8") == remote.etag
    if not same or (remote.size is not None and _size(part) > remote.size):
        drop_part(part)
        if remote.etag:
            note.write_text(remote.etag, encoding="utf-8")
    done = _size(part)
    if remote.size is not None:
        check_room(part.parent, remote.size - done, part.stem)
        if done == remote.size and done > 0:
            return
    if done:
        logger.info("Going on after %s.", human_size(done))
    with hf_hub.open_stream(source, done) as (start, blocks), part.open("ab") as output:
        output.truncate(start)
        done = start
        for block in blocks:
            output.write(block)
            done += len(block)
            if remote.size is not None and done > remote.size:
                break
            if progress is not None:
                progress(f"download {part.stem}", done, remote.size)
        output.flush()
        os.fsync(output.fileno())
    if remote.size is not None and done != remote.size:
        if done > remote.size:
            drop_part(part)
        raise HubError(
            f"{source.repository} sent {done} bytes instead of {remote.size}", retryable=True
        )


def _check_sum(
    store: Store,
    model: Model,
    file: ModelFile,
    part: Path,
    origin: str,
    progress: Progress | None,
    promised: str | None = None,
) -> str:
    """The sha256 of what came. Raises HubProblem if it is not what is expected.

    promised: what the hub said it would be, which decides where nobody else knows.
    """
    digest = hash_file(part, progress)
    expected = store.expected_sum(model, file)
    if expected is None and promised and SUM.fullmatch(promised):
        expected = promised
    if expected is not None and digest != expected:
        raise HubError(
            f"{file.name} from {origin} is not the file that lipwright knows, its sha256 is "
            f"{digest} instead of {expected}, so it was not kept"
        )
    if expected is None or file.sha256 is None:
        logger.warning(
            "%s has no sum that lipwright knows: %s is remembered from now on.", file.name, digest
        )
    return digest


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _pause(seconds: float) -> None:
    time.sleep(seconds)
