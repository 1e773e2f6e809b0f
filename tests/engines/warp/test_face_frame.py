"""The steps that everything is weighted by."""

from __future__ import annotations

import numpy as np
import pytest

from lipwright.engines.warp.face_frame import smoothstep, smoothstep_of


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
