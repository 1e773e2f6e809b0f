"""What a live session gives: pictures and sound on one sample clock; and who takes them."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, Protocol

VideoCoding = Literal["bgr", "h264", "vp9"]
"""Pictures as they are, H.264 (Annex B), or VP9 with the picture's transparency."""


@dataclass(frozen=True)
class LiveFormat:
    """What all frames of a session have in common."""

    width: int
    """Pixels, even."""
    height: int
    """Pixels, even."""
    fps: Fraction
    """Frames per second: frame i stands at i / fps seconds of the session."""
    rate: int
    """Samples per second of the sound, Hz."""
    coding: VideoCoding
    """How `LiveFrame.picture` is coded."""

    def samples_before(self, number: int) -> int:
        """Return how many samples the sound has before frame `number`."""
        return int(number * self.rate / self.fps)


@dataclass(frozen=True, eq=False)
class LiveFrame:
    """A picture and the sound that is heard while it is shown."""

    number: int
    """Counted from the start of the session. Numbers that are missing were drawn too late."""
    time: float
    """Seconds from the start of the session: number / fps."""
    picture: bytes
    """As `LiveFormat.coding` says: BGR uint8, height * width * 3 bytes, or a coded picture. Empty
    where this one was drawn too late: show the one before."""
    keyframe: bool
    """Whether decoding can begin here."""
    sound: bytes
    """Mono little-endian int16: samples `samples_before(number)` to `samples_before(number + 1)`
    of the session."""
    alpha: bytes = b""
    """For "vp9": the coded picture of the transparency."""


class LiveSink(Protocol):
    """Takes a session's frames as they come.

    One that has an attribute `ask_keyframe` is given a function there, which asks the session for a
    picture that needs none before it: for a new viewer, or after pictures were dropped.
    """

    coding: VideoCoding
    """How it wants the pictures."""

    async def open(self, form: LiveFormat) -> None:
        """Make ready; called once, before the first frame."""
        ...

    async def send(self, frame: LiveFrame) -> None:
        """Take a frame. A sink that is slow must drop frames of its own accord."""
        ...

    async def interrupt(self) -> None:
        """Drop what is not yet shown: somebody interrupted the face."""
        ...

    async def close(self) -> None:
        """Finish; called once, also after an error."""
        ...
