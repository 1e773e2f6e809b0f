"""ONNX written as bytes is what ONNX Runtime reads."""

from __future__ import annotations

import numpy as np
import pytest

from lipwright.core.onnx import open_session, open_written
from lipwright.core.onnx_bytes import integer_product

SIZE = 200
"""Takes two bytes to write."""
RANDOM = np.random.default_rng(1)
FIRST = RANDOM.integers(0, 60, (SIZE, SIZE)).astype(np.uint8)
SECOND = RANDOM.integers(-60, 60, (SIZE, SIZE)).astype(np.int8)
PRODUCT = FIRST.astype(int) @ SECOND


def test_a_product_is_multiplied():
    (found,) = open_session(integer_product(SIZE)).run(None, {"a": FIRST, "b": SECOND})
    assert found.dtype == np.int32 and np.array_equal(found, PRODUCT)


def test_tensors_are_given_beside_the_graph():
    session = open_written(integer_product(SIZE), {"b": SECOND})
    (found,) = session.run(None, {"a": FIRST})
    assert np.array_equal(found, PRODUCT)


def test_a_tensor_of_another_shape_is_refused():
    with pytest.raises(Exception, match="[Ss]hape|dimension"):
        open_written(integer_product(SIZE), {"b": SECOND[:3]})
