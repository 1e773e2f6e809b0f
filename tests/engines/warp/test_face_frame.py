"""The coordinates of a face, and the steps that everything is weighted by."""

from __future__ import annotations

import numpy as np
import pytest
from tests.helpers import hopper_path, read_picture

from lipwright.engines.warp.face_frame import FaceFrame, smoothstep, smoothstep_of
from lipwright.face import find_faces


@pytest.mark.parametrize(("low", "high"), [(0.02, 0.12), (0.5, -0.25)])
def test_one_number_is_eased_as_an_array_is(low: float, high: float) -> None:
    places = np.linspace(-1, 1, 41)
    eased = [smoothstep_of(low, high, float(place)) for place in places]
    np.testing.assert_allclose(eased, smoothstep(low, high, places), atol=1e-6)
    assert min(eased) == pytest.approx(0) and max(eased) == pytest.approx(1)


def test_what_is_eased_stays_as_it_was() -> None:
    places = np.linspace(-1, 1, 41, dtype=np.float32)
    before = places.copy()
    assert smoothstep(0.0, 0.5, places).shape == (41,)
    np.testing.assert_array_equal(places, before)


def test_places_are_found_there_and_back_also_none_of_them() -> None:
    frame = FaceFrame.of(find_faces(read_picture(hopper_path()))[0].landmarks)
    x, y = np.meshgrid(np.linspace(-2, 2, 9), np.linspace(-1, 3, 7))
    px = frame.to_px(np.stack([x, y], -1)).astype(np.float32)
    found = frame.locate(px[..., 0].copy(), px[..., 1].copy())
    np.testing.assert_allclose(found, (x, y), atol=1e-4)
    nowhere = np.zeros((0, 5), np.float32)
    assert [place.shape for place in frame.locate(nowhere, nowhere)] == [(0, 5), (0, 5)]
