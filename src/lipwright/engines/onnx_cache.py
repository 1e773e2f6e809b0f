"""Networks converted to ONNX, kept by the sha256 of the checkpoint they came from."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Sequence
from pathlib import Path

from lipwright.core.atomic_file import commit, create_partial
from lipwright.core.errors import ModelError
from lipwright.core.paths import cache_folder
from lipwright.weights.store import sum_of

log = logging.getLogger("lipwright")

VERSION = 2
"""Goes up whenever conversion gives other files."""
Convert = Callable[[Path, Sequence[Path]], None]
"""Writes the parts of a network, as ONNX, from a checkpoint to these paths."""


def converted(
    checkpoint: Path, parts: Sequence[str], convert: Convert, folder: Path | None = None
) -> list[Path]:
    """Return a checkpoint's ONNX files, one for each part, made when first asked for.

    Raises ModelError where the checkpoint cannot be read or the folder not be written, and what
    `convert` raises.
    """
    folder = folder or cache_folder()
    digest = sum_of(checkpoint)
    paths = [folder / f"{digest}-{part}-v{VERSION}.onnx" for part in parts]
    if all(path.is_file() for path in paths):
        return paths
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ModelError(
            f"The folder {folder} cannot be made ({error.strerror}): let LIPWRIGHT_HOME name "
            "another place."
        ) from error
    log.info("%s is converted to ONNX, once, in %s.", checkpoint.name, folder)
    partials = []
    try:
        for path in paths:
            partials.append(create_partial(path))
        convert(checkpoint, partials)
        for partial, path in zip(partials, paths, strict=True):
            commit(partial, path)
            _remove_others(path)
    finally:
        for partial in partials:
            partial.unlink(missing_ok=True)
    return paths


def _remove_others(path: Path) -> None:
    """Deletes what other versions of lipwright made of the same part."""
    stem = path.name.rpartition("-")[0]
    for other in path.parent.glob(f"{stem}-v*.onnx"):
        if other != path:
            with contextlib.suppress(OSError):  # in use, or not ours: it harms nobody
                other.unlink()
