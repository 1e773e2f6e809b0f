"""Frames and a speech become a video file: what portraits and films have in common."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from lipwright.core.atomic_file import fingerprint
from lipwright.core.errors import UsageError
from lipwright.core.frame_counter import FrameCounter
from lipwright.core.onnx import load_onnxruntime
from lipwright.core.validation import Quality
from lipwright.media.video.frame_schedule import frame_count

if TYPE_CHECKING:
    from lipwright.face.face import Face
    from lipwright.media.audio.mixer import Mix
    from lipwright.media.video.color import Colour
    from lipwright.media.video.encoder_presets import Encoder
    from lipwright.media.video.writer import VideoWriter
    from lipwright.pipeline.captions import Captions
    from lipwright.pipeline.captions.burn_in import Picture
    from lipwright.pipeline.captions.options import CaptionPlan
    from lipwright.speech.speech import Speech

log = logging.getLogger("lipwright")


class Progress(Protocol):
    """Told how far the work is: stage is "portrait" (steps) or "frames" (frames)."""

    def __call__(self, stage: str, done: int, total: int) -> None: ...


@dataclass(frozen=True)
class SyncResult:
    """What was made."""

    output: Path
    """The video file."""
    width: int
    """Pixels."""
    height: int
    """Pixels."""
    fps: Fraction
    """Frames per second, exact."""
    frames: int
    """How many frames the video has."""
    duration: float
    """Seconds of video."""
    seconds: float
    """Seconds it took, from reading the source to the finished file."""
    engine: str
    """The engine that moved the face."""
    encoder: str
    """What encoded the video, by FFmpeg's name."""
    speech: Path | None
    """The sound file that was spoken (of several the longest), or None for one from memory."""
    speakers: tuple[int, ...]
    """Who spoke, by the numbers that `lipwright faces` shows: 0 is the largest."""
    faceless: int = 0
    """Frames of a film in which nobody who speaks is seen: they are as they were."""
    unreadable: int = 0
    """Frames for which the film could not be read: they show the picture before."""
    resumed: int = 0
    """Frames that an earlier run had finished before it broke off."""
    ai_generated: bool = True
    """Always: the file's own metadata says so as well."""

    @property
    def speed(self) -> float:
        """Seconds of video made in a second of time."""
        return float((self.frames - self.resumed) / self.fps) / max(self.seconds, 1e-9)


