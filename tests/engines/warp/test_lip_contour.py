"""Lip lines looked up in tables are those that were given."""

from __future__ import annotations

import numpy as np
import pytest

from lipwright.engines.warp.lip_contour import SEAM_SPREAD, Lips

SOFT = 0.01


@pytest.fixture
def lines() -> tuple[np.ndarray, np.ndarray]:
    x = np.linspace(-0.45, 0.4, 161)
    bow = 1 - (x - x.mean()) ** 2 / (np.ptp(x) / 2) ** 2
    return np.stack([x, -0.05 * bow], -1), np.stack([x, 0.15 * bow], -1)


@pytest.fixture
def places() -> tuple[np.ndarray, np.ndarray]:
    x, y = np.meshgrid(np.linspace(-0.7, 0.7, 57), np.linspace(-0.3, 0.3, 31))
    return x.astype(np.float32), y.astype(np.float32)


def test_edges_are_the_lines(
    lines: tuple[np.ndarray, np.ndarray], places: tuple[np.ndarray, np.ndarray]
) -> None:
    found = Lips(*lines).edges(places[0])
    for line, edge in zip(lines, found, strict=True):
        expected = np.interp(places[0], line[:, 0], line[:, 1])
        np.testing.assert_allclose(edge, expected, atol=2e-3)


def test_layers_part_at_the_middle_and_melt_beside_the_corners(
    lines: tuple[np.ndarray, np.ndarray], places: tuple[np.ndarray, np.ndarray]
) -> None:
    x, y = places
    before = x.copy(), y.copy()
    weight = Lips(*lines).lower_weight(x, y, SOFT)
    middle = (lines[0][:, 1] + lines[1][:, 1]) / 2
    below = y - np.interp(x, lines[0][:, 0], middle)
    beyond = np.maximum(np.maximum(-0.45 - x, x - 0.4), 0)
    band = np.where(beyond > 0, 0.004 + SEAM_SPREAD * beyond, SOFT)
    t = np.clip((below / band + 1) / 2, 0, 1)
    np.testing.assert_allclose(weight, t * t * (3 - 2 * t), atol=0.1)
    assert weight[below > 2 * band].min() == pytest.approx(1)
    assert weight[below < -2 * band].max() == pytest.approx(0)
    np.testing.assert_array_equal((x, y), before)
