"""The contract between the pipeline and what takes its frames and its sound."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeVar

from lipwright.media.video.extras import NO_EXTRAS, Extras

if TYPE_CHECKING:
    from lipwright.core.rect import Box
    from lipwright.media.audio.mixer import Mix
    from lipwright.media.video.content_credentials import ContentCredentials
    from lipwright.media.video.output_spec import OutputSpec
    from lipwright.pipeline.captions.cues import Cue
    from lipwright.pipeline.captions.overlay import Picture
    from lipwright.speech.speech import Speech

Made = TypeVar("Made", covariant=True)


@dataclass(frozen=True, eq=False)
class RenderedStream:
    """Frames and sound on one clock: frame i stands at i / `spec.fps` seconds of the sound."""

    spec: OutputSpec
    """Size and rate of the frames, and how they are best encoded."""
    sound: Speech | Mix
    """What is heard; streamed, also while it is still being spoken."""
    render: Callable[[int], Iterator[tuple[Picture, Box | None]]]
    """The frames from any number on that begins a chunk, each BGR uint8 (h, w, 3), BGRA, or in
    planes, with the box outside which it is as the one before (None: not known). A frame may be
    overwritten by the next."""
    sound_seconds: float | None = None
    """Where the sound is cut off; None lets it play to its end."""
    subtitles: Callable[[], Sequence[Cue]] = tuple
    """Captions of the whole, for a track of their own; waits for the end of the speech."""
    metadata: Mapping[str, str] = field(default_factory=dict)
    """Tags that a file gets besides those that mark it as AI-generated."""
    credentials: ContentCredentials | None = None
    """What a file is signed with."""
    extras: Extras = NO_EXTRAS
    """Subtitles and chapters of the film that is dubbed."""
    report: Callable[[int], None] = lambda frames: None
    """To be told how many frames are done."""


class Sink(Protocol[Made]):
    """Makes something of a stream: a file, an iterator, a broadcast."""

    def consume(self, stream: RenderedStream) -> Made:
        """Take all frames and all sound, at the pace of the sink."""
        ...
