"""A run that breaks off leaves what it has finished, and another goes on from there."""

from __future__ import annotations

import json
import logging
import random
import time

import av
import numpy as np
import pytest
from tests.helpers import speech_like, speech_wav
from tests.pipeline.resume.runs import (
    Stop,
    break_off,
    frames_of,
    kill_at,
    packets,
    same_frames,
    sync,
)

from lipwright.core import cores
from lipwright.core.errors import MediaError, UsageError
from lipwright.media.video import chunks as chunks
from lipwright.pipeline.captions import Captions
from lipwright.pipeline.checkpoint import CheckpointStore
from lipwright.pipeline.sinks import parts
from lipwright.speech.speech import Speech, Word
from lipwright.speech.streaming import SpeechChunk, StreamingSpeech


def sound(container) -> bytes:
    return b"".join(bytes(packet) for packet in container.demux(audio=0))


def spoken_live(seconds: float, seed: int) -> StreamingSpeech:
    """Spoken anew at each run, half a second at a time."""
    sound = speech_like(seconds, 16000, seed)
    pieces = np.array_split(sound, round(2 * seconds))
    starts = np.cumsum([0, *map(len, pieces)]) / 16000
    chunks = (
        SpeechChunk(piece, 16000, start, (), (number + 1) / len(pieces))
        for number, (piece, start) in enumerate(zip(pieces, starts, strict=False))
    )
    return StreamingSpeech(chunks, 16000, lambda speech: speech)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["image", "video"])
def test_killed_at_any_moment_a_run_comes_to_the_same_video(kind, picture, film, tmp_path):
    source = {"image": picture, "video": film}[kind]
    talk = speech_wav(tmp_path / "talk.wav", 2)
    command = [
        "sync",
        f"--{kind}",
        str(source),
        "--audio",
        str(talk),
        "--quality",
        "low",
        "--quiet",
    ]
    alone, output = tmp_path / "alone.mp4", tmp_path / "killed.mp4"
    started = time.monotonic()
    assert not kill_at(100, command, alone)
    whole = time.monotonic() - started
    chance, kills, runs = random.Random(kind), 0, 0
    while kills < 3:
        assert runs < 15, "the runs end before they are killed"
        kills += kill_at(chance.uniform(0.3, 0.7) * whole, command, output)
        runs += 1
        output.unlink(missing_ok=True)
    assert not kill_at(100, command, output)
    assert packets(output) == packets(alone)
    assert same_frames(output, alone)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "alone.mp4", "killed.mp4", "talk.wav"]  # fmt: skip


@pytest.mark.parametrize("kind", ["mp4", "mkv", "webm"])
def test_parts_are_joined_frame_by_frame(kind, picture, talk, tmp_path, monkeypatch):
    output = tmp_path / f"out.{kind}"
    result = sync(picture, talk, output, fps="30000/1001")
    monkeypatch.setattr(chunks, "SECONDS", 20)
    straight = tmp_path / f"straight.{kind}"
    sync(picture, talk, straight, fps="30000/1001")
    assert result.frames == 39 and result.resumed == 0
    times = [float(shown) for shown, _ in packets(output)]
    exact = np.arange(39) * 1001 / 30000
    assert times == pytest.approx(exact, abs=1e-9 if kind == "mp4" else 0.00051)
    for frame, other in zip(frames_of(output), frames_of(straight), strict=True):
        assert np.abs(frame.astype(int) - other).mean() < 5
    with av.open(str(output)) as joined, av.open(str(straight)) as whole:
        for name in ("comment", "description"):
            found = {key.lower(): value for key, value in joined.metadata.items()}
            assert found[name] == {k.lower(): v for k, v in whole.metadata.items()}[name]
        assert bytes(sound(joined)) == bytes(sound(whole))
        mine, other = joined.streams.video[0], whole.streams.video[0]
        for field in ("width", "height", "pix_fmt", "colorspace", "color_range", "codec_tag"):
            assert getattr(mine.codec_context, field) == getattr(other.codec_context, field)
        assert mine.average_rate == other.average_rate
    assert b"compositeWithTrainedAlgorithmicMedia" in output.read_bytes()


def test_a_run_goes_on_where_it_broke_off(picture, alone, talk, tmp_path, caplog):
    output = tmp_path / "out.mp4"
    with caplog.at_level(logging.INFO, "lipwright"):
        break_off(picture, talk, output, 25)
    assert "1 s of" in caplog.text and "resumed, goes on there" in caplog.text
    assert not output.exists() and len(list(CheckpointStore(output).folder.glob("part-*.mkv"))) == 2
    seen = []
    result = sync(
        picture, talk, output, resume=True,
        progress=lambda stage, done, total: seen.append((stage, done, total)),
    )  # fmt: skip
    assert (result.frames, result.resumed) == (33, 20)
    assert [done for stage, done, _ in seen if stage == "frames"] == list(range(21, 34))
    assert result.speed == pytest.approx(13 / 25 / result.seconds)
    assert not CheckpointStore(output).folder.exists()
    assert packets(output) == packets(alone)


