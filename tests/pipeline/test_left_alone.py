"""What of a film stays as it was, and what is said about it."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from tests.helpers import write_wav
from tests.videos import portrait, write_film

import lipwright
from lipwright.cli import run
from lipwright.face import FaceFinder
from lipwright.face.landmark_indices import LIPS
from lipwright.speech.speech import Speech

SIZE = 512, 340
CHIN = 152


def sinking(downs: np.ndarray) -> list[np.ndarray]:
    """A head that leaves the picture at the lower edge, by so many px."""
    return [
        cv2.warpAffine(
            portrait(), np.array([[1, 0, 0], [0, 1, down]]), SIZE, borderMode=cv2.BORDER_REPLICATE
        )
        for down in downs
    ]


def frames_of(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="bgr24") for frame in container.decode(video=0)]


@pytest.fixture(scope="module")
def points() -> np.ndarray:
    """Where the lips and the chin are at rest, px from the top."""
    landmarks: np.ndarray = FaceFinder().find(portrait())[0].landmarks[:, 1]
    return landmarks


def test_a_mouth_is_drawn_as_far_as_it_is_in_the_picture(points, tmp_path, caplog):
    lips = points[list(LIPS)]
    downs = np.r_[np.zeros(3), np.linspace(0, SIZE[1] - lips.min() + 12, 12)]
    path = write_film(tmp_path / "low.mp4", sinking(downs))
    speech = Speech.from_samples(np.zeros(15 * 640, np.float32), 16000)
    with caplog.at_level(logging.INFO, "lipwright"):
        result = lipwright.sync(path, speech, tmp_path / "out.mp4", length="cut")
    gone = int(np.sum(lips.min() + downs > SIZE[1]))
    cut_off = int(np.sum(points[CHIN] + downs > SIZE[1]))
    assert result.left_alone["mouth_outside"] == pytest.approx(gone, abs=1) and gone >= 1
    assert cut_off > gone + 5
    assert sum(result.left_alone.values()) == result.left_alone["mouth_outside"]
    assert result.own_mouths + result.drawn_mouths == 15 - result.left_alone["mouth_outside"]
    assert "outside the picture in" in caplog.text
    shown = zip(frames_of(result.output)[-gone:], frames_of(path)[-gone:], strict=True)
    for there, original in shown:
        assert np.abs(there.astype(int) - original).mean() < 3


def test_a_mouth_that_is_never_in_the_picture(points, tmp_path, capsys):
    down = SIZE[1] - points[list(LIPS)].min() + 4
    path = write_film(tmp_path / "low.mp4", sinking(np.full(6, down)))
    voice = write_wav(tmp_path / "silence.wav", np.zeros(6 * 640, np.float32))
    command = ["sync", "--image", str(path), "--audio", str(voice), "--json"]
    assert run([*command, "--length", "cut", "--output", str(tmp_path / "out.mp4")]) == 0
    facts = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert facts["left_alone"] == {
        "no_face": 0,
        "too_small": 0,
        "other_person": 0,
        "mouth_outside": 6,
        "mouth_covered": 0,
    }
