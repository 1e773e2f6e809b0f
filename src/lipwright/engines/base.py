"""The contract between the pipeline and an engine.

An engine says what it is (`EngineSpec`) and draws mouths. What all engines share is done for it:
the pipeline finds, aligns and crops faces, cuts windows by absolute frame numbers, changes between
the engine's frame rate and the video's, reads audio features, and pastes what was drawn back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal, Protocol

from lipwright.core.device import Runtime
from lipwright.core.rect import Box

if TYPE_CHECKING:
    import numpy as np

    from lipwright.engines.requirements import Requirements
    from lipwright.face.face import Face
    from lipwright.face.tracker import TrackedFrame
    from lipwright.media.video.yuv_frame import YuvFrame
    from lipwright.speech.speech import Speech

Input = Literal["image", "video"]
Blend = Literal["feathered", "whole", "whole-float"]
LandmarkGroup = tuple[int, ...]
"""Numbers of landmarks (of 478) whose mean is one point."""


@dataclass(frozen=True)
class CropSpec:
    """How a face is cut out for an engine, and how what it draws goes back."""

    size: int
    """Width and height of the crop in px."""
    template: tuple[tuple[LandmarkGroup, tuple[float, float]], ...] | None = None
    """Where groups of landmarks stand in the crop, as (x, y) in [0, 1]: the face is rotated and
    scaled so that they do (least squares). None cuts out the upright box around the face, which is
    stretched to a square."""
    aspect: float = 1.0
    """With a template: width over height of what is seen, which is then stretched to a square."""
    margins: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    """What is added around the box on the left, top, right and bottom, in `margin_unit`."""
    margin_unit: Literal["box", "px"] = "box"
    """Sizes of the box around the face, or px of the source."""
    around: Callable[[Face], tuple[float, float, float, float]] | None = None
    """The box that is cut out instead of the one around the landmarks, (x0, y0, x1, y1) in px."""
    antialias: bool = True
    """Whether a large face is averaged when it is made smaller."""
    blend: Blend = "feathered"
    """"feathered": only the lower face goes back, through a soft mask, its colours matched along
    the seam. "whole": all of the crop in whole grey levels. "whole-float": cut once resized."""


@dataclass(frozen=True)
class WindowSpec:
    """How many frames an engine draws together."""

    frames: int = 1
    """Length of a window in frames; a shorter last one is filled up with its last frame."""
    overlap: int = 0
    """How many frames at the start of a window repeat the end of the one before; they are given
    for context and what is drawn for them is dropped."""

    def __post_init__(self) -> None:
        if not 0 <= self.overlap < self.frames:
            raise ValueError(f"windows of {self.frames} frames cannot overlap by {self.overlap}")


class FeatureReader(Protocol):
    """Audio features of one speech in one run, by frame number."""

    def at(self, number: int) -> Any:
        """Return what frame `number` hears; waits for sound that is still to come.

        Frames after the end of the speech hear its end. Any order will do; forwards is cheap.
        """
        ...


class AudioFeatures(Protocol):
    """A kind of audio features."""

    @property
    def name(self) -> str:
        """The name of the features, such as "articulation" or "wav2lip mel"."""
        ...

    def read(self, speech: Speech, fps: Fraction, first: int, seed: int) -> FeatureReader:
        """Open the features of a speech.

        fps: frames per second that are counted in. first: the number that is read first. seed: for
        what is drawn at random.
        """
        ...


@dataclass(frozen=True)
class NoOptions:
    """An engine without options of its own."""


@dataclass(frozen=True)
class EngineSpec:
    """What an engine is, needs and can do."""

    name: str
    """The name by which it is chosen."""
    summary: str
    """What it does, in one sentence."""
    audio: AudioFeatures
    """What it hears."""
    licence: str
    """The licence of its code and weights."""
    needs: str = "nothing"
    """What it needs beyond the core: extras, downloads, a GPU."""
    requires: Requirements | None = None
    """The same for programs; None where it needs nothing."""
    speed: str = ""
    """How fast it is beside something else on one machine, and where that was measured."""
    inputs: tuple[Input, ...] = ("image", "video")
    """What it animates."""
    fps: Fraction | None = None
    """The only frame rate it draws at; None draws at the video's."""
    crop: CropSpec | None = None
    """How it sees faces; None shows it the whole picture, or a video's window around the face."""
    window: WindowSpec = WindowSpec()
    """How many frames it draws together."""
    runtime: Runtime | None = None
    """What runs its networks, which is asked for a GPU; None has nothing to run on one."""
    deterministic: bool = True
    """Whether the same input, seed and device give the same frames."""
    uncovers: bool = False
    """Whether it obeys `SourceFrame.covered`; what others draw is faded."""
    options: type = NoOptions
    """A dataclass of its own options. `motion` for pictures and `mouth` for videos reach those that
    have fields of these names."""


@dataclass(frozen=True, eq=False)
class PersonInImage:
    """A person in a picture, for `Engine.prepare`."""

    image: np.ndarray
    """BGR uint8 (h, w, 3) at output size, both even; not to be changed."""
    face: Face
    """In px of the image."""
    alpha: np.ndarray | None = None
    """uint8 (h, w): the picture's transparency; None for an opaque one."""
    crop: FaceCrop | None = None
    """The face as `EngineSpec.crop` asks for it."""


