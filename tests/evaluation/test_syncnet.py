"""LSE: features, crops, distances, and the judges on films whose lips are known to be late."""

from __future__ import annotations

import json
import sys
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from tests.engines.recipe import parity
from tests.engines.wav2lip.kept_numbers import array
from tests.evaluation.films import buzzing_speech, make_film
from tests.helpers import astronaut_path, read_picture, speech_wav

from lipwright.cli import run
from lipwright.core.errors import LipwrightError, MediaError, MissingExtraError
from lipwright.evaluation.landmark_track import track_video
from lipwright.evaluation.syncnet import distances, face_crop, scorer, selftest
from lipwright.evaluation.syncnet.distances import LipSync
from lipwright.evaluation.syncnet.mfcc import mfcc
from lipwright.media.video.output_spec import OutputSpec
from lipwright.media.video.writer import VideoWriter
from lipwright.speech.speech import Speech


def test_a_whole_sentence_has_the_official_cepstra():
    official = parity("features")
    found = mfcc(official["wav_int16"])
    assert found.shape == official["syncnet_mfcc"].shape
    assert np.abs(found - official["syncnet_mfcc"]).max() < 1e-3


def test_a_piece_of_it_has_them_too_as_integers_or_not():
    for samples in (array("sound"), array("sound") / 32768):
        assert np.abs(mfcc(samples)[1:37] - array("mfcc")).max() < 1e-3


def test_silence_has_cepstra_that_are_numbers():
    assert np.isfinite(mfcc(np.zeros(1600))).all()
    assert mfcc(np.zeros(0)).shape == (0, 13) and mfcc(np.zeros(1)).shape == (1, 13)


def test_boxes_are_smoothed_as_the_authors_do():
    signal = pytest.importorskip("scipy.signal")
    random = np.random.default_rng(0)
    corners = random.uniform(0, 100, (40, 2))
    boxes = np.concatenate([corners, corners + random.uniform(50, 90, (40, 2))], axis=1)
    x0, y0, x1, y1 = boxes.T
    wanted = [(x0 + x1) / 2, (y0 + y1) / 2, np.maximum(y1 - y0, x1 - x0) / 2]
    for found, values in zip(face_crop.smooth_boxes(boxes).T, wanted, strict=True):
        np.testing.assert_allclose(found, signal.medfilt(values, kernel_size=13))


def official_crop(image: np.ndarray, x: float, y: float, half: float) -> np.ndarray:
    """joonson/syncnet_python's crop, with the whole picture padded as there."""
    margin = int(half * 1.8)
    pads = ((margin, margin), (margin, margin), (0, 0))
    padded = np.pad(image, pads, "constant", constant_values=110)
    y, x = y + margin, x + margin
    rows = slice(int(y - half), int(y + half * 1.8))
    part = padded[rows, int(x - half * 1.4) : int(x + half * 1.4)]
    return cv2.resize(part, (224, 224))


def test_the_crop_is_the_authors_inside_the_picture_and_beyond_it():
    image = np.random.default_rng(1).integers(0, 256, (120, 160, 3), np.uint8)
    random = np.random.default_rng(2)
    for _ in range(200):
        place = random.uniform(0, 160), random.uniform(0, 120), random.uniform(5, 90)
        np.testing.assert_array_equal(
            face_crop.crop_speaker(image, *place), official_crop(image, *place)
        )


def test_a_lost_face_is_grey():
    assert (face_crop.crop_speaker(np.zeros((50, 50, 3), np.uint8), 0.0, 0.0, 0.0) == 110).all()


def test_jpeg_loses_a_little_and_no_frame():
    image = cv2.resize(read_picture(astronaut_path()), (224, 224))
    read = list(face_crop.through_jpeg([image] * 4))
    assert len(read) == 4 and list(face_crop.through_jpeg([])) == []
    assert all(0.1 < np.abs(back.astype(float) - image).mean() < 8 for back in read)


@pytest.mark.parametrize(
    ("count", "fps", "wanted"),
    [
        (5, 25, [0, 1, 2, 3, 4]),
        (10, 50, [1, 3, 5, 7, 9]),
        (3, Fraction(25, 2), [0, 0, 1, 1, 2, 2]),
        (300, Fraction(30000, 1001), None),
    ],
)
def test_frames_of_other_rates_are_taken_at_25(count, fps, wanted):
    found = face_crop.at_25(count, Fraction(fps))
    assert wanted is None or found == wanted
    assert len(found) == round(count * 25 / Fraction(fps)) and found == sorted(found)
    middles = (np.array(found) + 0.5) / float(fps) - (np.arange(len(found)) + 0.5) / 25
    assert np.abs(middles).max() <= 0.5 / float(fps) + 1e-9


