"""`lipwright sync --engine lipgan` with files of full size, whose drawing is noise."""

from __future__ import annotations

import json
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from tests.engines.lipgan import keras_files
from tests.helpers import hopper_path, speech_wav
from tests.pipeline.resume.runs import PART, break_off, frames_of, same_frames, sync
from tests.videos import head_motion, moved_portrait, write_film

from lipwright.cli import run
from lipwright.core.errors import MissingExtraError, ModelError
from lipwright.engines import create_engine, face_redrawing
from lipwright.engines.lipgan.architecture import Sound, network
from lipwright.engines.lipgan.options import LipGanOptions
from lipwright.face import choose_face
from lipwright.media.image.read import read_image, resize
from lipwright.media.video import chunks
from lipwright.pipeline.image_frames import prepare_speaker

SECONDS = 0.4
SOUNDS: dict[str, Sound] = {"lipgan": "mel", "lipgan-mfcc": "mfcc"}


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory) -> dict[str, Path]:
    """The authors' smaller networks, with weights by rule."""
    for package in ("torch", "onnx", "h5py"):
        pytest.importorskip(package, reason=f"{package} is not installed: pip install .[lipgan]")
    folder = tmp_path_factory.mktemp("checkpoints")
    found = {}
    for name, sound in SOUNDS.items():
        layers = network(sound, "basic")
        weights = keras_files.make_weights(layers)
        found[name] = keras_files.write_file(folder / f"{name}.h5", layers, weights)
    return found


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    """Where the tests of this file convert to, once for all of them."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def installed(checkpoints, home, monkeypatch) -> dict[str, Path]:
    """The models are there."""
    monkeypatch.setenv("LIPWRIGHT_HOME", str(home))
    monkeypatch.setattr(face_redrawing, "find_model", checkpoints.__getitem__)
    return checkpoints


def speak(output: Path, sound: Path, *more: str) -> int:
    return run(
        ["sync", "--image", str(hopper_path()), "--audio", str(sound), "--output", str(output),
         "--quality", "low", *more]
    )  # fmt: skip


@pytest.mark.parametrize("name", SOUNDS)
def test_missing_weights_name_the_command_and_it_names_the_page(
    name, tmp_path, monkeypatch, capsys
):
    monkeypatch.setenv("LIPWRIGHT_HOME", str(tmp_path / "home"))
    sound = speech_wav(tmp_path / "voice.wav", SECONDS)
    assert speak(tmp_path / "out.mp4", sound, "--engine", name) == 1
    err = capsys.readouterr().err
    assert err.count("\n") == 1 and f'Engine "{name}" needs' in err
    assert "not known to be allowed" in err and f"run lipwright models download {name}." in err
    assert run(["models", "download", name, "--accept-licence"]) == 1
    err = capsys.readouterr().err
    assert "get it from https://drive.google.com/" in err and "--from" in err


@pytest.mark.parametrize("name", SOUNDS)
def test_a_picture_has_its_noise_in_the_right_place(name, installed, tmp_path, capsys):
    output, sound = tmp_path / "out.mp4", speech_wav(tmp_path / "voice.wav", SECONDS)
    assert speak(output, sound, "--engine", name, "--fps", "25", "--json") == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["engine"] == name and json.loads(out)["frames"] == 10
    assert "not known to be allowed" in err, "the licence is named at each use"
    frames = frames_of(output)
    height, width = frames[0].shape[:2]
    image = resize(read_image(hopper_path()), (width, height))
    face = choose_face(image, None, "hopper")
    box = prepare_speaker(create_engine(name), image, face).dirty_box
    assert box is not None and len(frames) == 10
    x0, y0, x1, y1 = box
    changed = np.mean([np.abs(frame.astype(float) - image).mean(axis=2) for frame in frames], 0)
    inside, near = np.zeros(changed.shape, bool), np.zeros(changed.shape, bool)
    inside[y0:y1, x0:x1] = True
    near[max(0, y0 - 16) : y1 + 16, max(0, x0 - 16) : x1 + 16] = True
    assert changed[inside].mean() > 5 and changed[~near].mean() < 4  # noise; the codec


def test_a_film_has_its_noise_on_the_moving_face_at_29_97(installed, tmp_path, capsys):
    rate = Fraction(30000, 1001)
    source = write_film(tmp_path / "film.mp4", [moved_portrait(4 * i) for i in range(6)], rate)
    output, sound = tmp_path / "out.mp4", speech_wav(tmp_path / "voice.wav", SECONDS)
    given = ["--video", str(source), "--audio", str(sound), "--output", str(output)]
    assert run(["sync", *given, "--engine", "lipgan", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["frames"] == 12 and not any(facts["left_alone"].values())
    originals, frames = frames_of(source), frames_of(output)
    shown = [0, 1, 2, 3, 4, 5, 4, 3, 2, 1, 0, 1]
    for frame, number in zip(frames, shown, strict=True):
        changed = np.abs(frame.astype(float) - originals[number]).mean(axis=2)
        x, y = (np.array([256.0, 325.0, 1.0]) @ head_motion(4 * number).T).astype(int)
        assert changed[y - 15 : y + 15, x - 15 : x + 15].mean() > 5  # noise
        assert changed[: y - 110].mean() < 5  # the codec


@pytest.mark.parametrize("timing", ["exact", "official"])
def test_a_run_that_broke_off_goes_on_to_the_same_frames(timing, installed, tmp_path, monkeypatch):
    monkeypatch.setattr(chunks, "SECONDS", PART)
    sound = speech_wav(tmp_path / "voice.wav", 1.0)
    options = {
        "engine": "lipgan-mfcc",
        "engine_options": {"checkpoint": installed["lipgan-mfcc"], "timing": timing},
    }
    sync(hopper_path(), sound, tmp_path / "whole.mp4", **options)
    break_off(hopper_path(), sound, tmp_path / "broken.mp4", 15, **options)
    result = sync(hopper_path(), sound, tmp_path / "broken.mp4", resume=True, **options)
    assert result.resumed == 10 and result.frames == 25
    assert same_frames(tmp_path / "whole.mp4", tmp_path / "broken.mp4")


def test_later_runs_need_neither_torch_nor_h5py(installed, tmp_path):
    create_engine("lipgan", {"checkpoint": installed["lipgan"]})
    output, sound = tmp_path / "out.mp4", speech_wav(tmp_path / "voice.wav", 0.2)
    program = f"""
