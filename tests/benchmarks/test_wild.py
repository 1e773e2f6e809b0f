"""The benchmark of free speech, on a made-up clip whose truth is known."""

from __future__ import annotations

import json
from collections.abc import Iterator
from types import SimpleNamespace

import numpy as np
import pytest
from tests.benchmarks.modules import benchmark_modules
from tests.helpers import speech_like, write_wav

from lipwright.articulation import CHANNELS, Articulation
from lipwright.pipeline.av_offset import AvOffset

MODULES = ("wild_clips", "wild_sounds", "wild_mouths", "wild_measures", "wild")
RATE, FPS, FRAMES, LATE = 16_000, 25.0, 200, 3
CLOSED = ((40, 42), (70, 71), (100, 103))
"""First and last frame of each closure, in the time of the sound."""


@pytest.fixture(scope="module")
def wild() -> Iterator[SimpleNamespace]:
    """The modules of the benchmark, by name."""
    with benchmark_modules(*MODULES) as modules:
        yield modules


def rough(seed: int) -> np.ndarray:
    noise = np.random.default_rng(seed).standard_normal(FRAMES + 20)
    return np.convolve(noise, np.hanning(9), "same")[10:-10]


def true_mouth(wild: SimpleNamespace):
    """In mouth widths: gap at least 0.05 but for the closures."""
    gap = 0.05 + 0.03 * np.abs(rough(1))
    for first, last in CLOSED:
        gap[first : last + 1] = 0.0
    return wild.wild_mouths.Mouth(gap, 0.02 * rough(2))


