"""A graph of ONNX in which nodes are found, added and replaced."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper


def attributes(node: onnx.NodeProto) -> dict[str, Any]:
    """Return the attributes of a node by name."""
    return {known.name: helper.get_attribute_value(known) for known in node.attribute}


class Graph:
    """A graph that is changed in place; `write` puts it in order."""

    def __init__(self, graph: onnx.GraphProto) -> None:
        self._graph = graph
        self._nodes: list[onnx.NodeProto] = list(graph.node)
        self._tensors = {tensor.name: tensor for tensor in graph.initializer}
        self._producers = {name: node for node in self._nodes for name in node.output if name}
        self._users: dict[str, list[onnx.NodeProto]] = defaultdict(list)
        for node in self._nodes:
            for name in {*node.input}:
                self._users[name].append(node)

    def find(self, kind: str) -> list[onnx.NodeProto]:
        """Return all nodes of a kind."""
        return [node for node in self._nodes if node.op_type == kind]

    def has(self, name: str) -> bool:
        """Return whether a node makes a value of that name."""
        return name in self._producers

    def producer(self, name: str) -> onnx.NodeProto:
        """Return the node that makes a value."""
        return self._producers[name]

    def users(self, name: str) -> list[onnx.NodeProto]:
        """Return the nodes that take a value."""
        return self._users[name]

    def only_user(self, name: str) -> onnx.NodeProto:
        """Return the one node that takes a value."""
        (node,) = self._users[name]
        return node

    def is_constant(self, name: str) -> bool:
        """Return whether a value is a constant."""
        return name in self._tensors

    def value(self, name: str) -> np.ndarray:
        """Return what a constant holds."""
        return numpy_helper.to_array(self._tensors[name])

    def shape(self, name: str) -> tuple[int, ...]:
        """Return the shape of a constant."""
        return tuple(self._tensors[name].dims)

    def constant(self, values: Any) -> str:
        """Add a tensor, or take one that holds the same; return its name."""
        values = np.asarray(values)
        name = f"{values.dtype.name}{[*values.shape]}{values.tobytes().hex()[:64]}"
        while name in self._tensors:
            if (self.value(name) == values).all():
                return name
            name += "'"
        self._tensors[name] = numpy_helper.from_array(values, name)
        return name

    def numbers(self, *values: int) -> str:
        """Add a list of integers, or take one that is there."""
        return self.constant(np.array(values, np.int64))

    def add(self, kind: str, inputs: list[str], output: str, **known: Any) -> str:
        """Add a node; return the name of its output."""
        node = helper.make_node(kind, inputs, [output], **known)
        self._nodes.append(node)
        self._producers[output] = node
        for name in {*inputs}:
            self._users[name].append(node)
        return output

    def replace(self, old: onnx.NodeProto, new: str) -> None:
        """Let what takes the output of a node take another value."""
        name = old.output[0]
        for node in self._users.pop(name, []):
            node.input[:] = [new if known == name else known for known in node.input]
            self._users[new].append(node)

    def write(self) -> None:
        """Put the nodes that an output needs into an order in which they can be run."""
        ordered: dict[int, onnx.NodeProto] = {}
        waiting = [(value.name, False) for value in self._graph.output]
        while waiting:
            name, ready = waiting.pop()
            node = self._producers.get(name)
            if node is None or id(node) in ordered:
                continue
            if ready:
                ordered[id(node)] = node
            else:
                waiting += [(name, True), *((known, False) for known in node.input)]
        nodes = [*ordered.values()]
        del self._graph.node[:], self._graph.initializer[:]
        self._graph.node.extend(nodes)
        self._graph.initializer.extend(self._tensors.values())
