"""Weights of strangers, read as data: nothing in a checkpoint is ever run.

Three kinds are about: {"state_dict": {"module.<key>": tensor, ...}, ...}, as the authors save it,
a plain state_dict, and a TorchScript archive. The first two are read by torch with
weights_only=True. An archive holds programs beside its tensors, and torch.jit.load would run parts
of them; here its tensors are picked out by a reader that knows no other objects.
"""

from __future__ import annotations

import math
import pickle
import zipfile
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from lipwright.core.errors import MissingExtraError, ModelError

STORAGES = {
    "FloatStorage": np.dtype("<f4"),
    "DoubleStorage": np.dtype("<f8"),
    "HalfStorage": np.dtype("<f2"),
    "LongStorage": np.dtype("<i8"),
}
ANNOTATIONS = (
    "build_boollist",
    "build_doublelist",
    "build_intlist",
    "build_tensorlist",
    "restore_type_tag",
)
"""What archives say of the types of lists and dictionaries."""
PREFIX = "module."
COUNTER = "num_batches_tracked"
"""Ends keys that only training uses; older files lack them."""
LARGEST_INDEX = 1 << 24  # bytes of an archive's data.pkl; real ones have some 50 kB


def read_checkpoint(path: Path, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, np.ndarray]:
    """Return the weights of a network, float32, whose state_dict has these keys and shapes.

    shapes: such as (64, 32, 3, 3), by key.

    Raises ModelError for a file that is no checkpoint, holds anything but weights, or those of
    another network; MissingExtraError without torch.
    """
    try:
        archive = _is_torchscript(path)
        state = _read_torchscript(path) if archive else _read_pickle(path)
    except OSError as error:
        raise ModelError(
            f"{path} cannot be read ({error.strerror or error}): check the path."
        ) from error
    state = {key.removeprefix(PREFIX): value for key, value in state.items()}
    return _fitted(path, state, shapes)


def _fitted(
    path: Path, state: dict[str, np.ndarray], shapes: Mapping[str, tuple[int, ...]]
) -> dict[str, np.ndarray]:
    wanted = {key: tuple(shape) for key, shape in shapes.items() if not key.endswith(COUNTER)}
    found = {key: value for key, value in state.items() if not key.endswith(COUNTER)}
    missing, surplus = wanted.keys() - found.keys(), found.keys() - wanted.keys()
    if missing or surplus:
        what = f"{len(missing)} of its {len(wanted)} weights are missing"
        example = f"such as {min(missing)}" if missing else f"such as {min(surplus)} too many"
        if not missing:
            what = f"it has {len(surplus)} weights"
        raise ModelError(
            f"{path} holds the weights of another network ({what}, {example}): "
            "get the file that lipwright models download brings."
        )
    for key, shape in wanted.items():
        if found[key].shape != shape:
            raise ModelError(
                f"{path} holds the weights of another network ({key} is {found[key].shape} and not "
                f"{shape}): get the file that lipwright models download brings."
            )
    fitted = {key: np.ascontiguousarray(found[key], np.float32) for key in wanted}
    if not all(np.isfinite(value).all() for value in fitted.values()):
        raise ModelError(f"{path} holds weights that are no numbers: get the file anew.")
    return fitted


def _read_pickle(path: Path) -> dict[str, np.ndarray]:
    """The tensors of a file of torch.save, old or new."""
    try:
        import torch
    except ImportError:
        raise MissingExtraError(f"Reading {path.name}", "wav2lip") from None
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise _refused(path, _culprit(str(error)) or "something unknown") from None
    except (RuntimeError, EOFError, KeyError, ValueError, IndexError, TypeError) as error:
        raise _damaged(path) from error
    if isinstance(content, Mapping) and isinstance(content.get("state_dict"), Mapping):
        content = content["state_dict"]
    if not isinstance(content, Mapping):
        raise _damaged(path)
    return {
        str(key): value.detach().cpu().float().numpy()
        for key, value in content.items()
        if isinstance(value, torch.Tensor)
    }


def _is_torchscript(path: Path) -> bool:
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return any(
            name.count("/") == 1 and name.endswith("/constants.pkl") for name in archive.namelist()
        )


