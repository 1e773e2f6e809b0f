"""Pictures with a matte, whole and in tiles."""

from __future__ import annotations

import numpy as np
import pytest

from lipwright.engines.warp.bgra import TILE, in_tiles, mix, mix_tiles, replace_tiles, tile_by_tile

SIZES = [(64, 48), (61, 43), (3, 100)]


def pictures(size: tuple[int, int]) -> list[np.ndarray]:
    rng = np.random.default_rng(7)
    return [rng.integers(0, 256, (*size, 4), np.uint8) for _ in range(2)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lay", [mix_tiles, replace_tiles])
def test_some_tiles_are_laid_over_another_picture(size, lay):
    picture, behind = pictures(size)
    tiles, layer = in_tiles(picture)
    assert np.array_equal(layer, picture) and not np.shares_memory(layer, picture)
    rows, columns = (-(-side // TILE) for side in size)
    chosen = np.random.default_rng(8).random((rows, columns)) < 0.4
    lay(tiles, tile_by_tile(behind), chosen)
    every = np.kron(chosen, np.ones((TILE, TILE), bool))[: size[0], : size[1]]
    wanted = picture.copy()
    if lay is mix_tiles:
        mix(wanted, behind)
    else:
        wanted = behind
    assert every.any() and not every.all()
    assert np.array_equal(layer[every], wanted[every])
    assert np.array_equal(layer[~every], picture[~every])


@pytest.mark.parametrize("lay", [mix_tiles, replace_tiles])
def test_no_tile_may_be_chosen(lay):
    picture, behind = pictures((16, 24))
    tiles, layer = in_tiles(picture)
    lay(tiles, tile_by_tile(behind), np.zeros((2, 3), bool))
    assert np.array_equal(layer, picture)
