"""Weights of others that are no part of lipwright: fetched once, verified, then used offline.

from lipwright.weights import find_model, remind

weights = find_model("wav2lip")  # a Path, or ModelError: which command brings it
remind("wav2lip")  # logs its licence
"""

from __future__ import annotations

from pathlib import Path

from lipwright.core.errors import ModelError
from lipwright.weights.download import download_models
from lipwright.weights.licences import remind
from lipwright.weights.manifest import (
    Model,
    ModelFile,
    find_entry,
    load_manifest,
    model_size,
    with_needs,
)
from lipwright.weights.store import Store

__all__ = [
    "Model",
    "ModelFile",
    "Store",
    "download_models",
    "find_entry",
    "find_model",
    "load_manifest",
    "model_size",
    "remind",
    "with_needs",
]


def find_model(name: str, file: str | None = None, store: Store | None = None) -> Path:
    """Return the path of a model's file, verified: of its first one, or of the one of this name.

    The file is read for its sha256 only if its size or time changed since it was last verified.
    Raises ModelError if the model is missing, naming its licence and the command that brings it,
    or damaged.
    """
    model = find_entry(name)
    store = store or Store()
    if not store.installed(model):
        user = model.used_by[0].upper() + model.used_by[1:]
        files = " and ".join(each.name for each in model.files)
        raise ModelError(
            f"{user} needs {files} ({model_size(model)}, {model.terms}): "
            f"run lipwright models download {name}."
        )
    paths = {each.name: store.verify(model, each) for each in model.files}
    return paths[file or model.files[0].name]
