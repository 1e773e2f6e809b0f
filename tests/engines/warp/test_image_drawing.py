"""Frames of a picture that are drawn at once are those that are drawn one by one."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from fractions import Fraction
from math import floor

import cv2
import numpy as np
import pytest
from tests.helpers import hopper_path, speech_like

from lipwright import Portrait, StreamingSpeech
from lipwright.articulation.streaming import articulate_prefixes
from lipwright.core import cores as machine
from lipwright.core.cores import LARGE_DRAWING, USUAL_WORKERS, worker_count
from lipwright.engines.warp.motion.plan import FORESIGHT
from lipwright.engines.warp.renderer import Renderer
from lipwright.media.video.yuv_frame import YuvFrame
from lipwright.speech.speech import Speech

FPS = Fraction(12)
PATIENCE = 20.0  # s


@pytest.fixture(scope="module")
def portrait() -> Portrait:
    return Portrait(hopper_path(), quality="low", motion="lively")


@pytest.fixture(scope="module")
def speech() -> Speech:
    return Speech.from_samples(speech_like(2.0, seed=2), 16_000)


def whole(speech: Speech) -> Speech:
    """A speech as long as a number of frames."""
    count = floor(speech.duration * FPS)
    return Speech.from_samples(speech.samples[: round(count / FPS * speech.rate)], speech.rate)


def with_cores(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    monkeypatch.setattr(machine, "usable_cores", lambda: count)


@pytest.mark.parametrize(("cores", "frames"), [(1, 1), (2, 1), (4, 3), (64, USUAL_WORKERS)])
def test_one_for_each_core_but_one_up_to_a_limit(monkeypatch, cores, frames):
    with_cores(monkeypatch, cores)
    assert worker_count() == frames
    assert worker_count(7) == 7


@pytest.mark.parametrize(("cores", "frames"), [(1, 1), (2, 2), (3, 2), (4, 3)])
def test_large_frames_are_drawn_two_at_once_on_two_cores(monkeypatch, cores, frames):
    with_cores(monkeypatch, cores)
    assert worker_count(pixels=LARGE_DRAWING) == frames
    assert worker_count(pixels=LARGE_DRAWING - 1) == max(1, cores - 1)


def test_frames_are_the_same_and_in_order(monkeypatch, portrait, speech):
    with_cores(monkeypatch, 1)
    one_by_one = [frame.copy() for frame in portrait.frames(speech, FPS)]
    assert len(one_by_one) == 24
    assert all((one != other).any() for one, other in zip(one_by_one, one_by_one[1:], strict=False))
    for cores in (3, 4, 5):
        with_cores(monkeypatch, cores)
        for number, frame in enumerate(portrait.frames(speech, FPS)):
            np.testing.assert_array_equal(frame, one_by_one[number])


def test_so_many_are_really_drawn_at_once(monkeypatch, portrait, speech):
    with_cores(monkeypatch, 4)
    barrier, render = threading.Barrier(3), Renderer.render

    def meet(*arguments):
        barrier.wait(PATIENCE)
        return render(*arguments)

    monkeypatch.setattr(Renderer, "render", meet)
    assert sum(1 for _ in portrait.frames(speech, FPS)) == 24


def test_with_one_core_nothing_is_drawn_ahead(monkeypatch, portrait, speech):
    with_cores(monkeypatch, 1)
    drawn, render = [], Renderer.render

    def count(*arguments):
        drawn.append(threading.current_thread())
        return render(*arguments)

    monkeypatch.setattr(Renderer, "render", count)
    for number, _ in enumerate(portrait.frames(speech, FPS)):
        assert len(drawn) == number + 1
    assert set(drawn) == {threading.current_thread()}


def test_a_drawing_error_reaches_the_caller_and_no_thread_is_left(monkeypatch, portrait, speech):
    with_cores(monkeypatch, 4)
    calls, render = iter(range(1000)), Renderer.render

    def fail(*arguments):
        if next(calls) == 5:
            raise MemoryError("a frame too large")
        return render(*arguments)

    monkeypatch.setattr(Renderer, "render", fail)
    before, opencv = threading.active_count(), cv2.getNumThreads()
    frames = portrait.frames(speech, FPS)
    with pytest.raises(MemoryError, match="a frame too large"):
        for number, _ in enumerate(frames):
            assert number < 6
    assert threading.active_count() == before
    assert cv2.getNumThreads() == opencv


@pytest.mark.parametrize("how", ["closed", "dropped"])
def test_no_thread_is_left_when_nobody_wants_more(monkeypatch, portrait, speech, how):
    with_cores(monkeypatch, 4)
    before, opencv = threading.active_count(), cv2.getNumThreads()
    frames = portrait.frames(speech, FPS)
    next(frames)
    if how == "closed":
        frames.close()
    del frames
    assert threading.active_count() == before
    assert cv2.getNumThreads() == opencv


@pytest.mark.parametrize("cores", [1, 4])
def test_a_frame_that_is_drawn_waits_for_no_speech(monkeypatch, portrait, cores):
    """All that the sound so far is enough for come before there is more."""
    with_cores(monkeypatch, cores)
    sound, more = speech_like(2.5, seed=2), threading.Event()
    *_, known, _ = articulate_prefixes(StreamingSpeech.from_pieces([sound], 16_000))
    enough = floor((known.stable_until - FORESIGHT) * FPS)
    assert enough > 5

    def arriving() -> Iterator[np.ndarray]:
        yield sound
        if not more.wait(PATIENCE):
            raise TimeoutError("a frame is kept back")
        yield sound

    frames = portrait.frames(StreamingSpeech.from_pieces(arriving(), 16_000), FPS)
    for _ in range(enough):
        next(frames)
    assert not more.is_set()
    more.set()
    assert sum(1 for _ in frames) == 60 - enough


def test_planes_show_what_frames_show(portrait, speech):
    """Also where they are drawn in the same memory again, and where the region's edges are odd."""
    frames = portrait.segment_frames(whole(speech), FPS, 0)
    planar = portrait.segment_frames(whole(speech), FPS, 0, planar=True).pictures()
    count = 0
    for frame, planes in zip(frames, planar, strict=True):
        assert isinstance(planes, YuvFrame) and planes.lent
        expected = YuvFrame.of(frame)
        for one, other in zip(planes.planes, expected.planes, strict=True):
            np.testing.assert_array_equal(one, other)
        count += 1
    assert count == 24
