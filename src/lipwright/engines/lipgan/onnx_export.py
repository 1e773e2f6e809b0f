"""LipGAN's checkpoints to ONNX.

A generator becomes two networks: "face" gives what the face's branch hands on to the decoder, once
for a still picture, and "speech" makes the frames from that and the sound.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch

from lipwright.core.errors import ModelError
from lipwright.engines.lipgan.architecture import (
    DEPTHS,
    FACE_INPUT,
    SOUND_INPUT,
    SOUNDS,
    Sound,
    network,
)
from lipwright.engines.lipgan.graph import Layer
from lipwright.engines.lipgan.keras_weights import Weights, read_weights
from lipwright.engines.lipgan.torch_model import Network
from lipwright.engines.wav2lip.onnx_export import export

ENGINES: dict[Sound, str] = {"mel": "lipgan", "mfcc": "lipgan-mfcc"}


def convert_generator(checkpoint: Path, paths: Sequence[Path], sound: Sound) -> None:
    """Write "face" and "speech" of a checkpoint of the generator that hears this."""
    known = {(heard, depth): network(heard, depth) for heard in SOUNDS for depth in DEPTHS}
    (heard, depth), weights = read_weights(checkpoint, known)
    if heard != sound:
        raise ModelError(
            f"{checkpoint} holds LipGAN's network that hears {heard.upper()}: choose the engine "
            f"{ENGINES[heard]}, or give it the file of {ENGINES[sound]}."
        )
    write_generator(known[heard, depth], weights, paths)


def write_generator(layers: Sequence[Layer], weights: Weights, paths: Sequence[Path]) -> None:
    """Write "face" and "speech" of a network."""
    face_layers, speech_layers, shared = split(layers)
    shapes = {layer.name: layer.shape for layer in layers}

    def example(name: str) -> torch.Tensor:
        height, width, channels = shapes[name]
        return torch.zeros(2, channels, height, width)

    names = [f"added_{number}" for number in range(len(shared))]
    face = Network(face_layers, [FACE_INPUT], shared, weights)
    batches = {"face": "faces"} | dict.fromkeys(names, "faces")
    export(face, {"face": example(FACE_INPUT)}, names, paths[0], batches)
    inputs = {"sound": example(SOUND_INPUT)}
    inputs |= {name: example(layer) for name, layer in zip(names, shared, strict=True)}
    speech = Network(speech_layers, [SOUND_INPUT, *shared], [layers[-1].name], weights)
    batches = {"sound": "frames", "drawn": "frames"} | dict.fromkeys(names, "faces")
    export(speech, inputs, ["drawn"], paths[1], batches)


def split(layers: Sequence[Layer]) -> tuple[list[Layer], list[Layer], list[str]]:
    """Return the layers that see only the face, the others, and what these see of those."""
    of_face: dict[str, Layer] = {}
    others: list[Layer] = []
    for layer in layers:
        inside = all(name in of_face for name in layer.inputs)
        if layer.name == FACE_INPUT or (layer.inputs and inside):
            of_face[layer.name] = layer
        else:
            others.append(layer)
    seen = {name for layer in others for name in layer.inputs}
    return list(of_face.values()), others, [name for name in of_face if name in seen]
