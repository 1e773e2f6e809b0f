"""Windows of frames: absolute numbers, retiming, and what an engine must not do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest
from tests.fakes import FakeEngine

from lipwright.core.errors import EngineError
from lipwright.engines.base import Drawn, Patch, Window, WindowSpec
from lipwright.pipeline.face_view import FaceView
from lipwright.pipeline.frame_rates import FrameRates
from lipwright.pipeline.windows import RenderedSpeaker, VideoFrame, frame_seed, render_chunk

BLACK = np.zeros((2, 2, 3), np.uint8)
AUDIO = SimpleNamespace(at=lambda number: number)


class Numbering(FakeEngine):
    """Draws each frame's number into memory that it uses again for the next window."""

    def __init__(self, window: WindowSpec, fps: Fraction | None) -> None:
        super().__init__()
        self.spec = replace(FakeEngine.spec, window=window, fps=fps)
        self.windows: list[list[int]] = []
        self.memory = np.zeros((window.frames, 1, 1, 3), np.float32)

    def render(self, windows: Iterable[tuple[Window, ...]]) -> Iterator[Drawn]:
        for together in windows:
            self.windows.append([frame.number for frame in together[0].frames])
            for place, frame in enumerate(together[0].frames):
                assert frame.audio == frame.number
                self.memory[place] = frame.number
            yield tuple([Patch(pixels, (0, 0, 1, 1)) for pixels in self.memory] for _ in together)


def frames(first: int, count: int, people: int = 1) -> Iterator[VideoFrame[int]]:
    for number in range(first, first + count):
        views = tuple(FaceView(BLACK, None, None) for _ in range(people))
        yield VideoFrame(number, views, number)


def shown(engine: Numbering, fps: Fraction, first: int, count: int, people: int = 1) -> list[int]:
    """The engine's number that each frame of the video shows."""
    speakers = [RenderedSpeaker(number, None, AUDIO) for number in range(people)]
    rates = FrameRates.of(fps, engine.spec.fps)
    found = []
    for number, (frame, patches) in enumerate(
        render_chunk(engine, speakers, frames(first, count, people), rates), first
    ):
        assert frame.number == frame.content == number and len(patches) == people
        patch = patches[0]
        assert patch is not None
        found.append(int(patch.pixels[0, 0, 0]))
    return found


@pytest.mark.parametrize("fps", ["24", "25", "30000/1001", "30", "50", "60", "12"])
@pytest.mark.parametrize("first", [0, 601])
@pytest.mark.parametrize(("length", "overlap"), [(1, 0), (5, 0), (16, 4)])
def test_every_frame_shows_the_engines_nearest_frame(fps, first, length, overlap):
    rate, native = Fraction(fps), Fraction(25)
    engine = Numbering(WindowSpec(length, overlap), native)
    found = shown(engine, rate, first, 70)
    assert len(found) == 70
    for number, drawn in enumerate(found, first):
        assert abs(drawn / native - number / rate) <= 1 / native / 2
    for one, other in zip(engine.windows, engine.windows[1:], strict=False):
        assert other[0] == one[-1] + 1 - overlap
        assert one == list(range(one[0], one[0] + length))
    assert engine.windows[0][0] == found[0]


def test_without_a_rate_of_its_own_an_engine_draws_the_videos_frames():
    engine = Numbering(WindowSpec(), None)
    assert shown(engine, Fraction(24000, 1001), 40, 9) == list(range(40, 49))


def test_a_short_last_window_repeats_its_last_frame():
    engine = Numbering(WindowSpec(4, 1), None)
    assert shown(engine, Fraction(25), 10, 6) == [10, 11, 12, 13, 14, 15]
    assert engine.windows == [[10, 11, 12, 13], [13, 14, 15, 15]]


def test_nothing_but_context_is_no_window():
    engine = Numbering(WindowSpec(4, 2), None)
    assert shown(engine, Fraction(25), 0, 4) == [0, 1, 2, 3]
    assert engine.windows == [[0, 1, 2, 3]]


def test_an_engine_that_gives_fewer_windows_is_told():
    class Lazy(Numbering):
        def render(self, windows):
            yield from list(super().render(windows))[:-1]

    with pytest.raises(EngineError, match='"fake" draws fewer windows than it is given'):
        shown(Lazy(WindowSpec(), None), Fraction(25), 0, 3)


def test_an_engine_that_gives_fewer_frames_is_told():
    class Short(Numbering):
        def render(self, windows):
            for drawn in super().render(windows):
                yield tuple(patches[:2] for patches in drawn)

    with pytest.raises(EngineError, match="fewer frames"):
        shown(Short(WindowSpec(4), None), Fraction(25), 0, 4)


def test_an_engine_that_forgets_a_person_is_told():
    class Blind(Numbering):
        def render(self, windows):
            for drawn in super().render(windows):
                yield drawn[:1]

    with pytest.raises(EngineError, match="other windows"):
        shown(Blind(WindowSpec(), None), Fraction(25), 0, 1, people=2)


def test_windows_of_an_engine_cannot_be_all_overlap():
    with pytest.raises(ValueError, match="cannot overlap"):
        WindowSpec(4, 4)


def test_seeds_differ_by_frame_person_and_seed():
    seeds = {frame_seed(s, p, n) for s in range(3) for p in range(3) for n in range(50)}
    assert len(seeds) == 450
    assert frame_seed(1, 2, 3) == frame_seed(1, 2, 3)
