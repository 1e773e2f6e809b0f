"""Frames and a speech become a video file: what portraits and films have in common."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from lipwright.checks import Quality
from lipwright.media.lengths import frame_count

if TYPE_CHECKING:
    import numpy as np

    from lipwright.captions import Captions
    from lipwright.face.base import Face
    from lipwright.media.colour import Colour
    from lipwright.media.encoder_table import Encoder
    from lipwright.media.mixing import Mix
    from lipwright.speech.base import Speech

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
    speech: Path | None
    """The sound file that was spoken, or None for a speech from memory."""
    face: int
    """Which face spoke: 1 is the largest."""
    faceless: int = 0
    """Frames of a film in which the face was not seen: they are as they were."""
    ai_generated: bool = True
    """Always: the file's own metadata says so as well."""

    @property
    def speed(self) -> float:
        """Seconds of video made in a second of time."""
        return self.duration / max(self.seconds, 1e-9)


@dataclass(frozen=True)
class Recording:
    """What is to be written besides the frames themselves."""

    output: Path
    size: tuple[int, int]
    """(width, height) in px."""
    fps: Fraction
    speech: Speech
    quality: Quality
    engine: str
    face: int
    frames: int | None = None
    """How many there will be; None for as many as the speech has."""
    moving_box: tuple[int, int, int, int] | None = None
    """(x0, y0, x1, y1) in px outside which no frame differs from the one before."""
    sound_seconds: float | None = None
    """Where the sound is cut off; None lets it play to its end."""
    sound: Mix | None = None
    """What is heard; None for the speech alone."""
    captions: Captions | None = None
    encoder: Encoder | None = None
    """None for the usual one of such a file."""
    colour: Colour | None = None
    """How the file keeps its colours; None for BT.709, limited range."""
    shown_face: Face | None = None
    """What captions shall not cover, where it is known."""

    def write(self, images: Iterable[np.ndarray], progress: Progress | None) -> SyncResult:
        """Writes the file, which appears only when it is whole.

        images: BGR uint8 (h, w, 3). Raises MediaError where the file cannot be written.
        """
        from lipwright.captions import plan_captions
        from lipwright.media.video import VideoWriter

        started, written = time.perf_counter(), 0
        shown = plan_captions(
            self.captions, self.speech, self.output, self.size, self.fps, self.shown_face
        )
        with VideoWriter(
            self.output,
            self.size,
            self.fps,
            audio=self.sound or self.speech,
            quality=self.quality,
            subtitles=shown.track,
            sound_seconds=self.sound_seconds,
            colour=self.colour,
            encoder=self.encoder,
        ) as video:
            for image, changed in shown.paint(iter(images), self.moving_box):
                video.write(image, changed)
                written += 1
                report(progress, "frames", written, max(written, self._expected()))
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
            speech=self.speech.path,
            face=self.face,
        )

    def _expected(self) -> int:
        """How many frames there will be, as far as one can tell while the speech goes on."""
        if self.frames is not None:
            return self.frames
        return frame_count(self.speech.expected_duration, self.fps)


def read_speech(speech: Speech | str | Path) -> Speech:
    """A speech as it is, or that of a sound file."""
    from lipwright.speech.base import Speech

    return Speech.from_file(speech) if isinstance(speech, str | Path) else speech


def has_cuda() -> bool:
    """Whether ONNX Runtime can use a GPU here; says so when it cannot."""
    import onnxruntime

    if "CUDAExecutionProvider" in onnxruntime.get_available_providers():
        return True
    log.warning("No CUDA GPU can be used here: running on the CPU.")
    return False


def report(progress: Progress | None, stage: str, done: int, total: int) -> None:
    """Tells whoever wants to know how far the work is."""
    if progress is not None:
        progress(stage, done, total)
