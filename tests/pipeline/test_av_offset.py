"""The offset between lips and sound: lips that are heard in a voice, early, late, or not at all."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
from tests.evaluation.films import spoken_sentence
from tests.helpers import tone

from lipwright.articulation import articulate
from lipwright.media.audio.decode import decode_blocks
from lipwright.media.audio.resample import resample_pieces
from lipwright.pipeline.av_offset import (
    LONGEST,
    RATE,
    TRUSTED,
    AvOffset,
    HeardLips,
    Stretch,
    agreement,
    estimate_offset,
    measure_lips,
)
from lipwright.speech.speech import Speech

WILD = Path(os.environ.get("LIPWRIGHT_WILD", Path(__file__).parents[3] / "shared/data/wild"))
FPS = 25.0
NONE = AvOffset(0.0, 0.0, 0.0)


@pytest.fixture(scope="module")
def voice() -> np.ndarray:
    spoken = spoken_sentence()
    return np.concatenate(list(resample_pieces(iter([spoken.samples]), spoken.rate, RATE)))


def lips_of(sound: np.ndarray, late: float, fps: float = FPS, noise: float = 0.02) -> Stretch:
    """Lips that say this `late` seconds after it is heard, as a tracker sees them: with noise."""
    times = np.arange(0, len(sound) / RATE, 1 / fps)
    rows = articulate(Speech.from_samples(sound, RATE)).at(times - late)
    width = 0.95 * rows[:, 2] - 1.05 * rows[:, 3] - 0.15 * (rows[:, 1] + rows[:, 5])
    lips = np.stack([rows[:, 1] + rows[:, 5], 0.6 + width, 1.4 + rows[:, 0]], axis=1)
    return Stretch(
        times, lips + noise * np.random.default_rng(0).normal(size=lips.shape), HeardLips(sound)
    )


@pytest.mark.parametrize("frames", [-10.0, -3.0, -0.5, 0.0, 0.25, 3.0, 10.0])
def test_early_and_late_lips_are_found_to_a_part_of_a_frame(voice, frames):
    found = estimate_offset([lips_of(voice, frames / FPS)], FPS)
    assert found.frames == pytest.approx(frames, abs=0.3)
    assert found.seconds == pytest.approx(found.frames / FPS)
    assert found.is_trusted and found.used == found.seconds


@pytest.mark.parametrize("fps", [24000 / 1001, 30.0])
def test_frames_are_those_of_the_video(voice, fps):
    found = estimate_offset([lips_of(voice, 0.1, fps)], fps)
    assert found.seconds == pytest.approx(0.1, abs=0.015)
    assert found.frames == pytest.approx(found.seconds * fps)


def test_stretches_are_taken_together(voice):
    """What two parts have in common is surer than what either shows."""
    whole = lips_of(voice, 0.08, noise=0.08)
    half = len(whole.times) // 2
    parts = [
        Stretch(whole.times[part], whole.lips[part], whole.heard)
        for part in (np.s_[:half], np.s_[half:])
    ]
    alone = [estimate_offset([part], FPS).confidence for part in parts]
    together = estimate_offset(parts, FPS)
    assert together.seconds == pytest.approx(0.08, abs=0.02)
    assert together.confidence > max(alone)


def backwards(sound: np.ndarray) -> np.ndarray:
    return sound[::-1].copy()


def music(sound: np.ndarray) -> np.ndarray:
    """Chords that change every half second."""
    seconds = len(sound) / RATE + 1
    pitches = [[h * 2 ** (k / 12) for h in (220, 277, 330)] for k in (0, 5, 7, 2)]
    chords = [np.mean([tone(seconds, hertz=h) for h in three], axis=0) for three in pitches]
    steps = np.arange(len(sound)) // (RATE // 2) % 4
    return np.choose(steps, [chord[: len(sound)] for chord in chords]).astype(np.float32)


@pytest.mark.parametrize(
    "heard",
    [np.zeros_like, lambda sound: 0.1 * np.ones_like(sound), music, backwards],
    ids=["silence", "a constant", "music", "backwards"],
)
def test_of_another_sound_nothing_is_believed(voice, heard):
    seen = lips_of(voice, 0.0)
    found = estimate_offset([Stretch(seen.times, seen.lips, HeardLips(heard(voice)))], FPS)
    assert not found.is_trusted and found.used == 0


def test_of_lips_that_rest_nothing_is_believed(voice):
    seen = lips_of(voice, 0.0)
    still = 0.002 * np.random.default_rng(1).normal(size=seen.lips.shape)
    assert not estimate_offset([Stretch(seen.times, still, seen.heard)], FPS).is_trusted
    assert not estimate_offset([Stretch(seen.times, 0 * still, seen.heard)], FPS).is_trusted


def test_an_offset_out_of_reach_is_not_believed(voice):
    found = estimate_offset([lips_of(voice, LONGEST + 0.1)], FPS)
    assert not found.is_trusted


def test_without_lips_there_is_no_offset(voice):
    assert estimate_offset([], FPS) == NONE
    short = lips_of(voice, 0.0)
    inside = (short.times > 1) & (short.times < 1.6)
    assert (
        estimate_offset([Stretch(short.times[inside], short.lips[inside], short.heard)], FPS)
        == NONE
    )


@pytest.mark.parametrize("samples", [1, 300, 3000])
def test_of_a_sound_that_is_hardly_there_nothing_is_said(voice, samples):
    seen = lips_of(voice, 0.0)
    heard = HeardLips(voice[len(voice) // 2 :][:samples])
    assert estimate_offset([Stretch(seen.times, seen.lips, heard)], FPS) == NONE


def test_an_offset_is_json(voice):
    shown = json.loads(json.dumps(AvOffset(-0.0801, -2.003, 0.98765).as_dict()))
    assert shown == {"seconds": -0.08, "frames": -2.0, "confidence": 0.988, "trusted": True}
    assert AvOffset(0.2, 5.0, TRUSTED - 0.01).used == 0


def test_lips_are_measured_whatever_the_head_does():
    face = np.zeros((1, 478, 3))
    face[0, [33, 263, 61, 291, 13, 14, 6, 152]] = [
        [-50, 0, 0], [50, 0, 0], [-30, 90, 10], [30, 90, 10],
        [0, 85, 0], [0, 95, 0], [0, 10, -20], [0, 130, 0],
    ]  # fmt: skip
    turn = np.linalg.qr(np.random.default_rng(0).normal(size=(3, 3)))[0]
    moved = 1.7 * face @ turn + [300, 200, 0]
    expected = [[0.1, 0.6, np.hypot(120, 20) / 100]]
    assert measure_lips(face) == pytest.approx(np.array(expected))
    assert measure_lips(moved) == pytest.approx(np.array(expected))


def wild_clips() -> dict[str, tuple[Stretch, float, float]]:
    """Clips of free speech: lips seen and heard, frames per second, true offset in frames."""
    found = {}
    for name, frames in json.loads((WILD / "offsets.json").read_text("utf-8")).items():
        rows = np.genfromtxt(WILD / f"{name}.csv", delimiter=",", names=True)
        lips = np.stack([rows["lip_gap"], rows["lip_width"], rows["jaw"]], axis=1)
        sound = np.concatenate(list(decode_blocks(WILD / f"{name}.flac", RATE)))
        fps = (len(rows) - 1) / np.ptp(rows["time_s"])
        found[name] = Stretch(rows["time_s"], lips, HeardLips(sound)), float(fps), float(frames)
    return found


@pytest.mark.skipif(not WILD.is_dir(), reason=f"the clips of free speech are not in {WILD}")
def test_people_who_speak_freely():
    """The truth is good to about a frame; a sound of somebody else must not be believed."""
    clips = wild_clips()
    found = {name: estimate_offset([one], fps) for name, (one, fps, _) in clips.items()}
    errors = [abs(found[name].frames - clips[name][2]) for name in clips]
    assert np.median(errors) < 1 and max(errors) <= 2
    assert sum(one.is_trusted for one in found.values()) >= len(clips) - 1
    names = list(clips)
    believed = 0
    for seen, heard in zip(names, names[1:] + names[:1], strict=True):
        own, other = clips[seen][0], clips[heard][0].heard
        foreign = agreement([Stretch(own.times, own.lips, other)])
        believed += foreign.confidence >= TRUSTED
    assert believed <= 1