@pytest.mark.parametrize("late", [-15, -4, 0, 3, 15])
def test_the_offset_says_by_how_much_the_lips_are_late(late):
    random = np.random.default_rng(3)
    heard = random.standard_normal((80, 16)) + 3
    seen = np.roll(heard, late, axis=0) + 0.1 * random.standard_normal((80, 16))
    found = distances.compare(seen, heard)
    assert found.offset == late and found.frames == 80
    assert found.confidence > 1
    means = distances.mean_distances(seen, heard)
    assert found.distance == means.min()
    assert found.confidence == pytest.approx(np.median(means) - means.min())


def test_distances_are_the_authors():
    """Against their loop over frames, written out."""
    random = np.random.default_rng(4)
    seen, heard = random.standard_normal((2, 7, 5))
    padded = np.pad(heard, ((15, 15), (0, 0)))
    table = [
        [np.sqrt(((seen[i] - padded[i + k] + 1e-6) ** 2).sum()) for k in range(31)]
        for i in range(7)
    ]
    np.testing.assert_allclose(distances.mean_distances(seen, heard), np.mean(table, axis=0))


class Ear:
    """Hears how loud it is."""

    def __init__(self, sound: np.ndarray) -> None:
        energies = mfcc(sound)[:, 0]
        self.low, self.high = energies.min(), energies.max()

    def run(self, outputs: None, inputs: dict[str, np.ndarray]) -> list[np.ndarray]:
        level = (inputs["mfcc"][:, 0, 0].mean(axis=1) - self.low) / (self.high - self.low)
        return [np.repeat(10 * level[:, None] - 5, 4, axis=1)]


class Eye:
    """Sees how bright it is."""

    def run(self, outputs: None, inputs: dict[str, np.ndarray]) -> list[np.ndarray]:
        level = (inputs["lips"].mean(axis=(1, 2, 3)) - 50) / 150
        return [np.repeat(10 * level[:, None] - 5, 4, axis=1)]


def flickering(late: int, frames: int = 60) -> tuple[list[np.ndarray], np.ndarray]:
    """Grey pictures as bright as the sound `late` frames before was loud, and that sound."""
    levels = np.random.default_rng(5).uniform(0, 1, frames)
    noise = np.random.default_rng(6).standard_normal((frames, 640))
    sound = (noise * 0.2 * np.exp(3 * (levels - 1))[:, None]).ravel().astype(np.float32)
    pictures = [
        np.full((224, 224, 3), 50 + 150 * levels[max(0, k - late)], np.uint8) for k in range(frames)
    ]
    return pictures, sound


@pytest.mark.parametrize("late", [0, 3])
def test_late_lips_are_found_in_a_film(late):
    pictures, sound = flickering(late)
    found = scorer.score_crops(Ear(sound), Eye(), pictures, sound, len(pictures) - 5)
    assert found.offset == late and found.frames == 55
    assert found.confidence > 0.5 * found.distance


def test_too_short_a_film_is_told():
    with pytest.raises(MediaError, match="14 frames with 0.56 s of sound are too few"):
        scorer.count_moments(14, 14 * 640)
    with pytest.raises(MediaError, match="too few"):
        scorer.count_moments(100, 14 * 640)
    assert scorer.count_moments(100, 20 * 640 + 639) == 15


class Fixed(scorer.Scorer):
    """A judge that always says the same."""

    def __init__(self, found: LipSync) -> None:
        self.found = found

    def score_cropped(self, images, count, sound) -> LipSync:
        assert sum(1 for _ in images) == count == 20 and len(sound) > 11_000
        return self.found


@pytest.fixture
def example(tmp_path) -> Path:
    """A film of the size of the authors' example."""
    path = tmp_path / "example.mov"
    speech = Speech.from_file(speech_wav(tmp_path / "voice.wav", 0.8))
    with VideoWriter(path, OutputSpec((224, 224), Fraction(25)), audio=speech) as video:
        for _ in range(20):
            video.write(np.full((224, 224, 3), 90, np.uint8))
    return path


def test_the_self_test_wants_the_authors_numbers(example):
    right = LipSync(5.3534, 10.0206, 3, 50)
    assert selftest.run_self_test(example, Fixed(right)) == right
    for wrong in (LipSync(5.36, 10.021, 3, 50), LipSync(5.353, 10.021, 2, 50)):
        with pytest.raises(LipwrightError, match="and not 3 / 5.353 / 10.021"):
            selftest.run_self_test(example, Fixed(wrong))


def test_the_self_test_wants_the_authors_film(tmp_path):
    with pytest.raises(MediaError, match="fetch data/example.avi"):
        selftest.run_self_test(tmp_path / "example.avi", Fixed(LipSync(5, 10, 3, 1)))
    film = make_film(tmp_path / "film.mp4", buzzing_speech(0.8))
    with pytest.raises(MediaError, match="256x300 px and not 224x224"):
        selftest.run_self_test(film, Fixed(LipSync(5, 10, 3, 1)))


