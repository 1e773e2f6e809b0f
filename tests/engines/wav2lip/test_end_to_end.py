"""`lipwright sync --engine wav2lip` with a checkpoint of full size, whose drawing is noise."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from tests.engines import recipe
from tests.helpers import hopper_path, speech_wav
from tests.videos import head_motion, moved_portrait, write_film

from lipwright.cli import run
from lipwright.core.errors import MissingExtraError, ModelError
from lipwright.engines import face_redrawing
from lipwright.engines.onnx_cache import converted
from lipwright.engines.wav2lip import engine as engine_module
from lipwright.engines.wav2lip.options import Wav2LipOptions

SECONDS = 0.4


@pytest.fixture
def empty_home(tmp_path, monkeypatch) -> Path:
    """No model is installed, nothing is converted."""
    monkeypatch.setenv("LIPWRIGHT_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory) -> Path:
    """A checkpoint as the authors save it, with weights by rule."""
    torch = pytest.importorskip("torch", reason="torch is not installed: pip install .[wav2lip]")
    pytest.importorskip("onnx", reason="onnx is not installed: pip install .[wav2lip]")
    from lipwright.engines.wav2lip.torch_model import Generator

    path = tmp_path_factory.mktemp("checkpoint") / "wav2lip.pth"
    weights = recipe.make_weights(recipe.shapes_of(Generator()))
    state = {f"module.{key}": torch.from_numpy(value) for key, value in weights.items()}
    torch.save({"state_dict": state, "global_step": 1}, path)
    return path


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    """Where the tests of this file convert to, once for all of them."""
    return tmp_path_factory.mktemp("home")


def frames_of(video: Path) -> list[np.ndarray]:
    import av

    with av.open(str(video)) as container:
        return [frame.to_ndarray(format="bgr24") for frame in container.decode(video=0)]


def sync(output: Path, sound: Path, *more: str) -> int:
    return run(
        ["sync", "--image", str(hopper_path()), "--audio", str(sound), "--output", str(output),
         "--quality", "low", *more]
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "file"), [("wav2lip", "wav2lip.pth"), ("wav2lip-gan", "wav2lip_gan.pth")]
)
def test_missing_weights_name_the_command_that_brings_them_and_their_licence(
    name, file, empty_home, tmp_path, capsys
):
    sound = speech_wav(tmp_path / "voice.wav", SECONDS)
    assert sync(tmp_path / "out.mp4", sound, "--engine", name) == 1
    _, err = capsys.readouterr()
    assert err.count("\n") == 1
    for part in (f'Engine "{name}" needs {file}', "no commercial use", "licence",
                 f"run lipwright models download {name}"):  # fmt: skip
        assert part in err
    assert not (tmp_path / "out.mp4").exists()


def test_an_option_of_another_engine_is_told(tmp_path, capsys):
    sound = speech_wav(tmp_path / "voice.wav", SECONDS)
    assert sync(tmp_path / "out.mp4", sound, "--paste", "official") == 2
    assert 'engine "warp" has no option paste' in capsys.readouterr().err
    assert sync(tmp_path / "out.mp4", sound, "--engine", "wav2lip", "--batch-size", "0") == 2


@pytest.mark.parametrize("paste", ["soft", "official"])
def test_a_video_has_its_noise_in_the_right_place_at_the_right_time(
    paste, checkpoint, home, tmp_path, monkeypatch, capsys
):
    monkeypatch.setenv("LIPWRIGHT_HOME", str(home))
    monkeypatch.setattr(face_redrawing, "find_model", lambda name: checkpoint)
    output, sound = tmp_path / "out.mp4", speech_wav(tmp_path / "voice.wav", SECONDS)
    given = ("--engine", "wav2lip", "--paste", paste, "--batch-size", "4", "--fps", "25")
    assert sync(output, sound, *given, "--json") == 0
    out, err = capsys.readouterr()
    facts = json.loads(out)
    assert facts["engine"] == "wav2lip" and facts["frames"] == 10
    assert "no commercial use" in err, "the licence is named at each use"
    frames = frames_of(output)
    assert len(frames) == 10
    found = engine_module.Wav2LipEngine(Wav2LipOptions(paste=paste))
    from lipwright.face import choose_face
    from lipwright.media.image.read import read_image, resize
    from lipwright.pipeline.image_frames import prepare_speaker

    height, width = frames[0].shape[:2]
    image = resize(read_image(hopper_path()), (width, height))
    face = choose_face(image, None, "hopper")
    box = prepare_speaker(found, image, face).dirty_box
    assert box is not None
    x0, y0, x1, y1 = box
    changed = np.mean(
        [np.abs(frame.astype(float) - image).mean(axis=2) for frame in frames], axis=0
    )
    inside = np.zeros(changed.shape, bool)
    inside[y0:y1, x0:x1] = True
    near = np.zeros_like(inside)
    near[max(0, y0 - 16) : y1 + 16, max(0, x0 - 16) : x1 + 16] = True
    assert changed[inside].mean() > 10  # noise
    assert changed[~near].mean() < 4  # the codec


def test_a_film_has_its_noise_on_the_moving_face(checkpoint, home, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("LIPWRIGHT_HOME", str(home))
    monkeypatch.setattr(face_redrawing, "find_model", lambda name: checkpoint)
    source = write_film(tmp_path / "film.mp4", [moved_portrait(4 * i) for i in range(6)])
    output, sound = tmp_path / "out.mp4", speech_wav(tmp_path / "voice.wav", SECONDS)
    given = ["--video", str(source), "--audio", str(sound), "--output", str(output)]
    assert run(["sync", *given, "--engine", "wav2lip", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["frames"] == 10 and not any(facts["left_alone"].values())
    originals, frames = frames_of(source), frames_of(output)
    shown = [0, 1, 2, 3, 4, 5, 4, 3, 2, 1]
    for frame, number in zip(frames, shown, strict=True):
        changed = np.abs(frame.astype(float) - originals[number]).mean(axis=2)
        mouth = np.array([256.0, 325.0, 1.0]) @ head_motion(4 * number).T
        x, y = mouth.astype(int)
        assert changed[y - 15 : y + 15, x - 15 : x + 15].mean() > 10  # noise
        assert changed[: y - 110].mean() < 5  # the codec


def test_later_runs_need_no_torch(checkpoint, home, tmp_path, monkeypatch):
    monkeypatch.setenv("LIPWRIGHT_HOME", str(home))
    engine_module.Wav2LipEngine(Wav2LipOptions(checkpoint=checkpoint))
    output, sound = tmp_path / "out.mp4", speech_wav(tmp_path / "voice.wav", 0.2)
    program = f"""
