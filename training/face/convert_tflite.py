"""Convert MediaPipe's two face networks and its person segmentation from TensorFlow Lite to ONNX.

    python convert_tflite.py INPUT.tflite OUTPUT.onnx

Written for these networks, not for TensorFlow Lite in general: an operator they do not use is an
error. Tensors of rank 4 are kept channels-first inside, everything else as it is. The landmark
network has three operators of MediaPipe's own (Landmarks2TransformMatrix, TransformTensorBilinear,
TransformLandmarks, version 2), which cut regions out of the feature maps around the lips and the
eyes, and the segmentation one (Convolution2DTransposeBias); they are spelled out in ordinary ONNX
operators here.

Needs: tflite, flatbuffers, numpy, onnx (see README.md).
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import tflite
from custom_operators import CUSTOM_OPERATORS
from flatbuffers import flexbuffers
from graph_builder import GraphBuilder
from onnx import TensorProto, helper

OPSET = 20
IR_VERSION = 10
DATA_TYPES = {
    tflite.TensorType.FLOAT32: np.float32,
    tflite.TensorType.FLOAT16: np.float16,
    tflite.TensorType.INT32: np.int32,
    tflite.TensorType.INT64: np.int64,
}
OPERATOR_NAMES = {
    value: name for name, value in vars(tflite.BuiltinOperator).items() if isinstance(value, int)
}
# Convolutions of whole blocks of channels run in a layout of their own in ONNX Runtime, which is
# faster where what stands between them is a convolution too: else it is changed and back.
BLOCK = 16
CHANNELS_FIRST = (0, 3, 1, 2)
CHANNELS_LAST = (0, 2, 3, 1)


class Converter:
    """Walks through a TensorFlow Lite graph and writes each operator's ONNX counterpart."""

    def __init__(self, content: bytes) -> None:
        self.model = tflite.Model.GetRootAsModel(content, 0)
        self.graph = self.model.Subgraphs(0)
        self.builder = GraphBuilder()
        self.constants = self._read_constants()

    def convert(self) -> onnx.ModelProto:
        """The whole network: input `image` (1, h, w, 3), outputs flattened, names kept."""
        (source,) = (int(tensor) for tensor in self.graph.InputsAsNumpy())
        self.builder.add(
            "Transpose", ["image"], output=self.name(source), perm=list(CHANNELS_FIRST)
        )
        for index in range(self.graph.OperatorsLength()):
            self._convert_operator(self.graph.Operators(index))
        outputs = []
        for tensor in (int(tensor) for tensor in self.graph.OutputsAsNumpy()):
            name = self.graph.Tensors(tensor).Name().decode()
            self.builder.add("Flatten", [self.name(tensor)], output=name, axis=1)
            shape = [1, int(np.prod(self.shape(tensor)[1:]))]
            outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
        inputs = [helper.make_tensor_value_info("image", TensorProto.FLOAT, self.shape(source))]
        graph = helper.make_graph(
            self.builder.nodes, "face", inputs, outputs, list(self.builder.initializers.values())
        )
        opsets = [helper.make_opsetid("", OPSET)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION)
        onnx.checker.check_model(model)
        return model

    def name(self, tensor: int) -> str:
        return f"tensor_{tensor}"

    def shape(self, tensor: int) -> list[int]:
        entry = self.graph.Tensors(tensor)
        return [int(length) for length in entry.ShapeAsNumpy()] if entry.ShapeLength() else []

    def _read_constants(self) -> dict[int, np.ndarray]:
        constants = {}
        for tensor in range(self.graph.TensorsLength()):
            entry = self.graph.Tensors(tensor)
            data = self.model.Buffers(entry.Buffer()).DataAsNumpy()
            if not np.isscalar(data) and data.size and entry.Type() in DATA_TYPES:
                values = np.frombuffer(data.tobytes(), DATA_TYPES[entry.Type()])
                constants[tensor] = values.reshape(self.shape(tensor))
        return constants

    def _convert_operator(self, operator: Any) -> None:
        code = self.model.OperatorCodes(operator.OpcodeIndex())
        kind = OPERATOR_NAMES[max(code.BuiltinCode(), code.DeprecatedBuiltinCode())]
        inputs = [int(tensor) for tensor in operator.InputsAsNumpy()]
        output = int(operator.OutputsAsNumpy()[0])
        custom = kind == "CUSTOM"
        if custom:
            kind = code.CustomCode().decode()
        if custom and kind in CUSTOM_OPERATORS:
            options = operator.CustomOptionsAsNumpy()
            CUSTOM_OPERATORS[kind](
                self.builder,
                [self.name(tensor) for tensor in inputs],
                self.name(output),
                [self.shape(tensor) for tensor in [*inputs, output]],
                flexbuffers.Loads(options.tobytes()) if not np.isscalar(options) else {},
            )
        else:
            OPERATORS[kind](self, operator, inputs, output)

    def operand(self, tensor: int) -> str:
        """A tensor as an operand of an elementwise operator: computed or constant."""
        if tensor not in self.constants:
            return self.name(tensor)
        values = self.constants[tensor].astype(np.float32)
        return self.builder.constant(
            values.transpose(CHANNELS_FIRST) if values.ndim == 4 else values
        )

    def activate(self, value: str, activation: int, output: str) -> None:
        """The activation TensorFlow Lite fuses into an operator."""
        if activation == tflite.ActivationFunctionType.RELU:
            self.builder.add("Relu", [value], output=output)
        elif activation == tflite.ActivationFunctionType.RELU6:
            limits = [self.builder.constant(np.float32(limit)) for limit in (0, 6)]
            self.builder.add("Clip", [value, *limits], output=output)
        elif activation == tflite.ActivationFunctionType.NONE:
            self.builder.add("Identity", [value], output=output)
        else:
            raise NotImplementedError(f"activation {activation}")


