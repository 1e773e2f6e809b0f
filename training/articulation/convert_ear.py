"""Make articulation/assets/ear.onnx from the encoder of the speech recogniser Moonshine tiny.

    pip download --no-deps moonshine-voice==0.0.59 && unzip moonshine_voice-*.whl -d package
    python convert_ear.py --encoder package/moonshine_voice/assets/tiny-en/encoder_model.ort \\
        --output ../../src/lipwright/articulation/assets

Moonshine tiny, English (Jeffries et al. 2024, arXiv:2410.15608), by Moonshine AI, MIT. The file in
the package is in ONNX Runtime's own format, with weights of 8 bits. This reads it, keeps the
convolutions and the first four of its six layers, and writes ONNX: weights stay 8 bits (those of
the convolutions 16), and are computed with in 32, so that no processor's way of multiplying bytes
matters. The answers are those of layers 3 and 4 side by side, which lips are read from best
(MODEL_CARD.md).
"""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from lipwright.core.onnx import load_onnxruntime

SHA256 = "94e90a4654fc45cdfedb77c4c08e1739f48862998e58fada384b25118134f221"
LAYERS = (3, 4)
QUANTISED = ("MatMulIntegerToFloat", "DynamicQuantizeMatMul")
SMALLEST_HALVED = 1000
LICENCE = "MIT, Copyright (c) 2025 Moonshine AI; layers 1 to 4 of Moonshine tiny's encoder"
IR_VERSION = 8

Tensors = dict[str, np.ndarray]


def read_ort(data: bytes) -> tuple[list[onnx.NodeProto], Tensors]:
    """The nodes, in an order in which they can run, and the constants of an ORT-format model."""
    load_onnxruntime()  # with its telemetry off
    from onnxruntime.tools.ort_format_model.ort_flatbuffers_py.fbs.InferenceSession import (
        InferenceSession,
    )

    graph = InferenceSession.GetRootAsInferenceSession(bytearray(data), 0).Model().Graph()
    constants = {}
    for index in range(graph.InitializersLength()):
        tensor = graph.Initializers(index)
        constants[tensor.Name().decode()] = read_tensor(tensor)
    nodes = [read_node(graph.Nodes(index)) for index in range(graph.NodesLength())]
    return in_order(nodes, {*constants, "input_values", "attention_mask", ""}), constants


def read_tensor(tensor) -> np.ndarray:  # noqa: ANN001 (a class that flatbuffers makes)
    kind = helper.tensor_dtype_to_np_dtype(tensor.DataType())
    shape = [tensor.Dims(k) for k in range(tensor.DimsLength())]
    return np.frombuffer(tensor.RawDataAsNumpy().tobytes(), kind).reshape(shape)


def read_node(node) -> onnx.NodeProto:  # noqa: ANN001
    result = helper.make_node(
        node.OpType().decode(),
        [node.Inputs(k).decode() for k in range(node.InputsLength())],
        [node.Outputs(k).decode() for k in range(node.OutputsLength())],
        name=node.Name().decode(),
        domain=node.Domain().decode(),
    )
    for k in range(node.AttributesLength()):
        attribute = node.Attributes(k)
        kinds = onnx.AttributeProto
        readers = {
            kinds.FLOAT: lambda a: a.F(),
            kinds.INT: lambda a: a.I(),
            kinds.STRING: lambda a: a.S().decode(),
            kinds.TENSOR: lambda a: numpy_helper.from_array(read_tensor(a.T())),
            kinds.FLOATS: lambda a: [a.Floats(i) for i in range(a.FloatsLength())],
            kinds.INTS: lambda a: [a.Ints(i) for i in range(a.IntsLength())],
        }
        value = readers[attribute.Type()](attribute)
        result.attribute.append(helper.make_attribute(attribute.Name().decode(), value))
    return result


def in_order(nodes: list[onnx.NodeProto], known: set[str]) -> list[onnx.NodeProto]:
    """Nodes after those whose results they need."""
    ordered: list[onnx.NodeProto] = []
    while nodes:
        waiting = []
        for node in nodes:
            if all(name in known for name in node.input):
                ordered.append(node)
                known |= set(node.output)
            else:
                waiting.append(node)
        if len(waiting) == len(nodes):
            raise SystemExit("error: the graph is not one that this script knows.")
        nodes = waiting
    return ordered


