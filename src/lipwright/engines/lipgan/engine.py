"""The engines `lipgan` and `lipgan-mfcc`: the lower face redrawn by LipGAN's generators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import numpy as np

from lipwright.core.device import CPU, Device
from lipwright.core.errors import MissingExtraError
from lipwright.engines.base import CropSpec, EngineSpec
from lipwright.engines.face_redrawing import SIZE, SOFT_CROP, FaceRedrawingEngine
from lipwright.engines.lipgan.architecture import Sound
from lipwright.engines.lipgan.audio_features import LipGanFeatures
from lipwright.engines.lipgan.options import LipGanOptions
from lipwright.engines.requirements import Requirements

DEFAULTS = LipGanOptions()
OFFICIAL_CROP = CropSpec(SIZE, antialias=False, blend="whole-float")
"""As the authors' program does it: the box as it is, aliasing of large faces included."""


class LipGanEngine(FaceRedrawingEngine):
    """LipGAN (Prajwal et al. 2019), which came before Wav2Lip: it hears a mel spectrogram."""

    spec = EngineSpec(
        name="lipgan",
        summary="The lower face redrawn at 96 px by LipGAN, the model before Wav2Lip.",
        audio=LipGanFeatures("mel"),
        licence="MIT; terms of the weights not stated",
        needs="lipwright models download lipgan; once the extra [lipgan]",
        requires=Requirements("lipgan", ("torch", "onnx", "h5py"), ("lipgan",), once=True),
        crop=SOFT_CROP,
        runtime="onnxruntime",
        options=LipGanOptions,
    )
    official_crop = OFFICIAL_CROP
    parts = ("lipgan-mel-face", "lipgan-mel-speech")
    sound: ClassVar[Sound] = "mel"

    def __init__(self, options: LipGanOptions = DEFAULTS, device: Device = CPU) -> None:
        """Open the networks on a device.

        Raises:
            ModelError: the weights are missing, damaged or another network's.
            MissingExtraError: they were never converted here, which takes torch and h5py.
        """
        self.spec = replace(self.spec, audio=LipGanFeatures(self.sound, options.timing))
        super().__init__(options, device)

    def network_input(self, crop: np.ndarray) -> np.ndarray:
        """Return a crop, BGR uint8 (96, 96, 3), as the generator wants it: see the function."""
        return network_input(crop)

    def convert(self, checkpoint: Path, paths: Sequence[Path]) -> None:
        """Write the ONNX files of the generator from a checkpoint."""
        try:
            from lipwright.engines.lipgan.onnx_export import convert_generator
        except ImportError:
            raise MissingExtraError(f"Converting {checkpoint.name}, once,", "lipgan") from None
        convert_generator(checkpoint, paths, self.sound)


class LipGanMfccEngine(LipGanEngine):
    """The authors' first network, which hears MFCCs."""

    spec = replace(
        LipGanEngine.spec,
        name="lipgan-mfcc",
        summary="The same by the authors' first network, which hears MFCCs.",
        audio=LipGanFeatures("mfcc"),
        needs="lipwright models download lipgan-mfcc; once the extra [lipgan]",
        requires=Requirements("lipgan", ("torch", "onnx", "h5py"), ("lipgan-mfcc",), once=True),
    )
    parts = ("lipgan-mfcc-face", "lipgan-mfcc-speech")
    sound = "mfcc"


def network_input(crop: np.ndarray) -> np.ndarray:
    """Return a crop, BGR uint8 (96, 96, 3), as the generator wants it.

    float32 (6, 96, 96) in [0, 1]: the crop, then the crop with its lower half black, BGR. That is
    the reverse of Wav2Lip's order.
    """
    reference = crop.transpose(2, 0, 1).astype(np.float32) / 255
    masked = reference.copy()
    masked[:, SIZE // 2 :] = 0
    return np.concatenate([reference, masked])
