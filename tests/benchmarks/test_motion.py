"""The benchmark of heads and brows, on tracks and pictures whose truth is known."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import numpy as np
import pytest
from tests.benchmarks.modules import benchmark_modules
from tests.helpers import speech_like, write_wav

from lipwright.cli.demo import find_sample_portrait
from lipwright.face import FaceFinder
from lipwright.face.landmark_indices import FACE_OVAL
from lipwright.media.image.read import read_image

MODULES = ("wild_clips", "motion_tracks", "motion_measures", "motion")
FPS, FRAMES = 25.0, 500
TIMES = np.arange(FRAMES) / FPS


@pytest.fixture(scope="module")
def bench() -> Iterator[SimpleNamespace]:
    """The modules of the benchmark, by name."""
    with benchmark_modules(*MODULES) as modules:
        yield modules


def wave(hertz: float, size: float) -> np.ndarray:
    return size * np.sin(2 * np.pi * hertz * TIMES)


def made_up_track(bench, yaw: np.ndarray, level: np.ndarray | None = None):
    columns = {name: np.zeros(FRAMES) for name in bench.motion_tracks.COLUMNS}
    columns |= {"yaw": yaw, "x": 0.01 * yaw}
    level = np.full(FRAMES, -30.0) if level is None else level
    return bench.motion_tracks.MotionTrack("made_up", FPS, columns, level)


def test_deviation_and_speed_of_a_swaying_head(bench):
    found = bench.motion_measures.measure_track(made_up_track(bench, wave(0.25, 4.0)))
    assert set(found) == set(bench.motion_measures.MEASURES)
    assert found["sd yaw"] == pytest.approx(4 / np.sqrt(2), rel=0.01)
    assert found["sd x"] == pytest.approx(0.04 / np.sqrt(2), rel=0.01)
    assert found["speed yaw"] == pytest.approx(4 * 4 * 0.25, rel=0.05)  # four ways a period
    assert found["sd pitch"] == found["speed roll"] == found["loudness"] == 0


def test_the_share_of_fast_movement(bench):
    share = bench.motion_measures.fast_share

    def of(yaw: np.ndarray) -> float:
        return share(np.stack([yaw, np.zeros(FRAMES), np.zeros(FRAMES)], axis=1), FPS)

    assert of(wave(0.3, 2.0)) < 0.01
    assert of(wave(2.0, 2.0)) > 0.99
    assert of(wave(0.3, 3.0) + wave(2.0, 1.0)) == pytest.approx(0.1, abs=0.01)
    assert of(wave(2.0, 1.0) + 5 * TIMES) > 0.9  # a straight trend does not count


def test_a_head_that_moves_while_it_is_loud(bench):
    loud = (TIMES % 4) < 2
    level = np.where(loud, -20.0, -50.0)
    yaw = np.where(loud, wave(1.0, 3.0), 0.0)
    measure = bench.motion_measures.measure_track
    assert measure(made_up_track(bench, yaw, level))["loudness"] > 0.6
    assert measure(made_up_track(bench, yaw, -level))["loudness"] < -0.6


def test_percentiles_and_medians(bench):
    found = [{"sd yaw": float(value)} for value in range(11)]
    assert bench.motion_measures.percentiles(found) == {"sd yaw": (1.0, 2.5, 5.0)}
    assert bench.motion_measures.medians(found) == {"sd yaw": 5.0}


def test_columns_of_a_tracked_video(bench):
    face = FaceFinder().find(read_image(find_sample_portrait()))[0]
    landmarks = np.repeat(face.landmarks[None], 3, axis=0)
    width = float(np.ptp(landmarks[0, list(bench.motion_tracks.FACE_OVAL), 0]))
    landmarks[2] += np.array([0.1 * width, -0.05 * width, 0], np.float32)
    landmarks[0, [105, 334], 1] -= 10  # brows up
    poses = np.tile([1.0, 2.0, 3.0], (3, 1)).astype(np.float32)
    found = bench.motion_tracks.columns_of(landmarks, poses)
    assert list(found) == list(bench.motion_tracks.COLUMNS)
    assert found["x"] == pytest.approx([0, 0, 0.1], abs=1e-4)
    assert found["y"] == pytest.approx([0, 0, -0.05], abs=1e-4)
    assert found["pitch"].tolist() == [2, 2, 2]
    assert found["brow"][0] > found["brow"][1] + 0.05
    assert found["brow"][2] == pytest.approx(found["brow"][1], abs=1e-4)
    opening = bench.motion_tracks.eye_opening(landmarks)
    assert opening[0] == pytest.approx(opening[2], abs=1e-4)
    landmarks[1, [159, 386]] = landmarks[1, [145, 374]]
    assert bench.motion_tracks.eye_opening(landmarks)[1] == 0 < opening[1]
    landmarks[1, [87, 14, 317], 1] += 8
    gap = bench.motion_tracks.lip_gap(landmarks)
    assert gap[1] > gap[0] + 0.03 and gap[0] == pytest.approx(gap[2], abs=1e-4)


def test_people_are_read(bench, tmp_path):
    assert bench.motion_tracks.read_people(tmp_path) == []
    write_wav(tmp_path / "speaker_01.flac", speech_like(1.0))  # the content is what is looked at
    lines = ["time_s,yaw_deg,pitch_deg,roll_deg,x_fw,y_fw,brow,lip_gap,lip_width,jaw,level_db"]
    lines += [f"{row / 20},{row},2,3,0.1,0.2,0.3,0.1,0.5,1.0,{-row}" for row in range(20)]
    (tmp_path / "speaker_01.csv").write_text("\n".join(lines))
    (tmp_path / "offsets.json").write_text('{"speaker_01": 0}')
    (person,) = bench.motion_tracks.read_people(tmp_path)
    assert person.name == "speaker_01" and person.fps == pytest.approx(20)
    assert person.columns["yaw"].tolist() == list(range(20))
    assert (person.columns["y"][0], person.columns["brow"][0], person.level[4]) == (0.2, 0.3, -4)
    sound = bench.motion.read_sound(tmp_path / "speaker_01.flac", 2.5)
    assert sound.shape == (40_000,)
    assert np.array_equal(sound[:16_000], sound[16_000:32_000])


def test_the_background_is_far_from_the_person(bench):
    picture = read_image(find_sample_portrait())
    (face,) = FaceFinder(1).find(picture)
    oval = face.landmarks[list(FACE_OVAL), :2]
    free = bench.motion_measures.background(picture, oval)
    height, width = picture.shape[:2]
    assert free[int(0.1 * height), int(0.95 * width)]
    assert not free[int(0.9 * height), int(0.5 * width)]
    left = int(oval[:, 0].min() - 0.15 * np.ptp(oval[:, 0]))
    assert not free[int(oval[:, 1].mean()), left]
    assert 0.1 < free.mean() < 0.6


def test_differences_count_in_the_area_alone(bench):
    source = np.full((50, 50, 3), 100, np.uint8)
    frame = source.copy()
    frame[:10] = 160
    area = np.zeros((50, 50), bool)
    difference = bench.motion_measures.difference
    assert difference(frame, source, area) == (0, 0)
    area[20:] = True
    assert difference(frame, source, area) == (0, 0)
    area[:] = True
    mean, tail = difference(frame, source, area)
    assert mean == pytest.approx(12) and tail == pytest.approx(60)


def test_a_portrait_is_measured_and_reported(bench):
    sound = speech_like(1.0)
    found = bench.motion.measure_portrait(
        find_sample_portrait(), sound, ("still", "subtle"), "low", FaceFinder()
    )
    still, subtle = found["levels"]["still"], found["levels"]["subtle"]
    assert 0.02 < found["background_share"] < 0.6
    assert found["recompressed_identity"] > 0.97
    assert still["lips"] == pytest.approx(1) and subtle["lips"] > 0.8
    assert still["background mean over still"] == 0
    assert abs(subtle["background mean over still"]) < 1
    assert still["identity mean"] > 0.9 and still["identity least"] <= still["identity mean"]
    assert subtle["sd y"] > 0 and subtle["sd yaw"] > 0
    people = {"one": bench.motion_measures.measure_track(made_up_track(bench, wave(0.3, 2.0)))}
    results = {"people": people, "portraits": {"hopper": found}}
    lines = list(bench.motion.markdown(results, ("still", "subtle")))
    tables = [line for line in lines if line.startswith("|")]
    assert len(tables) == 2 + len(bench.motion_measures.MEASURES) + 2 + 5 + 2 + 1
    assert any(line.startswith("| sd yaw | 1.4") and "(x" in line for line in tables)
    assert tables[-1].startswith("| hopper |")


def test_a_level_is_set_beside_what_is_asked(bench):
    beside, asked = bench.motion.beside, (1.0, 2.0, 4.0)
    assert beside(0.5, asked, 0) == "x0.50" and beside(6.0, asked, 2) == "x1.50"
    assert beside(1.5, asked, 1) == "x0.75" and beside(4.0, asked, 1) == "x2.00"
    assert beside(0.9, asked, 1) == "x0.45, too little"
    assert beside(4.2, asked, 1) == "x2.10, too much"


def test_what_is_missing_is_said(bench, monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("LIPWRIGHT_PORTRAITS", str(tmp_path))
    assert bench.motion.find_portraits(3) == [find_sample_portrait()]
    assert "set LIPWRIGHT_PORTRAITS" in capsys.readouterr().out
    monkeypatch.setenv("LIPWRIGHT_WILD", str(tmp_path))
    monkeypatch.setattr("sys.argv", ["motion.py"])
    bench.motion.main()
    assert "set LIPWRIGHT_WILD" in capsys.readouterr().out
    (line,) = bench.motion.markdown({"portraits": {}, "people": {}}, ("still",))
    assert "no portrait" in line
