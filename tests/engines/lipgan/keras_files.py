"""Weights by rule for networks of Keras, files of them, and the authors' toy network."""

from __future__ import annotations

import json
import math
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.engines import recipe

from lipwright.engines.lipgan.graph import GraphBuilder, Layer

Weights = dict[str, dict[str, np.ndarray]]


def make_weights(layers: Sequence[Layer]) -> Weights:
    """The weights by rule of a network: each drawn from a generator seeded with its own name."""
    return {
        layer.name: {
            name: _draw(f"{layer.name}/{name}", shape) for name, shape in layer.weights.items()
        }
        for layer in layers
        if layer.weights
    }


def _draw(key: str, shape: tuple[int, ...]) -> np.ndarray:
    random = np.random.default_rng(zlib.crc32(key.encode()))
    kind = key.partition("/")[2].partition(":")[0]
    if kind in ("gamma", "moving_variance"):
        values = random.uniform(0.5, 1.5, shape)
    elif kind == "kernel":
        values = random.standard_normal(shape) * np.sqrt(1 / math.prod(shape[:-1]))
    else:
        values = 0.1 * random.standard_normal(shape)
    return values.astype(np.float32)


def toy() -> tuple[Layer, ...]:
    """The authors' blocks cut down: a face of 16 x 16, a sound of 8 x 9."""
    graph = GraphBuilder()
    face, sound = graph.input("input_face", (16, 16, 6)), graph.input("input_audio", (8, 9, 1))
    large = graph.block(face, 4, 7)
    middle = graph.residual(graph.block(large, 8, 5, 2))
    small = graph.block(middle, 8, 3, 2)
    seen = graph.block(small, 8, 4, padding="valid")
    heard = graph.block(graph.block(sound, 4, 3, (3, 1)), 8, 3, 3)
    x = graph.concatenation(seen, graph.block(heard, 8, (1, 3), padding="valid"))
    x = graph.growing_block(x, 8, 4, 4)
    x = graph.growing_block(graph.concatenation(small, x), 8)
    x = graph.growing_block(graph.concatenation(middle, x), 4)
    return graph.layers(graph.prediction(graph.concatenation(large, x)))


def official_layers(name: str) -> Any:
    """The layers of an official network, as Keras tells of them."""
    path = recipe.PARITY / f"{name}.keys.json"
    if not path.is_file():
        pytest.skip(f"the official layers are not at {path}: set LIPWRIGHT_PARITY")
    return json.loads(path.read_text(encoding="utf-8"))


def official_file(name: str) -> Path:
    """A file that Keras wrote."""
    path = recipe.PARITY / name
    if not path.is_file():
        pytest.skip(f"the official file is not at {path}: set LIPWRIGHT_PARITY")
    return path


def described(layer: Layer) -> dict[str, Any]:
    """A layer as Keras tells of it."""
    told: dict[str, Any] = {"name": layer.name, "class": layer.kind, "from": list(layer.inputs)}
    if layer.kind in ("Conv2D", "Conv2DTranspose"):
        told |= {
            "filters": layer.shape[2], "kernel_size": list(layer.kernel),
            "strides": list(layer.stride), "padding": layer.padding, "use_bias": True,
        }  # fmt: skip
    kinds: dict[str, dict[str, Any]] = {
        "BatchNormalization": {"axis": -1, "epsilon": 1e-3},
        "Activation": {"activation": layer.activation},
        "Concatenate": {"axis": 3},
        "ZeroPadding2D": {"padding": [[1, 0], [0, 0]]},
    }
    told |= kinds.get(layer.kind, {})
    weights = [
        [f"{layer.name}/{name}", list(shape), "float32"] for name, shape in layer.weights.items()
    ]
    return told | {"out": list(layer.shape), "weights": weights}


def write_file(path: Path, layers: Sequence[Layer], weights: Weights, whole: bool = False) -> Path:
    """A file as Keras writes it; whole: with "model_weights", as of a whole model."""
    import h5py

    with h5py.File(path, "w") as file:
        root = file.create_group("model_weights") if whole else file
        root.attrs["layer_names"] = np.array([layer.name.encode() for layer in layers])
        for layer in layers:
            group = root.create_group(layer.name)
            names = [f"{layer.name}/{name}" for name in layer.weights]
            group.attrs["weight_names"] = np.array([name.encode() for name in names], "S64")
            for name, value in weights.get(layer.name, {}).items():
                group[f"{layer.name}/{name}"] = value
    return path
