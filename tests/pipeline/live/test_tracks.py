"""What is said and heard on one clock: nothing is lost, no lip jumps, interruption is at once."""

from __future__ import annotations

import time
from fractions import Fraction

import numpy as np
import pytest
from tests.helpers import tone

from lipwright.articulation import CHANNELS, Articulation
from lipwright.articulation.live import DELAY
from lipwright.pipeline.live.clock import CLOSING_SECONDS, FADE_SECONDS, LiveClock, Tick
from lipwright.pipeline.live.heard_track import COMPUTING, LONGEST_LAG, HeardTrack
from lipwright.pipeline.live.spoken_track import SpokenTrack

RATE = 24_000
GAP = CHANNELS.index("gap")
FRAME = RATE // 25


def curves(seconds: float, gap: float, first: int = 0) -> Articulation:
    rows = np.zeros((round(seconds * 100) + 1, len(CHANNELS)), np.float32)
    rows[:, GAP] = gap
    return Articulation(100, rows, first)


def say(clock: LiveClock, number: int, seconds: float, gap: float = 0.2) -> np.ndarray:
    sound = tone(seconds, RATE)
    clock.spoken.add(number, sound, curves(seconds, gap))
    clock.spoken.finish(number)
    return sound


def sound_of(ticks: list[Tick]) -> np.ndarray:
    return np.concatenate([tick.samples for tick in ticks])


def gaps(ticks: list[Tick]) -> np.ndarray:
    return np.array([tick.mouth[GAP] for tick in ticks])


def test_texts_follow_each_other_without_a_gap() -> None:
    clock = LiveClock(Fraction(25), RATE)
    said = np.concatenate([say(clock, 1, 0.33), say(clock, 2, 0.5)])
    ticks = [clock.tick() for _ in range(25)]
    np.testing.assert_array_equal(sound_of(ticks)[: len(said)], said)
    assert not sound_of(ticks)[len(said) :].any()
    assert [tick.speaking for tick in ticks] == [True] * 20 + [False] * 5


