"""What an engine is: the protocol every engine keeps, and the entry it has in the registry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from lipwright.media.video.frame_schedule import frame_count

if TYPE_CHECKING:
    import numpy as np

    from lipwright.face.face import Face
    from lipwright.face.tracker import TrackedFrame
    from lipwright.speech.speech import Speech


class Engine(Protocol):
    """Turns one picture and any number of speeches into frames.

    Time is exact: frame i stands at i / fps seconds, and there are `frame_count(duration, fps)`.
    """

    name: str

    def prepare(self, source: np.ndarray, face: Face) -> Any:
        """Everything that depends on the picture alone, done once: returns the avatar.

        source: BGR uint8 (h, w, 3) at output size, both even. face: its landmarks in px of source.
        Neither is changed, by the engine or later on. An avatar is not changed by drawing either:
        any number of iterators, also in different threads, may draw from one at the same time.
        It may have a `dirty_box`, (x0, y0, x1, y1) in px: outside it all frames are the same,
        which makes them cheaper to write. An engine may have `prepare_cutout(source, face, alpha)`,
        which is asked instead where the picture can be seen through: alpha is uint8 (h, w).
        """
        ...

    def frames(
        self, avatar: Any, speech: Speech, fps: Fraction, first: int = 0
    ) -> Iterator[np.ndarray]:
        """The frames from number `first` on, BGR uint8 (h, w, 3), one at a time.

        A frame is the same picture whatever `first` is. A yielded array may be reused after the
        next step of the same iterator, and of no other: copy it to keep it. The iterator may have
        `warp_plane(plane)`, which gives a plane of the picture, uint8 (h, w), moved as the frame it
        gave last: so its transparency goes along; without it the plane stays as it is. An engine
        may take another, optional argument `articulation`, which then moves the lips instead of
        the speech.
        """
        ...


@runtime_checkable
class FilmEngine(Protocol):
    """An engine that also gives a film new words."""

    name: str

    def prepare_film(self, examples: Iterable[TrackedFrame]) -> Any:
        """Everything that depends on the person who shall speak, done once: returns the cast.

        examples: frames of that person from all over the film. An engine that does not want to
        see anybody beforehand reads none of them.
        """
        ...

    def dub(
        self,
        cast: Any,
        film: Iterable[TrackedFrame],
        speech: Speech,
        fps: Fraction,
        first: int = 0,
    ) -> Iterator[np.ndarray]:
        """The windows of a film with the mouth of their face redrawn, BGR uint8 (h, w, 3).

        cast: what `prepare_film` made, and is not changed: any number of iterators, also in
        different threads, may draw from it at the same time. film: from frame number `first` on,
        frame i at i / fps seconds; windows may be drawn into. Where there is no face a window
        stays as it is. A frame is the same picture whatever `first` is.
        """
        ...


@dataclass(frozen=True)
class EngineInfo:
    """One line of the registry: what a person needs to choose an engine, and where its class is."""

    name: str
    """What `--engine` takes."""
    summary: str
    """What it does, in one sentence."""
    needs: str
    """What it needs beyond the core: extras, downloads, a GPU; "nothing" when nothing."""
    licence: str
    """The licence of its code and weights."""
    factory: str
    """Its class, as "module:Class", imported when the engine is made."""
    takes: str = "pictures"
    """What it animates: pictures, or films as well."""
    speed: str = ""
    """How fast it was where the README's numbers were taken."""


def frame_numbers(speech: Speech, fps: Fraction, first: int = 0) -> Iterator[int]:
    """`first`, `first` + 1 ... for as many frames as the speech has, each as soon as it is known
    to be there."""
    done = first
    for known, whole in speech.prefixes():
        count = frame_count(known.duration, fps) if whole else floor(known.duration * fps)
        yield from range(done, count)
        done = max(done, count)