def test_a_run_goes_on_with_the_threads_it_began_with(picture, talk, tmp_path, monkeypatch):
    """However many cores there are then: other threads are other bytes."""
    alone, output, other = (tmp_path / f"{name}.mp4" for name in ("alone", "out", "other"))
    monkeypatch.setattr(cores, "usable_cores", lambda: 2)
    sync(picture, talk, alone)
    break_off(picture, talk, output, 25)
    monkeypatch.setattr(cores, "usable_cores", lambda: 5)
    assert sync(picture, talk, output, resume=True).resumed == 20
    assert packets(output) == packets(alone) and b"threads=2 " in output.read_bytes()
    sync(picture, talk, other)
    assert b"threads=5 " in other.read_bytes() and packets(other) != packets(alone)


@pytest.mark.parametrize("noted", ["0", "-3", "99", "two", None])
def test_a_plan_with_impossible_threads_is_another_recordings(noted, picture, talk, tmp_path):
    output = tmp_path / "out.mp4"
    break_off(picture, talk, output, 25)
    plan = CheckpointStore(output).folder / "plan.json"
    content = json.loads(plan.read_text())
    content["plan"]["threads of the encoder"] = noted
    plan.write_text(json.dumps(content))
    with pytest.raises(UsageError, match="differs in threads of the encoder"):
        sync(picture, talk, output, resume=True)


@pytest.mark.parametrize("seconds", [0.8, 1.0])
def test_only_the_joining_was_missing(seconds, picture, tmp_path, monkeypatch):
    talk, output = speech_wav(tmp_path / "talk.wav", seconds), tmp_path / "out.mp4"

    def fail(*_: object) -> None:
        raise MediaError("The disk is full.")

    with monkeypatch.context() as broken, pytest.raises(MediaError, match="full"):
        broken.setattr(parts, "join_parts", fail)
        sync(picture, talk, output)
    result = sync(picture, talk, output, resume=True)
    assert result.resumed == result.frames == 25 * seconds == len(packets(output))


def test_without_resume_one_begins_anew_and_that_is_said(picture, talk, tmp_path, caplog):
    output = tmp_path / "out.mp4"
    break_off(picture, talk, output, 15)
    with caplog.at_level(logging.INFO, "lipwright"):
        result = sync(picture, talk, output)
    assert result.resumed == 0 and "is replaced: resuming would have kept it" in caplog.text


def test_a_text_is_spoken_again_the_same(picture, tmp_path):
    output, alone = tmp_path / "out.mp4", tmp_path / "alone.mp4"
    break_off(picture, spoken_live(2, seed=1), output, 25)
    with pytest.raises(UsageError, match="not spoken as it was: begin anew"):
        sync(picture, spoken_live(2, seed=2), output, resume=True)
    again = spoken_live(2, seed=1)
    result = sync(picture, again, output, resume=True)
    assert (result.frames, result.resumed) == (50, 20)
    sync(picture, spoken_live(2, seed=1), alone)
    assert packets(output) == packets(alone)


def test_short_recordings_and_gifs_are_made_in_one_go(picture, talk, tmp_path, monkeypatch):
    gif = tmp_path / "out.gif"
    with pytest.raises(KeyboardInterrupt):
        sync(picture, talk, gif, progress=Stop(25))
    with pytest.raises(UsageError, match="is a GIF, made in one go: begin anew"):
        sync(picture, talk, gif, resume=True)
    monkeypatch.setattr(chunks, "SECONDS", 1.4)
    break_off(picture, talk, tmp_path / "out.mp4", 30)
    assert [path.name for path in tmp_path.iterdir()] == ["talk.wav"]


@pytest.mark.usefixtures("fake_engines")
def test_captions_go_on_at_their_times(picture, tmp_path):
    words = [Word(0.1 + 0.3 * i, 0.35 + 0.3 * i, f"word{i}.") for i in range(6)]
    speech = Speech.from_samples(speech_like(2), 16000, transcript="so many words", words=words)
    output, alone = tmp_path / "out.mp4", tmp_path / "alone.mp4"
    given = {"engine": "fake", "captions": Captions(tmp_path / "said.srt", True, True)}
    break_off(picture, speech, output, 25, **given)
    assert sync(picture, speech, output, resume=True, **given).resumed == 20
    assert (tmp_path / "said.srt").exists()
    sync(picture, speech, alone, **given)
    assert packets(output) == packets(alone)
    for path in (output, alone):
        with av.open(str(path)) as container:
            assert len([p for p in container.demux(subtitles=0) if p.size > 2]) >= 1
    assert sync(picture, speech, output, resume=True, **given).resumed == 0
