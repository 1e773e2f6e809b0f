"""Lab of our own is OpenCV's, without its tables."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from lipwright.media.image.lab import lab_levels, lab_of, lightness


@pytest.fixture(scope="module")
def colours() -> np.ndarray:
    """A picture of shades all over the cube, near black all of them, and of all greys."""
    grid = np.stack(np.meshgrid(*[np.arange(0, 256, 5)] * 3, indexing="ij"), -1).reshape(-1, 3)
    dark = np.stack(np.meshgrid(*[np.arange(16)] * 3, indexing="ij"), -1).reshape(-1, 3)
    greys = np.repeat(np.arange(256)[:, None], 3, axis=1)
    return np.concatenate([grid, dark, greys]).astype(np.uint8)[None]


def test_levels_are_those_of_opencv_bit_by_bit(colours: np.ndarray) -> None:
    expected = cv2.cvtColor(colours, cv2.COLOR_BGR2LAB)
    np.testing.assert_array_equal(lab_levels(colours), expected)
    np.testing.assert_array_equal(lightness(colours), expected.astype(np.float32)[..., 0] / 255)


def test_values_are_as_close_to_opencvs_as_those_are_to_the_truth(colours: np.ndarray) -> None:
    expected = cv2.cvtColor(colours.astype(np.float32) / 255, cv2.COLOR_BGR2LAB)
    assert np.abs(lab_of(colours) - expected).max() < 1.0
    white, grey = lab_of(np.array([[[255] * 3, [119] * 3]], np.uint8))[0]
    np.testing.assert_allclose(white, [100, 0, 0], atol=0.02)
    np.testing.assert_allclose(grey, [50.03, 0, 0], atol=0.05)
