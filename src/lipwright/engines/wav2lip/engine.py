"""The engines `wav2lip` and `wav2lip-gan`: the lower face redrawn by Wav2Lip's generator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from lipwright.core.device import CPU, Device
from lipwright.core.errors import MissingExtraError
from lipwright.engines.base import CropSpec, EngineSpec
from lipwright.engines.face_redrawing import SIZE, SOFT_CROP, FaceRedrawingEngine
from lipwright.engines.requirements import Requirements
from lipwright.engines.wav2lip.audio_features import MelFeatures
from lipwright.engines.wav2lip.options import Wav2LipOptions
from lipwright.engines.wav2lip.row_cropping import cut_rows

DEFAULTS = Wav2LipOptions()
OFFICIAL_CROP = CropSpec(
    SIZE, margins=(0, 0, 0, 10), margin_unit="px", antialias=False, blend="whole"
)
"""As the authors' program does it, aliasing of large faces included."""


class Wav2LipEngine(FaceRedrawingEngine):
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
    official_crop = OFFICIAL_CROP

    def __init__(self, options: Wav2LipOptions = DEFAULTS, device: Device = CPU) -> None:
        """Open the networks on a device.

        Raises:
            ModelError: the weights are missing or damaged.
            MissingExtraError: they were never converted here, which takes torch.
        """
        super().__init__(options, device)

    def network_input(self, crop: np.ndarray) -> np.ndarray:
        """Return a crop, BGR uint8 (96, 96, 3), as the generator wants it: see the function."""
        return network_input(crop)

    def cut_rows(self, added: Sequence[np.ndarray], first: int) -> Sequence[np.ndarray]:
        """Return what a face adds, as far as rows from `first` (of 96) on depend on it.

        added: float32 (n, channels, height, width) of each stage.
        """
        return cut_rows(added, first)

    def convert(self, checkpoint: Path, paths: Sequence[Path]) -> None:
        """Write the ONNX files of the generator from a checkpoint."""
        try:
            from lipwright.engines.wav2lip.onnx_export import convert_generator
        except ImportError:
            raise MissingExtraError(f"Converting {checkpoint.name}, once,", "wav2lip") from None
        convert_generator(checkpoint, paths)


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
