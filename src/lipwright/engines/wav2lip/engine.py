"""The engines `wav2lip` and `wav2lip-gan`: the lower face redrawn by Wav2Lip's generator."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, islice
from pathlib import Path

import numpy as np

from lipwright.core.device import CPU, Device
from lipwright.core.errors import MissingExtraError
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
from lipwright.engines.requirements import Requirements
from lipwright.engines.wav2lip.audio_features import MelFeatures
from lipwright.engines.wav2lip.onnx_cache import converted
from lipwright.engines.wav2lip.onnx_generator import PARTS, Drawer, OnnxNetworks
from lipwright.engines.wav2lip.options import Wav2LipOptions
from lipwright.engines.wav2lip.row_cropping import cut_rows
from lipwright.weights import find_model, remind

SIZE = 96  # px
DEFAULTS = Wav2LipOptions()
SOFT_CROP = CropSpec(SIZE, margins=(0.0, 0.0, 0.0, 0.05))
"""5 % below the chin: the authors' 10 px for their usual faces, some 200 px high."""
OFFICIAL_CROP = CropSpec(
    SIZE, margins=(0, 0, 0, 10), margin_unit="px", antialias=False, blend="whole"
)
"""As the authors' program does it, aliasing of large faces included."""


@dataclass(frozen=True)
class Wav2LipAvatar:
    """A prepared portrait, which drawing does not change."""

    added: Sequence[np.ndarray]
    """What the face adds to every drawing."""


class Wav2LipEngine:
    """Wav2Lip (Prajwal et al. 2020): the lower face redrawn, 96 px high, from 0.2 s of sound."""

    spec = EngineSpec(
        name="wav2lip",
        summary="The lower face redrawn at 96 px by Wav2Lip, in step with any voice.",
        audio=MelFeatures(),
        licence="MIT; weights for personal and research use only",
        needs="lipwright models download wav2lip; once the extra [wav2lip]",
        requires=Requirements("wav2lip", ("torch", "onnx"), ("wav2lip",), once=True),
        speed="1.9 x warp (2 cores, 922x1080)",
        crop=SOFT_CROP,
        runtime="onnxruntime",
        options=Wav2LipOptions,
    )

    def __init__(self, options: Wav2LipOptions = DEFAULTS, device: Device = CPU) -> None:
        """Open the networks on a device.

        Raises:
            ModelError: the weights are missing or damaged.
            MissingExtraError: they were never converted here, which takes torch.
        """
        if options.paste == "official":
            self.spec = replace(self.spec, crop=OFFICIAL_CROP)
        networks = options.networks
        if networks is None:
            checkpoint = options.checkpoint
            if checkpoint is None:
                checkpoint = find_model(self.spec.name)
                remind(self.spec.name)
            networks = OnnxNetworks(converted(Path(checkpoint), PARTS, _convert), device)
        self._networks = networks
        self._drawer = Drawer(networks, options.batch_size)

    def prepare(self, source: PersonInImage | PersonInVideo) -> Wav2LipAvatar | None:
        """Look at the face of a picture; of a video the network looks at each frame for itself."""
        if isinstance(source, PersonInVideo):
            return None
        assert source.crop is not None
        added = self._networks.see(network_input(source.crop.pixels)[None])
        avatar = Wav2LipAvatar(cut_rows(added, source.crop.rows))
        freeze(avatar)
        return avatar

    def render(self, windows: Iterable[tuple[Window, ...]]) -> Iterator[Drawn]:
        """Draw as many frames at once as fit a batch, those of several people together."""
        first, given = peek(windows)
        if first is None:
            return iter(())
        draw = _draw_images if isinstance(first[0].avatar, Wav2LipAvatar) else _draw_videos
        return draw(given, self._drawer, len(first))

    def close(self) -> None:
        """Let go of the networks."""
        del self._networks, self._drawer


class Wav2LipGanEngine(Wav2LipEngine):
    """The same with the weights that were trained to look sharper."""

    spec = replace(
        Wav2LipEngine.spec,
        name="wav2lip-gan",
        summary="The same with weights trained to look sharper, a little less in step.",
        needs="lipwright models download wav2lip-gan; once the extra [wav2lip]",
        requires=Requirements("wav2lip", ("torch", "onnx"), ("wav2lip-gan",), once=True),
    )


def network_input(crop: np.ndarray) -> np.ndarray:
    """Return a crop, BGR uint8 (96, 96, 3), as the generator wants it.

    float32 (6, 96, 96) in [0, 1]: the crop with its lower half black, then the crop, BGR.
    """
    reference = crop.transpose(2, 0, 1).astype(np.float32) / 255
    masked = reference.copy()
    masked[:, SIZE // 2 :] = 0
    return np.concatenate([masked, reference])


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
    windows: Iterator[tuple[Window, ...]], drawer: Drawer, people: int
) -> Iterator[Drawn]:
    """The network looks at every face of every frame."""
    # no batch reaches across shots
    for _, shot in groupby(windows, lambda together: [one.frames[0].shot for one in together]):
        for batch in _batches(shot, drawer, people):
            yield from _draw_batch(batch, drawer)


def _draw_batch(batch: Sequence[tuple[Window, ...]], drawer: Drawer) -> Iterator[Drawn]:
    frames = [window.frames[0] for together in batch for window in together]
    seen: list[FaceCrop] = [frame.crop for frame in frames if frame.crop]
    drawn: Iterator[np.ndarray] = iter(())
    if seen:
        mels = np.stack([frame.audio for frame in frames if frame.crop])
        faces = np.stack([network_input(crop.pixels) for crop in seen])
        drawn = drawer.redraw(mels, faces, min(crop.rows for crop in seen))
    for together in batch:
        yield tuple([Patch(next(drawn)) if window.frames[0].crop else None] for window in together)


def _convert(checkpoint: Path, paths: Sequence[Path]) -> None:
    try:
        from lipwright.engines.wav2lip.onnx_export import convert_generator
    except ImportError:
        raise MissingExtraError(f"Converting {checkpoint.name}, once,", "wav2lip") from None
    convert_generator(checkpoint, paths)