@pytest.mark.parametrize("fps", [Fraction(25), Fraction(30000, 1001), Fraction(24), Fraction(60)])
def test_frames_hold_the_samples_that_belong_to_them(fps: Fraction) -> None:
    clock = LiveClock(fps, RATE)
    ticks = [clock.tick() for _ in range(200)]
    assert [tick.number for tick in ticks] == list(range(200))
    assert len(sound_of(ticks)) == int(200 * RATE / fps)
    rows = np.cumsum([len(tick.activity) for tick in ticks])
    assert rows[-1] == -(-200 * 50 // fps)


def test_the_mouth_is_that_of_the_sound_at_the_frame() -> None:
    clock = LiveClock(Fraction(25), RATE)
    clock.tick()
    rows = np.zeros((101, len(CHANNELS)), np.float32)
    rows[:, GAP] = np.arange(101) / 1000
    clock.spoken.add(1, tone(1.0, RATE), Articulation(100, rows))
    ticks = [clock.tick() for _ in range(20)]
    np.testing.assert_allclose(gaps(ticks), np.arange(20) * 0.004, atol=1e-6)
    np.testing.assert_allclose(ticks[3].activity[:, GAP], [0.012, 0.014], atol=1e-6)


def test_better_curves_replace_those_that_are_followed_without_a_jump() -> None:
    track = SpokenTrack(RATE)
    track.add(1, tone(1.0, RATE), curves(1.0, 0.2))
    offsets = np.arange(0, 0.04, 0.01)
    before = np.concatenate([track.take(FRAME, offsets).rows for _ in range(10)])
    track.add(1, tone(1.0, RATE), curves(1.9, 0.0, first=10))
    after = np.concatenate([track.take(FRAME, offsets).rows for _ in range(10)])
    whole = np.concatenate([before, after])[:, GAP]
    assert whole[0] == pytest.approx(0.2) and whole[-1] == 0
    assert np.abs(np.diff(whole)).max() < 0.03


def test_a_pause_of_the_voice_is_silence_and_nothing_is_lost() -> None:
    clock = LiveClock(Fraction(25), RATE)
    first, second = tone(0.1, RATE), tone(0.2, RATE, hertz=300)
    clock.spoken.add(1, first, curves(0.1, 0.0))
    ticks = [clock.tick() for _ in range(5)]
    assert ticks[-1].speaking  # the text is not at its end
    clock.spoken.add(1, second, curves(0.3, 0.0))
    clock.spoken.finish(1)
    ticks += [clock.tick() for _ in range(8)]
    heard = sound_of(ticks)
    np.testing.assert_array_equal(heard[: len(first)], first)
    np.testing.assert_array_equal(heard[5 * FRAME : 5 * FRAME + len(second)], second)
    assert not ticks[-1].speaking


def test_an_interruption_is_silence_and_a_shut_mouth_at_once() -> None:
    clock = LiveClock(Fraction(25), RATE)
    say(clock, 1, 5.0, gap=0.3)
    before = [clock.tick() for _ in range(10)]
    clock.interrupt()
    after = [clock.tick() for _ in range(10)]
    heard = np.concatenate([sound_of(before)[-100:], sound_of(after)])
    steps = np.abs(np.diff(heard))
    assert steps.max() < 1.1 * np.abs(np.diff(tone(1.0, RATE))).max()  # no click
    assert not sound_of(after)[round(FADE_SECONDS * RATE) :].any()
    shut = -(-CLOSING_SECONDS * 25 // 1)
    assert gaps(after)[int(shut) :].max() == 0
    assert np.abs(np.diff(gaps([before[-1], *after]))).max() < 0.2
    assert not after[0].speaking
    said = say(clock, 2, 0.5)
    np.testing.assert_array_equal(sound_of([clock.tick() for _ in range(13)])[: len(said)], said)


def hear_all(track: HeardTrack, seconds: float) -> np.ndarray:
    blocks = [track.take(FRAME, np.zeros(1)).samples for _ in range(round(seconds * 25))]
    return np.concatenate(blocks)


def test_sound_that_is_heard_comes_whole_and_late_by_what_listening_takes() -> None:
    track = HeardTrack(RATE)
    sound = tone(1.0, RATE)
    track.add(sound, RATE, False)
    heard = hear_all(track, 2.0)
    delay = round((DELAY + COMPUTING) * RATE)
    np.testing.assert_array_equal(heard[delay : delay + len(sound)], sound)
    assert not heard[:delay].any() and not heard[delay + len(sound) :].any()
    assert not track.busy
    track.close()


def test_a_last_piece_that_is_short_is_heard_as_well() -> None:
    track = HeardTrack(RATE)
    track.add(tone(0.02, RATE) + np.float32(0.1), RATE, False)
    assert np.count_nonzero(hear_all(track, 1.0)) == pytest.approx(0.02 * RATE, abs=2)
    track.close()


def test_a_microphone_that_was_held_up_catches_up_and_a_program_loses_nothing() -> None:
    for live, most in ((True, LONGEST_LAG), (False, 1.0)):
        track = HeardTrack(RATE)
        track.add(tone(1.0, RATE), RATE, live)
        track.take(FRAME, np.zeros(1))
        assert track.seconds <= most
        assert (track.seconds < 0.1) == live
        track.close()


@pytest.mark.parametrize("rate", [8000, 44100, 48000])
def test_sound_of_any_rate_is_heard_at_its_pitch(rate: int) -> None:
    track = HeardTrack(RATE)
    for piece in np.array_split(tone(1.0, rate), 50):
        track.add(piece, rate, False)
    heard = hear_all(track, 2.0)
    spectrum = np.abs(np.fft.rfft(heard))
    assert np.fft.rfftfreq(len(heard), 1 / RATE)[spectrum.argmax()] == pytest.approx(220, abs=1)
    track.close()


def test_the_lips_follow_what_is_heard() -> None:
    from tests.articulation.test_live import CLIP

    from lipwright.articulation import articulate
    from lipwright.media.audio.decode import decode_blocks
    from lipwright.speech import Speech

    clip = np.concatenate(list(decode_blocks(CLIP, RATE)))[: 5 * RATE]
    track = HeardTrack(RATE)
    track.add(clip, RATE, False)
    rows = []
    for _ in range(4 * 25):
        rows.append(track.take(FRAME, np.zeros(1)).rows[0])
        while not track.caught_up:  # the networks have a thread of their own
            time.sleep(0.001)
    shown = np.array(rows)[:, GAP]
    wanted = articulate(Speech.from_samples(clip, RATE)).at(np.arange(100) / 25 - DELAY - COMPUTING)
    track.close()
    assert np.corrcoef(shown[25:], wanted[25:, GAP])[0, 1] > 0.9


def test_silence_from_a_microphone_costs_nothing() -> None:
    track = HeardTrack(RATE)
    for _ in range(100):
        track.add(np.zeros(FRAME, np.float32), RATE, True)
        assert not track.take(FRAME, np.zeros(1)).heard
    assert not track.busy and track.seconds == 0
    track.close()
