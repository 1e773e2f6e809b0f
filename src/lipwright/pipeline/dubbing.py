"""People of a film followed, given new mouths by an engine, and put back into their frames."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import islice, tee
from operator import itemgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    from lipwright.engines import FilmEngine
    from lipwright.face.finder import FaceFinder
    from lipwright.face.tracker import Choose, TrackedFrame
    from lipwright.media.video.chunks import Chunk
    from lipwright.media.video.yuv_frame import YuvFrame
    from lipwright.speech.speech import Speech

MAX_SHOTS = 1_000_000
"""Shots of different stretches are told apart by so much."""

JOINT = 8
"""Frames over which one stretch glides into the next; fewer than are read before a stretch."""

Tracked = tuple["TrackedFrame", ...]
"""One frame of a film, as it is followed for each of those who speak."""


def follow(
    chunks: Iterable[Chunk], choices: Sequence[Choose], finder: FaceFinder
) -> Iterator[Tracked]:
    """The frames of all stretches with the faces of those who speak, each chosen by its own way.

    Two who follow one face from different frames on come to places that differ by a hair. So that
    nothing jumps where two stretches meet, the end of one glides into the beginning of the next.
    """
    from lipwright.face.tracker import FaceTracker

    ending: deque[Tracked] = deque()
    for chunk in chunks:
        frames = tee(chunk.frames, len(choices))
        tracks = (
            FaceTracker(finder, choose, chunk.number * MAX_SHOTS).track(copies)
            for choose, copies in zip(choices, frames, strict=True)
        )
        followed = zip(*tracks, strict=True)
        again = deque(islice(followed, chunk.overlap), maxlen=JOINT)
        yield from _glide(list(ending), list(again))
        ending.clear()
        for frame in islice(followed, chunk.count):
            ending.append(frame)
            if len(ending) > JOINT:
                yield ending.popleft()
    yield from ending


def _glide(ending: Sequence[Tracked], again: Sequence[Tracked]) -> Iterator[Tracked]:
    """The last frames of a stretch, more and more as the next one's follower sees them `again`."""
    alone = len(ending) - len(again)
    for number, frame in enumerate(ending):
        if number < alone:
            yield frame
            continue
        share = (number - alone + 1) / (len(again) + 1)
        others = again[number - alone]
        yield tuple(one.towards(other, share) for one, other in zip(frame, others, strict=True))


def speak(
    film: Iterable[Tracked],
    speakers: Sequence[tuple[Any, Speech]],
    engine: FilmEngine,
    fps: Fraction,
    first: int,
) -> Iterator[YuvFrame]:
    """The frames with the mouths of all speakers redrawn.

    speakers: what `engine.prepare_film` made of each, and what each says, in the film's order.
    """
    untouched: deque[list[np.ndarray]] = deque()

    def noted() -> Iterator[Tracked]:
        for frame in film:
            untouched.append([window.image.copy() for window in frame])
            yield frame

    whole, *copies = tee(noted(), len(speakers) + 1)
    dubbed = [
        engine.dub(cast, map(itemgetter(number), frames), speech, fps, first)
        for number, ((cast, speech), frames) in enumerate(zip(speakers, copies, strict=True))
    ]
    for frame, *images in zip(whole, *dubbed, strict=True):
        for window, image, before in zip(frame, images, untouched.popleft(), strict=True):
            if window.face is not None:
                window.whole.put(window.box, image, before)
        yield frame[0].whole
