"""The whole story: a picture and a speech become frames, and the frames a video file."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from lipwright.checks import (
    MOTIONS,
    QUALITIES,
    Motion,
    Quality,
    check_choice,
    check_not_an_input,
    check_output,
    parse_fps,
)
from lipwright.errors import UsageError

if TYPE_CHECKING:
    import numpy as np

    from lipwright.captions import Captions
    from lipwright.face.base import Face
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
    """Seconds it took, from reading the picture to the finished file."""
    engine: str
    """The engine that moved the face."""
    speech: Path | None
    """The sound file that was spoken, or None for a speech from memory."""
    face: int
    """Which face spoke: 1 is the largest."""
    ai_generated: bool = True
    """Always: the file's own metadata says so as well."""

    @property
    def speed(self) -> float:
        """Seconds of video made in a second of time."""
        return self.duration / max(self.seconds, 1e-9)


class Portrait:
    """A picture made ready to speak: everything that depends on it alone is done once, here."""

    def __init__(
        self,
        source: str | Path | np.ndarray,
        *,
        engine: str = "portrait",
        quality: Quality = "high",
        motion: Motion = "subtle",
        face: int | None = None,
        gpu: bool = False,
        seed: int = 0,
        engine_options: Mapping[str, object] | None = None,
        progress: Progress | None = None,
    ) -> None:
        """Reads the picture, finds the face that shall speak and prepares it.

        Args:
            source: a picture file, or BGR uint8 (h, w, 3).
            engine: a name from `lipwright.engines.ENGINES`.
            quality: size of the video by its height: "low" 480, "medium" 720, "high" 1080.
            motion: "still" moves the mouth alone; "subtle" and "lively" add eyes and head.
            face: which face speaks, 1 the largest; None takes the largest and says so.
            gpu: use CUDA where the engine and this machine can.
            seed: same seed, same input: same frames.
            engine_options: what this engine alone takes, such as Wav2Lip's paste and batch_size.

        Raises:
            UsageError: an option that does not exist. MediaError: the picture cannot be read.
            FaceError: no usable face in it.
        """
        check_choice("quality", quality, QUALITIES)
        check_choice("motion", motion, MOTIONS)
        from lipwright.engines import create_engine
        from lipwright.face import choose_face
        from lipwright.media.image import fit_size, resize

        offered = {"motion": motion, "seed": seed, "gpu": gpu and _has_cuda()}
        self.engine = create_engine(engine, engine_options, **offered)
        _report(progress, "portrait", 0, 3)
        name, image = _read_source(source)
        _report(progress, "portrait", 1, 3)
        found = choose_face(image, face, name)
        _report(progress, "portrait", 2, 3)
        height, width = image.shape[:2]
        self.width, self.height = fit_size(width, height, quality)
        self.face = scale_face(found, self.width / width, self.height / height)
        self.face_number = 1 if face is None else face
        self.quality = quality
        self._source = Path(source) if isinstance(source, str | Path) else None
        self._avatar = self.engine.prepare(resize(image, (self.width, self.height)), self.face)
        _report(progress, "portrait", 3, 3)

    def frames(
        self, speech: Speech | str | Path, fps: float | str | Fraction = 25
    ) -> Iterator[np.ndarray]:
        """The frames of the portrait saying `speech`, one at a time.

        Each is BGR uint8 (height, width, 3) and may be overwritten by the next: copy it to keep it.
        """
        return self.engine.frames(self._avatar, _read_speech(speech), parse_fps(fps))

    def save(
        self,
        speech: Speech | str | Path,
        output: str | Path,
        *,
        fps: float | str | Fraction = 25,
        captions: Captions | None = None,
        progress: Progress | None = None,
    ) -> SyncResult:
        """Writes the video of the portrait saying `speech`, sound included.

        The file appears only when it is whole. Raises MediaError where it cannot be written.
        """
        from lipwright.captions import plan_captions
        from lipwright.engines import frame_count
        from lipwright.media.video import VideoWriter

        started = time.perf_counter()
        rate, output = parse_fps(fps), check_output(output)
        spoken = _read_speech(speech)
        check_not_an_input(output, self._source, spoken.path)
        size = self.width, self.height
        shown = plan_captions(captions, spoken, output, size, rate, self.face)
        total = frame_count(spoken.duration, rate)
        moving_box = getattr(self._avatar, "moving_box", None)
        written = 0
        with VideoWriter(
            output, size, rate, audio=spoken, quality=self.quality, subtitles=shown.track
        ) as video:
            for frame, changed in shown.paint(self.frames(spoken, rate), moving_box):
                video.write(frame, changed)
                written += 1
                _report(progress, "frames", written, total)
        shown.write()
        return SyncResult(
            output=output,
            width=self.width,
            height=self.height,
            fps=rate,
            frames=written,
            duration=float(written / rate),
            seconds=time.perf_counter() - started,
            engine=self.engine.name,
            speech=spoken.path,
            face=self.face_number,
        )


