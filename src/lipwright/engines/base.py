"""What an engine is: the protocol every engine keeps, and the entry it has in the registry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from lipwright.media.lengths import frame_count

if TYPE_CHECKING:
    import numpy as np

    from lipwright.face.base import Face
    from lipwright.face.track import TrackedFrame
    from lipwright.speech.base import Speech


class Engine(Protocol):
    """Turns one picture and any number of speeches into frames.

    Time is exact: frame i stands at i / fps seconds, and there are `frame_count(duration, fps)`.
    """

    name: str

    def prepare(self, source: np.ndarray, face: Face) -> Any:
        """Everything that depends on the picture alone, done once: returns the avatar.

        source: BGR uint8 (h, w, 3) at output size, both even. face: its landmarks in px of source.
        An avatar may have a `moving_box`, (x0, y0, x1, y1) in px: outside it all frames are the
        same, which makes them cheaper to write.
        """
        ...

    def frames(self, avatar: Any, speech: Speech, fps: Fraction) -> Iterator[np.ndarray]:
        """The frames, BGR uint8 (h, w, 3), one at a time.

        A yielded array may be reused after the next step: copy it to keep it. An engine may take
        a fourth, optional argument `articulation`, which then moves the lips instead of the speech.
        """
        ...


@runtime_checkable
class FilmEngine(Protocol):
    """An engine that also gives a film new words."""

    name: str

    def dub(
        self,
        film: Iterable[TrackedFrame],
        speech: Speech,
        fps: Fraction,
        examples: Iterable[TrackedFrame] = (),
    ) -> Iterator[np.ndarray]:
        """The frames of a film with the mouth of its face redrawn, BGR uint8 (h, w, 3).

        film: as many frames as there shall be, frame i at i / fps seconds; their pictures may be
        drawn into. Where there is no face a picture stays as it is. examples: some frames of the
        film, for an engine that wants to see its people beforehand; read only by those that do.
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


def frame_numbers(speech: Speech, fps: Fraction) -> Iterator[int]:
    """0, 1, 2 ... for as many frames as the speech has, each as soon as it is known to be there."""
    done = 0
    for known, whole in speech.growing():
        count = frame_count(known.duration, fps) if whole else floor(known.duration * fps)
        yield from range(done, count)
        done = max(done, count)