@dataclass(frozen=True, eq=False)
class PersonInVideo:
    """A person in a video, for `Engine.prepare`."""

    examples: Iterable[TrackedFrame]
    """Frames with that person from all over the video; read only when they are asked for."""


@dataclass(frozen=True, eq=False)
class FaceCrop:
    """A face as an engine sees it."""

    pixels: np.ndarray
    """BGR uint8 (size, size, 3)."""
    rows: int = 0
    """The first row that reaches the video: those above need not be drawn."""


@dataclass(frozen=True, eq=False)
class SourceFrame:
    """One frame that an engine draws over."""

    number: int
    """Counted from the beginning of the video, at the engine's frame rate."""
    image: np.ndarray
    """BGR uint8 (h, w, 3): the picture, or a video's window around the face; not to be changed."""
    face: Face | None
    """In px of `image`; None where it is not seen, or something is before its mouth."""
    crop: FaceCrop | None
    """The face as `EngineSpec.crop` asks for it; None without one, or where it is not seen."""
    shot: int
    """Another number after every cut, and where the face was gone."""
    seed: int
    """For what is drawn at random: the same for this frame and person in every run."""
    audio: Any
    """What this frame hears, as `EngineSpec.audio` gives it."""
    person_seed: int = 0
    """For what is drawn at random once: the same for all frames of this person in every run."""
    covered: float = 0.0
    """How far the mouth is to be the video's own, [0, 1): soon something is before it, or was."""


@dataclass(frozen=True, eq=False)
class Window:
    """The frames of one person that are drawn together."""

    avatar: Any
    """What `Engine.prepare` made of the person."""
    frames: tuple[SourceFrame, ...]
    """As many as `WindowSpec.frames` says, with numbers that follow each other. A short last window
    repeats its last frame."""
    fps: Fraction
    """Frames per second that numbers count."""
    planar: bool = False
    """Whether the frames are wanted as video stores them: see `Patch.planes`."""


@dataclass(frozen=True, eq=False)
class Patch:
    """What an engine changed of one frame; valid until the engine is asked for more."""

    pixels: np.ndarray
    """BGR (h, w, 3), uint8, or float32 in [0, 255]. Engines with a crop give the crop redrawn,
    whole or its lowest rows."""
    box: Box | None = None
    """(x0, y0, x1, y1): where they stand in `SourceFrame.image`, px. None: they are the crop."""
    alpha: np.ndarray | None = None
    """float32 (h, w) in [0, 1]: how far they cover what was there; None covers it."""
    warp_plane: Callable[[np.ndarray], np.ndarray] | None = None
    """Moves a plane of the picture, uint8 (h, w) like it, as the picture was moved, and gives what
    then stands in the box, for the transparency of pictures. None leaves it where it is."""
    own: float | None = None
    """How much of the mouth the person's own pictures in this video show, in [0, 1]; the rest is
    drawn. None where that cannot be said."""
    planes: YuvFrame | None = None
    """The whole picture with the pixels in it as video stores it, `lent`, for a planar window."""


class Avatar(Protocol):
    """What an engine without a crop makes of a person in a picture."""

    @property
    def dirty_box(self) -> Box | None:
        """(x0, y0, x1, y1) in px: outside it all frames are the same; None: not known."""
        ...


Drawn = tuple[Sequence[Patch | None], ...]
"""For each person, one patch per frame of the window; None leaves the frame as it is."""


class Engine(Protocol):
    """Draws mouths. One engine serves any number of avatars, runs and threads at the same time.

    It is made by a factory `(options, device)`: options of the dataclass `spec.options`, and the
    `lipwright.core.device.Device` it shall run on.
    """

    spec: EngineSpec

    def prepare(self, source: PersonInImage | PersonInVideo) -> Any:
        """Do what depends on the person alone, once.

        What is returned (an `Avatar` of a picture, where the engine has no crop) is not changed by
        drawing: any number of runs, also in different threads, draw from it at the same time.
        """
        ...

    def render(self, windows: Iterable[tuple[Window, ...]]) -> Iterator[Drawn]:
        """Draw windows, each tuple holding those of all who speak at the same time, in order.

        One call draws at most 20 s: what it keeps from frame to frame ends with it, so that any
        part of a video can be made alone. It may read windows ahead and draw many at once, also
        those of several people, and gives one result for each tuple, in order.
        """
        ...

    def close(self) -> None:
        """Let go of what the engine holds, such as networks; nothing is drawn afterwards."""
        ...


class EngineFactory(Protocol):
    """What makes an engine: its class."""

    spec: EngineSpec

    def __call__(self, options: Any = ..., device: Any = ...) -> Engine:
        """Make an engine with these options on a device."""
        ...


@dataclass(frozen=True)
class EngineInfo:
    """One line of the registry: what is known of an engine without importing it."""

    name: str
    factory: Callable[[], EngineFactory] = field(repr=False)
    """Imports and returns its class."""

    @property
    def spec(self) -> EngineSpec:
        """What the engine is."""
        return self.factory().spec
