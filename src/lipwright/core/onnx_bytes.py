"""A little of ONNX written as bytes, without the package `onnx` (messages as in onnx.proto)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

_KINDS = {"float32": 1, "uint8": 2, "int8": 3, "int32": 6, "int64": 7}
_EXTERNAL = b"\x70\x01"
"""TensorProto.data_location = 14: the values are elsewhere."""


def declare_tensors(model: bytes, tensors: Mapping[str, np.ndarray]) -> bytes:
    """Return a model whose graph has constants of these names, types and shapes as well.

    tensors: float32 (n, ...) or integers, by name. Their values are given to the session.
    Messages that follow one another in protobuf bytes are merged, so what is added to the end of a
    model is added to its graph.
    """
    # ModelProto.graph = 7, GraphProto.initializer = 5
    return b"".join((model, *(_field(7, _field(5, _declare(*item))) for item in tensors.items())))


def integer_product(size: int) -> bytes:
    """Return a model of MatMulInteger: uint8 "a" x int8 "b", (size, size), is int32 "c"."""
    node = (_field(1, b"a"), _field(1, b"b"), _field(2, b"c"), _field(4, b"MatMulInteger"))
    sides = _field(1, _number(1, size)) * 2
    # ValueInfoProto: name = 1, type = 2 of a tensor = 1 with its kind = 1 and its shape = 2
    a, b, c = (
        _field(1, name) + _field(2, _field(1, _number(1, _KINDS[kind]), _field(2, sides)))
        for name, kind in ((b"a", "uint8"), (b"b", "int8"), (b"c", "int32"))
    )
    graph = _field(1, *node), _field(2, b"product"), _field(11, a), _field(11, b), _field(12, c)
    # ir_version = 1, graph = 7, opset_import = 8 with its version = 2
    return _number(1, 8) + _field(7, *graph) + _field(8, _number(2, 13))


def _declare(name: str, tensor: np.ndarray) -> bytes:
    """Encode a TensorProto: dims = 1, data_type = 2, name = 8, external_data = 13."""
    place = _field(1, b"location"), _field(2, b"given")
    kind = _number(2, _KINDS[tensor.dtype.name])
    sizes = b"".join(_number(1, size) for size in tensor.shape)
    return sizes + kind + _field(8, name.encode()) + _field(13, *place) + _EXTERNAL


def _field(number: int, *payload: bytes) -> bytes:
    """Encode one length-delimited field, whose number is below 16."""
    joined = b"".join(payload)
    return bytes((number << 3 | 2,)) + _varint(len(joined)) + joined


def _number(number: int, value: int) -> bytes:
    """Encode one field of an integer."""
    return bytes((number << 3,)) + _varint(value)


def _varint(value: int) -> bytes:
    digits = []
    while value > 127:
        digits.append(value & 127 | 128)
        value >>= 7
    return bytes((*digits, value))