@pytest.mark.parametrize("option", ["--lse", "--self-test"])
def test_missing_weights_name_the_command_that_brings_them(
    option, example, tmp_path, monkeypatch, capsys
):
    monkeypatch.setenv("LIPWRIGHT_HOME", str(tmp_path / "home"))
    assert run(["evaluate", "--reference", str(example), option]) == 1
    err = capsys.readouterr().err
    assert err.count("\n") == 1 and "syncnet_v2.model" in err
    assert "run lipwright models download syncnet" in err


class Judge:
    """Any of the networks: says the same of everything."""

    def run(self, outputs: None, inputs: dict[str, np.ndarray]) -> list[np.ndarray]:
        (count, *_), *_ = (value.shape for value in inputs.values())
        if "face" not in inputs:
            return [np.ones((count, 4), np.float32)]
        assert inputs["mel"].shape == (count, 1, 80, 16)
        assert inputs["face"].shape == (count, 15, 48, 96)
        return [np.full((count, 4), 0.5, np.float32)] * 2


@pytest.mark.parametrize("expert", [True, False])
def test_a_film_is_judged_by_who_is_there(expert, tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(scorer, "find_model", Path)
    monkeypatch.setattr(scorer, "remind", lambda name: None)
    monkeypatch.setattr(scorer, "converted", lambda checkpoint, parts, convert: [*map(Path, parts)])
    monkeypatch.setattr(scorer, "open_network", lambda path, device: Judge())
    monkeypatch.setattr("lipwright.weights.Store.installed", lambda self, model: expert)
    caplog.set_level("INFO", "lipwright")
    speech = buzzing_speech(0.8)
    track = track_video(make_film(tmp_path / "film.mp4", speech))
    found = scorer.Scorer().measure(track, speech.samples)
    assert found["lse_d"] == pytest.approx(0, abs=1e-4) and found["lse_offset"] == 0
    assert found.get("expert") == (pytest.approx(1) if expert else None)
    assert ("run lipwright models download lipsync-expert" in caplog.text) == (not expert)


@pytest.mark.parametrize("convert", [scorer._convert_syncnet, scorer._convert_expert])
def test_without_torch_the_extra_is_named(convert, tmp_path, monkeypatch):
    for package in ("lipwright.evaluation.syncnet", "lipwright.engines.wav2lip"):
        monkeypatch.setitem(sys.modules, f"{package}.onnx_export", None)
    with pytest.raises(MissingExtraError, match=r"Converting x\.pth, once, .*lipwright\[wav2lip\]"):
        convert(tmp_path / "x.pth", [])


def test_a_film_that_ends_early_shows_its_last_frame():
    images = [np.full((2, 2, 3), level, np.uint8) for level in range(3)]
    assert [image[0, 0, 0] for image in scorer._pick(images, [0, 0, 2, 4, 5])] == [0, 0, 2, 2, 2]
    assert list(scorer._pick([], [0, 1])) == []


def test_an_evaluation_with_both_judges(tmp_path, monkeypatch, capsys):
    """Judges of full size with weights by rule: numbers without meaning, in their places."""
    torch = pytest.importorskip("torch", reason="torch is not installed: pip install .[wav2lip]")
    pytest.importorskip("onnx", reason="onnx is not installed: pip install .[wav2lip]")
    from tests.engines import recipe

    from lipwright.engines.wav2lip.torch_model import Expert
    from lipwright.evaluation.syncnet.torch_model import SyncNet
    from lipwright.weights import Store

    files = {}
    for name, network in (("syncnet", SyncNet()), ("lipsync-expert", Expert())):
        files[name] = tmp_path / name
        torch.save(recipe.fill(network).state_dict(), files[name])
    monkeypatch.setenv("LIPWRIGHT_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(scorer, "find_model", lambda name: files[name])
    monkeypatch.setattr(Store, "installed", lambda self, model: True)
    film = make_film(tmp_path / "film.mp4", buzzing_speech(0.8))
    given = ["--reference", str(film), "--no-baselines", "--lse", "--json"]
    assert run(["evaluate", *given]) == 0
    out, err = capsys.readouterr()
    assert "syncnet" in err and "lipsync-expert" in err, "licences are named at each use"
    summary = json.loads(out)["summary"]
    for method in ("ours", "real"):
        found = {name: summary[method][name]["median"] for name in ("lse_d", "lse_c", "expert")}
        assert found["lse_d"] > 0 and found["lse_c"] >= 0 and -1 <= found["expert"] <= 1
        assert -15 <= summary[method]["lse_offset"]["median"] <= 15
