"""Checkpoints read without torch: archives written opcode by opcode, and a torch that stands in.

What torch itself writes is read in test_checkpoint.py, where torch is installed.
"""

from __future__ import annotations

import pickle
import sys
import zipfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from lipwright.core.errors import MissingExtraError, ModelError
from lipwright.engines.wav2lip import checkpoint
from lipwright.engines.wav2lip.checkpoint import read_checkpoint

NUMBERS = np.arange(6, dtype=np.float32)
SHAPES = {"conv.weight": (2, 3), "norm.num_batches_tracked": ()}


def plain(value: object) -> bytes:
    """The opcodes that push a plain value."""
    return pickle.dumps(value, protocol=2)[2:-1]


def named(module: str, name: str) -> bytes:
    """The opcodes that push what a module calls by that name."""
    return f"c{module}\n{name}\n".encode()


def storage(key: str = "0", count: int = 6, kind: str = "FloatStorage", word="storage") -> bytes:
    said = plain(word) + named("torch", kind) + plain(key) + plain("cpu") + plain(count)
    return b"(" + said + b"tQ"


def tensor(
    stored: bytes | None = None, offset: int = 0, size: tuple = (2, 3), stride: tuple = (3, 1)
) -> bytes:
    parts = (stored or storage()) + plain(offset) + plain(size) + plain(stride) + plain(False)
    hooks = named("collections", "OrderedDict") + b")R"
    return named("torch._utils", "_rebuild_tensor_v2") + b"(" + parts + hooks + b"tR"


def dictionary(entries: dict[str, bytes]) -> bytes:
    return b"}(" + b"".join(plain(key) + value for key, value in entries.items()) + b"u"


def module(state: bytes, name: str = "__torch__.networks") -> bytes:
    """An object of a TorchScript class in that state."""
    return named(name, "Small") + b")\x81" + state + b"b"


def network(weight: bytes | None = None) -> bytes:
    conv = {"weight": weight or tensor(), "training": plain(False)}
    return module(dictionary({"conv": module(dictionary(conv), "__torch__")}))


def write_archive(
    path: Path,
    root: bytes,
    data: bytes = NUMBERS.tobytes(),
    compression: int = zipfile.ZIP_STORED,
) -> Path:
    with zipfile.ZipFile(path, "w", compression) as archive:
        archive.writestr("weights/constants.pkl", pickle.dumps((), protocol=2))
        archive.writestr("weights/data.pkl", b"\x80\x02" + root + b".")
        archive.writestr("weights/data/0", data)
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "weights.pt"


def refusal(path: Path) -> str:
    with pytest.raises(ModelError) as caught:
        read_checkpoint(path, SHAPES)
    message = str(caught.value)
    assert str(path) in message and "\n" not in message
    return message


def test_the_tensors_of_an_archive_are_found(path: Path) -> None:
    found = read_checkpoint(write_archive(path, network()), SHAPES)
    assert list(found) == ["conv.weight"]
    np.testing.assert_array_equal(found["conv.weight"], NUMBERS.reshape(2, 3))
    assert found["conv.weight"].dtype == np.float32


@pytest.mark.parametrize(
    ("kind", "dtype"),
    [("DoubleStorage", "<f8"), ("HalfStorage", "<f2"), ("LongStorage", "<i8")],
)
def test_other_kinds_of_numbers_become_float32(path: Path, kind: str, dtype: str) -> None:
    root = network(tensor(storage(kind=kind)))
    found = read_checkpoint(write_archive(path, root, NUMBERS.astype(dtype).tobytes()), SHAPES)
    np.testing.assert_array_equal(found["conv.weight"], NUMBERS.reshape(2, 3))
    assert found["conv.weight"].dtype == np.float32


def test_a_view_of_a_storage_is_read_by_its_strides(path: Path) -> None:
    root = network(tensor(stride=(1, 2)))
    found = read_checkpoint(write_archive(path, root), SHAPES)
    np.testing.assert_array_equal(found["conv.weight"], NUMBERS.reshape(3, 2).T)


def test_what_an_archive_says_of_its_lists_is_left_out(path: Path) -> None:
    listed = named("torch.jit._pickle", "build_intlist") + b"(" + plain([1, 2]) + b"tR"
    root = module(dictionary({"sizes": listed, "conv": module(dictionary({"weight": tensor()}))}))
    assert set(read_checkpoint(write_archive(path, root), SHAPES)) == {"conv.weight"}


@pytest.mark.parametrize(
    ("module_name", "name"),
    [
        ("posix", "system"),
        ("builtins", "eval"),
        ("torch", "load"),
        ("torch._utils", "_rebuild_tensor"),
        ("torch.jit._pickle", "restore"),
        ("collections", "Counter"),
        ("__torch__evil", "Small"),
    ],
)
def test_only_what_weights_need_is_ever_looked_up(path: Path, module_name: str, name: str) -> None:
    called = named(module_name, name) + b"(" + plain("true") + b"tR"
    message = refusal(write_archive(path, network(called)))
    assert f"more than weights ({module_name}.{name})" in message


