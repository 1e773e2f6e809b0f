"""What a frame's own mouth does, read off landmarks that are known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.known_mouths import known_person

from lipwright.engines.warp.mouth_warp import Mouth
from lipwright.face.face import Face

MOUTHS = (
    Mouth(),
    Mouth(jaw=0.15, gap=0.15),
    Mouth(jaw=0.1, gap=0.25, spread=0.05),
    Mouth(jaw=0.1, gap=0.1, wide=0.1, lift=0.08),
)


def moved_head(face: Face) -> Face:
    turn = 1.3 * np.array([[np.cos(0.2), -np.sin(0.2)], [np.sin(0.2), np.cos(0.2)]])
    landmarks = face.landmarks.copy()
    landmarks[:, :2] = landmarks[:, :2] @ turn.T + [40, -25]
    landmarks[:, 2] *= 1.3
    return replace(face, landmarks=landmarks)


@pytest.mark.parametrize("mouth", MOUTHS)
@pytest.mark.parametrize("moved", [False, True])
def test_a_mouth_is_read_wherever_the_head_is(mouth, moved):
    person = known_person()
    face = person.landmarks(mouth)
    own = person.reader.shape(person.reader.offsets(moved_head(face) if moved else face))
    upper, lower = person.renderer.field.lips(mouth)
    middle = len(upper) // 2
    opening = lower[middle, 1] - upper[middle, 1]
    assert own.gap == pytest.approx(opening, abs=0.02)
    assert own.mouth.jaw == pytest.approx(mouth.jaw, abs=0.02)
    assert own.mouth.lift == pytest.approx(mouth.lift, abs=0.03)
    assert own.shift == pytest.approx(0, abs=0.01)
    assert own.gaps[0] < 0.03 and own.gaps[-1] < 0.03


def test_a_smile_is_wider():
    person = known_person()
    wide = [
        person.reader.shape(person.reader.offsets(person.landmarks(Mouth(wide=by)))).mouth.wide
        for by in (0.0, 0.1, 0.2)
    ]
    assert wide[0] == pytest.approx(0, abs=0.01)
    assert np.all(np.diff(wide) > 0.06)


def test_what_stays_wry_is_no_movement():
    person = known_person()
    face = person.landmarks(Mouth(jaw=0.1, gap=0.1))
    tilt, shift = 0.12, 0.05
    straight = person.reader.offsets(face)
    seen = person.reader.offsets(person.wry(face, tilt, shift))
    wry = person.reader.wry_offsets(tilt, shift)
    np.testing.assert_allclose(seen - wry, straight, atol=1e-3)


def test_a_wry_mouth_is_known():
    person = known_person()
    face = person.landmarks(Mouth(jaw=0.1, gap=0.1))
    width = float(np.ptp(person.frame.points[[61, 291], 0]))
    tilt, shift = np.subtract(
        person.reader.wry(person.wry(face, 0.12, 0.05)), person.reader.wry(face)
    )
    assert tilt == pytest.approx(0.12 * width, abs=1e-3)
    middle = float(person.frame.points[[61, 291], 0].mean())
    assert abs(middle) < 0.02
    assert shift == pytest.approx(0.05, abs=1e-3)


def test_borders_and_jaw_make_the_shape_they_are_read_from():
    person = known_person()
    shape = person.seen(Mouth(jaw=0.1, gap=0.15, wide=0.05))
    again = person.reader.shape_of(shape.curves, shape.mouth.jaw)
    np.testing.assert_allclose(again.curves, shape.curves)
    for name, value in vars(shape.mouth).items():
        assert getattr(again.mouth, name) == pytest.approx(value, abs=1e-9)
    assert again.shift == pytest.approx(shape.shift)
