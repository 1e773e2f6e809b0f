"""Pieces of any size become blocks of one size."""

from __future__ import annotations

import numpy as np
import pytest

from lipwright.media.audio.blocks import fixed_blocks


@pytest.mark.parametrize("sizes", [[10], [1] * 10, [3, 0, 4, 3], [2, 8], [7, 3]])
def test_blocks_have_one_size_but_for_the_last(sizes):
    sound = np.arange(10, dtype=np.float32)
    pieces = np.split(sound, np.cumsum(sizes)[:-1])
    blocks = list(fixed_blocks(pieces, 4))
    assert [len(block) for block in blocks] == [4, 4, 2]
    np.testing.assert_array_equal(np.concatenate(blocks), sound)


def test_a_block_comes_with_its_last_sample_and_not_later():
    taken = []

    def pieces():
        for number in range(5):
            taken.append(number)
            yield np.zeros(2, np.float32)

    blocks = fixed_blocks(pieces(), 4)
    next(blocks)
    assert taken == [0, 1]


def test_whoever_gives_the_pieces_may_write_into_them_again():
    buffer = np.zeros(3, np.float32)

    def pieces():
        for number in range(4):
            buffer[:] = number
            yield buffer

    found = np.concatenate(list(fixed_blocks(pieces(), 6)))
    np.testing.assert_array_equal(found, np.repeat(np.arange(4), 3))


def test_nothing_gives_nothing():
    assert list(fixed_blocks([np.zeros(0, np.float32)], 4)) == []
