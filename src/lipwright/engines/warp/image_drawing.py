"""The frames of pictures whose people move, several drawn at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from lipwright.core.call_ahead import Call, call_ahead
from lipwright.core.opencv_threads import one_opencv_thread
from lipwright.engines.base import Drawn, Patch, Window

if TYPE_CHECKING:
    from lipwright.engines.warp.buffers import RenderBuffers
    from lipwright.engines.warp.motion.state import MotionState
    from lipwright.engines.warp.mouth_warp import Mouth
    from lipwright.engines.warp.opening_scale import OpeningScale
    from lipwright.engines.warp.performance import Moment
    from lipwright.engines.warp.renderer import Renderer


def draw_images(
    windows: Iterable[tuple[Window, ...]],
    renderers: Sequence[Renderer],
    openings: Sequence[OpeningScale],
    workers: int,
) -> Iterator[Drawn]:
    """Draw everything that moves of each portrait, in several threads.

    windows: one for each portrait at a time. renderers, openings: of the portraits. workers:
    frames that are drawn at once, each in memory of its own: about 10 bytes per px of the picture
    (10 MB at 922 x 1080 px), 2 more where it is wanted in planes, and 6 where it is transparent.
    Patches are valid until the next are asked for; the frames after them are drawn meanwhile, as
    far as they are known.
    """
    memories = [[renderer.allocate() for renderer in renderers] for _ in range(workers)]
    with one_opencv_thread():
        yield from call_ahead(_calls(windows, renderers, openings, memories), workers)


def _calls(
    windows: Iterable[tuple[Window, ...]],
    renderers: Sequence[Renderer],
    openings: Sequence[OpeningScale],
    memories: Sequence[Sequence[RenderBuffers]],
) -> Iterator[Call[Drawn]]:
    for number, together in enumerate(windows):
        moments: list[Moment] = [window.frames[0].audio for window in together]
        # looked up here: what moments are read from is not made for several threads
        states = [
            (scale.apply(moment.mouth), moment.motion)
            for scale, moment in zip(openings, moments, strict=True)
        ]
        memory = memories[number % len(memories)]
        planar = together[0].planar
        yield Call(
            partial(_draw_together, renderers, memory, states, planar),
            followed=all(moment.followed for moment in moments),
        )


def _draw_together(
    renderers: Sequence[Renderer],
    memory: Sequence[RenderBuffers],
    states: Sequence[tuple[Mouth, MotionState]],
    planar: bool,
) -> Drawn:
    return tuple(
        [_draw_image(renderer, own, *state, planar)]
        for renderer, own, state in zip(renderers, memory, states, strict=True)
    )


def _draw_image(
    renderer: Renderer, memory: RenderBuffers, mouth: Mouth, motion: MotionState, planar: bool
) -> Patch:
    frame = renderer.render(mouth, motion, memory, planar)
    region = renderer.region

    def warp_plane(plane: np.ndarray) -> np.ndarray:
        return renderer.warp_plane(plane, memory)

    planes = memory.planes if planar else None
    return Patch(frame[region.slices], region.box, warp_plane=warp_plane, planes=planes)
