"""The frames of a video drawn in order, several at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from lipwright.core.call_ahead import Call, call_ahead
from lipwright.core.opencv_threads import one_opencv_thread
from lipwright.engines.base import Patch, SourceFrame, Window
from lipwright.engines.warp.expression import Seen, with_expressions
from lipwright.engines.warp.face_templates import lips_inside
from lipwright.engines.warp.mouth_path import Wanted, with_choices
from lipwright.engines.warp.mouth_warp import OPENED

if TYPE_CHECKING:
    import numpy as np

    from lipwright.engines.warp.buffers import RenderBuffers
    from lipwright.engines.warp.lower_face import LowerFace
    from lipwright.engines.warp.mouth_bank import Chosen
    from lipwright.engines.warp.mouth_warp import Mouth
    from lipwright.face.face import Face


def draw_video(
    windows: Iterable[Window], fps: float, workers: int
) -> Iterator[Sequence[Patch | None]]:
    """Draw the frames of one person in a video: another mouth where there is a face.

    fps: frames per second. workers: how many frames are drawn at once.
    """
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
