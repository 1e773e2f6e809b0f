"""Windows of frames cut for an engine by absolute frame numbers, and their patches back in order.

A video is drawn in chunks of 20 s, each by one call of `Engine.render`, so that any chunk can be
drawn alone. Windows are counted from the first frame of their chunk. Where an engine has a frame
rate of its own, each of its frames sees the first frame of the video that shows it, and each frame
of the video shows the one of the engine's that is nearest in time.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING, Generic, TypeVar

import numpy as np

from lipwright.core.errors import EngineError
from lipwright.engines.base import Drawn, Engine, FeatureReader, Patch, SourceFrame, Window
from lipwright.media.video.chunks import chunk_length

if TYPE_CHECKING:
    from typing import Any

    from lipwright.engines.base import AudioFeatures
    from lipwright.pipeline.face_view import FaceView
    from lipwright.pipeline.frame_rates import FrameRates
    from lipwright.speech.speech import Speech

T = TypeVar("T")
Patches = tuple[Patch | None, ...]
"""What is new of one frame, for each person."""


@dataclass(frozen=True, eq=False)
class RenderedSpeaker:
    """One person who speaks in a run."""

    number: int
    """The person's number in the source."""
    avatar: Any
    """What `Engine.prepare` made of the person."""
    audio: FeatureReader
    """What the person's lips are moved by."""
    planar: bool = False
    """Whether frames are wanted as video stores them."""


@dataclass(frozen=True, eq=False)
class VideoFrame(Generic[T]):
    """A frame of the video that is to be drawn over."""

    number: int
    """Counted from the beginning of the video."""
    views: tuple[FaceView, ...]
    """One for each person who speaks."""
    content: T
    """What the caller wants to have back with it."""


def read_audio(
    audio: AudioFeatures,
    number: int,
    avatar: Any,
    speech: Speech,
    rates: FrameRates,
    first: int,
    seed: int,
    planar: bool = False,
) -> RenderedSpeaker:
    """Open what a person's lips are moved by.

    Args:
        audio: the kind of features.
        number: the person's number in the source, which makes the person's chance another one.
        avatar: what `Engine.prepare` made of the person.
        speech: what the person says.
        rates: of the run.
        first: the frame of the video that is drawn first.
        seed: of the run.
        planar: whether frames are wanted as video stores them.
    """
    reader = audio.read(speech, rates.engine, rates.drawn(first), seed + number)
    return RenderedSpeaker(number, avatar, reader, planar)


