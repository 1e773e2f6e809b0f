"""`lipwright sync --engine latentsync` with small networks, whose drawing is noise."""

from __future__ import annotations

import json

import numpy as np
import pytest
from tests.helpers import hopper_path, speech_wav
from tests.pipeline.resume.runs import frames_of
from tests.videos import head_motion, moved_portrait, write_film

from lipwright.cli import run

torch = pytest.importorskip("torch", reason="torch is not installed: pip install .[latentsync]")
pytest.importorskip("diffusers", reason="diffusers is not installed: pip install .[latentsync]")

from tests.engines.latentsync import small  # noqa: E402

from lipwright.engines.latentsync import loading  # noqa: E402

SECONDS = 0.12
GIVEN = ["--engine", "latentsync", "--size", "256", "--steps", "1", "--guidance", "1", "--json"]


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    monkeypatch.setattr(loading, "load_networks", lambda options, device: small.networks())
    yield
    torch.set_num_threads(before)


def test_a_picture_has_its_noise_at_the_mouth(tmp_path, capsys):
    from lipwright.face import choose_face
    from lipwright.media.image.read import read_image, resize

    output, sound = tmp_path / "out.mp4", speech_wav(tmp_path / "voice.wav", SECONDS)
    given = ["--image", str(hopper_path()), "--audio", str(sound), "--output", str(output)]
    assert run(["sync", *given, "--quality", "low", "--fps", "25", *GIVEN]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["engine"] == "latentsync" and facts["frames"] == 3
    frames = frames_of(output)
    height, width = frames[0].shape[:2]
    image = resize(read_image(hopper_path()), (width, height))
    face = choose_face(image, None, "hopper")
    changed = np.mean([np.abs(frame.astype(float) - image).mean(axis=2) for frame in frames], 0)
    x, y = face.landmarks[[13, 14], :2].mean(axis=0).astype(int)
    reach = int(face.box[2] - face.box[0]) // 5
    assert changed[y - reach : y + reach, x - reach : x + reach].mean() > 10  # noise
    assert changed[: int(face.landmarks[33, 1])].mean() < 6  # the codec


def test_a_film_has_its_noise_on_the_moving_face(tmp_path, capsys):
    source = write_film(tmp_path / "film.mp4", [moved_portrait(4 * i) for i in range(3)])
    output, sound = tmp_path / "out.mp4", speech_wav(tmp_path / "voice.wav", SECONDS)
    given = ["--video", str(source), "--audio", str(sound), "--output", str(output)]
    assert run(["sync", *given, "--paste", "official", *GIVEN]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["frames"] == 3 and not any(facts["left_alone"].values())
    originals = frames_of(source)
    for frame, number in zip(frames_of(output), [0, 1, 2], strict=True):
        changed = np.abs(frame.astype(float) - originals[number]).mean(axis=2)
        x, y = (np.array([256.0, 325.0, 1.0]) @ head_motion(4 * number).T).astype(int)
        assert changed[y - 15 : y + 15, x - 15 : x + 15].mean() > 10  # noise
        assert changed[: y - 130].mean() < 5  # the codec
