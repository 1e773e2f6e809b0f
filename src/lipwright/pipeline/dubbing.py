"""People of a video followed, given new mouths by an engine, and put back into their frames."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import islice, tee
from typing import TYPE_CHECKING, Any, NamedTuple

import cv2
import numpy as np

from lipwright.core.left_alone import LeftAlone
from lipwright.pipeline.face_view import FaceView
from lipwright.pipeline.frame_rates import FrameRates
from lipwright.pipeline.windows import VideoFrame, draw_frames, read_audio

if TYPE_CHECKING:
    from lipwright.core.frame_counter import FrameCounter
    from lipwright.engines.base import CropSpec, Engine
    from lipwright.face.finder import FaceFinder
    from lipwright.face.person_look import PersonLook
    from lipwright.face.tracker import Choose, TrackedFrame
    from lipwright.media.video.chunks import Chunk
    from lipwright.media.video.yuv_frame import YuvFrame
    from lipwright.pipeline.compositing import Pasted
    from lipwright.pipeline.windows import Patches
    from lipwright.speech.speech import Speech

MAX_SHOTS = 1_000_000
"""Shots of different chunks are told apart by so much."""

JOINT = 8
"""Frames over which one chunk glides into the next; fewer than are read before a chunk."""

Tracked = tuple["TrackedFrame", ...]
"""One frame of a video, as it is followed for each of those who speak."""


class VideoSpeaker(NamedTuple):
    """A person in a video who speaks."""

    number: int
    """The person's number in the video."""
    avatar: Any
    """What `Engine.prepare` made of the person."""
    speech: Speech
    """What the person says."""


def follow(
    chunks: Iterable[Chunk],
    choices: Sequence[Choose],
    finder: FaceFinder,
    looks: Sequence[PersonLook] = (),
    crop: CropSpec | None = None,
) -> Iterator[Tracked]:
    """Yield the frames of all chunks with the faces of those who speak.

    looks: of each, to tell where something is before the mouth; without them nothing is. crop:
    what is cut out of the faces' windows; where nothing is they are smaller.

    Two trackers that follow one face from different frames on come to places that differ by a
    hair. So that nothing jumps where two chunks meet, the end of one glides into the beginning of
    the next.
    """
    from lipwright.face.person_look import PersonLook
    from lipwright.face.tracker import CLOSE, ROOM, FaceTracker
    from lipwright.pipeline.covered_mouths import mark_covered

    looks, room = looks or [PersonLook([])] * len(choices), ROOM if crop else CLOSE
    ending: deque[Tracked] = deque()
    for chunk in chunks:
        frames = tee(chunk.frames, len(choices))
        shot = chunk.number * MAX_SHOTS
        tracks = (
            mark_covered(FaceTracker(finder, choose, shot, room).track(copies), look)
            for choose, look, copies in zip(choices, looks, frames, strict=True)
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
    """The last frames of a chunk, more and more as the next one's tracker sees them `again`."""
    alone = len(ending) - len(again)
    for number, frame in enumerate(ending):
        if number < alone:
            yield frame
            continue
        share = (number - alone + 1) / (len(again) + 1)
        others = again[number - alone]
        yield tuple(one.towards(other, share) for one, other in zip(frame, others, strict=True))


def dub(
    engine: Engine,
    speakers: Sequence[VideoSpeaker],
    frames: Iterable[Tracked],
    fps: Fraction,
    first: int = 0,
    seed: int = 0,
    counter: FrameCounter | None = None,
) -> Iterator[YuvFrame]:
    """Redraw the mouths of all speakers.

    Args:
        engine: what draws them.
        speakers: who speaks, in the order in which frames were followed.
        frames: from number `first` on.
        fps: frames per second.
        first: the number of the first frame, which begins a chunk.
        seed: same seed, same input: same frames.
        counter: told of frames in which a face is seen, but something is before its mouth or this
            is not in them, and of those whose mouths are the video's own ("own mouth") or drawn
            ("drawn mouth").
    """
    rates = FrameRates.of(fps, engine.spec.fps)
    spoken = [read_audio(engine.spec.audio, *speaker, rates, first, seed) for speaker in speakers]
    for one in spoken:  # meanwhile the first frames are followed
        one.audio.at(rates.drawn(first))
    given = (_viewed(number, one, engine.spec.crop) for number, one in enumerate(frames, first))
    for frame, patches in draw_frames(engine, spoken, given, rates, seed):
        for window, view, patch in zip(frame.content, frame.views, patches, strict=True):
            if patch is not None and window.covered < 1:
                _put(window, view.paste(patch), 0.0 if engine.spec.uncovers else window.covered)
            elif window.face is not None and counter is not None:
                covered = window.covered > 0
                why = LeftAlone.MOUTH_COVERED if covered else LeftAlone.MOUTH_OUTSIDE
                counter.add(why, frame.number)
        if counter is not None:
            _count_mouths(counter, frame.number, patches)
        yield frame.content[0].whole


def _count_mouths(counter: FrameCounter, number: int, patches: Patches) -> None:
    """Count a frame by the larger share of its mouths, where the engine says what they are."""
    shares = [patch.own for patch in patches if patch is not None and patch.own is not None]
    if shares:
        own = sum(shares) / len(shares) >= 0.5
        counter.add("own mouth" if own else "drawn mouth", number)


def _viewed(number: int, tracked: Tracked, crop: CropSpec | None) -> VideoFrame[Tracked]:
    return VideoFrame(number, tuple(_view(frame, crop) for frame in tracked), tracked)


def _view(frame: TrackedFrame, crop: CropSpec | None) -> FaceView:
    """A person in a frame; a covered one counts as not seen."""
    if frame.covered == 1:
        return FaceView(frame.image, None, crop, frame.shot)
    return FaceView(frame.image, frame.face, crop, frame.shot, frame.covered)


def _put(window: TrackedFrame, pasted: Pasted, faded: float) -> None:
    """Put what is new of a window into its frame, whose planes are only exact at even edges.

    faded: how much of the frame stays to be seen, [0, 1).
    """
    box, pixels = pasted
    x0, y0 = box.x0 & ~1, box.y0 & ~1
    x1, y1 = (box.x1 + 1) & ~1, (box.y1 + 1) & ~1
    before = window.image[y0:y1, x0:x1]
    after: np.ndarray = before.copy()
    part = after[box.y0 - y0 : box.y1 - y0, box.x0 - x0 : box.x1 - x0]
    if faded:
        pixels = cv2.addWeighted(pixels, 1 - faded, part, faded, 0)
    part[...] = pixels
    left, top, *_ = window.box
    window.whole.put((left + x0, top + y0, left + x1, top + y1), after, before)