def unquantise(nodes: list[onnx.NodeProto], constants: Tensors) -> list[onnx.NodeProto]:
    """Plain matrix products instead of those of 8 bits; the weights are unpacked when opened."""
    plain, result = {}, []
    for node in nodes:
        names = [*node.input, "", "", "", ""]
        if node.op_type == "DynamicQuantizeLinear":
            plain[node.output[0]] = names[0]
        elif node.op_type == "MatMulIntegerToFloat":
            result += product(plain[names[0]], names[1], names[3], names[5], names[6], node)
        elif node.op_type == "DynamicQuantizeMatMul":
            result += product(names[0], names[1], names[2], names[3], names[4], node)
        else:
            result.append(node)
    unpack(constants, result)
    return result


def product(
    left: str, weights: str, scale: str, zero: str, bias: str, node: onnx.NodeProto
) -> list[onnx.NodeProto]:
    result = node.output[0]
    raw = f"{result}/product" if bias else result
    names = [f"{weights}/{part}" for part in ("number", "zero", "centred", "weights")]
    steps = [
        helper.make_node("Cast", [weights], [names[0]], to=TensorProto.FLOAT),
        helper.make_node("Cast", [zero], [names[1]], to=TensorProto.FLOAT),
        helper.make_node("Sub", names[:2], [names[2]]),
        helper.make_node("Mul", [names[2], scale], [names[3]]),
        helper.make_node("MatMul", [left, names[3]], [raw]),
    ]
    if bias:
        steps.append(helper.make_node("Add", [raw, bias], [result]))
    return steps


def unpack(constants: Tensors, nodes: list[onnx.NodeProto]) -> None:
    """Store the large constants in 16 bits and cast them back when the file is opened."""
    for name, values in list(constants.items()):
        if values.dtype == np.float32 and values.size >= SMALLEST_HALVED:
            constants[f"{name}/half"] = constants.pop(name).astype(np.float16)
            cast = helper.make_node("Cast", [f"{name}/half"], [name], to=TensorProto.FLOAT)
            nodes.insert(0, cast)


def without_mask(nodes: list[onnx.NodeProto], constants: Tensors) -> list[onnx.NodeProto]:
    """No input says which samples count: all do."""
    constants["one"] = np.array([1], np.int64)
    ones = helper.make_tensor("value", TensorProto.INT64, [1], [1])
    return [
        helper.make_node("Shape", ["samples"], ["samples/shape"]),
        helper.make_node("ConstantOfShape", ["samples/shape"], ["attention_mask"], value=ones),
        helper.make_node("Identity", ["samples"], ["input_values"]),
        *nodes,
    ]


def cut(nodes: list[onnx.NodeProto], constants: Tensors) -> onnx.ModelProto:
    """A model that answers what LAYERS answer, (1, T, 288 for each), and nothing after them."""
    layers = [f"/layers.{layer - 1}/Add_1_output_0" for layer in LAYERS]
    nodes = [*nodes, helper.make_node("Concat", layers, ["features"], axis=2)]
    needed, kept = {"features"}, []
    for node in reversed(nodes):
        if needed & set(node.output):
            kept.append(node)
            needed |= set(node.input)
    graph = helper.make_graph(
        kept[::-1],
        "ear",
        [helper.make_tensor_value_info("samples", TensorProto.FLOAT, [1, "samples"])],
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, [1, "frames", "values"])],
        [numpy_helper.from_array(v, k) for k, v in constants.items() if k in needed],
    )
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("com.microsoft", 1)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--encoder", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True, help="a folder")
    arguments = parser.parse_args()
    data = arguments.encoder.read_bytes()
    if hashlib.sha256(data).hexdigest() != SHA256:
        raise SystemExit(f"error: {arguments.encoder} is not that of moonshine-voice 0.0.59.")
    nodes, constants = read_ort(data)
    model = cut(without_mask(unquantise(nodes, constants), constants), constants)
    entry = model.metadata_props.add()
    entry.key, entry.value = "licence", LICENCE
    arguments.output.mkdir(parents=True, exist_ok=True)
    path = arguments.output / "ear.onnx"
    onnx.save(model, str(path))
    print(path.stat().st_size, "bytes, sha256", hashlib.sha256(path.read_bytes()).hexdigest())


if __name__ == "__main__":
    main()
