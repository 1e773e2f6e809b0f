"""Devices by name, and what is chosen where there is a GPU or none."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from lipwright.core import gpu
from lipwright.core.device import CPU, Device, check_device
from lipwright.core.errors import UsageError
from lipwright.core.gpu import choose_device, count_devices


@pytest.fixture
def cards(monkeypatch) -> dict[str, int]:
    """How many GPUs there are of each kind, for either runtime."""
    found = {"cuda": 0, "mps": 0}
    monkeypatch.setattr(gpu, "_count_for_onnxruntime", lambda kind: found[kind])
    monkeypatch.setattr(gpu, "_count_for_torch", lambda kind: found[kind])
    return found


@pytest.mark.parametrize("name", ["auto", "cpu", "cuda", "cuda:0", "cuda:12", "mps"])
def test_names_of_devices(name):
    assert check_device(name) == name


@pytest.mark.parametrize("name", ["", "gpu", "cuda:", "cuda:x", "cuda:-1", "CPU", "mps:1", "cpu\n"])
def test_other_names_are_told(name):
    with pytest.raises(UsageError, match="There is no device"):
        choose_device(name, "torch")


@pytest.mark.parametrize("runtime", ["onnxruntime", "torch"])
def test_auto_takes_a_gpu_where_the_engine_can(cards, runtime, caplog):
    assert choose_device("auto", runtime) == CPU
    cards["mps"] = 1
    assert choose_device("auto", runtime) == Device("mps")
    cards["cuda"] = 2
    assert choose_device("auto", runtime) == Device("cuda")
    assert choose_device("auto", None) == CPU
    assert choose_device("cpu", runtime) == CPU
    assert not caplog.messages


def test_the_gpu_that_was_named_is_taken(cards):
    cards["cuda"] = 2
    assert choose_device("cuda:1", "torch") == Device("cuda", 1)
    assert str(Device("cuda", 1)) == "cuda:1" and str(CPU) == "cpu"


@pytest.mark.parametrize(
    ("name", "runtime", "said"),
    [
        ("cuda", "onnxruntime", "No CUDA GPU can be used here: running on the CPU."),
        ("cuda:3", "torch", "No CUDA GPU number 3 can be used here: running on the CPU."),
        ("mps", "torch", "No Apple GPU can be used here: running on the CPU."),
        ("cuda", None, "This engine has nothing to run on a GPU: running on the CPU."),
    ],
)
def test_without_it_the_cpu_is_used_and_that_is_said(cards, caplog, name, runtime, said):
    assert choose_device(name, runtime) == CPU
    assert caplog.messages == [said]


def test_onnxruntime_is_asked_for_cuda_and_the_driver_for_gpus(monkeypatch):
    providers = ["CPUExecutionProvider"]
    runtime = SimpleNamespace(get_available_providers=lambda: providers)
    monkeypatch.setattr(gpu, "load_onnxruntime", lambda: runtime)
    monkeypatch.setattr(gpu, "_count_nvidia", lambda: 2)
    assert count_devices("cuda", "onnxruntime") == 0
    providers.insert(0, "CUDAExecutionProvider")
    assert count_devices("cuda", "onnxruntime") == 2
    assert count_devices("mps", "onnxruntime") == 0
    assert count_devices("cpu", "onnxruntime") == count_devices("cpu", None) == 1


class Driver:
    """NVIDIA's driver with three GPUs."""

    def __init__(self, status: int = 0) -> None:
        self.status = status

    def cuInit(self, flags: int) -> int:
        return self.status

    def cuDeviceGetCount(self, count) -> int:
        count._obj.value = 3
        return 0


@pytest.mark.parametrize(("driver", "count"), [(Driver(), 3), (Driver(100), 0), (None, 0)])
def test_the_driver_counts_gpus(monkeypatch, driver, count):
    def load(name: str) -> Driver:
        if driver is None:
            raise OSError("no such file")
        return driver

    monkeypatch.setattr("ctypes.CDLL", load)
    assert gpu._count_nvidia() == count


def test_torch_is_asked_where_it_is_there(monkeypatch):
    torch: Any = ModuleType("torch")
    torch.cuda = SimpleNamespace(is_available=lambda: True, device_count=lambda: 4)
    torch.backends = SimpleNamespace(mps=SimpleNamespace(is_available=lambda: True))
    monkeypatch.setitem(sys.modules, "torch", torch)
    monkeypatch.setattr(gpu, "find_spec", lambda name: object())
    assert (count_devices("cuda", "torch"), count_devices("mps", "torch")) == (4, 1)
    torch.cuda.is_available = lambda: False
    assert count_devices("cuda", "torch") == 0
    monkeypatch.setattr(gpu, "find_spec", lambda name: None)
    assert count_devices("cuda", "torch") == 0
