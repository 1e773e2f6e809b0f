"""Short parts, a small film, a small picture and a short talk."""

from __future__ import annotations

from pathlib import Path

import cv2
import pytest
from tests.helpers import hopper_path, speech_wav
from tests.pipeline.resume.runs import PART, small, sync
from tests.videos import write_film

from lipwright.media.image.read import read_image
from lipwright.media.video import chunks


@pytest.fixture(autouse=True)
def short_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "SECONDS", PART)


@pytest.fixture(scope="module")
def film(tmp_path_factory) -> Path:
    return write_film(tmp_path_factory.mktemp("film") / "film.mp4", [small(i) for i in range(20)])


@pytest.fixture(scope="module")
def picture(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("picture") / "portrait.png"
    cv2.imwrite(str(path), cv2.resize(read_image(hopper_path()), (240, 280)))
    return path


@pytest.fixture(scope="module")
def alone(picture, tmp_path_factory) -> Path:
    """The picture saying the talk, made in one run."""
    folder = tmp_path_factory.mktemp("alone")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chunks, "SECONDS", PART)
        sync(picture, speech_wav(folder / "talk.wav", 1.3), folder / "alone.mp4")
    return folder / "alone.mp4"


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    """1.3 s of something like speech: 33 frames, the fourth part is short."""
    return speech_wav(tmp_path / "talk.wav", 1.3)