import sys
sys.modules["torch"] = sys.modules["onnx"] = sys.modules["h5py"] = None  # not installed
from lipwright.engines import face_redrawing
from pathlib import Path
face_redrawing.find_model = lambda name: Path({str(installed["lipgan"])!r})
from lipwright.cli import run
sys.exit(run(["sync", "--image", {str(hopper_path())!r}, "--audio", {str(sound)!r}, "--quality",
    "low", "--output", {str(output)!r}, "--engine", "lipgan"]))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert len(frames_of(output)) == 5


@pytest.mark.parametrize("name", SOUNDS)
def test_without_torch_the_first_run_names_the_extra(name, tmp_path, monkeypatch):
    monkeypatch.setenv("LIPWRIGHT_HOME", str(tmp_path / "home"))
    monkeypatch.setitem(sys.modules, "torch", None)
    for module in ("onnx_export", "torch_model"):
        monkeypatch.delitem(sys.modules, f"lipwright.engines.lipgan.{module}", raising=False)
    path = tmp_path / "lipgan.h5"
    path.write_bytes(b"anything")
    with pytest.raises(MissingExtraError, match=r'pip install "lipwright\[lipgan\]"'):
        create_engine(name, {"checkpoint": path})


@pytest.mark.parametrize(
    ("name", "other", "heard"),
    [("lipgan", "lipgan-mfcc", "MFCC"), ("lipgan-mfcc", "lipgan", "MEL")],
)
def test_the_file_of_the_other_engine_is_told(name, other, heard, installed):
    told = f"hears {heard}: choose the engine {other}, or give it the file of {name}."
    with pytest.raises(ModelError, match=told):
        create_engine(name, {"checkpoint": installed[other]})


def test_a_file_that_is_none_is_told_and_leaves_nothing(installed, home, tmp_path):
    path = tmp_path / "lipgan.h5"
    path.write_bytes(installed["lipgan"].read_bytes()[:100_000])
    before = sorted(home.rglob("*"))
    with pytest.raises(ModelError, match="lipgan.h5 is damaged or no file of Keras"):
        create_engine("lipgan", {"checkpoint": path})
    assert sorted(home.rglob("*")) == before


def test_options_by_default():
    assert LipGanOptions() == LipGanOptions(8, "soft", "exact")
