"""Write the trained heads as one ONNX file.

    python export.py --heads work/heads0.pt work/heads1.pt \\
        --output ../../src/lipwright/articulation/assets

They answer with their mean. Weights are stored in 16 bits and used in 32.
"""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path

import numpy as np
import onnx
import torch
from ensemble import load_ensemble
from onnx import helper, numpy_helper
from torch import nn

from lipwright.articulation.ear import WIDTH
from lipwright.core.onnx import open_session

LICENCE = "MIT; trained on GRID (CC BY 4.0) and speech made by Kokoro-82M (Apache-2.0)"
SMALLEST_HALVED = 1000
"""Tensors of fewer numbers keep their 32 bits."""


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


def write_model(model: nn.Module, path: Path) -> None:
    """Write and check the network of features (1, T, WIDTH) to rows (1, T, COLUMNS)."""
    torch.onnx.export(
        model, (torch.randn(1, 300, WIDTH),), str(path), input_names=["features"],
        output_names=["rows"], dynamic_axes={"features": {1: "frames"}, "rows": {1: "frames"}},
        opset_version=17, dynamo=False,
    )  # fmt: skip
    graph = onnx.load(str(path))
    halve_weights(graph)
    entry = graph.metadata_props.add()
    entry.key, entry.value = "licence", LICENCE
    onnx.checker.check_model(graph)
    onnx.save(graph, str(path))
    longer = torch.randn(1, 431, WIDTH)
    with torch.no_grad():
        answer = open_session(str(path)).run(None, {"features": longer.numpy()})[0]
        difference = np.abs(answer - model(longer).numpy()).max()
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    print(f"{path.stat().st_size} bytes, at most {difference:.1e} from torch, sha256 {digest}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--heads", type=Path, nargs="+", required=True)
    parser.add_argument("--output", type=Path, required=True, help="a folder")
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    write_model(load_ensemble(arguments.heads), arguments.output / "heads.onnx")


if __name__ == "__main__":
    main()
