"""Weights out of HDF5 files of strangers, as Keras writes them: nothing in a file is ever run.

Keras lists the layers in an attribute `layer_names` at the root, or under "model_weights" where a
file holds the whole model, and the weights of each in `weight_names` of a group of its name. Where
the names are those of the network they are found by them; files of another Keras number the layers
anew, and then their order says which is which, as it does for Keras. Links and data that lie
outside the file, and filters that would need somebody's library, are refused, and nothing is read
whose size is not the network's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lipwright.core.errors import MissingExtraError, ModelError
from lipwright.engines.lipgan.graph import Layer

Weights = dict[str, dict[str, np.ndarray]]
"""By the name of a layer, and of a weight such as "kernel:0": float32, in Keras's axes."""
LONGEST_LIST = 10_000  # names; real files have some 300
LARGEST_LIST = 1 << 20  # bytes
FILTERS = {1, 2, 3}
"""Deflate, shuffle and checksums: those of HDF5 itself."""


class _Refused(Exception):
    """Something in a file that no file of Keras has."""


def read_weights(path: Path, networks: Mapping[Any, Sequence[Layer]]) -> tuple[Any, Weights]:
    """Return which of some networks a file is of, and its weights.

    networks: the layers of each, in the order of Keras's files.

    Raises ModelError for a file that is none of Keras or of another network; MissingExtraError
    without h5py.
    """
    try:
        import h5py
    except ImportError:
        raise MissingExtraError(f"Reading {path.name}", "lipgan") from None
    try:
        path.open("rb").close()
    except OSError as error:
        raise ModelError(
            f"{path} cannot be read ({error.strerror or error}): check the path."
        ) from error
    try:
        with h5py.File(path, "r") as file:
            return _fitted(path, _stored(file), networks)
    except _Refused as refused:
        raise ModelError(
            f"{path} was refused because {refused}: delete it and get the file that "
            "lipwright models download brings."
        ) from None
    except (OSError, KeyError, ValueError, TypeError, RuntimeError, AttributeError) as error:
        raise ModelError(
            f"{path} is damaged or no file of Keras: get the file that lipwright models download "
            "brings."
        ) from error


def _stored(file: Any) -> list[tuple[str, dict[str, Any]]]:
    """The layers of a file that have weights, in order, and the datasets of these."""
    root = file if "layer_names" in file.attrs else _member(file, "model_weights")
    layers = []
    for name in _names(root, "layer_names"):
        group = _member(root, name)
        paths = _names(group, "weight_names")
        if paths:
            datasets = {path.rpartition("/")[2]: _member(group, path) for path in paths}
            layers.append((name, datasets))
    return layers


def _names(group: Any, attribute: str) -> list[str]:
    """A list of names, as bytes or text."""
    entry = group.attrs.get_id(attribute)
    if len(entry.shape) != 1 or entry.shape[0] > LONGEST_LIST:
        raise ValueError(f"{attribute} is no list of names")
    if entry.shape[0] * entry.dtype.itemsize > LARGEST_LIST:
        raise ValueError(f"{attribute} is too long")
    return [
        name.decode("utf-8") if isinstance(name, bytes) else str(name)
        for name in group.attrs[attribute]
    ]


def _member(group: Any, path: str) -> Any:
    """What stands at a path inside a group, if all of it is in this file."""
    import h5py

    for part in path.split("/"):
        link = group.get(part, getlink=True)
        if link is None:
            raise KeyError(path)
        if not isinstance(link, h5py.HardLink):
            raise _Refused(f"{path} is a link to somewhere else")
        group = group[part]
    return group


def _fitted(
    path: Path,
    stored: Sequence[tuple[str, dict[str, Any]]],
    networks: Mapping[Any, Sequence[Layer]],
) -> tuple[Any, Weights]:
    for key, layers in networks.items():
        found = _matched(stored, layers)
        if found is not None:
            return key, _read(path, found, layers)
    count = sum(len(datasets) for _, datasets in stored)
    raise ModelError(
        f"{path} holds the weights of another network ({count} of them in {len(stored)} layers): "
        "get the file that lipwright models download brings."
    )


def _matched(
    stored: Sequence[tuple[str, dict[str, Any]]], layers: Sequence[Layer]
) -> dict[str, dict[str, Any]] | None:
    """The datasets of each layer that has weights; None where they are not this network's."""
    wanted = [layer for layer in layers if layer.weights]
    if len(wanted) != len(stored):
        return None
    named = dict(stored)
    same_names = named.keys() == {layer.name for layer in wanted}
    found = {}
    for layer, (_, datasets) in zip(wanted, stored, strict=True):
        found[layer.name] = named[layer.name] if same_names else datasets
        shapes = {name: tuple(value.shape) for name, value in found[layer.name].items()}
        if shapes != layer.weights:
            return None
    return found


def _read(path: Path, found: Mapping[str, Mapping[str, Any]], layers: Sequence[Layer]) -> Weights:
    weights = {
        layer.name: {name: _numbers(found[layer.name][name]) for name in layer.weights}
        for layer in layers
        if layer.weights
    }
    if not all(np.isfinite(value).all() for own in weights.values() for value in own.values()):
        raise ModelError(f"{path} holds weights that are no numbers: get the file anew.")
    return weights


def _numbers(dataset: Any) -> np.ndarray:
    """The numbers of a dataset whose shape is known to be right."""
    if dataset.external or dataset.is_virtual:
        raise _Refused(f"the numbers of {dataset.name} are in another file")
    plan = dataset.id.get_create_plist()
    if {plan.get_filter(index)[0] for index in range(plan.get_nfilters())} - FILTERS:
        raise _Refused(f"{dataset.name} is packed in a way that needs somebody's library")
    if dataset.dtype.kind != "f" or dataset.dtype.itemsize > 8:
        raise ValueError(f"{dataset.name} holds no numbers")
    if dataset.chunks and any(
        size > whole for size, whole in zip(dataset.chunks, dataset.shape, strict=True)
    ):
        raise ValueError(f"{dataset.name} is larger than it says")
    result: np.ndarray = np.asarray(dataset[()], np.float32)
    return result
