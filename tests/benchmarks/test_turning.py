"""The benchmark of turned heads, on pictures and pairs whose truth is known."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from tests.benchmarks.modules import benchmark_modules

from lipwright.cli.demo import find_sample_portrait
from lipwright.evaluation.landmark_track import LandmarkTrack
from lipwright.face import FaceFinder
from lipwright.face.finder import make_face
from lipwright.face.head_pose import estimate_pose
from lipwright.media.image.read import read_image

MODULES = ("turning_clips", "turning_measures", "turning_movers", "turning")


@pytest.fixture(scope="module")
def bench() -> Iterator[SimpleNamespace]:
    """The modules of the benchmark, by name."""
    with benchmark_modules(*MODULES) as modules:
        yield modules


@pytest.fixture(scope="module")
def picture() -> np.ndarray:
    found = read_image(find_sample_portrait())
    return cv2.resize(found, None, fx=0.6, fy=0.6, interpolation=cv2.INTER_AREA)


@pytest.fixture(scope="module")
def landmarks(picture) -> np.ndarray:
    return FaceFinder().find(picture)[0].landmarks


def test_a_similarity_is_found_between_points(bench):
    measures = bench.turning_measures
    points = np.random.default_rng(0).normal(0, 40, (50, 2))
    true = np.array([[0.9, -0.2, 5.0], [0.2, 0.9, -3.0]])
    moved = np.stack(measures.apply(true, *points.T), axis=1)
    assert measures.fit_similarity(points, moved) == pytest.approx(true)
    assert measures.left_over(moved, points) == pytest.approx(0, abs=1e-9)
    stretched = points * [1.2, 1.0]
    assert measures.left_over(stretched, points) > 1


def test_a_similarity_is_refined_by_lightness(bench, picture, landmarks):
    measures = bench.turning_measures
    source = bench.turning.lightness(picture)
    true = np.array([[1.02, -0.03, 4.0], [0.03, 1.02, -9.0]])
    x, y = bench.turning_movers.pixels(source.shape)
    map_x, map_y = (part.astype(np.float32) for part in measures.apply(true, x, y))
    target = (
        0.7 * cv2.remap(source, map_x, map_y, cv2.INTER_CUBIC) + 20
    )  # darker, with less contrast
    area = measures.compared_area(landmarks[:, :2], source.shape)
    near = true + [[0.01, 0.01, -2.0], [-0.01, 0.01, 2.0]]
    found = measures.refine_similarity(source, target, area, near)
    rows, columns = np.nonzero(area)
    off = np.subtract(measures.apply(found, columns, rows), measures.apply(true, columns, rows))
    assert np.abs(off).max() < 0.1
    assert found is not near


def test_the_compared_area_has_neither_mouth_nor_eyes(bench, picture, landmarks):
    area = bench.turning_measures.compared_area(landmarks[:, :2], picture.shape)
    places = landmarks[:, :2].round().astype(int)
    for inside in (1, 50, 280, 151):  # nose, cheeks, forehead
        assert area[places[inside, 1], places[inside, 0]], inside
    for outside in (13, 14, 159, 386, 61, 152):
        assert not area[places[outside, 1], places[outside, 0]], outside


def test_lightness_is_compared_without_brightness_and_contrast(bench):
    values = np.random.default_rng(1).uniform(0, 255, 500)
    difference = bench.turning_measures.mean_difference
    assert difference(0.5 * values + 30, values) == pytest.approx(0, abs=1e-9)
    assert difference(values[::-1], values) > 0.5


def test_gains_are_found(bench):
    measures = bench.turning_measures
    generator = np.random.default_rng(2)
    source = generator.normal(0, 50, (100, 2))
    by_yaw = np.c_[generator.normal(0, 3, 100), np.zeros(100)]
    by_pitch = np.c_[np.zeros(100), generator.normal(0, 3, 100)]
    target = source + 1.3 * by_yaw + 0.7 * by_pitch
    target = target @ [[1.01, 0.02], [-0.02, 1.01]] + [3, -8]
    back = measures.fit_similarity(source + 1.3 * by_yaw + 0.7 * by_pitch, target)
    laid = np.linalg.solve(back[:, :2], (target - back[:, 2]).T).T
    assert measures.fit_gains(laid, source, by_yaw, by_pitch) == pytest.approx([1.3, 0.7])
    gains = np.array([0.6, 0.8, 1.0, 1.2])
    errors = np.array([(gains - 0.95) ** 2, (gains - 0.95) ** 2 + 0.1])
    assert measures.best_gain(gains, errors) == pytest.approx(0.95)
    assert measures.best_gain(gains, -errors) == 0.6


def test_a_head_turns_the_way_poses_say(bench, landmarks):
    turned = bench.turning_movers.turned_in_space
    before = np.array(estimate_pose(landmarks))
    for yaw, pitch in ((6.0, 0.0), (0.0, 5.0), (-4.0, 3.0)):
        change = np.array(estimate_pose(turned(landmarks, yaw, pitch))) - before
        assert change[:2] == pytest.approx([yaw, pitch], abs=0.8)


def test_the_library_turns_the_way_poses_say(bench, picture, landmarks):
    points = landmarks - np.array([0.5, 0.5, 0], np.float32)
    turner = bench.turning_movers.Turner(picture, make_face(points, 1.0))
    steady = points[bench.turning_measures.STEADY, :2]
    in_space = bench.turning_movers.turned_in_space
    for yaw, pitch in ((3.0, 0.0), (-3.0, 0.0), (0.0, 2.5), (0.0, -2.5)):
        aim = in_space(points, yaw, pitch)[bench.turning_measures.STEADY, :2]
        goes = turner.move_points(steady, yaw, pitch)
        left = bench.turning_measures.left_over
        assert left(aim, goes) < 0.8 * left(aim, steady)


def test_points_go_where_the_picture_goes(bench, picture, landmarks):
    points = landmarks - np.array([0.5, 0.5, 0], np.float32)
    turner = bench.turning_movers.Turner(picture, make_face(points, 1.0))
    goes = turner.move_points(points[:468, :2], 3.0, -2.0)
    x, y = (np.ascontiguousarray(part, np.float32)[None] for part in goes.T)
    whole = bench.turning_movers.pixels(picture.shape)
    field = np.dstack(turner.displacement(*whole, 3.0, -2.0))
    back = goes + cv2.remap(field, x, y, cv2.INTER_LINEAR)[0]
    # the way is interpolated between nodes
    assert np.abs(back - points[:468, :2]).max() < 0.1


def test_landmarks_that_are_known_are_reached(bench, landmarks):
    wanted = bench.turning_movers.turned_in_space(landmarks, 6.0, 0.0).astype(np.float32)
    x, y = bench.turning_movers.pixels((420, 360))
    right, down = bench.turning_movers.known_displacement(x, y, landmarks, wanted)
    nose, place = landmarks[4, :2], wanted[4, :2]
    column, row = place.round().astype(int)
    assert right[row, column] < 0 and abs(down[row, column]) < abs(right[row, column])
    assert abs(right[row, column]) < 1.2 * abs(place[0] - nose[0]) + 2
    still = bench.turning_movers.known_displacement(x, y, landmarks, landmarks)
    assert np.abs(still).max() < 1e-3


def track_of(landmarks: np.ndarray, turns: list[tuple[float, float]], bench) -> LandmarkTrack:
    turned = [bench.turning_movers.turned_in_space(landmarks, *turn) for turn in turns]
    frames = np.stack(turned).astype(np.float32)
    poses = np.array([estimate_pose(frame) for frame in frames], np.float32)
    present = np.ones(len(turns), bool)
    return LandmarkTrack(Path("clip.mp4"), Fraction(25), (360, 420), frames, poses, present)


def test_pairs_have_one_face_and_two_poses(bench, landmarks):
    turns = [(0.35 * step, 0.0) for step in range(21)]
    track = track_of(landmarks, turns, bench)
    pairs = bench.turning_clips.choose_pairs(track)
    assert pairs and all(kind == "yaw" for kind, _ in pairs)
    used = [number for _, pair in pairs for number in pair]
    assert len(set(used)) == len(used)
    for _, (a, b) in pairs:
        assert 2 <= abs(track.poses[b, 0] - track.poses[a, 0]) < 8
    track.landmarks[10:, 14, 1] += 20  # the mouth opens
    for _, (a, b) in bench.turning_clips.choose_pairs(track):
        assert (a < 10) == (b < 10)


def test_a_pair_that_the_library_turned_itself_has_gain_one(bench, picture, landmarks):
    points = landmarks - np.array([0.5, 0.5, 0], np.float32)
    movers = bench.turning_movers
    turner = movers.Turner(picture, make_face(points, 1.0))
    x, y = movers.pixels(picture.shape)
    second = movers.moved(picture, turner.displacement(x, y, 3.5, 0.0))
    aim = landmarks.copy()
    aim[:468, :2] = turner.move_points(points[:468, :2], 3.5, 0.0) + 0.5
    poses = (np.zeros(3), np.array([3.5, 0.0, 0.0]))
    pair = bench.turning_clips.Pair(
        "made", "yaw", (0, 1), (picture, second), (landmarks, aim), poses
    )
    outcome = bench.turning.compare(pair, FaceFinder())
    assert pair.size == 3.5
    whole = bench.turning.WHOLE
    assert outcome.lightness.argmin() == outcome.landmarks.argmin() == whole
    assert outcome.lightness[whole] < 0.5 * outcome.lightness[0]
    assert outcome.known < outcome.lightness[0]
    assert outcome.gains[0] == pytest.approx(1, abs=0.05)
    assert outcome.reached[0] > 0.5
    text = "\n".join(bench.turning.markdown([outcome]))
    assert "1 pairs of frames of 1 clips: made" in text and "1 of 1" in text
    assert "x1.0" in text.splitlines()[-1]
    assert bench.turning.as_dict(outcome)["turn"] == [3.5, 0.0, 0.0]


def test_without_clips_it_says_so(bench, monkeypatch, tmp_path):
    monkeypatch.setenv("LIPWRIGHT_GRID", str(tmp_path))
    monkeypatch.delenv("LIPWRIGHT_TURNING", raising=False)
    assert bench.turning_clips.find_clips() == []
    (line,) = bench.turning.markdown([])
    assert "set LIPWRIGHT_TURNING" in line
    for name in ("b.mp4", "a.mp4", "c.txt"):
        (tmp_path / name).touch()
    monkeypatch.setenv("LIPWRIGHT_TURNING", str(tmp_path))
    assert [path.name for path in bench.turning_clips.find_clips()] == ["a.mp4", "b.mp4"]