@pytest.mark.parametrize(
    "root",
    [
        pytest.param(module(plain([1])), id="state of a module that is a list"),
        pytest.param(plain([1]), id="root that is no module"),
        pytest.param(b"(" + plain("a"), id="cut short"),
        pytest.param(b"\xff", id="no opcode"),
        pytest.param(named("torch._utils", "_rebuild_tensor_v2") + b")R", id="tensor of nothing"),
        pytest.param(network(tensor(storage(word="other"))), id="another persistent id"),
        pytest.param(network(plain((1, 2)) + b"Q"), id="short persistent id"),
        pytest.param(network(tensor(storage(key="7"))), id="storage that is not there"),
        pytest.param(network(tensor(storage(count=7))), id="storage shorter than it says"),
        pytest.param(network(tensor(size=(2, 3), stride=(3,))), id="dimensions without strides"),
        pytest.param(network(tensor(offset=-1)), id="before the storage"),
        pytest.param(network(tensor(size=(7,), stride=(0,))), id="larger than the storage"),
        pytest.param(network(tensor(size=(2, 3), stride=(4, 1))), id="beyond the storage"),
    ],
)
def test_an_archive_that_makes_no_sense_is_damaged(path: Path, root: bytes) -> None:
    assert "damaged or no checkpoint" in refusal(write_archive(path, root))


def test_an_empty_tensor_may_end_its_storage(path: Path) -> None:
    root = network(tensor(offset=6, size=(0, 3), stride=(3, 1)))
    found = read_checkpoint(write_archive(path, root), {"conv.weight": (0, 3)})
    assert found["conv.weight"].size == 0


def test_compressed_storages_are_not_read(path: Path) -> None:
    write_archive(path, network(), bytes(24), compression=zipfile.ZIP_DEFLATED)
    assert "damaged or no checkpoint" in refusal(path)


def test_an_index_that_is_too_long_is_not_read(path: Path, monkeypatch) -> None:
    monkeypatch.setattr(checkpoint, "LARGEST_INDEX", 20)
    assert "damaged or no checkpoint" in refusal(write_archive(path, network()))


def test_an_archive_without_an_index_is_damaged(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("weights/constants.pkl", b"")
    assert "damaged or no checkpoint" in refusal(path)


def test_a_file_that_cannot_be_opened_is_told(path: Path, monkeypatch) -> None:
    def denied(path: Path) -> bool:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(zipfile, "is_zipfile", denied)
    assert "cannot be read (Permission denied): check the path" in refusal(path)


@pytest.mark.parametrize(
    ("shapes", "said"),
    [
        ({**SHAPES, "norm.bias": (3,)}, "1 of its 2 weights are missing, such as norm.bias"),
        ({}, "it has 1 weights, such as conv.weight too many"),
        ({"conv.weight": (3, 2)}, r"conv.weight is (2, 3) and not (3, 2)"),
    ],
)
def test_the_weights_of_another_network_are_told(path: Path, shapes: dict, said: str) -> None:
    write_archive(path, network())
    with pytest.raises(ModelError) as caught:
        read_checkpoint(path, shapes)
    assert said in str(caught.value)


def test_weights_that_are_no_numbers_are_told(path: Path) -> None:
    write_archive(path, network(), np.full(6, np.nan, np.float32).tobytes())
    assert "weights that are no numbers" in refusal(path)


class FakeTensor:
    """As much of a tensor as is read."""

    def __init__(self, numbers: np.ndarray) -> None:
        self._numbers = numbers

    def detach(self) -> FakeTensor:
        return self

    cpu = float = detach

    def numpy(self) -> np.ndarray:
        return self._numbers


@pytest.fixture
def torch(monkeypatch: pytest.MonkeyPatch, path: Path) -> SimpleNamespace:
    """A torch whose `load` gives, or raises, `content`, and a file for it."""

    def load(file: Path, map_location: str, weights_only: bool) -> object:
        assert (file, map_location, weights_only) == (path, "cpu", True)
        if isinstance(fake.content, Exception):
            raise fake.content
        return fake.content

    fake = SimpleNamespace(Tensor=FakeTensor, load=load, content=None)
    monkeypatch.setitem(sys.modules, "torch", fake)
    path.write_bytes(b"for torch")
    return fake


@pytest.mark.parametrize("official", [True, False])
def test_what_torch_reads_is_taken(torch: SimpleNamespace, path: Path, official: bool) -> None:
    state = {"module.conv.weight": FakeTensor(NUMBERS.reshape(2, 3)), "epoch": 7}
    torch.content = {"state_dict": state} if official else state
    found = read_checkpoint(path, SHAPES)
    np.testing.assert_array_equal(found["conv.weight"], NUMBERS.reshape(2, 3))


def test_a_zip_file_without_constants_is_torch_s(torch: SimpleNamespace, path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("weights/data.pkl", b"")
    torch.content = {"conv.weight": FakeTensor(NUMBERS.reshape(2, 3))}
    assert set(read_checkpoint(path, SHAPES)) == {"conv.weight"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (pickle.UnpicklingError("Unsupported global: GLOBAL os.system was not"), "(os.system)"),
        (pickle.UnpicklingError("Unsupported operand 149"), "(something unknown)"),
        (RuntimeError("PytorchStreamReader failed"), "damaged or no checkpoint"),
        (EOFError("Ran out of input"), "damaged or no checkpoint"),
        ([1, 2], "damaged or no checkpoint"),
    ],
)
def test_what_torch_refuses_is_told(
    torch: SimpleNamespace, path: Path, content: object, said: str
) -> None:
    torch.content = content
    assert said in refusal(path)


def test_without_torch_the_extra_is_named(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.write_bytes(b"for torch")
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingExtraError, match=r"lipwright\[wav2lip\]"):
        read_checkpoint(path, SHAPES)
