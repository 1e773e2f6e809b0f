"""Files of Keras, real and hostile."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

h5py = pytest.importorskip("h5py", reason="h5py is not installed: pip install .[lipgan]")

from tests.engines.lipgan import keras_files  # noqa: E402
from tests.engines.lipgan.keras_files import make_weights, official_file, toy, write_file  # noqa: E402

from lipwright.core.errors import MissingExtraError, ModelError  # noqa: E402
from lipwright.engines.lipgan.graph import GraphBuilder, Layer  # noqa: E402
from lipwright.engines.lipgan.keras_weights import read_weights  # noqa: E402

LAYERS = toy()
WEIGHTS = make_weights(LAYERS)
KNOWN = {"toy": LAYERS}


def same(found: keras_files.Weights) -> bool:
    return found.keys() == WEIGHTS.keys() and all(
        (value == WEIGHTS[layer][name]).all() and value.dtype == np.float32
        for layer, own in found.items()
        for name, value in own.items()
    )


@pytest.fixture
def path(tmp_path) -> Path:
    return write_file(tmp_path / "toy.h5", LAYERS, WEIGHTS)


def refused(path: Path, why: str) -> None:
    """The file is refused in one sentence that names it and says what to do."""
    with pytest.raises(ModelError, match=why) as told:
        read_weights(path, KNOWN)
    message = str(told.value)
    assert str(path) in message and "\n" not in message and message.endswith(".")


@pytest.mark.parametrize("name", ["lipgan_toy_weights.h5", "lipgan_toy_model.h5"])
def test_files_that_keras_wrote(name):
    key, found = read_weights(official_file(name), KNOWN)
    assert key == "toy" and same(found)


@pytest.mark.parametrize("whole", [False, True])
def test_files_as_keras_writes_them(tmp_path, whole):
    key, found = read_weights(write_file(tmp_path / "a.h5", LAYERS, WEIGHTS, whole), KNOWN)
    assert key == "toy" and same(found)


def renamed(layer: Layer) -> str:
    """What a Keras of today, or one that made other networks before, calls a layer."""
    return f"{layer.name}00"


def test_layers_of_other_names_are_known_by_their_order(tmp_path):
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [renamed(layer) for layer in LAYERS]  # as text
        for layer in reversed(LAYERS):
            group = file.create_group(renamed(layer))
            names = [f"{renamed(layer)}/{name}" for name in layer.weights]
            group.attrs["weight_names"] = np.array(names, h5py.string_dtype())
            for name, value in WEIGHTS.get(layer.name, {}).items():
                group[f"{renamed(layer)}/{name}"] = value
    assert same(read_weights(path, KNOWN)[1])


def test_layers_in_another_order_are_known_by_their_names(tmp_path):
    path = write_file(tmp_path / "a.h5", LAYERS[::-1], WEIGHTS)
    assert same(read_weights(path, KNOWN)[1])


def test_packed_and_wider_numbers_are_read_too(path):
    with h5py.File(path, "r+") as file:
        for layer, own in WEIGHTS.items():
            for name, value in own.items():
                del file[f"{layer}/{layer}/{name}"]
                file[layer].create_dataset(
                    f"{layer}/{name}", data=value.astype(np.float64), compression="gzip",
                    shuffle=True,
                )  # fmt: skip
    assert same(read_weights(path, KNOWN)[1])


def test_the_first_network_that_fits_is_told(path):
    graph = GraphBuilder()
    other = graph.layers(graph.prediction(graph.input("input_face", (8, 8, 3))))
    assert read_weights(path, {"other": other, **KNOWN})[0] == "toy"


def test_a_file_that_is_not_there_and_one_that_is_none_of_keras(tmp_path):
    refused(tmp_path / "no.h5", "cannot be read .*: check the path")
    for content in (b"", b"PK\x03\x04 a zip", bytes(5000), b"\x89HDF\r\n\x1a\n" + bytes(200)):
        (tmp_path / "bad.h5").write_bytes(content)
        refused(tmp_path / "bad.h5", "damaged or no file of Keras: get the file that lipwright")


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_a_truncated_file(path, share):
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    refused(path, "damaged or no file of Keras")


def test_the_weights_of_another_network(tmp_path):
    graph = GraphBuilder()
    x = graph.block(graph.input("input_face", (8, 8, 3)), 4)
    layers = graph.layers(graph.prediction(x))
    path = write_file(tmp_path / "a.h5", layers, make_weights(layers))
    refused(path, r"another network \(8 of them in 3 layers\): get the file")


def test_a_shape_that_differs(path):
    with h5py.File(path, "r+") as file:
        del file["conv2d_1/conv2d_1/kernel:0"]
        file["conv2d_1/conv2d_1/kernel:0"] = np.zeros((7, 7, 6, 5), np.float32)
    refused(path, "another network")


def test_numbers_that_are_none(path):
    with h5py.File(path, "r+") as file:
        file["conv2d_1/conv2d_1/bias:0"][0] = np.nan
    refused(path, "no numbers: get the file anew")


def replace(file, layer: str, value: object) -> None:
    del file[layer][f"{layer}/bias:0"]
    file[layer][f"{layer}/bias:0"] = value


@pytest.mark.parametrize("kind", ["external link", "soft link", "external data", "virtual"])
def test_what_lies_outside_the_file_is_refused(path, tmp_path, kind):
    other = tmp_path / "other.h5"
    with h5py.File(other, "w") as file:
        file["secret"] = np.zeros(4, np.float32)
    (tmp_path / "raw").write_bytes(bytes(16))
    with h5py.File(path, "r+") as file:
        if kind == "external link":
            replace(file, "conv2d_1", h5py.ExternalLink(str(other), "secret"))
        elif kind == "soft link":
            replace(file, "conv2d_1", h5py.SoftLink("/conv2d_7/conv2d_7/bias:0"))
        elif kind == "external data":
            del file["conv2d_1/conv2d_1/bias:0"]
            file["conv2d_1"].create_dataset(
                "conv2d_1/bias:0", (4,), "f4", external=[(str(tmp_path / "raw"), 0, 16)]
            )
        else:
            layout = h5py.VirtualLayout((4,), "f4")
            layout[:] = h5py.VirtualSource(str(other), "secret", (4,))
            del file["conv2d_1/conv2d_1/bias:0"]
            file["conv2d_1"].create_virtual_dataset("conv2d_1/bias:0", layout)
    refused(path, "refused because .*: delete it and get the file")


def test_a_layer_that_is_a_link_to_another_file_is_refused(path, tmp_path):
    copy = tmp_path / "copy.h5"
    copy.write_bytes(path.read_bytes())
    with h5py.File(path, "r+") as file:
        del file["conv2d_1"]
        file["conv2d_1"] = h5py.ExternalLink(str(copy), "conv2d_1")
    refused(path, "a link to somewhere else")


def test_data_that_unpack_to_more_than_memory_holds_are_not_unpacked(path):
    with h5py.File(path, "r+") as file:
        del file["conv2d_1/conv2d_1/bias:0"]
        file["conv2d_1"].create_dataset(
            "conv2d_1/bias:0", (1 << 40,), "f4", chunks=(1 << 20,), compression="gzip"
        )
    refused(path, "another network")
    with h5py.File(path, "r+") as file:
        del file["conv2d_1/conv2d_1/bias:0"]
        file["conv2d_1"].create_dataset(
            "conv2d_1/bias:0", (4,), "f4", chunks=(1 << 28,), maxshape=(None,), compression="gzip"
        )
    refused(path, "damaged or no file of Keras")


def test_a_filter_of_somebody_elses_is_refused(path):
    with h5py.File(path, "r+") as file:
        del file["conv2d_1/conv2d_1/bias:0"]
        file["conv2d_1"].create_dataset("conv2d_1/bias:0", data=np.zeros(4, "f4"),
                                        compression="lzf")  # fmt: skip
    refused(path, "needs somebody's library")


def test_numbers_of_another_kind(path):
    with h5py.File(path, "r+") as file:
        replace(file, "conv2d_1", np.zeros(4, np.int32))
    refused(path, "damaged")


@pytest.mark.parametrize(
    "names",
    [3.0, np.zeros((2, 2)), np.array([b"nobody"]), np.array([b"../.."]), np.array([b"/"]),
     np.array([b"\xff\xfe"]), np.zeros(20_000, "S1")],
    ids=["a number", "a table", "no layer", "upwards", "the root", "no text", "too many"],
)  # fmt: skip
def test_wrong_lists_of_names(path, names):
    with h5py.File(path, "r+") as file:
        file.attrs["layer_names"] = names
    refused(path, "damaged")


def test_a_list_of_names_too_long_to_be_one(path, monkeypatch):
    monkeypatch.setattr("lipwright.engines.lipgan.keras_weights.LARGEST_LIST", 100)
    refused(path, "damaged")


def test_a_file_without_lists(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["numbers"] = np.zeros(3)
    refused(tmp_path / "a.h5", "damaged")


def test_without_h5py_the_extra_is_named(path, monkeypatch):
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(MissingExtraError, match=r'pip install "lipwright\[lipgan\]"'):
        read_weights(path, KNOWN)
