"""Which GPUs there are, by what runs networks on them."""

from __future__ import annotations

import logging
from importlib.util import find_spec
from typing import Any

from lipwright.core.device import CPU, Device, Kind, Runtime, check_device
from lipwright.core.onnx import load_onnxruntime

log = logging.getLogger("lipwright")


def choose_device(name: str, runtime: Runtime | None) -> Device:
    """Return the device that a runtime shall use.

    Args:
        name: "cpu"; "cuda", "cuda:N" or "mps" (where it cannot be used, the CPU is, with a
            warning); "auto" takes a GPU where there is one.
        runtime: what runs the networks; None for an engine that has none, which stays on the CPU.

    Raises:
        UsageError: there is no such device.
    """
    check_device(name)
    if name == "cpu" or (name == "auto" and runtime is None):
        return CPU
    if name == "auto":
        kinds: tuple[Kind, ...] = ("cuda", "mps")
        return next((Device(kind) for kind in kinds if count_devices(kind, runtime)), CPU)
    kind, _, index = name.partition(":")
    device = Device("mps" if kind == "mps" else "cuda", int(index or 0))
    if count_devices(device.kind, runtime) > device.index:
        return device
    _warn(device, runtime)
    return CPU


def count_devices(kind: Kind, runtime: Runtime | None) -> int:
    """Return how many devices of a kind a runtime can use here."""
    if kind == "cpu":
        return 1
    if runtime == "onnxruntime":
        return _count_for_onnxruntime(kind)
    return _count_for_torch(kind) if runtime == "torch" else 0


def _count_for_onnxruntime(kind: Kind) -> int:
    """ONNX Runtime tells whether it was built for CUDA, and NVIDIA's driver whether a GPU is."""
    if (
        kind != "cuda"
        or "CUDAExecutionProvider" not in load_onnxruntime().get_available_providers()
    ):
        return 0
    return _count_nvidia()


def _count_nvidia() -> int:
    """Ask NVIDIA's driver how many GPUs there are."""
    import ctypes

    for name in ("libcuda.so.1", "nvcuda.dll"):
        try:
            driver: Any = ctypes.CDLL(name)
        except OSError:
            continue
        count = ctypes.c_int()
        if driver.cuInit(0) == 0 and driver.cuDeviceGetCount(ctypes.byref(count)) == 0:
            return count.value
    return 0


def _count_for_torch(kind: Kind) -> int:
    if find_spec("torch") is None:
        return 0
    import torch

    if kind == "cuda":
        return int(torch.cuda.device_count()) if torch.cuda.is_available() else 0
    return int(torch.backends.mps.is_available())


def _warn(device: Device, runtime: Runtime | None) -> None:
    what = {"cuda": "CUDA GPU", "mps": "Apple GPU"}[device.kind]
    if runtime is None:
        log.warning("This engine has nothing to run on a GPU: running on the CPU.")
    elif device.index:
        log.warning("No %s number %d can be used here: running on the CPU.", what, device.index)
    else:
        log.warning("No %s can be used here: running on the CPU.", what)
