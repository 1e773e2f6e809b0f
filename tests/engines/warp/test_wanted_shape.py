"""The shape that a wanted mouth has, by rule and as a person makes it."""

from __future__ import annotations

import numpy as np
import pytest
from tests.known_mouths import known_person

from lipwright.engines.warp.lip_gaps import MIDDLE, UNSEEN, with_gaps
from lipwright.engines.warp.mouth_warp import OPENED, Mouth
from lipwright.engines.warp.own_shape import OwnShape
from lipwright.engines.warp.wanted_shape import WIDER, WantedShape, fitted

MOUTHS = (
    Mouth(),
    Mouth(jaw=0.15, gap=0.15),
    Mouth(jaw=0.1, gap=0.25, spread=0.05),
    Mouth(jaw=0.05, gap=0.05, round=0.15),
    Mouth(jaw=0.1, gap=0.1, wide=0.1, lift=0.08),
    Mouth(wide=0.1, lift=0.08),
)


def shape_of(mouth: Mouth) -> OwnShape:
    person = known_person()
    return WantedShape(person.frame, person.reader).shape(mouth)


def gaps_of(curves: np.ndarray) -> np.ndarray:
    gaps: np.ndarray = curves[2, :, 1] - curves[1, :, 1]
    return gaps


@pytest.mark.parametrize(("opening", "more"), [(0.05, UNSEEN), (0.15, 0.0), (0.3, 0.0)])
def test_an_opening_is_such_that_a_tracker_sees_what_is_wanted(opening, more):
    shape = shape_of(Mouth(jaw=opening, gap=opening))
    assert shape.gaps.max() == pytest.approx(opening / OPENED + more, rel=0.03)
    assert shape.gap == pytest.approx(opening / OPENED + more, rel=0.06)
    assert shape.mouth.jaw == pytest.approx(opening)


@pytest.mark.parametrize("mouth", [Mouth(), Mouth(jaw=0.1), Mouth(press=1.0), Mouth(round=0.15)])
def test_lips_that_shall_be_shut_are_shut_all_along(mouth):
    np.testing.assert_allclose(shape_of(mouth).gaps, 0, atol=1e-6)


def test_the_mouth_is_where_it_is_drawn():
    """Nothing but how open it is differs from what the landmarks of such a picture say."""
    for mouth in MOUTHS:
        shape, seen = shape_of(mouth), known_person().seen(mouth)
        ends = np.s_[0, [0, -1]]
        np.testing.assert_allclose(shape.curves[ends], seen.curves[ends], atol=0.01)
        assert np.abs(shape.curves - seen.curves).max() < 0.03


@pytest.mark.parametrize("own", MOUTHS)
@pytest.mark.parametrize("want", MOUTHS)
def test_a_fitted_mouth_has_the_wanted_opening_width_and_height_of_the_corners(own, want):
    like, wanted = known_person().seen(own).curves, shape_of(want).curves
    curves = fitted(like, wanted)
    opening = gaps_of(wanted)[MIDDLE].mean()
    assert gaps_of(curves)[MIDDLE].mean() == pytest.approx(opening, abs=1e-6)
    corners, asked = curves[0, [0, -1]], wanted[0, [0, -1]]
    assert np.ptp(corners[:, 0]) == pytest.approx(np.ptp(asked[:, 0]))
    assert corners[:, 0].mean() == pytest.approx(asked[:, 0].mean())
    assert corners[:, 1].mean() == pytest.approx(asked[:, 1].mean())
    np.testing.assert_allclose(curves[3, [0, -1]], corners, atol=1e-6)


def test_a_fitted_mouth_keeps_the_person_s_own_form():
    """An opening that is a person's own, further on the left, stays so when it is stretched."""
    own = known_person().seen(Mouth(jaw=0.15, gap=0.15)).curves
    lopsided = with_gaps(own, gaps_of(own) * np.linspace(1.4, 0.6, own.shape[1]))
    wanted = shape_of(Mouth(jaw=0.2, gap=0.2)).curves
    assert gaps_of(wanted)[MIDDLE].mean() < WIDER * gaps_of(lopsided)[MIDDLE].mean()
    gaps = gaps_of(fitted(lopsided, wanted))
    assert gaps[:5].sum() > 1.3 * gaps[-5:].sum()
    np.testing.assert_allclose(gaps / gaps.max(), gaps_of(lopsided) / gaps_of(lopsided).max())


def test_closed_lips_are_not_stretched_open():
    """What is far more open than a person's mouth opens by rule."""
    wanted = shape_of(Mouth(jaw=0.3, gap=0.3)).curves
    curves = fitted(known_person().seen(Mouth()).curves, wanted)
    np.testing.assert_allclose(gaps_of(curves), gaps_of(wanted), atol=0.01)


def test_a_fitted_mouth_changes_little_where_the_wanted_one_does():
    own = known_person().seen(Mouth(jaw=0.02, gap=0.02)).curves
    wanted = [shape_of(Mouth(jaw=by, gap=by)).curves for by in np.arange(0, 0.3, 0.005)]
    steps = np.abs(np.diff([fitted(own, curves) for curves in wanted], axis=0)).max(axis=(1, 2, 3))
    assert steps.max() < 0.008
