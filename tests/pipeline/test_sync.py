"""The Python API around an engine: sizes, times, files, results and what goes wrong."""

from __future__ import annotations

import logging
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from tests.helpers import speech_like

import lipwright
from lipwright.core.errors import EngineError, FaceError, LipwrightError, MediaError, UsageError
from lipwright.core.validation import parse_fps
from lipwright.face import Face, FaceFinder
from lipwright.media.image.read import read_image
from lipwright.speech.speech import Speech

pytestmark = pytest.mark.usefixtures("fake_engines")


def probe(path: Path) -> tuple[int, int, Fraction, int, float]:
    """Width, height, frame rate, frames and seconds of sound of a video."""
    with av.open(str(path)) as video:
        stream = video.streams.video[0]
        frames = sum(1 for _ in video.decode(video=0))
        size = stream.codec_context.width, stream.codec_context.height
        rate = stream.average_rate
    with av.open(str(path)) as video:
        sound = sum(frame.samples / frame.sample_rate for frame in video.decode(audio=0))
    return *size, rate, frames, sound


def test_sync_writes_the_video_it_says(hopper, voice, tmp_path):
    output = tmp_path / "out.mp4"
    result = lipwright.sync(hopper, voice, output, engine="fake", quality="low", fps="30000/1001")
    width, height, rate, frames, sound = probe(output)
    assert (width, height) == (result.width, result.height)
    assert height == 480 and width % 2 == 0
    assert rate == result.fps == Fraction(30000, 1001)
    assert frames == result.frames == 30
    assert abs(sound - 1.0) < 0.05 and result.duration == pytest.approx(30 * 1001 / 30000)
    assert result.output == output and result.speech == voice and result.speakers == (0,)
    assert result.engine == "fake" and result.ai_generated
    assert result.speed == pytest.approx(result.duration / result.seconds)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out.mp4", "voice.wav"]


def test_a_portrait_speaks_twice_and_its_frames_can_be_had(hopper, voice):
    portrait = lipwright.Portrait(hopper, engine="fake", quality="low")
    first = [frame.copy() for frame in portrait.frames(voice, fps=10)]
    second = [frame.copy() for frame in portrait.frames(voice, fps=10)]
    assert len(first) == 10
    assert first[0].shape == (portrait.height, portrait.width, 3) and first[0].dtype == np.uint8
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


def test_a_picture_and_a_speech_from_memory(hopper, tmp_path):
    image = read_image(hopper)
    speech = Speech.from_samples(speech_like(0.5), 16000)
    frames = list(lipwright.render_frames(image, speech, engine="fake", quality="low"))
    assert len(frames) == 13
    result = lipwright.sync(image, speech, tmp_path / "o.mp4", engine="fake", quality="low")
    assert result.speech is None and result.frames == 13


def test_progress_goes_from_nothing_to_all(hopper, voice, tmp_path):
    calls: list[tuple[str, int, int]] = []
    lipwright.sync(
        hopper, voice, tmp_path / "o.mp4", engine="fake", quality="low", fps=10,
        progress=lambda *call: calls.append(call),
    )  # fmt: skip
    assert [c for c in calls if c[0] == "portrait"] == [("portrait", n, 3) for n in range(4)]
    assert [c for c in calls if c[0] == "frames"] == [("frames", n, 10) for n in range(1, 11)]


def test_a_failing_engine_leaves_nothing_behind(hopper, voice, tmp_path):
    folder = tmp_path / "videos"
    folder.mkdir()
    with pytest.raises(RuntimeError, match="as it should"):
        lipwright.sync(hopper, voice, folder / "o.mp4", engine="broken", quality="low")
    assert list(folder.iterdir()) == []


def test_an_older_video_survives_a_failure(hopper, voice, tmp_path):
    output = tmp_path / "o.mp4"
    output.write_bytes(b"older")
    with pytest.raises(RuntimeError):
        lipwright.sync(hopper, voice, output, engine="broken", quality="low")
    assert output.read_bytes() == b"older"


def test_a_covered_mouth_is_told_of_once(hopper, caplog):
    image = read_image(hopper).copy()
    (face,) = FaceFinder(threads=1).find(image)
    corners = face.landmarks[[234, 50, 6, 280, 454, 397, 152, 172], :2].astype(np.int32)
    masked = cv2.fillPoly(image, [corners], (230, 190, 120))
    portrait = lipwright.Portrait(masked, engine="fake")
    assert len(portrait.people) == 1
    assert caplog.text.count("the mouth in the picture seems to be covered") == 1


