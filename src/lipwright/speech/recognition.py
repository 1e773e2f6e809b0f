"""An offline recogniser: what is heard of a speech, for checks.

It is Moonshine tiny for English (Jeffries et al. 2024, arXiv:2410.15608; MIT), from its package.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from lipwright.core.errors import MissingExtraError
from lipwright.media.audio.resample import resample

RATE = 16_000  # Hz


class Recogniser:
    """A recogniser of English; nothing is fetched."""

    def __init__(self) -> None:
        """Load it. Raises MissingExtraError where its package is not installed."""
        try:
            from moonshine_voice.moonshine_api import ModelArch
            from moonshine_voice.transcriber import Transcriber
            from moonshine_voice.utils import get_assets_path, get_model_path
        except ImportError:
            raise MissingExtraError("Hearing speech", "proof") from None
        self.assets = Path(get_assets_path())
        """The folder with the recordings that come with it."""
        self._network: Any = Transcriber(str(get_model_path("tiny-en")), ModelArch.TINY)

    def hear(self, samples: np.ndarray, rate: int) -> str:
        """Return what is said in mono float32 samples (n,) at `rate` Hz."""
        sound = resample(samples, rate, RATE)
        heard = self._network.transcribe_without_streaming(sound.tolist(), RATE)
        return " ".join(line.text.strip() for line in heard.lines)
