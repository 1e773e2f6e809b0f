"""A picture made ready to speak."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from lipwright.checks import (
    DEFAULT_FPS,
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
from lipwright.rendering import Progress, Recording, SyncResult, has_cuda, read_speech, report

if TYPE_CHECKING:
    import numpy as np

    from lipwright.captions import Captions
    from lipwright.speech.base import Speech


class Portrait:
    """A picture made ready to speak: everything that depends on it alone is done once, here."""

    def __init__(
        self,
        source: str | Path | np.ndarray,
        *,
        engine: str = "portrait",
        quality: Quality = "high",
        encoder: str = "auto",
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
            encoder: by what it is encoded, see `lipwright.media.encoders.choose_encoder`.
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
        from lipwright.media.encoders import check_encoder
        from lipwright.media.image import fit_size, resize

        check_encoder(encoder)
        offered = {"motion": motion, "seed": seed, "gpu": gpu and has_cuda()}
        self.engine = create_engine(engine, engine_options, **offered)
        report(progress, "portrait", 0, 3)
        name, image = _read_source(source)
        report(progress, "portrait", 1, 3)
        found = choose_face(image, face, name)
        report(progress, "portrait", 2, 3)
        height, width = image.shape[:2]
        self.width, self.height = fit_size(width, height, quality)
        self.face = found.scaled(self.width / width, self.height / height)
        self.face_number = 1 if face is None else face
        self.quality = quality
        self.encoder, self._gpu = encoder, gpu
        self._source = Path(source) if isinstance(source, str | Path) else None
        image = resize(image, (self.width, self.height))
        self._settings = {**offered, "face": self.face_number, "engine options": engine_options}
        self._look = sha256(image.data).hexdigest()
        self._avatar = self.engine.prepare(image, self.face)
        report(progress, "portrait", 3, 3)

    def frames(
        self,
        speech: Speech | str | Path,
        fps: float | str | Fraction | None = None,
        first: int = 0,
    ) -> Iterator[np.ndarray]:
        """The frames of the portrait saying `speech`, one at a time; fps: None takes 25.

        first: the number of the first one. Each is BGR uint8 (height, width, 3) and may be
        overwritten by the next: copy it to keep it.
        """
        return self.engine.frames(self._avatar, read_speech(speech), _rate(fps), first)

    def save(
        self,
        speech: Speech | str | Path,
        output: str | Path,
        *,
        fps: float | str | Fraction | None = None,
        captions: Captions | None = None,
        progress: Progress | None = None,
        resume: bool = False,
    ) -> SyncResult:
        """Writes the video of the portrait saying `speech`, sound included.

        The file appears only when it is whole. resume: goes on where an earlier run broke off.
        Raises MediaError where it cannot be written, UsageError where there is nothing to resume.
        """
        from lipwright.media.encoders import choose_encoder

        rate, output = _rate(fps), check_output(output)
        spoken = read_speech(speech)
        check_not_an_input(output, self._source, spoken.path)
        recording = Recording(
            output=output,
            size=(self.width, self.height),
            fps=rate,
            speech=spoken,
            quality=self.quality,
            engine=self.engine.name,
            face=self.face_number,
            moving_box=getattr(self._avatar, "moving_box", None),
            captions=captions,
            encoder=choose_encoder(self.encoder, output, self._gpu),
            shown_face=self.face,
            made_of=lambda: {"picture": self._look, **self._settings},
        )
        return recording.write(lambda first: self.frames(spoken, rate, first), progress, resume)


def _rate(fps: float | str | Fraction | None) -> Fraction:
    return parse_fps(DEFAULT_FPS if fps is None else fps)


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
