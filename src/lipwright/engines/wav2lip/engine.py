"""The engines `wav2lip` and `wav2lip-gan`: the face is found once, then redrawn for each frame."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby, islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lipwright.core.errors import FaceError, MissingExtraError, UsageError
from lipwright.core.readonly import freeze, read_only
from lipwright.core.validation import check_choice
from lipwright.engines.base import frame_numbers
from lipwright.engines.wav2lip.compositing import PASTES, OfficialPaste, Paste, SoftPaste
from lipwright.engines.wav2lip.face_crop import face_box, network_input, shrink
from lipwright.engines.wav2lip.mel_spectrogram import RATE, frame_windows, mel_blocks
from lipwright.engines.wav2lip.onnx_cache import converted
from lipwright.engines.wav2lip.onnx_generator import PARTS, Drawer, Networks, OnnxNetworks
from lipwright.engines.wav2lip.row_cropping import cut_rows
from lipwright.media.video.chunks import chunk_length
from lipwright.weights import find_model, remind

if TYPE_CHECKING:
    from lipwright.face.face import Face
    from lipwright.face.tracker import TrackedFrame
    from lipwright.speech.speech import Speech

BATCH_SIZE = 8
LARGEST_BATCH = 1024


@dataclass(frozen=True)
class Wav2LipAvatar:
    """A prepared portrait, which drawing does not change."""

    image: np.ndarray
    """BGR uint8 (h, w, 3)."""
    added: Sequence[np.ndarray]
    """What the face adds to every drawing."""
    paste: Paste

    @property
    def dirty_box(self) -> tuple[int, int, int, int]:
        """(x0, y0, x1, y1) in px: outside it all frames are the same."""
        x0, y0, x1, y1 = self.paste.region
        return x0, y0, x1, y1


class Wav2LipEngine:
    """Wav2Lip (Prajwal et al. 2020): the lower face redrawn, 96 px high, from 0.2 s of sound."""

    name = "wav2lip"

    def __init__(
        self,
        gpu: bool = False,
        batch_size: int = BATCH_SIZE,
        paste: str = "soft",
        checkpoint: Path | None = None,
        networks: Networks | None = None,
    ) -> None:
        """
        Args:
            gpu: run on CUDA.
            batch_size: frames drawn at once; halved when memory is short.
            paste: "soft": the lower face through a feathered mask, in the picture's colours.
                "official": the whole box, as the authors' program pastes it.
            checkpoint: weights of your own instead of those `lipwright models download` brings.
            networks: the networks themselves instead of a checkpoint.

        Raises:
            UsageError: options out of range. ModelError: the weights are missing or damaged.
            MissingExtraError: they were never converted here, which takes torch.
        """
        check_choice("paste", paste, PASTES)
        if not 1 <= batch_size <= LARGEST_BATCH:
            raise UsageError(
                f"{batch_size} frames cannot be drawn at once: give 1 to {LARGEST_BATCH}."
            )
        self._official = paste == "official"
        if networks is None:
            if checkpoint is None:
                checkpoint = find_model(self.name)
                remind(self.name)
            networks = OnnxNetworks(converted(checkpoint, PARTS, _convert), gpu)
        self._networks, self._batch_size = networks, batch_size

    def prepare(self, source: np.ndarray, face: Face) -> Wav2LipAvatar:
        """source: (h, w, 3) BGR uint8 at output size. face: landmarks in px of source."""
        paste, seen = self._look(source, face)
        added = self._networks.see(seen[None])
        avatar = Wav2LipAvatar(read_only(source), cut_rows(added, paste.first_row), paste)
        freeze(avatar)
        return avatar

    def frames(
        self, avatar: Wav2LipAvatar, speech: Speech, fps: Fraction, first: int = 0
    ) -> Iterator[np.ndarray]:
        """Frame i stands at i / fps seconds; an array is valid until the next one."""
        numbers = frame_numbers(speech, fps, first)
        heard = (mel for _, mel in zip(numbers, _heard(speech, fps, first), strict=False))
        frame, length, drawer = avatar.image.copy(), chunk_length(fps), self._drawer()
        # no batch reaches across stretches: how frames are batched must not depend on `first`
        while mels := list(islice(heard, min(drawer.batch_size, length - first % length))):
            first += len(mels)
            for drawn in drawer.draw(np.stack(mels), avatar.added):
                avatar.paste.put(drawn, frame)
                yield frame

    def prepare_film(self, examples: Iterable[TrackedFrame]) -> None:
        """Nothing: the network looks at each frame for itself."""

    def dub(
        self,
        cast: None,
        film: Iterable[TrackedFrame],
        speech: Speech,
        fps: Fraction,
        first: int = 0,
    ) -> Iterator[np.ndarray]:
        """The windows of a film, redrawn in place where there is a face."""
        frames, drawer = zip(film, _heard(speech, fps, first), strict=False), self._drawer()
        # no batch reaches across shots: how a film is batched must not depend on `first`
        for _, shot in groupby(frames, lambda given: given[0].shot):
            while batch := list(islice(shot, drawer.batch_size)):
                yield from self._redraw(batch, drawer)

    def _drawer(self) -> Drawer:
        """For one run: batches that had to become smaller are no other run's business."""
        return Drawer(self._networks, self._batch_size)

    def _redraw(
        self, batch: Sequence[tuple[TrackedFrame, np.ndarray]], drawer: Drawer
    ) -> Iterator[np.ndarray]:
        looks = [self._look_at(frame) for frame, _ in batch]
        seen = [look[1] for look in looks if look]
        drawn: Iterator[np.ndarray] = iter(())
        if seen:
            mels = [mel for look, (_, mel) in zip(looks, batch, strict=True) if look]
            first = min(look[0].first_row for look in looks if look)
            drawn = drawer.redraw(np.stack(mels), np.stack(seen), first)
        for look, (frame, _) in zip(looks, batch, strict=True):
            if look:
                look[0].put(next(drawn), frame.image)
            yield frame.image

    def _look_at(self, frame: TrackedFrame) -> tuple[Paste, np.ndarray] | None:
        """The same for a film, in which a face may be missing or on its way out of the picture."""
        with contextlib.suppress(FaceError):
            return self._look(frame.image, frame.face) if frame.face else None
        return None

    def _look(self, image: np.ndarray, face: Face) -> tuple[Paste, np.ndarray]:
        """How a drawing goes back into this picture, and what the network sees: (6, 96, 96)."""
        box = face_box(face, image, self._official)
        paste = OfficialPaste(box) if self._official else SoftPaste(image, box, face)
        return paste, network_input(shrink(box.of(image), self._official))


class Wav2LipGanEngine(Wav2LipEngine):
    """The same with the weights that were trained to look sharper."""

    name = "wav2lip-gan"


def _heard(speech: Speech, fps: Fraction, first: int) -> Iterator[np.ndarray]:
    """What is heard around each frame, from frame number `first` on."""
    return islice(frame_windows(mel_blocks(speech.blocks(RATE)), fps), first, None)


def _convert(checkpoint: Path, paths: Sequence[Path]) -> None:
    try:
        from lipwright.engines.wav2lip.onnx_export import convert_generator
    except ImportError:
        raise MissingExtraError(f"Converting {checkpoint.name}, once,", "wav2lip") from None
    convert_generator(checkpoint, paths)