def _read_torchscript(path: Path) -> dict[str, np.ndarray]:
    """The tensors of a TorchScript archive by the names of the modules that hold them."""
    try:
        with zipfile.ZipFile(path) as archive:
            index = next(
                name
                for name in archive.namelist()
                if name.count("/") == 1 and name.endswith("/data.pkl")
            )
            if archive.getinfo(index).file_size > LARGEST_INDEX:
                raise _damaged(path)
            with archive.open(index) as file:
                root = _TensorReader(file, archive, index.rpartition("/")[0], path).load()
        return dict(_tensors(root, ""))
    except (zipfile.BadZipFile, StopIteration, EOFError, KeyError) as error:
        raise _damaged(path) from error
    except (ValueError, TypeError, IndexError, AttributeError, RecursionError) as error:
        raise _damaged(path) from error
    except pickle.UnpicklingError as error:
        culprit = _culprit(str(error))
        raise (_refused(path, culprit) if culprit else _damaged(path)) from None


class _Module(dict[str, Any]):
    """Stands for any TorchScript object: keeps its attributes and does nothing with them."""

    def __setstate__(self, state: Any) -> None:
        if not isinstance(state, dict):
            raise ValueError("a module's state is a dictionary")
        self.update(state)


class _TensorReader(pickle.Unpickler):
    """Reads an archive's data.pkl: numbers, texts, containers, modules as dictionaries, tensors."""

    def __init__(self, file: Any, archive: zipfile.ZipFile, folder: str, path: Path) -> None:
        super().__init__(file)
        self._archive, self._folder, self._path = archive, folder, path

    def find_class(self, module: str, name: str) -> Any:
        if module == "__torch__" or module.startswith("__torch__."):
            return _Module
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _rebuild
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if module == "torch" and name in STORAGES:
            return STORAGES[name]
        if module == "torch.jit._pickle" and name in ANNOTATIONS:
            return _unannotated
        raise pickle.UnpicklingError(f"GLOBAL {module}.{name} ")

    def persistent_load(self, pid: Any) -> np.ndarray:
        """Return the numbers of a storage: (n,)."""
        kind, dtype, key, _, count = pid
        entry = self._archive.getinfo(f"{self._folder}/data/{key}")
        stored = entry.compress_type == zipfile.ZIP_STORED  # torch never compresses
        if kind != "storage" or not stored or entry.file_size != count * dtype.itemsize:
            raise ValueError("a storage is not as long as it says")
        return np.frombuffer(self._archive.read(entry), dtype)


def _unannotated(value: Any, *_: object) -> Any:
    """A list or dictionary without what was said of its type."""
    return value


def _rebuild(
    storage: np.ndarray, offset: int, size: tuple[int, ...], stride: tuple[int, ...], *_: object
) -> np.ndarray:
    """A tensor as a view of its storage, inside of which it must stay."""
    if len(size) != len(stride) or min((offset, *size, *stride)) < 0:
        raise ValueError("a tensor has an impossible shape")
    if math.prod(size) > storage.size:
        raise ValueError("a tensor is larger than its storage")
    last = offset + sum((count - 1) * step for count, step in zip(size, stride, strict=True))
    if math.prod(size) and last >= storage.size:
        raise ValueError("a tensor reaches beyond its storage")
    steps = [step * storage.itemsize for step in stride]
    return np.lib.stride_tricks.as_strided(storage[offset:], size, steps, writeable=False)


def _tensors(module: _Module, prefix: str) -> Any:
    """(name, tensor) of a module and all modules in it."""
    for key, value in module.items():
        if isinstance(value, _Module):
            yield from _tensors(value, f"{prefix}{key}.")
        elif isinstance(value, np.ndarray):
            yield f"{prefix}{key}", value


def _culprit(message: str) -> str:
    """What a checkpoint wanted to have, out of the refusal of its reader; "" if it says not."""
    words = message.partition("GLOBAL ")[2].split()
    return words[0].rstrip(".,") if words else ""


def _refused(path: Path, culprit: str) -> ModelError:
    return ModelError(
        f"{path} was refused because it holds more than weights ({culprit}) and opening it could "
        "run a stranger's program: delete it and get the file lipwright models download brings."
    )


def _damaged(path: Path) -> ModelError:
    return ModelError(
        f"{path} is damaged or no checkpoint: get the file that lipwright models download brings."
    )
