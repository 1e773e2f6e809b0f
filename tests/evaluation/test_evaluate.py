"""Whole evaluations of videos whose lips are known, because we moved them."""

from __future__ import annotations

import json
import math
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from tests.evaluation.films import SIZE, buzzing_speech, make_film, spoken_sentence
from tests.helpers import hopper_path, read_picture

import lipwright
from lipwright.core.errors import FaceError, MediaError, UsageError
from lipwright.evaluation.plot import draw_gaps, typical_clip
from lipwright.evaluation.report import markdown, sentence, tables
from lipwright.evaluation.results import BASELINES, MEASURES, OURS, REAL, REAL_CURVES
from lipwright.evaluation.run import other_clips
from lipwright.media.image.read import read_image, resize
from lipwright.media.video.output_spec import OutputSpec
from lipwright.media.video.writer import VideoWriter
from lipwright.speech.speech import Speech

RANKING = [measure for measure in MEASURES if math.isfinite(measure.best)]


@pytest.fixture(scope="module")
def films(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("films")


@pytest.fixture(scope="module")
def spoken(films) -> tuple[Path, Speech]:
    speech = spoken_sentence()
    return make_film(films / "spoken.mp4", speech), speech


@pytest.fixture(scope="module")
def buzz(films) -> Path:
    return make_film(films / "buzz.mp4", buzzing_speech())


@pytest.fixture(scope="module")
def plain(buzz, films) -> lipwright.Evaluation:
    return lipwright.evaluate(buzz, baselines=False, output=films / "plain")


@pytest.fixture(scope="module")
def evaluation(spoken, films) -> lipwright.Evaluation:
    path, speech = spoken
    steps: list[tuple[str, int, int]] = []
    found = lipwright.evaluate(
        path,
        phones=speech.phones,
        ceiling=True,
        output=films / "kept",
        progress=lambda *step: steps.append(step),
    )
    assert steps[-1] == ("Measuring", 7, 7)
    return found


@pytest.mark.slow
def test_the_real_video_beats_all_others_by_every_measure_of_the_lips(evaluation):
    for measure in RANKING:
        best = evaluation.error(REAL, measure.name)
        assert best == pytest.approx(0, abs=0.01), measure.name
        for baseline in BASELINES:
            if (measure.name, baseline) == ("offset", "loudness"):
                continue  # mouths that open with the loudness may well open at the right time
            assert evaluation.error(baseline, measure.name) > best + 0.002, (
                measure.name,
                baseline,
            )


@pytest.mark.slow
def test_ours_is_between_the_real_video_and_the_baselines(evaluation):
    for name in ("gap_correlation", "movement_agreement"):
        ours = evaluation.median(OURS, name)
        assert evaluation.median(REAL, name) > ours
        assert all(ours > evaluation.median(baseline, name) for baseline in BASELINES), name
    ours = evaluation.error(OURS, "closures_hit")
    assert all(ours < evaluation.error(baseline, "closures_hit") for baseline in BASELINES)


@pytest.mark.slow
def test_drawing_and_tracking_lose_little(evaluation):
    assert evaluation.median(REAL_CURVES, "gap_correlation") > 0.95
    assert evaluation.median(REAL_CURVES, "offset") == 0
    # drawn a little further apart than the curves say, which trackers do not see on every face
    assert evaluation.median(REAL_CURVES, "articulation_ratio") == pytest.approx(1, abs=0.25)


@pytest.mark.slow
def test_the_bilabials_of_the_phones_were_seen(evaluation):
    found = evaluation.clips[0].measures
    assert found["still"]["bilabials_closed"] == 1 and found["still"]["vowels_open"] == 0
    assert found[REAL]["bilabial_contrast"] == 1 and found["still"]["bilabial_contrast"] == 0
    assert found[OURS]["bilabials_closed"] > 0.5


@pytest.mark.slow
def test_what_is_outside_the_face_loses_as_much_as_by_the_codec_alone(buzz):
    """With the head still: one that moves takes the whole of this picture along."""
    still = lipwright.evaluate(buzz, motion="still")
    for method in (OURS, *BASELINES):
        found = still.clips[0].measures[method]
        assert found["outside_psnr"] == pytest.approx(found["codec_psnr"], abs=0.5)
        assert found["outside_psnr"] > 38


@pytest.mark.slow
def test_a_still_video_gives_the_tracker_nothing_to_see(evaluation):
    found = evaluation.clips[0].measures["still"]
    assert found["silence_movement"] == 0 and found["gap_correlation"] == 0
    assert np.ptp(evaluation.clips[0].gaps["still"]) < 0.01


@pytest.mark.slow
def test_the_portrait_is_a_calm_frame_with_closed_lips(evaluation):
    clip = evaluation.clips[0]
    assert clip.gaps[REAL][clip.portrait_frame] < 0.03


@pytest.mark.slow
def test_the_videos_are_kept_at_the_references_own_rate_and_length(evaluation, spoken):
    def facts(path: Path) -> tuple[object, ...]:
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            return stream.frames, stream.average_rate, stream.width, stream.height

    clip = evaluation.clips[0]
    assert set(clip.videos) == {OURS, *BASELINES, REAL_CURVES}
    assert {facts(path) for path in clip.videos.values()} == {facts(spoken[0])}
    assert facts(spoken[0])[0] == clip.frames


@pytest.mark.slow
def test_it_is_json_and_tables_and_a_plot(evaluation, tmp_path):
    facts = json.loads(json.dumps(evaluation.as_dict(), allow_nan=False))
    assert set(facts["summary"]) == set(evaluation.methods)
    assert facts["clips"][0]["measures"]["still"]["offset"] is None
    assert facts["clips"][0]["closures"]["real"]["real"] > 0
    assert len(tables(evaluation)) == 1
    assert any("gap correlation" in line for line in markdown(evaluation))
    assert "real curves" in sentence(evaluation)
    for name in ("plot.png", "plot.svg"):
        draw_gaps(typical_clip(evaluation), tmp_path / name)
    picture = read_picture(tmp_path / "plot.png")
    assert picture.shape == (540, 1350, 3) and picture.std() > 10


def test_a_video_that_was_kept_is_measured_the_same(plain, buzz):
    clip = plain.clips[0]
    again = lipwright.evaluate(buzz, generated=clip.videos[OURS], baselines=False)
    assert again.methods == (OURS, REAL)
    for name in ("gap_correlation", "offset", "lmd", "articulation_ratio", "sharpness"):
        expected = clip.measures[OURS][name]
        assert again.clips[0].measures[OURS][name] == pytest.approx(expected, abs=1e-6), name


def test_noise_is_heard_by_the_engine_alone(plain, buzz):
    noisy = lipwright.evaluate(buzz, noise=0.0, baselines=False)
    clean = plain.clips[0]
    assert noisy.noise == 0 and noisy.clips[0].speech == clean.speech
    np.testing.assert_array_equal(noisy.clips[0].gaps[REAL], clean.gaps[REAL])
    assert not np.allclose(noisy.clips[0].gaps[OURS], clean.gaps[OURS], atol=0.01)


def test_a_folder_is_measured_clip_by_clip_and_the_bad_one_told(buzz, tmp_path, caplog):
    (tmp_path / "a_1.mp4").write_bytes(buzz.read_bytes())
    (tmp_path / "b_1.mp4").write_bytes(buzz.read_bytes()[:2000])
    (tmp_path / "notes.txt").write_text("no video")
    found = lipwright.evaluate(tmp_path, baselines=False)
    assert [clip.reference.name for clip in found.clips] == ["a_1.mp4"]
    assert list(found.failed) == [tmp_path / "b_1.mp4"] and "b_1.mp4" in caplog.text
    (tmp_path / "a_1.mp4").unlink()
    with pytest.raises(MediaError, match="None of the 1 videos"):
        lipwright.evaluate(tmp_path)


def test_an_engine_that_knows_only_sound_is_measured_too(buzz, fake_engines):
    found = lipwright.evaluate(buzz, engine="fake").clips[0].measures
    assert found[OURS]["gap_correlation"] == 0 and math.isnan(found[OURS]["outside_psnr"])
    assert found["loudness"]["articulation_ratio"] > 0.1  # drawn by the warp engine


def test_any_frame_rate(tmp_path):
    rate = Fraction(30000, 1001)
    path = make_film(tmp_path / "odd.mp4", buzzing_speech(), frames=35, fps=rate)
    clip = lipwright.evaluate(path, baselines=False).clips[0]
    assert clip.fps == rate and clip.frames == 35
    assert all(len(gap) == 35 for gap in clip.gaps.values())


def test_another_speaker_comes_first():
    paths = [Path(f"{name}.mp4") for name in ("A_0", "A_1", "B_0", "B_1", "C_0")]
    assert [p.stem for p in other_clips(paths[0], paths)] == ["B_0", "B_1", "C_0", "A_1"]
    assert other_clips(paths[3], paths)[0].stem == "C_0"
    assert other_clips(paths[0], paths[:1]) == []


def video_of(path: Path, pictures: list[np.ndarray], sound: Speech | None) -> Path:
    height, width = pictures[0].shape[:2]
    with VideoWriter(path, OutputSpec((width, height), Fraction(25)), audio=sound) as video:
        for picture in pictures:
            video.write(picture)
    return path


def test_what_cannot_be_measured_is_told(buzz, tmp_path):
    hopper = resize(read_image(hopper_path()), SIZE)
    quiet = video_of(tmp_path / "quiet.mp4", [hopper] * 12, None)
    faceless = video_of(tmp_path / "grey.mp4", [np.full_like(hopper, 90)] * 12, buzzing_speech())
    (tmp_path / "empty").mkdir()
    with pytest.raises(MediaError, match="no sound"):
        lipwright.evaluate(quiet)
    with pytest.raises(FaceError, match="No human face was found in"):
        lipwright.evaluate(faceless)
    with pytest.raises(MediaError, match="check the path"):
        lipwright.evaluate(tmp_path / "none.mp4")
    with pytest.raises(MediaError, match="no video in"):
        lipwright.evaluate(tmp_path / "empty")
    with pytest.raises(MediaError, match="frames"):
        lipwright.evaluate(video_of(tmp_path / "short.mp4", [hopper] * 3, buzzing_speech()))
    with pytest.raises(UsageError, match="belongs to one video"):
        lipwright.evaluate(buzz.parent, generated=buzz)
    with pytest.raises(UsageError, match="holds the references"):
        lipwright.evaluate(buzz.parent, output=buzz.parent)
    with pytest.raises(MediaError, match="cannot be made"):
        lipwright.evaluate(buzz, output=buzz)
    with pytest.raises(MediaError, match="sound file"):
        lipwright.evaluate(buzz, other=tmp_path / "none.wav")
    with pytest.raises(UsageError, match="no engine"):
        lipwright.evaluate(buzz, engine="fly")
    with pytest.raises(UsageError, match="motion"):
        lipwright.evaluate(buzz, motion="wild")
    with pytest.raises(UsageError, match="Noise"):
        lipwright.evaluate(buzz, noise=float("nan"))


def test_a_generated_video_must_run_in_step(buzz, tmp_path):
    slow = make_film(tmp_path / "slow.mp4", buzzing_speech(), fps=Fraction(20))
    with pytest.raises(MediaError, match="20 frames/s"):
        lipwright.evaluate(buzz, generated=slow, baselines=False)
    short = make_film(tmp_path / "short.mp4", buzzing_speech(), frames=20)
    with pytest.raises(MediaError, match=r"lasts 0\.80 s"):
        lipwright.evaluate(buzz, generated=short, baselines=False)