@dataclass(frozen=True)
class RenderJob:
    """What is to be written besides the frames themselves."""

    output: Path
    size: tuple[int, int]
    """(width, height) in px."""
    fps: Fraction
    speech: Speech
    quality: Quality
    engine: str
    speakers: tuple[int, ...]
    encoder: Encoder
    frames: int | None = None
    """How many there will be; None for as many as the speech has."""
    dirty_box: tuple[int, int, int, int] | None = None
    """(x0, y0, x1, y1) in px outside which no frame differs from the one before."""
    sound_seconds: float | None = None
    """Where the sound is cut off; None lets it play to its end."""
    sound: Mix | None = None
    """What is heard; None for the speech alone."""
    captions: Captions | None = None
    colour: Colour | None = None
    """How the file keeps its colours; None for BT.709, limited range."""
    aspect: Fraction = Fraction(1)
    """How much wider than high a pixel is to be shown."""
    face_to_keep_clear: Face | None = None
    """What captions shall not cover, where it is known."""

    counter: FrameCounter = field(default_factory=FrameCounter)
    """What is counted in the frames while they are made: "faceless", "unreadable"."""
    fingerprint_fields: Callable[[], Mapping[str, object]] = dict
    """What else shapes the frames, by name: parts of a run that broke off fit the same alone."""

    def write(
        self,
        frames: Callable[[int], Iterable[Picture]],
        progress: Progress | None,
        resume: bool = False,
    ) -> SyncResult:
        """Writes the file, which appears only when it is whole.

        frames: gives the frames from any number on, BGR uint8 (h, w, 3). resume: goes on with what
        an earlier run has finished. Raises MediaError where the file cannot be written, UsageError
        where there is nothing to resume.
        """
        from lipwright.pipeline.captions import plan_captions
        from lipwright.pipeline.resume import ResumableRender

        if resume and self._is_gif:
            raise UsageError(f"{self.output} is a GIF, made in one go: leave --resume out.")
        started, resumed = time.perf_counter(), 0
        shown = plan_captions(
            self.captions, self.speech, self.output, self.size, self.fps, self.face_to_keep_clear
        )
        if resume or self._is_long():
            run = ResumableRender(self, resume)
            resumed = run.resumed
            written = run.write(frames, shown, progress)
        else:
            written = self._write_at_once(frames, shown, progress)
        shown.write()
        return SyncResult(
            output=self.output,
            width=self.size[0],
            height=self.size[1],
            fps=self.fps,
            frames=written,
            duration=float(written / self.fps),
            seconds=time.perf_counter() - started,
            engine=self.engine,
            encoder=self.encoder.name,
            speech=self.speech.path,
            speakers=self.speakers,
            faceless=self.counter.total("faceless"),
            unreadable=self.counter.total("unreadable"),
            resumed=resumed,
        )

    def _write_at_once(
        self,
        frames: Callable[[int], Iterable[Picture]],
        shown: CaptionPlan,
        progress: Progress | None,
    ) -> int:
        with self.writer(
            self.output,
            audio=self.sound or self.speech,
            subtitles=shown.track,
            sound_seconds=self.sound_seconds,
        ) as video:
            for image, changed in shown.paint(iter(frames(0)), self.dirty_box):
                video.write(image, changed)
                self.report_progress(progress, video.frames)
        return video.frames

    def writer(self, path: Path, **options: Any) -> VideoWriter:
        """A writer of frames like those of the recording."""
        from lipwright.media.video.writer import VideoWriter

        return VideoWriter(
            path,
            self.size,
            self.fps,
            quality=self.quality,
            encoder=self.encoder,
            colour=self.colour,
            aspect=self.aspect,
            **options,
        )

    def plan(self) -> dict[str, object]:
        """All that shapes the frames, by name."""
        import av

        from lipwright.core.version import __version__

        speech, wanted = self.speech.path, self.captions
        return {
            "version of lipwright": __version__,
            "version of PyAV": av.__version__,
            "size": self.size,
            "frame rate": self.fps,
            "quality": self.quality,
            "encoder": self.encoder.name,
            "engine": self.engine,
            "speakers": list(self.speakers),
            "speech": "spoken" if speech is None else fingerprint(speech),
            "burnt captions": wanted is not None and wanted.burn and str(wanted.font),
            "length of parts": self.chunk,
            **self.fingerprint_fields(),
        }

    @property
    def chunk(self) -> int:
        """Frames of each part but the last."""
        from lipwright.pipeline.chunks import chunk_length

        return chunk_length(self.fps)

    def report_progress(self, progress: Progress | None, done: int) -> None:
        """Reports how many frames are done."""
        report(progress, "frames", done, max(done, self._expected()))

    @property
    def _is_gif(self) -> bool:
        return self.output.suffix.lower() == ".gif"

    def _is_long(self) -> bool:
        next(iter(self.speech.prefixes()))  # without a first chunk nothing can be expected
        return self._expected() > self.chunk and not self._is_gif

    def _expected(self) -> int:
        """How many frames there will be, as far as one can tell while the speech goes on."""
        if self.frames is not None:
            return self.frames
        return frame_count(self.speech.expected_duration, self.fps)


def read_speech(speech: Speech | str | Path) -> Speech:
    """A speech as it is, or that of a sound file."""
    from lipwright.speech.speech import Speech

    return Speech.from_file(speech) if isinstance(speech, str | Path) else speech


def has_cuda() -> bool:
    """Whether ONNX Runtime can use a GPU here; says so when it cannot."""
    if "CUDAExecutionProvider" in load_onnxruntime().get_available_providers():
        return True
    log.warning("No CUDA GPU can be used here: running on the CPU.")
    return False


def report(progress: Progress | None, stage: str, done: int, total: int) -> None:
    """Tells whoever wants to know how far the work is."""
    if progress is not None:
        progress(stage, done, total)
