"""Where something comes before a mouth it becomes the film's own by its shape, not by fading."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from tests.known_mouths import known_person

from lipwright.engines.warp.face_frame import FaceFrame
from lipwright.engines.warp.lower_face import LowerFace
from lipwright.engines.warp.mouth_bank import Chosen, Entry
from lipwright.engines.warp.mouth_examples import Example
from lipwright.engines.warp.mouth_warp import Mouth
from lipwright.engines.warp.uncovering import uncovered
from lipwright.face import FaceFinder

OPEN, SHUT = Mouth(jaw=0.2, gap=0.2), Mouth()
COMING = (0.0, 1 / 3, 2 / 3, 0.999)


@cache
def lower_face() -> LowerFace:
    """Of a film in which the mouth opens further and further."""
    person = known_person()
    mouths = [Mouth(jaw=by, gap=by) for by in np.linspace(0, 0.24, 13)]
    examples = [Example(person.picture(one), person.landmarks(one)) for one in mouths]
    return LowerFace(person.picture(SHUT), person.landmarks(SHUT), None, examples)


def drawn(seen: Mouth, wanted: Mouth, covered: float) -> np.ndarray:
    """A frame in which something comes."""
    person = known_person()
    image = person.picture(seen)
    patch = lower_face().draw(image, person.landmarks(seen), wanted, covered=covered)
    assert patch is not None and patch.box is not None
    x0, y0, x1, y1 = patch.box
    image[y0:y1, x0:x1] = patch.pixels
    return image


def error(one: np.ndarray, other: np.ndarray) -> float:
    """Of the lips and around them."""
    x0, y0, x1, y1 = known_person().landmarks(OPEN).box
    part = np.s_[int((y0 + y1) / 2) : int(y1), int(x0) : int(x1)]
    return float(np.abs(one[part].astype(float) - other[part]).mean())


@pytest.mark.parametrize(("seen", "wanted"), [(OPEN, SHUT), (SHUT, OPEN)])
def test_one_mouth_opens_or_closes(seen, wanted):
    finder, gaps = FaceFinder(threads=1), []
    for covered in COMING:
        face = finder.find(drawn(seen, wanted, covered))[0]
        gaps.append(FaceFrame.of(face.landmarks).gap)
    steps = np.diff(gaps) * (-1 if seen == SHUT else 1)
    assert (steps > -0.01).all() and abs(gaps[-1] - gaps[0]) > 0.08
    assert steps[:2].min() > 0.02, "half of the way in each of two frames"


@pytest.mark.parametrize(("seen", "wanted"), [(OPEN, SHUT), (SHUT, OPEN)])
def test_at_the_end_it_is_the_frame(seen, wanted):
    frame = known_person().picture(seen)
    assert error(drawn(seen, wanted, 0.999), frame) < 0.5
    assert error(drawn(seen, wanted, 0.0), frame) > 2


def test_nothing_that_comes_changes_nothing():
    person = known_person()
    image, face = person.picture(OPEN), person.landmarks(OPEN)
    usual = lower_face().draw(image, face, SHUT)
    told = lower_face().draw(image, face, SHUT, covered=0.0)
    assert usual is not None and told is not None
    np.testing.assert_array_equal(usual.pixels, told.pixels)


def lent(seen: Mouth, wanted: Mouth, covered: float, foreign: float) -> Chosen:
    person = known_person()
    others = [Entry(person.picture(one), person.face, person.seen(one), (0, 0)) for one in (OPEN,)]
    chosen = Chosen(tuple(others), (1.0,), foreign, person.wanted(wanted))
    there = Entry(person.picture(seen), person.face, person.seen(seen), (0, 0))
    return uncovered(chosen, there, covered, person.reader)


@pytest.mark.parametrize("foreign", [0.0, 0.4, 1.0])
@pytest.mark.parametrize("covered", COMING)
@pytest.mark.parametrize(("seen", "wanted"), [(OPEN, SHUT), (SHUT, OPEN)])
def test_the_inside_is_that_of_the_mouth_that_is_more_open(seen, wanted, covered, foreign):
    found = lent(seen, wanted, covered, foreign)
    shares = [(1 - found.foreign) * weight for weight in found.weights]
    assert sum(shares) + found.foreign == pytest.approx(1)
    if seen == OPEN:
        assert (shares[-1], found.foreign) == (1, 0)
    elif covered <= 1 / 3:
        assert shares[:1] == pytest.approx([1 - foreign]) and found.foreign == foreign
    elif covered > 0.99:
        assert shares[-1] > 0.99


def test_shapes_go_from_the_wanted_one_to_the_frames_own():
    person = known_person()
    wanted, own = person.wanted(SHUT), person.seen(OPEN)
    gaps = [lent(OPEN, SHUT, covered, 0.0).shape.gap for covered in COMING]
    assert gaps[0] == pytest.approx(wanted.gap, abs=1e-9)
    assert gaps[2:] == pytest.approx([own.gap] * 2, abs=1e-9)
    assert gaps[1] == pytest.approx((wanted.gap + own.gap) / 2, abs=0.01)
