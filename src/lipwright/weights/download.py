"""Bring files into the store: from the hub, or from a folder."""

from __future__ import annotations

import logging
import os
import shutil
from pathlib import Path

from lipwright.core.atomic_file import check_rereadable
from lipwright.core.errors import ModelError
from lipwright.weights import hf_hub
from lipwright.weights.hf_hub import DownloadProgress, HubError
from lipwright.weights.licences import Ask, require_accepted
from lipwright.weights.manifest import Model, ModelFile, Source, human_size, with_needs
from lipwright.weights.store import Store, check_room, hash_file

logger = logging.getLogger("lipwright")


def download_models(
    names: list[str],
    *,
    folder: Path | None = None,
    accept_licence: bool = False,
    ask: Ask | None = None,
    store: Store | None = None,
    progress: DownloadProgress | None = None,
) -> list[Path]:
    """Bring models, and those they need, into the store; what is there already is left alone.

    Args:
        names: of models, as the manifest has them.
        folder: take the files from there instead of the hub.
        accept_licence: accept every licence that restricts commercial use.
        ask: ask a person whether a licence is accepted, see `licences.require_accepted`.
        store: where they go; None for that of this computer.
        progress: called while a file comes.

    Returns:
        The paths of all files, each verified.

    Raises:
        UsageError: an unknown name.
        MissingExtraError: the extra [models] is not installed.
        ModelError: anything else that goes wrong; files that came before it stay.
    """
    store = store or Store()
    models = with_needs(names)
    if folder is not None:
        check_rereadable(folder)
    if folder is not None and not folder.exists():
        raise ModelError(f"{folder} is not there: give the folder that has the files.")
    wanted = [model for model in models if not _all_ready(store, model)]
    if wanted and folder is None:
        _check_fetchable(wanted, store)
        hf_hub.require_hub()
    require_accepted(wanted, store, accept_licence, ask)
    return [
        _bring(store, model, file, folder, progress) for model in models for file in model.files
    ]


def _all_ready(store: Store, model: Model) -> bool:
    return all(store.state(model, file) == "ready" for file in model.files)


def _check_fetchable(models: list[Model], store: Store) -> None:
    """Raise ModelError for a file that is missing and on no hub."""
    for model in models:
        for file in model.files:
            if file.page and store.state(model, file) != "ready":
                raise ModelError(
                    f"{file.name} is on no hub: get it from {file.page} and give the folder that "
                    "has it.",
                    option="from",
                )


def _bring(
    store: Store,
    model: Model,
    file: ModelFile,
    folder: Path | None,
    progress: DownloadProgress | None,
) -> Path:
    """The path of one file, brought if it is not there yet."""
    if store.state(model, file) == "ready":
        return store.path(model, file)
    with store.changing(model), store.incoming(model) as incoming:
        if store.path(model, file).is_file():  # another process may just have brought it
            try:
                return store.verify(model, file)
            except ModelError as error:
                logger.warning("%s", error)
                store.path(model, file).unlink()
        if folder is not None:
            return _take(store, model, file, folder, incoming)
        return _fetch_from_any(store, model, file, incoming, progress)


def _take(store: Store, model: Model, file: ModelFile, folder: Path, incoming: Path) -> Path:
    """Copy, or link, a file that is already on this computer."""
    found = _find_in(folder, file)
    if not os.access(found, os.R_OK):
        raise ModelError(f"{found} cannot be read: check its permissions.")
    copy = incoming / file.name
    try:
        os.link(found.resolve(), copy)
    except OSError:  # another disk, or one without links
        check_room(incoming, found.stat().st_size, found.name)
        shutil.copyfile(found, copy)
    try:
        digest = _check_sum(file, copy, str(found), store.expected_sum(model, file))
    except HubError as problem:
        raise ModelError(
            f"{problem}: look for another copy, or run lipwright models download {model.name}."
        ) from None
    return store.commit(model, file, copy, digest, str(found.absolute()))


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


def _fetch_from_any(
    store: Store, model: Model, file: ModelFile, incoming: Path, progress: DownloadProgress | None
) -> Path:
    """Fetch a file from the first source that has it. Raises ModelError if none does."""
    check_room(incoming, file.about or 0, file.name)
    problems: list[str] = []
    for source in file.sources:
        if problems:
            logger.warning("%s: trying %s.", problems[-1], source.repository)
        try:
            return _fetch(store, model, file, source, incoming, progress)
        except HubError as problem:
            problems.append(str(problem))
            if problem.unreachable:
                break
    raise ModelError(
        f"{file.name} could not be downloaded, {'; '.join(dict.fromkeys(problems))}: check the "
        "connection and run the same again, or give a folder that has the file.",
        option="from",
    )


def _fetch(
    store: Store,
    model: Model,
    file: ModelFile,
    source: Source,
    incoming: Path,
    progress: DownloadProgress | None,
) -> Path:
    """Fetch a file from one source. Raises HubError if it does not come, or is another one."""
    size = human_size(file.about, file.bytes is not None)
    logger.info("Downloading %s (%s) from %s.", file.name, size, source.repository)
    expected = store.expected_sum(model, file) or hf_hub.published_sum(source)
    came = hf_hub.fetch(source, incoming, progress)
    digest = _check_sum(file, came, source.repository, expected)
    return store.commit(model, file, came, digest, str(source))


def _check_sum(file: ModelFile, came: Path, origin: str, expected: str | None) -> str:
    """The sha256 of what came. Raises HubError if it is not the expected one."""
    digest = hash_file(came)
    if expected is not None and digest != expected:
        raise HubError(
            f"{file.name} from {origin} is not the file that lipwright knows, its sha256 is "
            f"{digest} instead of {expected}, so it was not kept"
        )
    if file.sha256 is None:
        logger.warning(
            "%s has no sum that lipwright knows: %s is remembered from now on.", file.name, digest
        )
    return digest
