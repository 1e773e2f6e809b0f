"""The `warp` engine: the photograph itself, moved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import tee
from operator import itemgetter
from typing import TYPE_CHECKING

from lipwright.core.cores import worker_count
from lipwright.core.device import CPU, Device
from lipwright.core.peek import peek
from lipwright.core.validation import MOTIONS, MOUTHS, Motion, MouthSource, check_choice
from lipwright.engines.base import (
    Drawn,
    EngineSpec,
    PersonInImage,
    PersonInVideo,
    Window,
)
from lipwright.engines.warp.eyes import Eyes
from lipwright.engines.warp.image_drawing import draw_images
from lipwright.engines.warp.motion.levels import LEVELS
from lipwright.engines.warp.mouth_closing import close_mouth
from lipwright.engines.warp.opening_scale import OpeningScale, seen_openings
from lipwright.engines.warp.performance import PerformanceFeatures
from lipwright.engines.warp.person_motion import PersonMotion
from lipwright.engines.warp.renderer import Renderer

if TYPE_CHECKING:
    from lipwright.core.rect import Box
    from lipwright.engines.warp.face_templates import FaceTemplates
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
            from lipwright.engines.warp.face_templates import FaceTemplates

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
        if isinstance(first[0].avatar, WarpAvatar):
            avatars = [window.avatar for window in first]
            openings = [avatar.openings for avatar in avatars]
            renderers = [avatar.renderer for avatar in avatars]
            pixels = sum(one.region.width * one.region.height for one in renderers)
            workers = worker_count(self.options.workers, pixels)
            return draw_images(given, renderers, openings, workers)
        from lipwright.engines.warp.video_drawing import draw_video

        people, workers = tee(given, len(first)), worker_count(self.options.workers)
        fps = float(first[0].fps)
        drawn = [
            draw_video(map(itemgetter(place), own), fps, workers)
            for place, own in enumerate(people)
        ]
        return zip(*drawn, strict=True)

    def close(self) -> None:
        """Do nothing: the engine holds nothing."""


def _avatar(renderer: Renderer, face: Face) -> WarpAvatar:
    return WarpAvatar(renderer, seen_openings(renderer, face))
