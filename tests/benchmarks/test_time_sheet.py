"""Frames of a video side by side."""

from __future__ import annotations

import numpy as np
import pytest
from tests.benchmarks.modules import benchmark_modules
from tests.videos import write_film


@pytest.fixture(scope="module")
def sheet():
    with benchmark_modules("time_sheet") as modules:
        yield modules.time_sheet


def test_frames_stand_in_the_order_of_their_times(sheet, tmp_path):
    """Of a film that grows brighter by the second, three moments in two columns."""
    pictures = [np.full((64, 96, 3), 40 + 2 * i, np.uint8) for i in range(75)]
    film = write_film(tmp_path / "film.mp4", pictures)
    laid_out = sheet.time_sheet(film, [0.0, 1.0, 2.0], columns=2, width=96)
    assert laid_out.shape == (128, 192, 3)
    cells = [laid_out[40:60, 10:80], laid_out[40:60, 106:180], laid_out[104:124, 10:80]]
    np.testing.assert_allclose([cell.mean() for cell in cells], [40, 90, 140], atol=4)
    assert laid_out[70:, 100:].max() == 0


def test_a_film_that_is_too_short_says_so(sheet, tmp_path):
    film = write_film(tmp_path / "film.mp4", [np.zeros((64, 64, 3), np.uint8)] * 5)
    with pytest.raises(SystemExit, match="fewer seconds"):
        sheet.time_sheet(film, [3.0], columns=1, width=64)
