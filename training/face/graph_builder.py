"""Collects the nodes and constants of an ONNX graph and names them."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper


class GraphBuilder:
    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: dict[str, onnx.TensorProto] = {}

    def constant(self, values: Any) -> str:
        """Adds a constant; returns its name."""
        name = f"constant_{len(self.initializers)}"
        self.initializers[name] = numpy_helper.from_array(np.asarray(values, order="C"), name)
        return name

    def add(self, kind: str, inputs: list[str], output: str | None = None, **options: Any) -> str:
        """Adds a node of operator `kind`; returns the name of its output."""
        output = output or f"value_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [output], **options))
        return output
