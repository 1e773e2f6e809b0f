"""Write the trained network as ONNX, with everything the program needs to use it as metadata.

python export.py --network work/network.pt --output ../../src/lipwright/articulation/assets/
"""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from corpus import CLOSED_COLUMN, COLUMNS
from network import LEFT_CONTEXT, RIGHT_CONTEXT, ArticulationNetwork
from torch import nn

from lipwright.articulation.targets import TARGETS


class Exported(nn.Module):
    """Regressed columns in their own units, decisions as probabilities."""

    def __init__(self, network: nn.Module, mean: torch.Tensor, deviation: torch.Tensor) -> None:
        super().__init__()
        self.network = network
        self.register_buffer("mean", mean)
        self.register_buffer("deviation", deviation)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        output = self.network(features)[0]
        curves = output[..., :CLOSED_COLUMN] * self.deviation + self.mean
        return torch.cat([curves, torch.sigmoid(output[..., CLOSED_COLUMN:])], dim=-1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--network", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True, help="a folder")
    arguments = parser.parse_args()
    saved = torch.load(arguments.network, weights_only=True)
    network = ArticulationNetwork(COLUMNS, len(TARGETS.index), saved["width"])
    network.load_state_dict(saved["state"])
    model = Exported(network, saved["mean"], saved["deviation"]).eval()
    arguments.output.mkdir(parents=True, exist_ok=True)
    path = arguments.output / "articulation.onnx"
    example = torch.randn(1, LEFT_CONTEXT + RIGHT_CONTEXT + 200, 80)
    torch.onnx.export(
        model, (example,), str(path), input_names=["features"], output_names=["curves"],
        dynamic_axes={"features": {1: "frames"}, "curves": {1: "half_frames"}},
        opset_version=17, dynamo=False,
    )  # fmt: skip
    graph = onnx.load(str(path))
    metadata = {
        "prior": json.dumps([round(float(value), 5) for value in saved["prior"]]),
        "left_context": str(LEFT_CONTEXT),
        "right_context": str(RIGHT_CONTEXT),
        "licence": "MIT; trained on GRID (CC BY 4.0) and speech made by Kokoro-82M (Apache-2.0)",
    }
    for key, value in metadata.items():
        entry = graph.metadata_props.add()
        entry.key, entry.value = key, value
    onnx.save(graph, str(path))
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    longer = torch.randn(1, LEFT_CONTEXT + RIGHT_CONTEXT + 331, 80)
    with torch.no_grad():
        difference = np.abs(
            session.run(None, {"features": longer.numpy()})[0] - model(longer).numpy()
        )
    print(f"{path.stat().st_size} bytes, differs from torch by at most {difference.max():.1e}")
    print("sha256", hashlib.sha256(path.read_bytes()).hexdigest())


if __name__ == "__main__":
    main()
