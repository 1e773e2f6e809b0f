"""The real thing, small: the embedded engine, real files, the command a user types."""

from __future__ import annotations

import json
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

import lipwright
from lipwright.media.image.read import read_image, resize
from tests.helpers import astronaut_path, hopper_path, silent_wav, speech_wav, unmeasured

ROOT = Path(__file__).resolve().parents[1]


def make(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "main.py", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)


def collect(portrait: lipwright.Portrait, speech: Path, fps: int = 10) -> np.ndarray:
    return np.stack([frame.copy() for frame in portrait.frames(speech, fps=fps)])


@pytest.mark.parametrize("picture", [hopper_path(), astronaut_path()], ids=["hopper", "astronaut"])
def test_the_command_makes_a_talking_video(picture, tmp_path):
    voice, output = speech_wav(tmp_path / "voice.wav", 1.5, 22050), tmp_path / "talk.mp4"
    done = make(
        "--image", picture, "--audio", voice, "--output", output, "--quality", "low",
        "--fps", "25", "--gpu", "false", "--json",
    )  # fmt: skip
    assert done.returncode == 0 and done.stderr == ""
    facts = json.loads(done.stdout)
    assert facts["frames"] == 38 and facts["height"] == 480 and facts["engine"] == "warp"
    with av.open(str(output)) as video:
        assert video.streams.video[0].average_rate == 25
        frames = np.stack([f.to_ndarray(format="bgr24") for f in video.decode(video=0)])
    with av.open(str(output)) as video:
        sound = sum(f.samples / f.sample_rate for f in video.decode(audio=0))
    assert len(frames) == 38
    assert abs(sound - len(frames) / 25) <= 1 / 25 + 0.025  # a frame, and AAC's own padding
    source = read_image(picture)
    still = resize(source, (facts["width"], facts["height"])).astype(int)
    change = np.abs(frames - still).mean(axis=(0, 3))
    assert change.max() > 15, "nothing moves"
    assert change[:4].mean() < 4, "the upper edge moved"
    # lower down shoulders are cut off by the sides, along which they may move
    above = change.shape[0] // 3
    assert change[:above, :4].mean() < 4, "the side moved"


def test_a_text_becomes_a_talking_video(tmp_path):
    output = tmp_path / "hello.mp4"
    done = make(
        "--image", hopper_path(), "--text", "Namaste!", "--output", output, "--quality", "low",
        "--json", "--quiet",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    facts = json.loads(done.stdout)
    assert facts["voice"] == "anika" and 0.5 < facts["duration"] < 3
    assert output.stat().st_size > 5000


def test_same_seed_same_frames(tmp_path):
    voice = speech_wav(tmp_path / "voice.wav", 1.5)
    first, again = (
        collect(lipwright.Portrait(hopper_path(), quality="low", seed=3), voice) for _ in range(2)
    )
    assert np.array_equal(first, again)


def test_another_seed_moves_the_head_otherwise(tmp_path):
    voice = speech_wav(tmp_path / "voice.wav", 1.5)
    one, other = (
        collect(lipwright.Portrait(hopper_path(), quality="low", motion="lively", seed=s), voice)
        for s in (1, 2)
    )
    assert not np.array_equal(one, other)


def test_silence_keeps_the_mouth_still(tmp_path):
    silence = silent_wav(tmp_path / "silence.wav", 1.0)
    frames = collect(lipwright.Portrait(hopper_path(), quality="low", motion="still"), silence)
    assert np.abs(frames.astype(int) - frames[0]).max() <= 2


def test_frames_do_not_depend_on_the_frame_rate(tmp_path):
    """Frame i stands at i / fps: every second frame at 20 is the frame at 10."""
    voice = speech_wav(tmp_path / "voice.wav", 1.0)
    portrait = lipwright.Portrait(hopper_path(), quality="low", motion="still")
    slow, fast = collect(portrait, voice, 10), collect(portrait, voice, 20)
    assert np.array_equal(fast[::2], slow)
    third = [f.copy() for f in portrait.frames(voice, Fraction(10))]
    assert np.array_equal(np.stack(third), slow)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot limit the size of files")
def test_a_full_disk_is_told_and_leaves_nothing(tmp_path):
    import resource

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    voice, folder = speech_wav(tmp_path / "voice.wav", 3.0), tmp_path / "videos"
    folder.mkdir()
    done = subprocess.run(
        [sys.executable, "main.py", "--image", str(hopper_path()), "--audio", str(voice)]
        + ["--output", str(folder / "out.mp4"), "--quality", "low"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        preexec_fn=limit,
        env=unmeasured(),
    )
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr.startswith("error: ") and done.stderr.count("\n") == 1
    assert "out.mp4" in done.stderr and "disk is full" in done.stderr
    assert list(folder.iterdir()) == []
