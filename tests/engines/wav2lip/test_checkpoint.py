"""Checkpoints in every shape there is, and those that are refused."""

from __future__ import annotations

import io
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: pip install .[wav2lip]")

from lipwright.core.errors import ModelError  # noqa: E402
from lipwright.engines.wav2lip.checkpoint import read_checkpoint  # noqa: E402


class Small(torch.nn.Module):  # type: ignore[name-defined]
    """A network that is quickly saved."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks = torch.nn.ModuleList([torch.nn.Sequential(torch.nn.Conv2d(2, 3, 3))])
        self.norm = torch.nn.BatchNorm2d(3)

    def forward(self, x):
        return self.norm(self.blocks[0](x))


@pytest.fixture
def network() -> Small:
    return Small().eval()


pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit", "ignore::DeprecationWarning")
SHAPES = {key: tuple(value.shape) for key, value in Small().state_dict().items()}
EXAMPLE = torch.zeros(1, 2, 5, 5)


def save_official(network: Small, path: Path) -> None:
    state = {f"module.{key}": value for key, value in network.state_dict().items()}
    torch.save({"state_dict": state, "optimizer": None, "global_step": 7}, path)


def save_old(network: Small, path: Path) -> None:
    torch.save(network.state_dict(), path, _use_new_zipfile_serialization=False)


WRITERS = {
    "official": save_official,
    "plain": lambda network, path: torch.save(network.state_dict(), path),
    "old": save_old,
    "scripted": lambda network, path: torch.jit.script(network).save(path),
    "traced": lambda network, path: torch.jit.trace(network, EXAMPLE).save(path),
}


@pytest.mark.parametrize("kind", WRITERS)
def test_every_kind_gives_the_same_weights(kind, network, tmp_path):
    path = tmp_path / "weights.pth"
    WRITERS[kind](network, path)
    found = read_checkpoint(path, SHAPES)
    assert set(found) == {key for key in SHAPES if not key.endswith("num_batches_tracked")}
    for key, value in found.items():
        np.testing.assert_array_equal(value, network.state_dict()[key].numpy())


class Malicious:
    """Makes a file when it is unpickled."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self):
        return open, (str(self.target), "w")


@pytest.mark.parametrize("shape", ["whole", "state_dict", "plain pickle", "old"])
def test_a_checkpoint_that_would_run_a_program_is_refused(shape, tmp_path):
    target, path = tmp_path / "was-run", tmp_path / "weights.pth"
    if shape == "plain pickle":
        path.write_bytes(pickle.dumps(Malicious(target), protocol=2))
    elif shape == "old":
        torch.save(Malicious(target), path, _use_new_zipfile_serialization=False)
    else:
        content = Malicious(target)
        torch.save({"state_dict": content} if shape == "state_dict" else content, path)
    with pytest.raises(
        ModelError, match="was refused because it holds more than weights"
    ) as caught:
        read_checkpoint(path, SHAPES)
    assert "open" in str(caught.value) and "\n" not in str(caught.value)
    assert not target.exists()


def repack(path: Path, changes: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> None:
    """An archive with some of its files changed."""
    with zipfile.ZipFile(path) as archive:
        files = {info.filename: archive.read(info) for info in archive.infolist()}
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in files.items():
            archive.writestr(name, changes.get(name.partition("/")[2], content))


@pytest.fixture
def archive(network, tmp_path) -> Path:
    """A TorchScript archive."""
    path = tmp_path / "weights.pt"
    torch.jit.script(network).save(path)
    return path


def test_a_torchscript_archive_that_would_run_a_program_is_refused(archive, tmp_path):
    target = tmp_path / "was-run"
    repack(archive, {"data.pkl": pickle.dumps(Malicious(target), protocol=2)})
    with pytest.raises(ModelError, match="was refused .* open"):
        read_checkpoint(archive, SHAPES)
    assert not target.exists()


def test_the_program_of_a_torchscript_archive_is_never_read(archive):
    with zipfile.ZipFile(archive) as file:
        code = [name.partition("/")[2] for name in file.namelist() if name.endswith(".py")]
    assert code
    repack(archive, dict.fromkeys(code, b"this is no program"))
    assert set(read_checkpoint(archive, SHAPES))


def tensor_pickle(count: int, offset: int, size: tuple, stride: tuple) -> bytes:
    """A data.pkl with one tensor."""
    stream = io.BytesIO()

    class Writer(pickle._Pickler):
        def persistent_id(self, thing):
            return thing if isinstance(thing, tuple) and thing[:1] == ("storage",) else None

    class Tensor:
        def __reduce__(self):
            storage = ("storage", torch.FloatStorage, "0", "cpu", count)
            return torch._utils._rebuild_tensor_v2, (storage, offset, size, stride, False, None)

    Writer(stream, protocol=2).dump(Tensor())
    return stream.getvalue()


@pytest.mark.parametrize(
    ("count", "offset", "size", "stride"),
    [
        (54, 50, (5,), (1,)),
        (54, 0, (2,), (1 << 40,)),
        (54, 0, (1 << 40,), (0,)),
        (54, -1, (1,), (1,)),
        (54, 0, (3,), (-1,)),
        (1 << 40, 0, (1,), (1,)),
    ],
)
def test_a_tensor_stays_inside_its_file(archive, count, offset, size, stride):
    repack(archive, {"data.pkl": tensor_pickle(count, offset, size, stride)})
    with pytest.raises(ModelError, match="damaged or no checkpoint"):
        read_checkpoint(archive, SHAPES)


def test_a_compressed_archive_is_no_checkpoint(archive):
    repack(archive, {}, zipfile.ZIP_DEFLATED)
    with pytest.raises(ModelError, match="damaged or no checkpoint"):
        read_checkpoint(archive, SHAPES)


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04rest", b"\x80\x02}."])
def test_what_is_no_checkpoint_is_told(content, tmp_path):
    path = tmp_path / "weights.pth"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"weights.pth (is damaged|holds the weights of another)"):
        read_checkpoint(path, SHAPES)


def test_a_file_cut_short_is_told(network, tmp_path):
    path = tmp_path / "weights.pth"
    save_official(network, path)
    path.write_bytes(path.read_bytes()[:-500])
    with pytest.raises(ModelError, match="damaged or no checkpoint"):
        read_checkpoint(path, SHAPES)


def test_the_weights_of_another_network_are_told(network, tmp_path):
    path = tmp_path / "weights.pth"
    torch.save(network.state_dict(), path)
    with pytest.raises(ModelError, match=r"another network \(1 of its 7 weights are missing, such"):
        read_checkpoint(path, {**SHAPES, "more.weight": (3,)})
    fewer = {key: shape for key, shape in SHAPES.items() if key != "norm.bias"}
    with pytest.raises(ModelError, match=r"another network \(it has 1 weights, such as norm.bias"):
        read_checkpoint(path, fewer)
    with pytest.raises(ModelError, match=r"norm.bias is \(3,\) and not \(4,\)"):
        read_checkpoint(path, {**SHAPES, "norm.bias": (4,)})


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(ModelError, match="cannot be read .* check the path"):
        read_checkpoint(tmp_path / "none.pth", SHAPES)
