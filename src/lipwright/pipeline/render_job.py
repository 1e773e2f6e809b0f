"""What is to be written: what videos of pictures and dubbed videos have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from lipwright.core.atomic_file import fingerprint
from lipwright.core.errors import UsageError
from lipwright.core.frame_counter import FrameCounter
from lipwright.core.given import check_is_path, describe, read_bytes
from lipwright.core.left_alone import LeftAlone
from lipwright.media.video.extras import NO_EXTRAS, Extras
from lipwright.media.video.frame_schedule import frame_count
from lipwright.pipeline.encoding_choice import ENCODER, THREADS
from lipwright.pipeline.options import Progress, RenderOptions, SyncResult, report

if TYPE_CHECKING:
    from lipwright.core.rect import Box
    from lipwright.face.face import Face
    from lipwright.media.audio.mixer import Mix
    from lipwright.media.audio.tracks import TrackChoice
    from lipwright.media.video.encoder_presets import Encoder
    from lipwright.media.video.output_spec import OutputSpec
    from lipwright.speech.speech import Speech

    SpeechLike = Speech | str | Path | bytes | bytearray | memoryview | BinaryIO
    """A speech, the path of its sound, its content, or an open binary file."""


@dataclass(frozen=True)
class RenderJob:
    """What is to be written besides the frames themselves."""

    output: Path
    spec: OutputSpec
    """Size, rate and encoding of the video."""
    options: RenderOptions
    """What the caller chose."""
    speech: Speech
    engine: str
    """The name of the engine."""
    speakers: tuple[int, ...]
    """Who speaks, by number."""
    frames: int | None = None
    """How many there will be; None for as many as the speech has."""
    dirty_box: Box | None = None
    """(x0, y0, x1, y1) in px outside which no frame differs from the one before."""
    sound_seconds: float | None = None
    """Where the sound is cut off; None lets it play to its end."""
    sound: Mix | None = None
    """What is heard; None for the speech alone."""
    extras: Extras = NO_EXTRAS
    """Subtitles and chapters of the film that is dubbed."""
    face_to_keep_clear: Face | None = None
    """What captions shall not cover, where it is known."""

    counter: FrameCounter = field(default_factory=FrameCounter)
    """What is counted in the frames while they are made, such as those that are left alone."""
    fingerprint_fields: Callable[[], Mapping[str, object]] = dict
    """What else shapes the frames, by name: parts of a run that broke off fit the same alone."""

    @property
    def encoder(self) -> Encoder:
        """What encodes the video."""
        assert self.spec.encoder is not None
        return self.spec.encoder

    def plan(self) -> dict[str, object]:
        """Return all that shapes the frames, by name."""
        import av

        from lipwright.core.version import __version__

        speech, captions = self.speech.path, self.options.captions
        label = self.options.provenance
        return {
            "version of lipwright": __version__,
            "version of PyAV": av.__version__,
            "size": self.spec.size,
            "frame rate": self.spec.fps,
            "quality": self.spec.quality,
            ENCODER: self.encoder.name,
            THREADS: self.spec.threads,
            "engine": self.engine,
            "speakers": list(self.speakers),
            "speech": "spoken" if speech is None else fingerprint(speech),
            "sound track": self.speech.track,
            "burnt captions": captions is not None and captions.burn and str(captions.font),
            "label": [label.label, label.label_position, label.label_size],
            "length of parts": self.chunk,
            **self.fingerprint_fields(),
        }

    def result(self, frames: int, resumed: int, seconds: float) -> SyncResult:
        """Return what was made.

        frames: how many the file has. resumed: how many of them an earlier run had finished.
        seconds: how long it took.
        """
        return SyncResult(
            output=self.output,
            width=self.spec.size[0],
            height=self.spec.size[1],
            fps=self.spec.fps,
            frames=frames,
            duration=float(frames / self.spec.fps),
            seconds=seconds,
            engine=self.engine,
            encoder=self.encoder.name,
            speech=self.speech.path,
            speakers=self.speakers,
            left_alone={reason.value: self.counter.total(reason) for reason in LeftAlone},
            own_mouths=self.counter.total("own mouth"),
            drawn_mouths=self.counter.total("drawn mouth"),
            unreadable=self.counter.total("unreadable"),
            resumed=resumed,
            kept=self.extras.kept,
            left_out=self.extras.left_out,
        )

    @property
    def chunk(self) -> int:
        """Frames of each part but the last."""
        from lipwright.media.video.chunks import chunk_length

        return chunk_length(self.spec.fps)

    def report_progress(self, progress: Progress | None, done: int) -> None:
        """Report how many frames are done."""
        report(progress, "frames", done, max(done, self._expected()))

    @property
    def is_gif(self) -> bool:
        """Whether the file is a GIF, which is made in one go."""
        return self.output.suffix.lower() == ".gif"

    def is_long(self) -> bool:
        """Return whether it is made in parts."""
        next(iter(self.speech.prefixes()))  # without a first chunk nothing can be expected
        return self._expected() > self.chunk and not self.is_gif

    def _expected(self) -> int:
        """How many frames there will be, as far as one can tell while the speech goes on."""
        if self.frames is not None:
            return self.frames
        return frame_count(self.speech.expected_duration, self.spec.fps)


def read_speech(speech: SpeechLike, track: TrackChoice = None) -> Speech:
    """Return a speech as it is, or that of a sound: a file, its bytes, or an open binary file.

    track: which of several of the file. Raises UsageError for what is no sound at all, MediaError
    for one that cannot be read.
    """
    from lipwright.speech.speech import Speech

    if isinstance(speech, Speech):
        return speech
    if isinstance(speech, str | Path):
        return Speech.from_file(check_is_path(speech, "speech"), track)
    content = read_bytes(speech, "speech")
    if content is None:
        raise UsageError(
            f"The speech is {describe(speech)}: give a path, the bytes of a sound file, an open "
            "binary file, or Speech.from_samples(samples, rate)."
        )
    return Speech.from_bytes(content, track)
