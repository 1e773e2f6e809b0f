"""MediaPipe's three landmark operators (version 2) in ordinary ONNX operators.

Each takes the graph builder, the names of the inputs, the name of the output, the shapes of the
inputs followed by the output's (channels-last, as TensorFlow Lite has them), and the options.
Their definitions are in mediapipe/util/tflite/operations (Apache-2.0).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from graph_builder import GraphBuilder

Shapes = list[list[int]]


def build_transform_matrix(
    builder: GraphBuilder, inputs: list[str], output: str, shapes: Shapes, options: dict[str, Any]
) -> None:
    """Landmarks (1, n, 3) -> (1, 4, 4) from region px to feature-map px.

    The region is the box around a subset of the landmarks, upright with respect to the line
    between two of them, enlarged by a scale.
    """

    def constant(values: Any, kind: type = np.float32) -> str:
        return builder.constant(np.array(values, kind))

    def gather(indices: list[int]) -> str:
        return builder.add("Gather", [flat, constant(indices, np.int64)], axis=1)

    first, last, axis = constant([0], np.int64), constant([2], np.int64), constant([2], np.int64)
    flat = builder.add("Slice", [inputs[0], first, last, axis])
    line = builder.add(
        "Sub", [gather([options["right_rotation_idx"]]), gather([options["left_rotation_idx"]])]
    )
    length = builder.add("ReduceL2", [line, constant([2], np.int64)], keepdims=1)
    across = builder.add("Div", [line, length])  # (cos, sin) of the face's roll
    down = builder.add("MatMul", [across, constant([[0, 1], [-1, 0]])])
    rotation = builder.add("Concat", [across, down], axis=1)
    transposed = builder.add("Transpose", [rotation], perm=[0, 2, 1])
    upright = builder.add("MatMul", [gather(options["subset_idxs"]), transposed])
    highest = builder.add("ReduceMax", [upright, constant([1], np.int64)], keepdims=1)
    lowest = builder.add("ReduceMin", [upright, constant([1], np.int64)], keepdims=1)
    middle = builder.add("Mul", [builder.add("Add", [highest, lowest]), constant(0.5)])
    centre = builder.add("MatMul", [middle, rotation])
    width, height = options["output_width"], options["output_height"]
    per_pixel = constant([options["scale_x"] / width, options["scale_y"] / height])
    scale = builder.add("Mul", [builder.add("Sub", [highest, lowest]), per_pixel])
    scale = builder.add("Transpose", [scale], perm=[0, 2, 1])
    linear = builder.add("Transpose", [builder.add("Mul", [rotation, scale])], perm=[0, 2, 1])
    to_corner = builder.add("MatMul", [linear, constant([[[-width / 2], [-height / 2]]])])
    centre = builder.add("Transpose", [centre], perm=[0, 2, 1])
    shift = builder.add("Add", [centre, to_corner])
    upper = builder.add("Concat", [linear, constant(np.zeros((1, 2, 1))), shift], axis=2)
    lower = constant([[[0, 0, 1, 0], [0, 0, 0, 1]]])
    builder.add("Concat", [upper, lower], output=output, axis=1)


def build_tensor_transform(
    builder: GraphBuilder, inputs: list[str], output: str, shapes: Shapes, options: dict[str, Any]
) -> None:
    """A region of a feature map, resampled bilinearly, zeros outside: ONNX's GridSample."""
    (_, source_height, source_width, _), _, (_, height, width, _) = shapes
    row, column = np.mgrid[:height, :width]
    ones = np.ones(row.size)
    targets = np.stack([column.ravel() + 0.5, row.ravel() + 0.5, 0 * ones, ones], axis=1)
    matrix = builder.add("Transpose", [inputs[1]], perm=[0, 2, 1])
    places = builder.add("MatMul", [builder.constant(targets[None].astype(np.float32)), matrix])
    limits = [builder.constant(np.array([value], np.int64)) for value in (0, 2, 2)]
    places = builder.add("Slice", [places, *limits])
    centred = builder.add("Sub", [places, builder.constant(np.float32(0.5))])
    to_unit = np.array([2 / (source_width - 1), 2 / (source_height - 1)], np.float32)
    grid = builder.add("Mul", [centred, builder.constant(to_unit)])
    grid = builder.add("Sub", [grid, builder.constant(np.float32(1))])
    shape = builder.constant(np.array([1, height, width, 2], np.int64))
    grid = builder.add("Reshape", [grid, shape])
    builder.add(
        "GridSample",
        [inputs[0], grid],
        output=output,
        align_corners=1,
        mode="linear",
        padding_mode="zeros",
    )


def build_landmark_transform(
    builder: GraphBuilder, inputs: list[str], output: str, shapes: Shapes, options: dict[str, Any]
) -> None:
    """Landmarks (1, n, 2) of a region, brought back to the whole by its (1, 4, 4) matrix."""
    count = shapes[0][1]
    rest = np.tile(np.array([0, 1], np.float32), (1, count, 1))
    homogeneous = builder.add("Concat", [inputs[0], builder.constant(rest)], axis=2)
    matrix = builder.add("Transpose", [inputs[1]], perm=[0, 2, 1])
    moved = builder.add("MatMul", [homogeneous, matrix])
    limits = [builder.constant(np.array([value], np.int64)) for value in (0, 2, 2)]
    builder.add("Slice", [moved, *limits], output=output)


CUSTOM_OPERATORS: dict[str, Callable[..., None]] = {
    "Landmarks2TransformMatrix": build_transform_matrix,
    "TransformTensorBilinear": build_tensor_transform,
    "TransformLandmarks": build_landmark_transform,
}
