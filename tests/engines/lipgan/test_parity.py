"""The networks against the official ones, number by number, in torch and in the converted ONNX."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: pip install .[lipgan]")
pytest.importorskip("onnx", reason="onnx is not installed: pip install .[lipgan]")

from tests.engines import recipe  # noqa: E402
from tests.engines.lipgan import keras_files  # noqa: E402
from tests.engines.lipgan.test_graph import BRANCHES  # noqa: E402

from lipwright.engines.lipgan.architecture import network  # noqa: E402
from lipwright.engines.lipgan.onnx_export import split, write_generator  # noqa: E402
from lipwright.engines.lipgan.torch_model import Network  # noqa: E402
from lipwright.engines.onnx_generator import OnnxNetworks  # noqa: E402

CLOSE = 1e-5
GIVEN = ("input_face", "input_audio")


@pytest.fixture(scope="module", autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def pictures(values: np.ndarray) -> np.ndarray:
    """(n, h, w, c), as Keras has them, to (n, c, h, w)."""
    return np.ascontiguousarray(values.transpose(0, 3, 1, 2), np.float32)


def in_torch(layers, weights, face: np.ndarray, sound: np.ndarray) -> np.ndarray:
    whole = Network(layers, GIVEN, ["prediction"], weights)
    with torch.no_grad():
        (drawn,) = whole(torch.from_numpy(face), torch.from_numpy(sound))
    return drawn.numpy().transpose(0, 2, 3, 1)


def converted(layers, weights, folder: Path) -> OnnxNetworks:
    """The two parts of a network."""
    import onnx

    paths = [folder / "face.onnx", folder / "speech.onnx"]
    write_generator(layers, weights, paths)
    for path in paths:
        kinds = {node.op_type for node in onnx.load(path).graph.node}
        assert "BatchNormalization" not in kinds
    return OnnxNetworks(paths, threads=1)


@pytest.mark.parametrize("depth", ["residual", "basic"])
@pytest.mark.parametrize("sound", BRANCHES)
def test_networks_in_torch_and_in_onnx(sound, depth, tmp_path):
    official = recipe.parity(BRANCHES[sound])
    face = official["face_u8"].astype(np.float32) / 255
    masked = face.copy()
    masked[:, 48:] = 0
    seen, heard = pictures(np.concatenate([face, masked], axis=3)), pictures(official["audio"])
    wanted = official[f"out_{depth}"]
    layers = network(sound, depth)
    weights = keras_files.make_weights(layers)
    assert np.abs(in_torch(layers, weights, seen, heard) - wanted).max() < CLOSE
    networks = converted(layers, weights, tmp_path)
    drawn = networks.draw(heard, networks.see(seen)).transpose(0, 2, 3, 1)
    assert np.abs(drawn - wanted).max() < CLOSE


@pytest.fixture(scope="module")
def toy() -> Any:
    """The layers of the authors' blocks cut down, and their weights."""
    layers = keras_files.toy()
    return layers, keras_files.make_weights(layers)


def test_the_toy_network_in_torch_and_in_onnx(toy, tmp_path):
    official = recipe.parity("lipgan_toy")
    seen, heard = pictures(official["face"]), pictures(official["audio"])
    assert np.abs(in_torch(toy[0], toy[1], seen, heard) - official["out"]).max() < CLOSE
    networks = converted(toy[0], toy[1], tmp_path)
    drawn = networks.draw(heard, networks.see(seen)).transpose(0, 2, 3, 1)
    assert np.abs(drawn - official["out"]).max() < CLOSE


def test_one_face_serves_many_frames_and_batches_have_any_length(toy, tmp_path):
    random = np.random.default_rng(3)
    faces = random.uniform(0, 1, (3, 6, 16, 16)).astype(np.float32)
    sounds = random.uniform(-4, 4, (3, 1, 8, 9)).astype(np.float32)
    networks = converted(toy[0], toy[1], tmp_path)
    together = networks.draw(sounds, networks.see(np.repeat(faces[:1], 3, axis=0)))
    np.testing.assert_allclose(networks.draw(sounds, networks.see(faces[:1])), together, atol=1e-6)
    own = networks.draw(sounds, networks.see(faces))
    for place in range(3):
        part = slice(place, place + 1)
        alone = networks.draw(sounds[part], networks.see(faces[part]))
        np.testing.assert_allclose(own[part], alone, atol=1e-6)


def test_what_sees_only_the_face_is_drawn_apart():
    layers = network("mfcc", "residual")
    face, others, shared = split(layers)
    assert [layer.name for layer in layers if layer in face or layer in others] == [
        layer.name for layer in layers
    ]
    shapes = {layer.name: layer.shape for layer in layers}
    sizes = [shapes[name][0] for name in shared]
    assert sizes == [96, 48, 24, 12, 6, 3, 1], "one picture for each stage of the decoder"
    assert {layer.name for layer in face}.isdisjoint(layer.name for layer in others)
