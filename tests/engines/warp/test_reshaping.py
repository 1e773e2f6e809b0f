"""Deformations between two shapes of a mouth."""

from __future__ import annotations

import numpy as np
import pytest
from tests.known_mouths import known_person

from lipwright.engines.warp.reshaping import Reshaping

MOST = 1.8  # times as high as it is in the frame


@pytest.mark.parametrize("raised", [0.12, 0.15])
def test_skin_between_a_still_lip_and_a_chin_that_comes_down_is_stretched_evenly(raised):
    """What is dark below the lip, such as its shadow, would grow into a patch."""
    person = known_person()
    reshaping = Reshaping(person.frame, person.renderer.field)
    rest = person.reader.shape(np.zeros((45, 2)))
    own = reshaping.between(
        person.reader.shape_of(rest.curves, -raised), reshaping.target(rest)
    ).layers[1]
    x, y = person.renderer.field.places
    middle = int(np.abs(x[0]).argmin())
    lip, chin = person.frame.lower_lip, person.frame.chin
    skin = (y[:, middle] > lip) & (y[:, middle] < chin)
    there = (y + own[..., 1])[:, middle]
    advance = np.diff(there)[skin[1:]] / np.diff(y[:, middle])[skin[1:]]
    assert (1 / advance).max() < MOST
    assert there[skin][-1] == pytest.approx(y[:, middle][skin][-1] - raised, abs=0.03)