def test_a_picture_without_a_face_is_told(voice, tmp_path):
    grey = np.full((200, 200, 3), 128, np.uint8)
    with pytest.raises(FaceError, match="No human face"):
        lipwright.sync(grey, voice, tmp_path / "o.mp4", engine="fake")


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"engine": "warp9"}, UsageError, "no engine"),
        ({"quality": "ultra"}, UsageError, "choose one of low, medium, high"),
        ({"motion": "wild"}, UsageError, "choose one of still, subtle, natural, lively"),
        ({"fps": 0}, UsageError, "1 to 240"),
        ({"fps": "abc"}, UsageError, "not a frame rate"),
        ({"speaker": 1}, FaceError, "only 1 face"),
        ({"speaker": -1}, UsageError, "is no speaker"),
        ({"output": "video.txt"}, UsageError, r"\.mp4"),
        ({"output": "nowhere/video.mp4"}, MediaError, "no folder"),
        ({"source": "none.jpg"}, MediaError, "none.jpg"),
        ({"speech": "none.wav"}, MediaError, "none.wav"),
        ({"source": np.zeros((9, 9), np.float32)}, UsageError, "BGR"),
    ],
)
def test_what_is_wrong_is_told(hopper, voice, tmp_path, options, error, message):
    options = dict(options)
    source = options.pop("source", hopper)
    speech = options.pop("speech", voice)
    output = tmp_path / options.pop("output", "o.mp4")
    with pytest.raises(error, match=message):
        lipwright.sync(source, speech, output, **{"engine": "fake", "quality": "low", **options})
    assert sorted(p.name for p in tmp_path.iterdir()) == ["voice.wav"]


def test_the_input_is_never_written_over(hopper, voice, tmp_path):
    same = tmp_path / "same.mp4"
    lipwright.sync(hopper, voice, same, engine="fake", quality="low", fps=5)
    before = same.read_bytes()
    with pytest.raises(UsageError, match="also an input"):
        lipwright.sync(hopper, same, same, engine="fake", quality="low")
    assert same.read_bytes() == before


@pytest.mark.parametrize(
    ("given", "rate"),
    [
        (25, Fraction(25)),
        (23.976, Fraction(23976, 1000)),
        ("23.976", Fraction(23976, 1000)),
        ("30000/1001", Fraction(30000, 1001)),
        (Fraction(15, 2), Fraction(15, 2)),
    ],
)
def test_frame_rates_are_exact(given, rate):
    assert parse_fps(given) == rate


@pytest.mark.parametrize(
    "given", [0, -25, 0.5, 241, "", "abc", "1/0", "nan", "inf", float("nan"), float("inf"), "٣/٠"]
)
def test_what_is_no_frame_rate_is_told(given):
    with pytest.raises(UsageError):
        parse_fps(given)


def test_a_scaled_face_lies_on_the_scaled_picture():
    landmarks = np.arange(478 * 3, dtype=np.float32).reshape(478, 3)
    face = Face(landmarks, (1.0, 2.0, 3.0), (1, 2, 3, 4), 0.9).scaled(2.0, 0.5)
    assert face.landmarks.dtype == np.float32
    assert np.array_equal(face.landmarks[5], landmarks[5] * [2.0, 0.5, 2.0])
    assert face.box == (2, 1, 6, 2) and face.pose == (1.0, 2.0, 3.0)


def test_without_a_gpu_the_cpu_is_used_with_a_warning(hopper, monkeypatch, caplog):
    import onnxruntime

    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: ["CPUExecutionProvider"])
    with caplog.at_level(logging.WARNING, "lipwright"):
        lipwright.Portrait(hopper, engine="fake", quality="low", gpu=True)
    assert "CPU" in caplog.text


def test_importing_lipwright_imports_nothing_heavy():
    code = (
        "import sys, lipwright; lipwright.sync, lipwright.Portrait; "
        "print(*sorted({'numpy', 'cv2', 'av', 'onnxruntime', 'PIL', 'rich', 'typer'} "
        "& set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_the_public_names_are_there():
    for name in lipwright.__all__:
        assert getattr(lipwright, name) is not None
    assert callable(lipwright.sync) and lipwright.Speech is Speech
    assert issubclass(EngineError, LipwrightError)
    with pytest.raises(AttributeError):
        _ = lipwright.nothing_of_the_kind
