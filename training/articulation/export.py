"""Write trained networks as one ONNX file, with everything the program needs as metadata.

    python export.py --networks work/network0.pt work/network1.pt \\
        --output ../../src/lipwright/articulation/assets/

Several networks, trained from different seeds, answer with their mean. Weights are stored in 16
bits and used in 32.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
import torch
from corpus import CLOSED_COLUMN, COLUMNS
from network import LEFT_CONTEXT, RIGHT_CONTEXT, ArticulationNetwork
from onnx import helper, numpy_helper
from torch import nn

from lipwright.articulation.viseme_targets import TARGETS
from lipwright.core.onnx import open_session

LICENCE = "MIT; trained on GRID (CC BY 4.0) and speech made by Kokoro-82M (Apache-2.0)"
SMALLEST_HALVED = 1000
"""Tensors of fewer numbers keep their 32 bits."""


class Exported(nn.Module):
    """The networks' mean: regressed columns in their own units, decisions as probabilities."""

    def __init__(self, saved: list[dict]) -> None:
        super().__init__()
        self.networks = nn.ModuleList(load_network(entry) for entry in saved)
        self.register_buffer("mean", saved[0]["mean"])
        self.register_buffer("deviation", saved[0]["deviation"])

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        output = torch.stack([network(features)[0] for network in self.networks]).mean(0)
        curves = output[..., :CLOSED_COLUMN] * self.deviation + self.mean
        return torch.cat([curves, torch.sigmoid(output[..., CLOSED_COLUMN:])], dim=-1)


def load_network(saved: dict) -> ArticulationNetwork:
    network = ArticulationNetwork(COLUMNS, len(TARGETS.index), saved["width"])
    network.load_state_dict(saved["state"])
    return network


def check_alike(saved: list[dict]) -> None:
    """Networks can only share features and scales if they come from one corpus."""
    for entry in saved[1:]:
        for key in ("prior", "mean", "deviation"):
            if not torch.equal(entry[key], saved[0][key]):
                raise SystemExit("error: these networks were trained on different corpora.")


def halve_weights(graph: onnx.ModelProto) -> None:
    """Store the large tensors in 16 bits, in place, and cast them back when the file is opened."""
    casts = []
    for tensor in graph.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.size < SMALLEST_HALVED:
            continue
        name = tensor.name
        tensor.CopyFrom(numpy_helper.from_array(values.astype(np.float16), f"{name}.half"))
        casts.append(helper.make_node("Cast", [f"{name}.half"], [name], to=onnx.TensorProto.FLOAT))
    nodes = [*casts, *graph.graph.node]
    del graph.graph.node[:]
    graph.graph.node.extend(nodes)


def write_model(model: nn.Module, prior: torch.Tensor, path: Path) -> None:
    example = torch.randn(1, LEFT_CONTEXT + RIGHT_CONTEXT + 200, 80)
    torch.onnx.export(
        model, (example,), str(path), input_names=["features"], output_names=["curves"],
        dynamic_axes={"features": {1: "frames"}, "curves": {1: "half_frames"}},
        opset_version=17, dynamo=False,
    )  # fmt: skip
    graph = onnx.load(str(path))
    halve_weights(graph)
    metadata = {
        "prior": json.dumps([round(float(value), 5) for value in prior]),
        "left_context": str(LEFT_CONTEXT),
        "right_context": str(RIGHT_CONTEXT),
        "licence": LICENCE,
    }
    for key, value in metadata.items():
        entry = graph.metadata_props.add()
        entry.key, entry.value = key, value
    onnx.checker.check_model(graph)
    onnx.save(graph, str(path))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--networks", type=Path, nargs="+", required=True)
    parser.add_argument("--output", type=Path, required=True, help="a folder")
    arguments = parser.parse_args()
    saved = [torch.load(path, weights_only=True) for path in arguments.networks]
    check_alike(saved)
    model = Exported(saved).eval()
    arguments.output.mkdir(parents=True, exist_ok=True)
    path = arguments.output / "articulation.onnx"
    write_model(model, saved[0]["prior"], path)
    session = open_session(str(path))
    longer = torch.randn(1, LEFT_CONTEXT + RIGHT_CONTEXT + 331, 80)
    with torch.no_grad():
        difference = np.abs(
            session.run(None, {"features": longer.numpy()})[0] - model(longer).numpy()
        )
    print(f"{path.stat().st_size} bytes, differs from torch by at most {difference.max():.1e}")
    print("sha256", hashlib.sha256(path.read_bytes()).hexdigest())


if __name__ == "__main__":
    main()
