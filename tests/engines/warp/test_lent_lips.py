"""How much of a lent mouth is laid over a frame."""

from __future__ import annotations

import numpy as np
import pytest
from tests.known_mouths import known_person

from lipwright.engines.warp.frame_reshaping import FrameReshaping, ReshapedFrame
from lipwright.engines.warp.lent_lips import LentLips
from lipwright.engines.warp.mouth_warp import Mouth

SHUT = Mouth()


def shares(own: Mouth, want: Mouth) -> tuple[np.ndarray, np.ndarray, ReshapedFrame]:
    person = known_person()
    face = person.landmarks(own)
    shape, wanted = person.seen(own), person.wanted(want)
    reshaping = FrameReshaping(person.frame, person.renderer.field, person.carrying)
    seen = reshaping.reshape(person.picture(own), face, shape, wanted)
    assert seen is not None
    return *LentLips(person.frame).shares(seen, shape, wanted), seen


def opened(by: float) -> Mouth:
    return Mouth(jaw=by, gap=by)


def test_closed_lips_stay_a_frame_s_own():
    share, red, _ = shares(SHUT, SHUT)
    assert share.max() == 0
    assert red.max() == pytest.approx(1, abs=0.02)


def test_the_inside_is_lent_and_the_lips_around_it_are_not():
    share, _, seen = shares(opened(0.2), opened(0.2))
    upper, lower = seen.lips.edges(seen.x)
    inside = (seen.y > upper + 0.03) & (seen.y < lower - 0.03)
    outside = (seen.y < upper - 0.06) | (seen.y > lower + 0.06)
    assert share[inside & (np.abs(seen.x) < 0.3)].min() > 0.95
    assert share[outside].max() < 0.02


def test_far_open_lips_that_shall_be_shut_are_lent_as_a_whole():
    share, red, _ = shares(opened(0.3), SHUT)
    assert share[red > 0.98].min() > 0.9


@pytest.mark.parametrize("want", [0.0, 0.1])
def test_more_is_lent_the_further_lips_are_brought_together(want):
    """Little by little, so that nothing jumps from frame to frame."""
    means = [
        shares(opened(own), opened(want))[0].mean() for own in np.arange(want, want + 0.3, 0.02)
    ]
    steps = np.diff(means)
    assert steps.min() > -0.003
    assert steps.max() < 0.3 * (means[-1] - means[0])
    assert means[-1] > means[0] + 0.1


def test_nothing_is_lent_at_the_edge_of_what_is_looked_at():
    share, red, _ = shares(opened(0.35), SHUT)
    for weight in (share, red):
        edge = np.concatenate([weight[0], weight[-1], weight[:, 0], weight[:, -1]])
        assert edge.max() < 0.01
