"""What is prepared cannot be written to, however deep it lies."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from lipwright.core.readonly import freeze, read_only
from lipwright.core.rect import Rect
from lipwright.engines.warp.buffers import RenderBuffers


def test_a_view_is_read_only_and_the_array_is_not():
    array = np.zeros(3)
    view = read_only(array)
    with pytest.raises(ValueError, match="read-only"):
        view[0] = 1
    array[0] = 1
    assert view[0] == 1


def test_arrays_in_lists_dicts_and_objects_are_frozen():
    buffers = RenderBuffers(np.zeros((8, 8, 3), np.uint8), Rect(0, 0, 8, 8))
    inner, outer = np.zeros(2), np.zeros(2)
    buffers.places = [inner]
    buffers.nodes = [np.zeros(2), np.zeros(2)]
    freeze({"one": (buffers, [outer]), "none": None})
    for array in (inner, outer, buffers.frame, buffers.layer, *buffers.nodes):
        assert not array.flags.writeable


def test_objects_of_others_are_left_alone():
    array = np.zeros(2)
    freeze(SimpleNamespace(array=array))
    assert array.flags.writeable