import sys
sys.modules["torch"] = sys.modules["onnx"] = None  # as if they were not installed
from lipwright.engines import face_redrawing
from pathlib import Path
face_redrawing.find_model = lambda name: Path({str(checkpoint)!r})
from lipwright.cli import run
sys.exit(run(["sync", "--image", {str(hopper_path())!r}, "--audio", {str(sound)!r}, "--quality",
    "low", "--output", {str(output)!r}, "--engine", "wav2lip"]))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert len(frames_of(output)) == 5


def test_without_torch_the_first_run_names_the_extra(empty_home, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    path = tmp_path / "wav2lip.pth"
    path.write_bytes(b"anything")
    monkeypatch.delitem(sys.modules, "lipwright.engines.wav2lip.onnx_export", raising=False)
    with pytest.raises(MissingExtraError, match=r'pip install "lipwright\[wav2lip\]"'):
        engine_module.Wav2LipEngine(Wav2LipOptions(checkpoint=path))


def test_conversion_is_done_once_for_the_same_content(tmp_path, caplog):
    first, copy = tmp_path / "a.pth", tmp_path / "b.pth"
    first.write_bytes(b"weights")
    copy.write_bytes(b"weights")
    calls = []

    def convert(checkpoint, paths):
        calls.append(checkpoint)
        for path in paths:
            path.write_bytes(b"network")

    with caplog.at_level(logging.INFO, "lipwright"):
        paths = converted(first, ("one", "two"), convert, tmp_path / "cache")
        assert converted(copy, ("one", "two"), convert, tmp_path / "cache") == paths
    assert calls == [first] and [path.read_bytes() for path in paths] == [b"network"] * 2
    assert "once" in caplog.text
    copy.write_bytes(b"others")
    older = paths[0].with_name(paths[0].name.replace("-v", "-v0"))
    paths[0].rename(older)
    assert converted(first, ("one", "two"), convert, tmp_path / "cache") == paths
    assert sorted((tmp_path / "cache").iterdir()) == sorted(paths), "what is older goes"
    assert converted(copy, ("one", "two"), convert, tmp_path / "cache") != paths


def test_a_conversion_that_fails_leaves_nothing(tmp_path):
    checkpoint = tmp_path / "a.pth"
    checkpoint.write_bytes(b"weights")

    def convert(checkpoint, paths):
        paths[0].write_bytes(b"half a netw")
        raise ModelError("no")

    with pytest.raises(ModelError):
        converted(checkpoint, ("one", "two"), convert, tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []
