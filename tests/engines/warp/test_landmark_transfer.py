"""A lower face carried to heads that are turned: known turns of known landmarks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.videos import portrait

from lipwright.engines.warp.face_frame import CHIN, FaceFrame
from lipwright.engines.warp.landmark_transfer import (
    CARRIED,
    STEADY,
    LandmarkTransfer,
    centred,
    nearest_camera,
)
from lipwright.face import FaceFinder
from lipwright.face.face import Face


@pytest.fixture(scope="module")
def face() -> Face:
    return FaceFinder().find(portrait())[0]


@pytest.fixture(scope="module")
def carrying(face) -> LandmarkTransfer:
    landmarks = centred(face).astype(np.float32)
    return LandmarkTransfer(landmarks, FaceFrame.of(landmarks))


def turned(face: Face, yaw: float, pitch: float, roll: float = 0.0, scale: float = 1.0) -> Face:
    """The face turned by degrees, nearer, and somewhere else."""
    x, y, z = np.radians([pitch, yaw, roll])
    turn = np.array([[np.cos(z), -np.sin(z), 0], [np.sin(z), np.cos(z), 0], [0, 0, 1]])
    turn = turn @ np.array([[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]])
    turn = turn @ np.array([[1, 0, 0], [0, np.cos(x), -np.sin(x)], [0, np.sin(x), np.cos(x)]])
    middle = face.landmarks.mean(axis=0)
    moved = scale * (face.landmarks - middle) @ turn.T + middle + [30, -20, 0]
    return replace(face, landmarks=moved.astype(np.float32))


@pytest.mark.parametrize(
    ("yaw", "pitch", "most"),
    [(0, 0, 0.001), (10, 0, 0.03), (-20, 0, 0.05), (0, 10, 0.03), (0, -15, 0.04), (15, 10, 0.05)],
)
def test_the_lips_are_carried_to_where_a_turned_head_has_them(face, carrying, yaw, pitch, most):
    """To within so many mouth widths, on average."""
    other = turned(face, yaw, pitch, roll=8, scale=1.2)
    forward = carrying.forward(other)
    carried = centred(face)[CARRIED, :2] @ forward[:, :2].T + forward[:, 2]
    miss = np.linalg.norm(carried - centred(other)[CARRIED, :2], axis=1).mean()
    assert miss / (1.2 * FaceFrame.of(face.landmarks).unit) < most


@pytest.mark.parametrize(("yaw", "pitch"), [(0, 0), (20, 0), (0, 15), (-15, -10)])
def test_a_turned_head_opens_no_jaw(face, carrying, yaw, pitch):
    np.testing.assert_allclose(carrying.moved(turned(face, yaw, pitch)), 0, atol=1e-3)


@pytest.mark.parametrize(("yaw", "pitch"), [(0, 0), (12, 0), (0, 10)])
def test_an_open_jaw_is_seen_on_a_turned_head(face, carrying, yaw, pitch):
    frame = FaceFrame.of(face.landmarks)
    landmarks = face.landmarks.copy()
    landmarks[CHIN, :2] += 0.2 * frame.unit * frame.down
    moved = carrying.moved(turned(replace(face, landmarks=landmarks), yaw, pitch))
    assert moved[2, 1] == pytest.approx(0.2, abs=0.03)
    np.testing.assert_allclose(moved[:2], 0, atol=1e-3)


def test_cheeks_that_follow_a_jaw_stretch_no_head(face, carrying):
    """An affine camera would take the chin as far down as the stretched cheeks say."""
    landmarks = face.landmarks.copy()
    middle = landmarks[STEADY, 1].mean()
    landmarks[STEADY, 1] += 0.04 * (landmarks[STEADY, 1] - middle)
    rest, stretched = (
        carrying.at_rest(one, [CHIN])[0, 1] for one in (face, replace(face, landmarks=landmarks))
    )
    affine = 0.04 * (face.landmarks[CHIN, 1] - middle)
    assert 0 < stretched - rest < 0.7 * affine


def test_a_camera_is_the_nearest_that_turns_and_scales():
    affine = np.random.default_rng(0).normal(size=(3, 2))
    across, sizes, along = np.linalg.svd(affine, full_matrices=False)
    np.testing.assert_allclose(nearest_camera(affine), across @ along * sizes.mean())
