"""Weights of torch networks read from files of strangers: as data, nothing in them is ever run."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lipwright.core.errors import MissingExtraError, ModelError

if TYPE_CHECKING:
    from torch import Tensor, nn

CONTAINERS = ("state_dict", "model_state_dict")
"""Entries under which whole checkpoints keep their weights."""
COUNTER = "num_batches_tracked"
"""Ends keys that only training uses; some files lack them."""
ANEW = "get the file that lipwright models download brings"


def read_weights(path: Path, extra: str) -> dict[str, Tensor]:
    """Return the tensors of a file by key, on the CPU.

    Args:
        path: a file of safetensors, or of torch.save, which is read with weights_only.
        extra: the optional part that brings torch and safetensors.

    Raises:
        ModelError: it is no such file, damaged, or holds more than weights.
        MissingExtraError: torch or safetensors is not installed.
    """
    try:
        import torch
        from safetensors import SafetensorError, safe_open
    except ImportError:
        raise MissingExtraError(f"Reading {path.name}", extra) from None
    try:
        if path.suffix == ".safetensors":
            with safe_open(path, "pt") as file:
                return {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
        content = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise ModelError(
            f"{path} cannot be read ({error.strerror or error}): check the path."
        ) from error
    except pickle.UnpicklingError as error:
        raise _refused(path, str(error)) from None
    except (SafetensorError, RuntimeError, EOFError, LookupError, ValueError, TypeError) as error:
        raise _damaged(path) from error
    for name in CONTAINERS:
        if isinstance(content, Mapping) and isinstance(content.get(name), Mapping):
            content = content[name]
    if not isinstance(content, Mapping):
        raise _damaged(path)
    return {str(key): value for key, value in content.items() if isinstance(value, torch.Tensor)}


def load_weights(network: nn.Module, weights: Mapping[str, Tensor], path: Path) -> None:
    """Give a network its weights, in place of its own: it may have been made on "meta".

    Args:
        network: all its weights must be there, in their shapes, and no others.
        weights: by key.
        path: the file that they are of, for messages.

    Raises:
        ModelError: they are another network's, or no numbers.
    """
    wanted = {key: tuple(value.shape) for key, value in network.state_dict().items()}
    missing, surplus = wanted.keys() - weights.keys(), weights.keys() - wanted.keys()
    missing = {key for key in missing if not key.endswith(COUNTER)}
    if missing:
        raise _other(path, f"{len(missing)} of {len(wanted)} are missing, such as {min(missing)}")
    if surplus:
        raise _other(path, f"{len(surplus)} are too many, such as {min(surplus)}")
    for key, value in weights.items():
        if tuple(value.shape) != wanted[key]:
            raise _other(path, f"{key} is {tuple(value.shape)} and not {wanted[key]}")
        if not bool(value.isfinite().all()):
            raise ModelError(f"{path} holds weights that are no numbers: {ANEW}.")
    counters: dict[str, Any] = {
        key: value.new_zeros((), device="cpu")
        for key, value in network.state_dict().items()
        if key.endswith(COUNTER)
    }
    network.load_state_dict({**counters, **weights}, assign=True)


def _other(path: Path, what: str) -> ModelError:
    return ModelError(f"{path} holds the weights of another network ({what}): {ANEW}.")


def _damaged(path: Path) -> ModelError:
    return ModelError(f"{path} is damaged or no checkpoint: {ANEW}.")


def _refused(path: Path, message: str) -> ModelError:
    words = message.partition("GLOBAL ")[2].split()
    culprit = words[0].rstrip(".,") if words else "something unknown"
    return ModelError(
        f"{path} was refused because it holds more than weights ({culprit}) and opening it could "
        f"run a stranger's program: delete it and {ANEW}."
    )