def draw_frames(
    engine: Engine,
    speakers: Sequence[RenderedSpeaker],
    frames: Iterable[VideoFrame[T]],
    rates: FrameRates,
    seed: int = 0,
) -> Iterator[tuple[VideoFrame[T], Patches]]:
    """Draw frames chunk by chunk, in order, each with its patches: see `render_chunk`."""
    length = chunk_length(rates.video)
    for _, chunk in groupby(frames, lambda frame: frame.number // length):
        yield from render_chunk(engine, speakers, chunk, rates, seed)


def render_chunk(
    engine: Engine,
    speakers: Sequence[RenderedSpeaker],
    frames: Iterable[VideoFrame[T]],
    rates: FrameRates,
    seed: int = 0,
) -> Iterator[tuple[VideoFrame[T], Patches]]:
    """Draw the frames of one chunk, in order, each with its patches.

    Patches are valid until the next frame is asked for. Raises EngineError for an engine that does
    not keep to the contract.
    """
    cutter = _WindowCutter(engine, speakers, frames, rates, seed)
    for drawn in engine.render(cutter.windows()):
        cutter.take(drawn)
        yield from cutter.ready()
    yield from cutter.ready()
    cutter.check_empty()


@dataclass(frozen=True)
class _Span:
    """Which frames of a window are new."""

    first: int
    """The engine's number of the first of them."""
    skipped: int
    """How many stand before it in the window."""
    count: int


class _WindowCutter(Generic[T]):
    """Frames go in one by one, windows come out; patches go in, frames come out again."""

    def __init__(
        self,
        engine: Engine,
        speakers: Sequence[RenderedSpeaker],
        frames: Iterable[VideoFrame[T]],
        rates: FrameRates,
        seed: int,
    ) -> None:
        self._engine, self._speakers, self._frames = engine, speakers, frames
        self._rates, self._seed, self._window = rates, seed, engine.spec.window
        self._waiting: deque[VideoFrame[T]] = deque()
        self._spans: deque[_Span] = deque()
        self._patches: dict[int, Patches] = {}

    def windows(self) -> Iterator[tuple[Window, ...]]:
        """Cut windows, one for each person at a time."""
        pending: list[tuple[SourceFrame, ...]] = []
        following: int | None = None
        context = 0
        for frame in self._frames:
            self._waiting.append(frame)
            shown = self._rates.drawn(frame.number)
            for number in range(shown if following is None else following, shown + 1):
                pending.append(self._sources(frame, number))
                if len(pending) == self._window.frames:
                    yield self._cut(pending, context)
                    context = self._window.overlap
                    pending = pending[len(pending) - context :]
            following = shown + 1
        if len(pending) > context:
            yield self._cut(pending, context)

    def take(self, drawn: Drawn) -> None:
        """Take what was drawn of the oldest window."""
        if not self._spans or len(drawn) != len(self._speakers):
            raise self._broken("draws other windows than it is given")
        span = self._spans.popleft()
        if any(len(patches) < span.skipped + span.count for patches in drawn):
            raise self._broken("draws fewer frames than it is given")
        # a frame that is shown twice is needed when the engine has gone on already
        retimed = self._rates.engine != self._rates.video
        for place in range(span.count):
            patches = tuple(one[span.skipped + place] for one in drawn)
            self._patches[span.first + place] = tuple(map(_copied, patches)) if retimed else patches

    def ready(self) -> Iterator[tuple[VideoFrame[T], Patches]]:
        """Give the frames whose patches are there."""
        while self._waiting:
            number = self._rates.drawn(self._waiting[0].number)
            if number not in self._patches:
                return
            for passed in [old for old in self._patches if old < number]:
                del self._patches[passed]
            yield self._waiting.popleft(), self._patches[number]

    def check_empty(self) -> None:
        """Raise EngineError where frames are left over."""
        if self._waiting:
            raise self._broken("draws fewer windows than it is given")

    def _sources(self, frame: VideoFrame[T], number: int) -> tuple[SourceFrame, ...]:
        return tuple(
            SourceFrame(
                number=number,
                image=view.image,
                face=view.face,
                crop=view.crop,
                shot=view.shot,
                seed=frame_seed(self._seed, speaker.number, number),
                audio=speaker.audio.at(number),
                person_seed=person_seed(self._seed, speaker.number),
                covered=view.covered,
            )
            for view, speaker in zip(frame.views, self._speakers, strict=True)
        )

    def _cut(self, pending: Sequence[tuple[SourceFrame, ...]], context: int) -> tuple[Window, ...]:
        count = len(pending)
        self._spans.append(_Span(pending[context][0].number, context, count - context))
        filled = [*pending, *[pending[-1]] * (self._window.frames - count)]
        return tuple(
            Window(speaker.avatar, tuple(sources), self._rates.engine, speaker.planar)
            for speaker, sources in zip(self._speakers, zip(*filled, strict=True), strict=True)
        )

    def _broken(self, what: str) -> EngineError:
        return EngineError(
            f'The engine "{self._engine.spec.name}" {what}: report it to whoever made it.'
        )


def frame_seed(seed: int, person: int, number: int) -> int:
    """Return a seed for one frame of one person: the same in every run, wherever it begins."""
    return int(np.random.SeedSequence([seed, person, number]).generate_state(1)[0])


def person_seed(seed: int, person: int) -> int:
    """Return a seed for all frames of one person: the same in every run."""
    return int(np.random.SeedSequence([seed, person]).generate_state(1)[0])


def _copied(patch: Patch | None) -> Patch | None:
    if patch is None:
        return None
    alpha = None if patch.alpha is None else patch.alpha.copy()
    return replace(patch, pixels=patch.pixels.copy(), alpha=alpha, planes=None)