def sync(
    source: str | Path | np.ndarray,
    speech: Speech | str | Path,
    output: str | Path,
    *,
    engine: str = "portrait",
    quality: Quality = "high",
    fps: float | str | Fraction = 25,
    motion: Motion = "subtle",
    face: int | None = None,
    gpu: bool = False,
    seed: int = 0,
    engine_options: Mapping[str, object] | None = None,
    captions: Captions | None = None,
    progress: Progress | None = None,
) -> SyncResult:
    """Makes a video of the face in `source` saying `speech`.

    source, engine, quality, motion, face, gpu, seed and engine_options are those of `Portrait`;
    speech is a sound or video file, or a `Speech`, such as `synthesize` returns; output ends in
    .mp4, .webm, .mov or .gif; fps is any rational, as a number, a Fraction, or text such as
    "30000/1001"; captions: what is said, as text: see `lipwright.captions.Captions`.
    """
    started = time.perf_counter()
    rate, output = parse_fps(fps), check_output(output)
    spoken = _read_speech(speech)
    if captions is not None:
        captions.check(output)
    portrait = Portrait(
        source,
        engine=engine,
        quality=quality,
        motion=motion,
        face=face,
        gpu=gpu,
        seed=seed,
        engine_options=engine_options,
        progress=progress,
    )
    result = portrait.save(spoken, output, fps=rate, captions=captions, progress=progress)
    return replace(result, seconds=time.perf_counter() - started)


def render_frames(
    source: str | Path | np.ndarray,
    speech: Speech | str | Path,
    *,
    engine: str = "portrait",
    quality: Quality = "high",
    fps: float | str | Fraction = 25,
    motion: Motion = "subtle",
    face: int | None = None,
    gpu: bool = False,
    seed: int = 0,
    engine_options: Mapping[str, object] | None = None,
) -> Iterator[np.ndarray]:
    """The frames of `sync` rather than its file: see `Portrait.frames`."""
    portrait = Portrait(
        source,
        engine=engine,
        quality=quality,
        motion=motion,
        face=face,
        gpu=gpu,
        seed=seed,
        engine_options=engine_options,
    )
    return portrait.frames(speech, fps)


def scale_face(face: Face, across: float, down: float) -> Face:
    """The same face in the picture resized by these factors; depth follows the width."""
    import numpy as np

    x0, y0, x1, y1 = face.box
    return replace(
        face,
        landmarks=face.landmarks * np.array([across, down, across], np.float32),
        box=(x0 * across, y0 * down, x1 * across, y1 * down),
    )


def _read_source(source: str | Path | np.ndarray) -> tuple[str, np.ndarray]:
    """The picture's name for messages, and its pixels."""
    import numpy as np

    if isinstance(source, np.ndarray):
        if source.ndim != 3 or source.shape[2] != 3 or source.dtype != np.uint8:
            raise UsageError(
                f"The picture is {source.dtype} {source.shape}: give BGR uint8 (height, width, 3)."
            )
        return "the picture", source
    from lipwright.media.image import read_image

    return str(source), read_image(source)


def _read_speech(speech: Speech | str | Path) -> Speech:
    from lipwright.speech.base import Speech

    return Speech.from_file(speech) if isinstance(speech, str | Path) else speech


def _has_cuda() -> bool:
    """Whether ONNX Runtime can use a GPU here; says so when it cannot."""
    import onnxruntime

    if "CUDAExecutionProvider" in onnxruntime.get_available_providers():
        return True
    log.warning("No CUDA GPU can be used here: running on the CPU.")
    return False


def _report(progress: Progress | None, stage: str, done: int, total: int) -> None:
    if progress is not None:
        progress(stage, done, total)