def made_up_clip(wild: SimpleNamespace):
    """Speech from frame 20 to frame 169, and the true mouth, LATE frames late."""
    mouth = true_mouth(wild)
    lips = np.stack([mouth.gap / 2 + 0.005, 0.5 + mouth.width, np.ones(FRAMES)], axis=1)
    lips = np.concatenate([np.repeat(lips[:1], LATE, axis=0), lips[:-LATE]])
    level = np.full(FRAMES, -70.0)
    level[20:170] = -25.0
    sound = np.zeros(int(FRAMES / FPS * RATE), np.float32)
    spoken = slice(int(20 / FPS * RATE), int(170 / FPS * RATE))
    sound[spoken] = 0.1 * np.random.default_rng(0).standard_normal(150 * RATE // 25)
    return wild.wild_clips.WildClip("made_up", np.arange(FRAMES) / FPS, lips, level, sound, LATE)


def test_the_true_mouth_is_found_at_its_offset_alone(wild):
    clip, mouth = made_up_clip(wild), true_mouth(wild)
    nearly, unknown = AvOffset(0.11, 2.75, 0.99), AvOffset(0.11, 2.75, 0.5)
    found = wild.wild_measures.compare(clip, mouth, nearly)
    assert found["gap"] == pytest.approx(1) and found["width"] == pytest.approx(1)
    assert found["gap_at_zero"] < 0.5 < 0.9 < found["gap_at_found"] < 1
    distrusted = wild.wild_measures.compare(clip, mouth, unknown)
    assert distrusted["gap_at_found"] == found["gap_at_zero"]
    still = wild.wild_mouths.Mouth(np.zeros(FRAMES), np.zeros(FRAMES))
    assert wild.wild_measures.correlations(clip, still) == {"gap": 0, "width": 0}


def test_frames_without_speech_do_not_count(wild):
    clip, mouth = made_up_clip(wild), true_mouth(wild)
    gap = mouth.gap.copy()
    gap[~clip.speech] = 0.4
    assert wild.wild_measures.correlate(clip, gap, 0, LATE) == pytest.approx(1)
    assert clip.speech.sum() == 150
    assert clip.speech_seconds == pytest.approx((20 / FPS, 169 / FPS))


def test_rows_are_moved_by_parts_of_frames(wild):
    rows, real = wild.wild_measures.moved(np.arange(5.0) ** 2, 1.5)
    assert rows.tolist() == [0, 1, 2] and real.tolist() == [2.5, 6.5, 12.5]
    rows, real = wild.wild_measures.moved(np.arange(5.0), -2)
    assert rows.tolist() == [2, 3, 4] and real.tolist() == [0, 1, 2]


def test_closures_of_all_clips_are_counted_together(wild):
    clip, mouth = made_up_clip(wild), true_mouth(wild)
    count = wild.wild_measures.count_closures
    assert count(clip, mouth.gap, 1) == (3, 3, 3, 3)
    gap = np.full(FRAMES, 0.1)
    gap[44:46] = gap[120:122] = 0.0  # two frames late, and none of the real ones
    assert count(clip, gap, 1) == (3, 0, 2, 0)
    assert count(clip, gap, 2) == (3, 1, 2, 1)
    pooled = wild.wild_measures.pooled_closures(
        [clip, clip], [mouth, wild.wild_mouths.Mouth(gap, mouth.width)]
    )
    assert (pooled["real_closures"], pooled["closures"]) == (6, 5)
    assert (pooled["recall_1"], pooled["precision_1"]) == (3 / 6, 3 / 5)
    assert (pooled["recall_2"], pooled["precision_2"]) == (4 / 6, 4 / 5)


def test_movement_in_silence(wild):
    clip = made_up_clip(wild)
    gap = np.zeros(FRAMES)
    assert wild.wild_measures.moving_in_silence(clip, gap) == 0
    gap[::2] = 0.05
    assert wild.wild_measures.moving_in_silence(clip, gap) > 0.9  # all but the first
    assert 0.2 < wild.wild_measures.real_moving_in_silence(clip) < 1
    rested = clip._replace(lips=np.tile([0.1, 0.5, 1.0], (FRAMES, 1)))
    assert wild.wild_measures.real_moving_in_silence(rested) == 0
    assert wild.wild_measures.summarise([0.1, np.nan, 0.4, 0.1]) == pytest.approx(
        {"median": 0.1, "mean": 0.2}
    )


def test_the_width_of_a_mouth_is_what_its_channels_make(wild):
    row = dict.fromkeys(CHANNELS, 0.0) | {
        "spread": 0.1, "round": 0.2, "gap": 0.3, "drop": 0.1, "jaw": 0.5
    }  # fmt: skip
    curves = Articulation(50.0, np.array([list(row.values())] * 2, np.float32))
    mouth = wild.wild_mouths.from_curves(curves, np.array([0.0, 0.01]))
    assert mouth.gap == pytest.approx(np.full(2, 0.4))
    expected = 0.95 * 0.1 - 1.05 * 0.2 - 0.147 * 0.4 - 0.139 * 0.5
    assert mouth.width == pytest.approx(np.full(2, expected), abs=1e-6)


def test_rows_are_stacked_with_those_around_them(wild):
    found = wild.wild_mouths.stacked(np.arange(30.0)[:, None])
    assert found.shape == (30, 11)
    assert found[15].tolist() == list(range(5, 26, 2))
    assert found[0].tolist() == [0, 0, 0, 0, 0, 0, 2, 4, 6, 8, 10]


def test_the_stream_is_followed_to_its_end(wild):
    sound = speech_like(2.0)
    streamed = wild.wild_mouths.stream_curves(sound)
    assert streamed.duration == pytest.approx(2.0) and streamed.first == 0


def test_spoiled_sounds_are_in_step_and_as_long(wild):
    clip = made_up_clip(wild)._replace(sound=speech_like(8.0))
    spoiled = dict(wild.wild_sounds.spoiled_sounds(clip))
    assert len(spoiled) == 4
    size = 4 * len(clip.sound)
    for name, sound in spoiled.items():
        assert len(sound) == len(clip.sound) and np.abs(sound).max() <= 1, name
        spectrum = np.fft.rfft(sound, size) * np.conj(np.fft.rfft(clip.sound, size))
        lag = int(np.argmax(np.fft.irfft(spectrum, size)))
        assert min(lag, size - lag) <= 5, name  # samples
        assert not np.array_equal(sound, clip.sound), name


def test_nobody_speaks_in_sounds_that_are_the_same_each_time(wild):
    for name, make in wild.wild_sounds.UNSPOKEN.items():
        sound = make(4.0)
        assert sound.shape == (4 * RATE,) and sound.dtype == np.float32, name
        assert 0.05 < np.abs(sound).max() <= 1, name
        assert np.array_equal(sound, make(4.0)), name


def test_a_folder_is_read(wild, tmp_path):
    assert wild.wild_clips.read_wild(tmp_path) == []
    write_wav(tmp_path / "speaker_01.flac", speech_like(1.0))  # the content is what is looked at
    lines = ["time_s,lip_gap,lip_width,jaw,level_db"]
    lines += [f"{row / 20},0.1,0.5,{row},{-row}" for row in range(20)]
    (tmp_path / "speaker_01.csv").write_text("\n".join(lines))
    (tmp_path / "offsets.json").write_text(json.dumps({"speaker_01": -2}))
    (clip,) = wild.wild_clips.read_wild(tmp_path)
    assert (clip.name, clip.offset, len(clip.sound)) == ("speaker_01", -2, RATE)
    assert clip.fps == pytest.approx(20)
    assert clip.lips[3].tolist() == [0.1, 0.5, 3.0] and clip.level[4] == -4


def test_the_report_has_all_rows(wild):
    clip, mouth = made_up_clip(wild), true_mouth(wild)
    people = wild.wild.on_people([clip], {"ours": [mouth], "streaming": [mouth]})
    lines = list(wild.wild.show_people(people))
    table = [line for line in lines if line.startswith("|")]
    assert [line.split("|")[1].strip() for line in table[2:]] == ["real", "ours", "streaming"]
    assert len({line.count("|") for line in table}) == 1
    assert "1.00 / 1.00" in table[-1] and "1.00, 1.00" in table[-1]
    spoiled = wild.wild.on_spoiled([clip], {"ours": lambda sound, clip: mouth})
    assert len(list(wild.wild.show_spoiled(spoiled))) == 4 + 5
    json.dumps(wild.wild.without_nan({"people": people, "spoiled": spoiled}), allow_nan=False)


def test_without_clips_it_says_so(wild, monkeypatch):
    monkeypatch.setattr(wild.wild, "SPOKEN", ())
    monkeypatch.setattr(wild.wild, "UNSPOKEN_SECONDS", 1.0)
    results = wild.wild.measure([])
    assert set(results) == {"spoken", "unspoken"}
    assert "set LIPWRIGHT_WILD" in next(iter(wild.wild.markdown(results)))
    assert len(results["unspoken"]) == 5
