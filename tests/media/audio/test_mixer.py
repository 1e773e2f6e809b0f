"""Sounds at once: levels, places, lengths, rates, channels, and nothing that clips or grows."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from lipwright.core.errors import MediaError, UsageError
from lipwright.media.audio.limiter import Limiter, limiting_gain
from lipwright.media.audio.loop_and_fade import CROSSING, FADING, faded, passes
from lipwright.media.audio.mixer import CEILING, Mix, Track
from lipwright.media.video.original_sound import check_decibels, original_sound
from lipwright.media.video.output_spec import OutputSpec
from lipwright.media.video.writer import VideoWriter
from lipwright.speech import Speech
from tests.helpers import tone, write_wav
from tests.media.sounds import encode_sound

RATE = 16000


def of(samples: np.ndarray, rate: int = RATE) -> Speech:
    return Speech.from_samples(samples, rate)


def heard(*tracks: Track) -> np.ndarray:
    """float32 (channels, n)."""
    return np.concatenate(list(Mix(tracks).opened().blocks()), axis=1)


def steady(level: float, seconds: float = 1.0, rate: int = RATE) -> np.ndarray:
    return np.full(round(seconds * rate), level, np.float32)


def test_a_mix_is_the_sum_at_the_levels_asked_for():
    voice, other = tone(1.0), tone(1.0, hertz=330)
    mixed = heard(Track(of(voice)), Track(of(other), gain_db=-20))
    np.testing.assert_allclose(mixed[0], voice + 0.1 * other, atol=1e-6)


def test_a_mix_lasts_as_long_as_the_longest_that_does_not_lie_under():
    short, long = of(steady(0.1, 0.5)), of(steady(0.2, 1.3))
    assert heard(Track(short), Track(long)).shape == (1, 20800)
    under = heard(Track(short), Track(long, under=True))
    assert under.shape == (1, 8000) and under[0] == pytest.approx(0.3)
    last = heard(Track(long), Track(short, under=True))
    assert last[0, :8000] == pytest.approx(0.3) and last[0, 8000:] == pytest.approx(0.2)


@pytest.mark.parametrize("start", [0.25, -0.25, -3.0])
def test_tracks_start_where_they_are_told_to(start):
    ramp = np.linspace(0, 0.5, RATE, dtype=np.float32)
    mixed = heard(Track(of(steady(0.0))), Track(of(ramp), start=start, under=True))[0]
    shift = round(start * RATE)
    expected = np.zeros(RATE, np.float32)
    if shift > 0:
        expected[shift:] = ramp[: RATE - shift]
    else:
        expected[: max(0, RATE + shift)] = ramp[-shift:]
    np.testing.assert_allclose(mixed, expected, atol=1e-6)


def test_the_highest_rate_and_stereo_win(tmp_path):
    left_only = np.stack([tone(1.0, 48000), np.zeros(48000, np.float32)], axis=1)
    stereo = write_wav(tmp_path / "stereo.wav", left_only, 48000)
    mix = Mix((Track(of(tone(1.0, 16000, 440.0))), Track(stereo))).opened()
    assert (mix.rate, mix.channels, mix.layout) == (48000, 2, "stereo")
    left, right = np.concatenate(list(mix.blocks()), axis=1)
    inner = np.s_[4800:-4800]
    np.testing.assert_allclose(
        left[inner], (left_only[:, 0] + tone(1, 48000, 440.0))[inner], atol=2e-3
    )
    np.testing.assert_allclose(right[inner], tone(1, 48000, 440.0)[inner], atol=2e-3)


def test_surround_is_brought_to_stereo(tmp_path):
    channels = np.zeros((6, 48000), np.float32)
    channels[0], channels[2] = 0.2, 0.1  # front left, centre
    path = encode_sound(tmp_path / "film.mkv", channels, 48000, "flac", "5.1")
    left, right = heard(Track(path))[:, 9600:-9600]
    assert left == pytest.approx(0.2 + 0.0707, abs=0.005)
    assert right == pytest.approx(0.0707, abs=0.005)


def test_nothing_clips_and_what_is_not_too_loud_stays_as_it_is():
    loud = (0.9 * np.sin(2 * np.pi * 200 * np.arange(4 * RATE) / RATE)).astype(np.float32)
    burst = np.zeros_like(loud)
    burst[2 * RATE : 2 * RATE + 2000] = loud[:2000]
    mixed = heard(Track(of(loud)), Track(of(burst)))[0]
    assert mixed.shape == loud.shape and np.abs(mixed).max() <= CEILING
    np.testing.assert_array_equal(mixed[: RATE * 3 // 2], loud[: RATE * 3 // 2])
    np.testing.assert_array_equal(mixed[RATE * 5 // 2 :], loud[RATE * 5 // 2 :])


def test_limiting_piece_by_piece_is_limiting_in_one():
    rng = np.random.default_rng(0)
    swell = np.sin(np.arange(100_003) / 9000)
    sound = (rng.normal(0, 0.4, (2, 100_003)) * swell).astype(np.float32)
    limiter, pieces, place = Limiter(0.9), [], 0
    while place < sound.shape[1]:
        length = int(rng.integers(1, 3000))
        pieces.append(limiter.push(sound[:, place : place + length]))
        place += length
    streamed = np.concatenate([*pieces, limiter.finish()], axis=1)
    np.testing.assert_allclose(streamed, sound * limiting_gain(sound, 0.9), atol=1e-6)
    assert np.abs(streamed).max() <= 0.9 < np.abs(sound).max()


def test_a_sound_starts_again_after_its_period_and_the_joint_is_smooth():
    period = 4000
    sound = [np.cumsum(np.random.default_rng(1).normal(0, 0.01, (1, 4300)), axis=1)]
    again = passes(lambda: iter(np.split(sound[0], [100, 2500], axis=1)), period, RATE)
    pieces, count = [], 0
    while count < 3 * period:
        pieces.append(next(again))
        count += pieces[-1].shape[1]
    played = np.concatenate(pieces, axis=1)[0]
    whole, crossing = sound[0][0], round(CROSSING * RATE)
    for start in (0, period, 2 * period):
        inner = np.s_[start + (crossing if start else 0) : start + period]
        np.testing.assert_allclose(played[inner], whole[inner.start - start : period])
    assert np.abs(np.diff(played)).max() < 1.5 * np.abs(np.diff(whole)).max()


def test_the_joint_of_a_noise_is_as_loud_as_the_noise():
    rng, rate, period = np.random.default_rng(2), 8000, 8000
    levels = []
    for _ in range(40):
        noise = rng.normal(0, 0.1, (1, period)).astype(np.float32)
        again = passes(partial(iter, [noise]), period, rate)
        next(again)
        levels.append((next(again)[0, : round(CROSSING * rate)] ** 2).mean())
    assert 10 * np.log10(np.mean(levels) / 0.01) == pytest.approx(0, abs=0.4)


@pytest.mark.parametrize("length", [0, 1, 50, 2000])
def test_short_sounds_are_followed_by_silence_until_they_start_again(length):
    again = passes(lambda: iter([np.full((1, length), 0.5)] if length else []), 1000, RATE)
    played, count = [], 0
    while count < 3000:
        played.append(next(again))
        count += played[-1].shape[1]
    joined = np.concatenate(played, axis=1)[0]
    assert joined.shape == (3000,) and np.isfinite(joined).all()
    assert (joined[:1000] == np.r_[np.full(min(length, 1000), 0.5), np.zeros(1000)][:1000]).all()


def test_fading_ends_in_silence():
    end = RATE * 2
    played = np.concatenate(list(faded([np.ones((1, 3000))] * 20, end, RATE)), axis=1)[0]
    start = end - round(FADING * RATE)
    assert played.shape == (end,) and (played[:start] == 1).all()
    assert (np.diff(played[start:]) < 0).all() and played[-1] < 1e-3


def test_a_mix_is_the_sound_of_a_video(tmp_path):
    sounds = Mix((Track(of(tone(1.0))), Track(of(tone(1.0, hertz=700)), -6.0)))
    path = tmp_path / "out.mkv"
    with VideoWriter(path, OutputSpec((64, 64), Fraction(25)), audio=sounds) as video:
        for _ in range(25):
            video.write(np.zeros((64, 64, 3), np.uint8))
    samples = Speech.from_file(path).samples
    spectrum = np.abs(np.fft.rfft(samples[:RATE]))
    assert 20 * np.log10(spectrum[700] / spectrum[220]) == pytest.approx(-6, abs=0.5)
    assert len(samples) == pytest.approx(RATE, abs=1100)


def footage(path: Path, duration: float = 1.0) -> Any:
    return SimpleNamespace(path=path, duration=duration, sound_track=None)


def test_a_films_sound_stays_in_step_with_its_pictures(tmp_path):
    sound = np.zeros((1, 32000), np.float32)
    sound[0, 16000:16200] = 0.5
    path = encode_sound(
        tmp_path / "late.mkv", sound, RATE, "flac", with_video=True, delay=0.32, first_picture=3
    )
    track = original_sound(footage(path, duration=5.0), 0.0, "loop")
    played = heard(Track(of(steady(0.0, 2.0))), track)[0]
    assert np.flatnonzero(np.abs(played) > 0.2)[0] == pytest.approx(1.2 * RATE, abs=2)


@pytest.mark.parametrize("length", ["bounce", "loop", "remap", "freeze", "cut"])
def test_what_a_films_sound_does_at_its_end(tmp_path, length):
    path = write_wav(tmp_path / "film.wav", steady(0.5, 1.0), RATE)
    track = original_sound(footage(path), -20.0, length)
    played = heard(Track(of(steady(0.0, 2.5))), track)[0]
    assert played[: RATE // 2] == pytest.approx(0.05, abs=1e-3)
    goes_on = length in ("bounce", "loop", "remap")
    assert np.abs(played[RATE:]).max() == pytest.approx(0.05 * goes_on, abs=0.03 * goes_on + 1e-6)


def test_a_film_without_sound(tmp_path):
    path = tmp_path / "silent.mp4"
    with VideoWriter(path, OutputSpec((64, 64), Fraction(25))) as video:
        video.write(np.zeros((64, 64, 3), np.uint8))
    with pytest.raises(UsageError, match=r"silent\.mp4 has no sound that could be kept"):
        original_sound(footage(path), -20.0, "loop")


@pytest.mark.parametrize("decibels", [float("nan"), 13, -61, float("-inf")])
def test_impossible_decibels(decibels):
    with pytest.raises(UsageError, match="give -60 to 12"):
        check_decibels(decibels)


def test_a_track_without_sound_is_named(tmp_path):
    path = tmp_path / "notes.wav"
    path.write_text("no sound")
    with pytest.raises(MediaError, match=r"notes\.wav is not a sound"):
        Mix((Track(of(steady(0.1))), Track(path))).opened()


LONG = """
import resource
from lipwright.media.audio.mixer import Mix, Track
from lipwright.speech import Speech
hour, film = {hour!r}, {film!r}
mix = Mix((Track(hour), Track(film, -20.0, under=True, period=2.0))).opened()
samples = 0
for number, block in enumerate(mix.blocks()):
    samples += block.shape[1]
    if number == 20:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(samples, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_memory_does_not_grow_with_the_length(tmp_path):
    long = write_wav(tmp_path / "long.wav", np.tile(tone(10.0, 8000), 36), 8000)
    film = write_wav(tmp_path / "film.wav", tone(2.0, 8000), 8000)
    code = LONG.format(hour=str(long), film=str(film))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    samples, grown = map(int, done.stdout.split())
    assert samples == 8000 * 360 and grown < 4 << (10 if sys.platform != "darwin" else 20)
