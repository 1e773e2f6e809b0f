"""The `warp` engine: the photograph itself, moved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import tee
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from lipwright.core.call_ahead import Call, call_ahead
from lipwright.core.cores import worker_count
from lipwright.core.device import CPU, Device
from lipwright.core.opencv_threads import one_opencv_thread
from lipwright.core.peek import peek
from lipwright.core.validation import MOTIONS, MOUTHS, Motion, MouthSource, check_choice
from lipwright.engines.base import (
    Drawn,
    EngineSpec,
    Patch,
    PersonInImage,
    PersonInVideo,
    SourceFrame,
    Window,
)
from lipwright.engines.warp.expression import Seen, with_expressions
from lipwright.engines.warp.eyes import Eyes
from lipwright.engines.warp.face_templates import FaceTemplates, lips_inside
from lipwright.engines.warp.image_drawing import draw_images
from lipwright.engines.warp.motion.levels import LEVELS
from lipwright.engines.warp.mouth_closing import close_mouth
from lipwright.engines.warp.mouth_path import Wanted, with_choices
from lipwright.engines.warp.mouth_warp import OPENED
from lipwright.engines.warp.opening_scale import OpeningScale, seen_openings
from lipwright.engines.warp.performance import PerformanceFeatures
from lipwright.engines.warp.person_motion import PersonMotion
from lipwright.engines.warp.renderer import Renderer

if TYPE_CHECKING:
    import numpy as np

    from lipwright.core.rect import Box
    from lipwright.engines.warp.buffers import RenderBuffers
    from lipwright.engines.warp.lower_face import LowerFace
    from lipwright.engines.warp.mouth_bank import Chosen
    from lipwright.engines.warp.mouth_warp import Mouth
    from lipwright.face.face import Face


@dataclass(frozen=True)
class WarpOptions:
    """Options of the warp engine."""

    motion: Motion = "natural"
    """"still" (only the mouth moves), "subtle", "natural" or "lively" (head, shoulders, eyes and
    brows as well, more and more)."""
    mouth: MouthSource = "auto"
    """What lends mouths in a video: "auto" (the video's own where it has such, drawn ones
    elsewhere), "own" (always the video's) or "drawn" (never)."""
    workers: int | None = None
    """Frames that are drawn at once, each in a thread; None takes all cores but one, up to 4."""

    def __post_init__(self) -> None:
        """Raise UsageError for a value that does not exist."""
        check_choice("motion", self.motion, MOTIONS)
        check_choice("mouth", self.mouth, MOUTHS)


@dataclass(frozen=True)
class WarpAvatar:
    """A prepared portrait, which drawing does not change."""

    renderer: Renderer
    openings: OpeningScale
    """How far its lips are drawn apart."""

    @property
    def dirty_box(self) -> Box:
        """(x0, y0, x1, y1) in px: outside it all frames are the same."""
        return self.renderer.region.box


class WarpEngine:
    """Two-layer warp of the photograph with a painted mouth interior."""

    spec = EngineSpec(
        name="warp",
        summary="The photograph itself, moved: lips, jaw, eyes and head at full resolution.",
        audio=PerformanceFeatures(),
        licence="MIT",
        speed="1/3 of encoding alone (2 cores, 1080p)",
        uncovers=True,
        options=WarpOptions,
    )

    def __init__(self, options: WarpOptions = WarpOptions(), device: Device = CPU) -> None:
        """Make the engine; it has no networks, so the device does not matter."""
        self.options = options
        self.spec = replace(WarpEngine.spec, audio=PerformanceFeatures(options.motion))

    def prepare(self, source: PersonInImage | PersonInVideo) -> WarpAvatar | FaceTemplates:
        """Close the mouth of a picture, or find the frames of a video that lend lower faces."""
        if isinstance(source, PersonInVideo):
            return FaceTemplates(source.examples, self.options.mouth)
        landmarks = source.face.landmarks.copy()
        landmarks[:, :2] -= 0.5  # from here on pixel centres are whole numbers
        portrait = close_mouth(source.image, landmarks)

        if self.options.motion == "still":
            return _avatar(Renderer(portrait), source.face)
        centred = replace(source.face, landmarks=landmarks)
        limits = LEVELS[self.options.motion].limits
        person = PersonMotion(portrait.image, centred, source.alpha, limits)
        eyes = Eyes(portrait.image, centred)
        return _avatar(Renderer(portrait, person, eyes), source.face)

    def render(self, windows: Iterable[tuple[Window, ...]]) -> Iterator[Drawn]:
        """Draw frames one by one."""
        first, given = peek(windows)
        if first is None:
            return iter(())
        workers = worker_count(self.options.workers)
        if isinstance(first[0].avatar, WarpAvatar):
            avatars = [window.avatar for window in first]
            openings = [avatar.openings for avatar in avatars]
            return draw_images(given, [avatar.renderer for avatar in avatars], openings, workers)
        people = tee(given, len(first))
        fps = float(first[0].fps)
        drawn = [
            _draw_video(map(itemgetter(place), own), fps, workers)
            for place, own in enumerate(people)
        ]
        return zip(*drawn, strict=True)

    def close(self) -> None:
        """Do nothing: the engine holds nothing."""


def _avatar(renderer: Renderer, face: Face) -> WarpAvatar:
    return WarpAvatar(renderer, seen_openings(renderer, face))


def _draw_video(
    windows: Iterable[Window], fps: float, workers: int
) -> Iterator[Sequence[Patch | None]]:
    """Another mouth where there is a face."""
    chosen = with_choices(_tasks(windows, fps, workers), fps)
    calls = (
        Call(partial(_draw_mouth, *given, number % workers), given[0] is None or given[0].followed)
        for number, given in enumerate(chosen)
    )
    with one_opencv_thread():
        yield from call_ahead(calls, workers)


def _draw_mouth(task: _Task | None, chosen: Chosen | None, place: int) -> Sequence[Patch | None]:
    """Draw a mouth. place: which of the memories is free."""
    if task is None:
        return [None]
    face, buffers = task.drawing
    given = task.mouth, task.offsets, buffers[place], chosen, task.covered
    return [face.draw(task.image, task.face, *given)]


class _Drawing(NamedTuple):
    """A lower face, and the memories it is drawn in during one run, one for each worker."""

    lower_face: LowerFace
    buffers: Sequence[RenderBuffers]


class _Task(NamedTuple):
    """A frame that gets another mouth."""

    drawing: _Drawing
    image: np.ndarray
    face: Face
    mouth: Mouth
    offsets: np.ndarray
    followed: bool
    """Whether the next frame is known already."""
    covered: float
    """How near something is that comes before the mouth."""


def _tasks(
    windows: Iterable[Window], fps: float, workers: int
) -> Iterator[tuple[_Task | None, Wanted | None]]:
    """Each frame with the mouth that it shall have, and what there is for that; None: no mouth."""
    for (frame, drawing), seen in with_expressions(_seen(windows, workers), fps):
        if not (drawing and frame.face and seen):
            yield None, None
            continue
        said, bank = frame.audio.mouth.opened(OPENED), drawing.lower_face.bank
        mouth = seen.expression.on(said)
        told = seen.offsets, frame.audio.followed, frame.covered
        task = _Task(drawing, frame.image, frame.face, mouth, *told)
        yield task, Wanted(frame.shot, bank, bank.candidates(mouth, frame.image, frame.face))


def _seen(
    windows: Iterable[Window], workers: int
) -> Iterator[tuple[tuple[SourceFrame, _Drawing | None], Seen]]:
    """Each frame with its shot's lower face and, where the mouth is in it, what is seen of it."""
    shot: int | None = None
    drawing: _Drawing | None = None
    for window in windows:
        (frame,) = window.frames
        if drawing is None or frame.shot != shot:
            lower_face = window.avatar.lower_face(frame.image, frame.face)
            shot, drawing = frame.shot, _drawing_of(lower_face, drawing, workers)
        seen = None
        if drawing and frame.face and lips_inside(frame.image, frame.face) > 0:
            seen = drawing.lower_face.observe(frame.image, frame.face)
        yield (frame, drawing), (frame.shot, seen)


def _drawing_of(
    lower_face: LowerFace | None, before: _Drawing | None, workers: int
) -> _Drawing | None:
    """What a shot is drawn with; before: in the last one, whose memory may serve again."""
    if lower_face is None:
        return None
    if before is not None and before.lower_face is lower_face:
        return before
    return _Drawing(lower_face, [lower_face.allocate() for _ in range(workers)])
