"""Rewrite the graph of Kokoro's network so that it costs half of the processor time.

    python rewrite.py [--output ../../src/lipwright/speech/assets]

What is written has no weights but those of a few numbers: `kokoro.onnx` is the graph, `kokoro.json`
says where in the downloaded network each large tensor lies. The sound stays what it was. See
README.md for what is rewritten, and why.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
from graph import Graph, attributes
from onnx import helper, numpy_helper

from lipwright.core.onnx import load_onnxruntime
from lipwright.speech.kokoro.weights import read_weights

LICENCE = "Apache-2.0: the graph of Kokoro-82M by hexgrad, rewritten for lipwright"
DURATIONS = "/encoder/Clip_output_0"
LARGEST_KEPT = 512
"""Bytes of a tensor that stays in the graph."""
SMALLEST_PRODUCT = 1000
"""Weights of a convolution; one of fewer stays as it is."""
BLOCK = 64
"""Times that are turned together."""
Place = tuple[str, list[int], int, int]
"""Type, shape, offset, and, where it is turned to rows, the zero point: else -1."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    assets = Path(__file__).parents[2] / "src/lipwright/speech/assets"
    parser.add_argument("--output", type=Path, default=assets)
    options = parser.parse_args()
    weights = b"".join(part.tobytes() for part in read_weights())
    graph, table = rewrite(weights)
    for name, content in (
        ("kokoro.onnx", graph),
        ("kokoro.json", json.dumps(table, separators=(",", ":")).encode() + b"\n"),
    ):
        (options.output / name).write_bytes(content)
        print(name, len(content), hashlib.sha256(content).hexdigest())


def rewrite(weights: bytes) -> tuple[bytes, dict[str, Place]]:
    """Return the new graph without weights, and where its weights are in those of the old one."""
    model = optimise(weights)
    graph = Graph(model.graph)
    zeros = dict(
        item for node in graph.find("ConvInteger") for item in rewrite_convolution(graph, node)
    )
    for node in graph.find("Pow"):
        rewrite_power(graph, node)
    graph.write()
    table = dict(move_weights(model.graph, weights, zeros))
    shorten_names(model.graph, table)
    model.producer_name, model.producer_version = "lipwright", ""
    del model.metadata_props[:]
    helper.set_model_props(model, {"licence": LICENCE})
    used = {node.domain for node in model.graph.node}
    kept = [opset for opset in model.opset_import if opset.domain in used]
    del model.opset_import[:]
    model.opset_import.extend(kept)
    return model.SerializeToString(), table


def optimise(weights: bytes) -> onnx.ModelProto:
    """Let ONNX Runtime fuse what it fuses on every machine; durations are an output too."""
    model = onnx.load_from_string(weights)
    model.graph.output.append(helper.make_empty_tensor_value_info(DURATIONS))
    onnxruntime = load_onnxruntime()
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.log_severity_level = 3
    with tempfile.TemporaryDirectory() as folder:
        options.optimized_model_filepath = str(Path(folder, "optimised.onnx"))
        onnxruntime.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )
        return onnx.load(options.optimized_model_filepath)


def rewrite_convolution(graph: Graph, conv: onnx.NodeProto) -> Iterator[tuple[str, int]]:
    """Make an integer convolution of (1, C, T) a product of matrices.

    Yields the name and the zero point of the weights of which rows are to be made.

    A row of the first matrix is what the kernel covers at one time, so the weights are the second
    one, which is packed once. As int8 they take the processor's instructions for uint8 x int8; the
    sums are the same.
    """
    quantised, weight, zero, weight_zero = conv.input
    cast = graph.only_user(conv.output[0])
    bias = None
    if cast.op_type == "Add":
        bias = next(name for name in cast.input if name != conv.output[0])
        cast = graph.only_user(cast.output[0])
    scaled = graph.only_user(cast.output[0])
    scales = graph.producer(next(name for name in scaled.input if name != cast.output[0]))
    count, channels, size = graph.shape(weight)
    if count * channels * size < SMALLEST_PRODUCT:
        return
    known = attributes(conv)
    (step,), (stride,), (before, after) = known["dilations"], known["strides"], known["pads"]
    base = f"{weight}/"
    rows = graph.add("Transpose", [quantised], f"{base}times", perm=[0, 2, 1])
    if before or after:
        ends = graph.constant(np.array([0, before, 0, 0, after, 0], np.int64))
        rows = graph.add("Pad", [rows, ends, zero], f"{base}padded")
    times, covered = index_rows(graph, rows, find_stage(conv.name) or base, size, step, stride)
    rows = graph.add("Squeeze", [rows, graph.numbers(0)], f"{base}inputs")
    rows = graph.add("Gather", [rows, covered], f"{base}covered", axis=0)
    shape = graph.numbers(-1, BLOCK, size * channels)
    blocks = graph.add("Reshape", [rows, shape], f"{base}blocks")
    product = graph.add(
        "MatMulInteger", [blocks, f"{base}rows", zero, f"{base}rows zero"], f"{base}product"
    )
    if bias:
        flat = graph.add("Reshape", [bias, graph.numbers(-1)], f"{base}bias")
        product = graph.add("Add", [product, flat], f"{base}moved")
    product = graph.add("DequantizeLinear", [product, scales.output[0]], f"{base}scaled")
    # In two steps, the first within a block that the cache holds: 3 times as fast as in one.
    turned = graph.add("Transpose", [product], f"{base}turned", perm=[0, 2, 1])
    turned = graph.add("Transpose", [turned], f"{base}joined", perm=[1, 0, 2])
    turned = graph.add("Reshape", [turned, graph.numbers(1, count, -1)], f"{base}channels")
    cut = [turned, graph.numbers(0), times, graph.numbers(2)]
    graph.replace(scaled, graph.add("Slice", cut, f"{base}result"))
    yield weight, int(graph.value(weight_zero))


