"""The layers of all networks, their names, order, shapes and weights, against the official ones."""

from __future__ import annotations

import hashlib
import json

import pytest
from tests.engines.lipgan.keras_files import described, official_layers, toy

from lipwright.engines.lipgan.architecture import network
from lipwright.engines.lipgan.graph import GraphBuilder

BRANCHES = {"mel": "lipgan_py", "mfcc": "lipgan_main"}
SUMS = {
    ("mel", "residual"): (277, 49_573_971, "0c2fc7428fcf7af7"),
    ("mel", "basic"): (101, 21_482_387, "696ac2390ed6b6f7"),
    ("mfcc", "residual"): (278, 71_370_579, "f6e175cef84abc54"),
    ("mfcc", "basic"): (81, 24_934_739, "4ef0f09b666e317f"),
}
"""Layers, numbers, and a sum over all that is told of the layers, when that was the official."""


def count(layers) -> int:
    total = 0
    for layer in layers:
        for shape in layer.weights.values():
            numbers = 1
            for size in shape:
                numbers *= size
            total += numbers
    return total


@pytest.mark.parametrize("depth", ["residual", "basic"])
@pytest.mark.parametrize("sound", ["mel", "mfcc"])
def test_layers_are_the_official_ones(sound, depth):
    ours = [described(layer) for layer in network(sound, depth)]
    assert ours == official_layers(BRANCHES[sound])[depth]


@pytest.mark.parametrize(("sound", "depth"), SUMS)
def test_layers_stay_as_they_are(sound, depth):
    layers = network(sound, depth)
    told = json.dumps([described(layer) for layer in layers]).encode()
    found = len(layers), count(layers), hashlib.sha256(told).hexdigest()[:16]
    assert found == SUMS[sound, depth]


def test_the_toy_network_has_the_official_layers():
    assert [described(layer) for layer in toy()] == official_layers("lipgan_toy")


def test_what_nothing_sees_counts_in_the_names_and_is_left_out():
    graph = GraphBuilder()
    face = graph.input("input_face", (8, 8, 3))
    graph.block(face, 4)
    layers = graph.layers(graph.prediction(graph.block(face, 4)))
    assert [layer.name for layer in layers] == [
        "input_face", "conv2d_2", "batch_normalization_2", "activation_2", "conv2d_3", "prediction"
    ]  # fmt: skip