def read_options(operator: Any, kind: type) -> Any:
    """The options table of an operator."""
    options = kind()
    table = operator.BuiltinOptions()
    options.Init(table.Bytes, table.Pos)
    return options


def same_padding(
    size: Sequence[int], kernel: Sequence[int], stride: Sequence[int], dilation: Sequence[int]
) -> list[int]:
    """TensorFlow's SAME padding (top, left, bottom, right): the odd one goes at the end."""
    totals = [
        max((-(-length // step) - 1) * step + (taps - 1) * spread + 1 - length, 0)
        for length, taps, step, spread in zip(size, kernel, stride, dilation, strict=True)
    ]
    before = [total // 2 for total in totals]
    return before + [total - first for total, first in zip(totals, before, strict=True)]


def convert_convolution(
    converter: Converter, operator: Any, inputs: list[int], output: int, depthwise: bool
) -> None:
    kind = tflite.DepthwiseConv2DOptions if depthwise else tflite.Conv2DOptions
    options = read_options(operator, kind)
    weights = converter.constants[inputs[1]].astype(np.float32)
    weights = weights.transpose((3, 0, 1, 2) if depthwise else CHANNELS_FIRST)
    _, height, width, channels = converter.shape(inputs[0])
    strides = [options.StrideH(), options.StrideW()]
    dilations = [options.DilationHFactor(), options.DilationWFactor()]
    pads = [0, 0, 0, 0]
    if options.Padding() == tflite.Padding.SAME:
        pads = same_padding((height, width), weights.shape[2:], strides, dilations)
    operands = [converter.name(inputs[0]), converter.builder.constant(weights)]
    if len(inputs) > 2 and inputs[2] >= 0:
        bias = converter.constants[inputs[2]].astype(np.float32)
        operands.append(converter.builder.constant(bias))
    value = converter.builder.add(
        "Conv",
        operands,
        strides=strides,
        dilations=dilations,
        pads=pads,
        group=channels if depthwise else 1,
    )
    converter.activate(value, options.FusedActivationFunction(), converter.name(output))


def convert_pool(converter: Converter, operator: Any, inputs: list[int], output: int) -> None:
    options = read_options(operator, tflite.Pool2DOptions)
    _, height, width, _ = converter.shape(inputs[0])
    kernel = [options.FilterHeight(), options.FilterWidth()]
    strides = [options.StrideH(), options.StrideW()]
    pads = [0, 0, 0, 0]
    if options.Padding() == tflite.Padding.SAME:
        pads = same_padding((height, width), kernel, strides, (1, 1))
    converter.builder.add(
        "MaxPool",
        [converter.name(inputs[0])],
        output=converter.name(output),
        kernel_shape=kernel,
        strides=strides,
        pads=pads,
    )


def convert_mean_pool(converter: Converter, operator: Any, inputs: list[int], output: int) -> None:
    """Mean over the whole of each channel: no other average is used."""
    options = read_options(operator, tflite.Pool2DOptions)
    _, height, width, _ = converter.shape(inputs[0])
    if (options.FilterHeight(), options.FilterWidth()) != (height, width):
        raise NotImplementedError("an average over a part of the channel")
    value = converter.builder.add("GlobalAveragePool", [converter.name(inputs[0])])
    converter.activate(value, options.FusedActivationFunction(), converter.name(output))


def convert_resize(converter: Converter, operator: Any, inputs: list[int], output: int) -> None:
    options = read_options(operator, tflite.ResizeBilinearOptions)
    mode = "asymmetric"
    if options.AlignCorners():
        mode = "align_corners"
    elif options.HalfPixelCenters():
        mode = "half_pixel"
    _, height, width, channels = converter.shape(output)
    sizes = converter.builder.constant(np.array([1, channels, height, width], np.int64))
    converter.builder.add(
        "Resize",
        [converter.name(inputs[0]), "", "", sizes],
        output=converter.name(output),
        mode="linear",
        coordinate_transformation_mode=mode,
    )


def convert_transposed_convolution(
    converter: Converter, operator: Any, inputs: list[int], output: int
) -> None:
    """MediaPipe's Convolution2DTransposeBias, whose options are (padding, stride) as int32."""
    _, across, down = np.frombuffer(operator.CustomOptionsAsNumpy().tobytes(), np.int32)
    weights = converter.constants[inputs[1]].astype(np.float32).transpose((3, 0, 1, 2))
    if weights.shape[2:] != (down, across):
        raise NotImplementedError("kernels that overlap")
    bias = converter.constants[inputs[2]].astype(np.float32)
    operands = [converter.builder.constant(values) for values in (weights, bias)]
    converter.builder.add(
        "ConvTranspose",
        [converter.name(inputs[0]), *operands],
        output=converter.name(output),
        strides=[int(down), int(across)],
    )


def convert_unary(onnx_name: str) -> Callable[..., None]:
    def convert(converter: Converter, _: Any, inputs: list[int], output: int) -> None:
        names = [converter.name(tensor) for tensor in inputs]
        converter.builder.add(onnx_name, names, output=converter.name(output))

    return convert


def convert_elementwise(onnx_name: str, option_kind: type) -> Callable[..., None]:
    def convert(converter: Converter, operator: Any, inputs: list[int], output: int) -> None:
        options = read_options(operator, option_kind)
        operands = [converter.operand(tensor) for tensor in inputs]
        value = converter.builder.add(onnx_name, operands)
        converter.activate(value, options.FusedActivationFunction(), converter.name(output))

    return convert


def convert_dequantize(converter: Converter, _: Any, inputs: list[int], output: int) -> None:
    """Weights are stored as float16: widen them here, once."""
    converter.constants[output] = converter.constants[inputs[0]].astype(np.float32)


def convert_prelu(converter: Converter, _: Any, inputs: list[int], output: int) -> None:
    slope = converter.constants[inputs[1]].astype(np.float32)
    if slope.size == slope.shape[-1]:
        _add_prelu(converter, converter.name(inputs[0]), slope.ravel(), converter.name(output))
        return
    operands = [converter.name(inputs[0]), converter.builder.constant(slope.transpose(2, 0, 1))]
    converter.builder.add("PRelu", operands, output=converter.name(output))


def _add_prelu(converter: Converter, value: str, slope: np.ndarray, output: str) -> None:
    """PReLU with a slope for each channel, as x + sign(1 - slope) relu(-|1 - slope| x).

    ONNX Runtime's own takes longer than the convolutions, and does not know their layout.
    """
    lacking = 1 - slope
    bent = _add_scale(converter, value, -np.abs(lacking))
    bent = converter.builder.add("Relu", [bent])
    if (lacking < 0).any():
        bent = _add_scale(converter, bent, np.sign(lacking))
    converter.builder.add("Add", [bent, value], output=output)


def _add_scale(converter: Converter, value: str, factors: np.ndarray) -> str:
    """A factor for each channel, as a convolution."""
    weights = converter.builder.constant(factors.reshape(-1, 1, 1, 1).astype(np.float32))
    return converter.builder.add("Conv", [value, weights], group=factors.size)


def convert_pad(converter: Converter, _: Any, inputs: list[int], output: int) -> None:
    """More channels, of zeros. Nothing else is padded."""
    amounts = converter.constants[inputs[1]]
    if amounts[:-1].any() or amounts[-1, 0]:
        raise NotImplementedError("padding of anything but the end of the channels")
    before, after = converter.shape(inputs[0])[-1], converter.shape(output)[-1]
    name, constant = converter.name(inputs[0]), converter.builder.constant
    if before % BLOCK or after % BLOCK:
        pads = constant(np.array([0, 0, 0, 0, 0, after - before, 0, 0], np.int64))
        converter.builder.add("Pad", [name, pads], output=converter.name(output))
        return
    weights = constant(np.eye(after, before, dtype=np.float32)[..., None, None])
    converter.builder.add("Conv", [name, weights], output=converter.name(output))


def convert_reshape(converter: Converter, _: Any, inputs: list[int], output: int) -> None:
    """Reshape means channels-last order on both sides."""
    value = converter.name(inputs[0])
    if len(converter.shape(inputs[0])) == 4:
        value = converter.builder.add("Transpose", [value], perm=list(CHANNELS_LAST))
    shape = converter.shape(output)
    operands = [value, converter.builder.constant(np.array(shape, np.int64))]
    if len(shape) != 4:
        converter.builder.add("Reshape", operands, output=converter.name(output))
        return
    value = converter.builder.add("Reshape", operands)
    converter.builder.add(
        "Transpose", [value], output=converter.name(output), perm=list(CHANNELS_FIRST)
    )


def convert_concatenation(
    converter: Converter, operator: Any, inputs: list[int], output: int
) -> None:
    axis = read_options(operator, tflite.ConcatenationOptions).Axis()
    if len(converter.shape(output)) == 4:
        axis = CHANNELS_FIRST.index(axis)
    operands = [converter.name(tensor) for tensor in inputs]
    converter.builder.add("Concat", operands, output=converter.name(output), axis=axis)


def convert_strided_slice(
    converter: Converter, operator: Any, inputs: list[int], output: int
) -> None:
    options = read_options(operator, tflite.StridedSliceOptions)
    shape = converter.shape(inputs[0])
    begin, end, stride = (converter.constants[tensor].tolist() for tensor in inputs[1:4])
    for axis, length in enumerate(shape[: len(begin)]):
        if options.BeginMask() >> axis & 1:
            begin[axis] = 0
        if options.EndMask() >> axis & 1:
            end[axis] = length
    axes = list(range(len(begin)))
    if len(shape) == 4:
        axes = [CHANNELS_FIRST.index(axis) for axis in axes]
    limits = [
        converter.builder.constant(np.array(values, np.int64))
        for values in (begin, end, axes, stride)
    ]
    converter.builder.add(
        "Slice", [converter.name(inputs[0]), *limits], output=converter.name(output)
    )


OPERATORS: dict[str, Callable[..., None]] = {
    "ADD": convert_elementwise("Add", tflite.AddOptions),
    "AVERAGE_POOL_2D": convert_mean_pool,
    "CONCATENATION": convert_concatenation,
    "CONV_2D": partial(convert_convolution, depthwise=False),
    "Convolution2DTransposeBias": convert_transposed_convolution,
    "DEPTHWISE_CONV_2D": partial(convert_convolution, depthwise=True),
    "DEQUANTIZE": convert_dequantize,
    "HARD_SWISH": convert_unary("HardSwish"),
    "LOGISTIC": convert_unary("Sigmoid"),
    "MAX_POOL_2D": convert_pool,
    "MUL": convert_elementwise("Mul", tflite.MulOptions),
    "PAD": convert_pad,
    "PRELU": convert_prelu,
    "RELU": convert_unary("Relu"),
    "RESHAPE": convert_reshape,
    "RESIZE_BILINEAR": convert_resize,
    "STRIDED_SLICE": convert_strided_slice,
}


def main() -> None:
    parser = argparse.ArgumentParser(description="Convert a MediaPipe network to ONNX.")
    parser.add_argument("source", type=Path, help="a .tflite file of mediapipe 0.10.14")
    parser.add_argument("target", type=Path, help="the .onnx file to write")
    arguments = parser.parse_args()
    onnx.save(Converter(arguments.source.read_bytes()).convert(), arguments.target)


if __name__ == "__main__":
    main()