def find_stage(name: str) -> str:
    """Return the stage of the generator that a residual block is in: all there has one length."""
    found = re.search(r"/generator/(noise_res|resblocks)\.(\d)/", name)
    if found is None:
        return ""
    number = int(found[2]) if found[1] == "noise_res" else int(found[2]) // 3
    return f"stage {number}/"


def index_rows(
    graph: Graph, rows: str, base: str, size: int, step: int, stride: int
) -> tuple[str, str]:
    """Return how many times a convolution answers, (1,), and the rows of each, (n, size).

    There are whole blocks of times; those at the end that are too many repeat the last row.
    """
    base = f"{base}{size} {step} "
    times, indices = f"{base}times", f"{base}indices"
    if graph.has(indices):
        return times, indices
    lengths = graph.add("Shape", [rows], f"{base}length", start=1, end=2)
    reach = graph.numbers((size - 1) * step + 1 - stride)
    reached = graph.add("Sub", [lengths, reach], f"{base}reached")
    graph.add("Div", [reached, graph.numbers(stride)], times)
    more = graph.add("Add", [times, graph.numbers(BLOCK - 1)], f"{base}rounded")
    blocks = graph.add("Div", [more, graph.numbers(BLOCK)], f"{base}count")
    whole = graph.add("Mul", [blocks, graph.numbers(BLOCK * stride)], f"{base}whole")
    first, between = map(graph.constant, (np.int64(0), np.int64(stride)))
    limit = graph.add("Squeeze", [whole], f"{base}limit")
    places = graph.add("Range", [first, limit, between], f"{base}places")
    places = graph.add("Unsqueeze", [places, graph.numbers(1)], f"{base}column")
    offsets = graph.constant(np.arange(size, dtype=np.int64)[None] * step)
    covered = graph.add("Add", [places, offsets], f"{base}covered")
    last = graph.add("Sub", [lengths, graph.numbers(1)], f"{base}last")
    return times, graph.add("Min", [covered, last], indices)


def rewrite_power(graph: Graph, power: onnx.NodeProto) -> None:
    """Make a square a product: the same numbers, in a third of the time."""
    if graph.value(power.input[1]) == 2:
        graph.replace(power, graph.add("Mul", [power.input[0]] * 2, f"{power.output[0]}/square"))


def move_weights(
    graph: onnx.GraphProto, weights: bytes, zeros: dict[str, int]
) -> Iterator[tuple[str, Place]]:
    """Replace the large tensors by their places.

    zeros: the zero points of the weights of which rows are made.
    """
    used = {name for node in graph.node for name in node.input}
    tensors = [*graph.initializer]
    del graph.initializer[:]
    for tensor in tensors:
        values = numpy_helper.to_array(tensor)
        place = values.dtype.name, [*values.shape], weights.find(values.tobytes())
        if tensor.name in zeros:
            yield f"{tensor.name}/rows", (*place, zeros[tensor.name])
        if tensor.name not in used:
            continue
        if values.nbytes > LARGEST_KEPT and place[2] >= 0:
            yield tensor.name, (*place, -1)
        else:
            graph.initializer.append(numpy_helper.from_array(values, tensor.name))


def shorten_names(graph: onnx.GraphProto, table: dict[str, Place]) -> None:
    """Number all values but the inputs and outputs, and drop what only people read."""
    kept = {value.name for value in (*graph.input, *graph.output)} | {""}
    names: dict[str, str] = {}

    def short(name: str) -> str:
        return name if name in kept else names.setdefault(name, f"{len(names):x}")

    for name in [*table]:
        names[f"{name} zero"] = short(name) + "z"
        table[short(name)] = table.pop(name)
    for node in graph.node:
        node.input[:] = [short(name) for name in node.input]
        node.output[:] = [short(name) for name in node.output]
        node.name = node.output[0]
    for tensor in graph.initializer:
        tensor.name = short(tensor.name)
    del graph.value_info[:]


if __name__ == "__main__":
    main()
