"""What engines share whose network redraws a face at 96 px from a stretch of sound, frame by frame.

The face is seen once where it is the same in all frames, and what the network sees of it is handed
on to every drawing: the two parts of `Networks`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, islice
from pathlib import Path
from typing import ClassVar, Protocol

import numpy as np

from lipwright.core.device import CPU, Device
from lipwright.core.peek import peek
from lipwright.core.readonly import freeze
from lipwright.engines.base import (
    CropSpec,
    Drawn,
    EngineSpec,
    FaceCrop,
    Patch,
    PersonInImage,
    PersonInVideo,
    Window,
)
from lipwright.engines.onnx_cache import converted
from lipwright.engines.onnx_generator import PARTS, Drawer, Networks, OnnxNetworks
from lipwright.weights import find_model, remind

SIZE = 96  # px
SOFT_CROP = CropSpec(SIZE, margins=(0.0, 0.0, 0.0, 0.05))
"""5 % below the chin, for an open mouth lowers it."""


class RedrawingOptions(Protocol):
    """What the options of such an engine say."""

    @property
    def batch_size(self) -> int:
        """Frames drawn at once."""
        ...

    @property
    def paste(self) -> str:
        """How a drawing goes back: "soft" or "official"."""
        ...

    @property
    def checkpoint(self) -> str | Path | None:
        """Weights instead of those that were downloaded."""
        ...

    @property
    def networks(self) -> Networks | None:
        """The networks themselves instead of a checkpoint."""
        ...


@dataclass(frozen=True)
class RedrawnAvatar:
    """A prepared portrait, which drawing does not change."""

    added: Sequence[np.ndarray]
    """What the face adds to every drawing."""


class FaceRedrawingEngine:
    """The base of such engines: what they say of themselves, and `network_input` and `convert`."""

    spec: EngineSpec
    official_crop: ClassVar[CropSpec]
    """How the authors' program cuts a face out and puts it back."""
    parts: ClassVar[Sequence[str]] = PARTS
    """What its networks are called where they are kept: the seeing one, then the drawing one."""

    def __init__(self, options: RedrawingOptions, device: Device = CPU) -> None:
        """Open the networks on a device.

        Raises:
            ModelError: the weights are missing or damaged.
            MissingExtraError: they were never converted here, which takes torch.
        """
        if options.paste == "official":
            self.spec = replace(self.spec, crop=self.official_crop)
        networks = options.networks
        if networks is None:
            checkpoint = options.checkpoint
            if checkpoint is None:
                checkpoint = find_model(self.spec.name)
                remind(self.spec.name)
            networks = OnnxNetworks(converted(Path(checkpoint), self.parts, self.convert), device)
        self._networks = networks
        self._drawer = Drawer(networks, options.batch_size, self.cut_rows)

    def network_input(self, crop: np.ndarray) -> np.ndarray:
        """Return a crop, BGR uint8 (96, 96, 3), as the network wants it: float32 (6, 96, 96)."""
        raise NotImplementedError

    def convert(self, checkpoint: Path, paths: Sequence[Path]) -> None:
        """Write the ONNX files of the two networks from a checkpoint."""
        raise NotImplementedError

    def cut_rows(self, added: Sequence[np.ndarray], first: int) -> Sequence[np.ndarray]:
        """Return what a face adds, as far as the rows from `first` on need it: here all of it.

        added: float32 (n, channels, height, width) of each stage.
        """
        return added

    def prepare(self, source: PersonInImage | PersonInVideo) -> RedrawnAvatar | None:
        """Look at the face of a picture; of a video the network looks at each frame for itself."""
        if isinstance(source, PersonInVideo):
            return None
        assert source.crop is not None
        added = self._networks.see(self.network_input(source.crop.pixels)[None])
        avatar = RedrawnAvatar(self.cut_rows(added, source.crop.rows))
        freeze(avatar)
        return avatar

    def render(self, windows: Iterable[tuple[Window, ...]]) -> Iterator[Drawn]:
        """Draw as many frames at once as fit a batch, those of several people together."""
        first, given = peek(windows)
        if first is None:
            return iter(())
        if isinstance(first[0].avatar, RedrawnAvatar):
            return _draw_images(given, self._drawer, len(first))
        return _draw_videos(given, self._drawer, len(first), self.network_input)

    def close(self) -> None:
        """Let go of the networks."""
        del self._networks, self._drawer


def _batches(
    windows: Iterator[tuple[Window, ...]], drawer: Drawer, people: int
) -> Iterator[list[tuple[Window, ...]]]:
    """So many at a time as the batch size, which may shrink, allows."""
    while batch := list(islice(windows, max(1, drawer.batch_size // people))):
        yield batch


def _draw_images(
    windows: Iterator[tuple[Window, ...]], drawer: Drawer, people: int
) -> Iterator[Drawn]:
    """Each person's face is the same in all frames, and the network has seen it already."""
    for batch in _batches(windows, drawer, people):
        drawn = [
            drawer.draw(np.stack([window.frames[0].audio for window in own]), own[0].avatar.added)
            for own in zip(*batch, strict=True)
        ]
        for faces in zip(*drawn, strict=True):
            yield tuple([Patch(face)] for face in faces)


def _draw_videos(
    windows: Iterator[tuple[Window, ...]],
    drawer: Drawer,
    people: int,
    network_input: Callable[[np.ndarray], np.ndarray],
) -> Iterator[Drawn]:
    """The network looks at every face of every frame."""
    # no batch reaches across shots
    for _, shot in groupby(windows, lambda together: [one.frames[0].shot for one in together]):
        for batch in _batches(shot, drawer, people):
            yield from _draw_batch(batch, drawer, network_input)


def _draw_batch(
    batch: Sequence[tuple[Window, ...]],
    drawer: Drawer,
    network_input: Callable[[np.ndarray], np.ndarray],
) -> Iterator[Drawn]:
    frames = [window.frames[0] for together in batch for window in together]
    seen: list[FaceCrop] = [frame.crop for frame in frames if frame.crop]
    drawn: Iterator[np.ndarray] = iter(())
    if seen:
        sounds = np.stack([frame.audio for frame in frames if frame.crop])
        faces = np.stack([network_input(crop.pixels) for crop in seen])
        drawn = drawer.redraw(sounds, faces, min(crop.rows for crop in seen))
    for together in batch:
        yield tuple([Patch(next(drawn)) if window.frames[0].crop else None] for window in together)
