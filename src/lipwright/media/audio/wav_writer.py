"""Write sound as a 16-bit WAV."""

from __future__ import annotations

import wave
from collections.abc import Iterable, Mapping
from itertools import chain
from pathlib import Path

import numpy as np

from lipwright.core.atomic_file import atomic_write
from lipwright.media.audio.wav_info import append_info


def write_wav(
    path: str | Path,
    samples: np.ndarray | Iterable[np.ndarray],
    rate: int,
    tags: Mapping[str, str] | None = None,
) -> None:
    """Write mono (n,) or multi-channel (n, channels) samples, float32 in [-1, 1], as a 16-bit WAV.

    samples: an array, or an iterator of such pieces, which are written as they come. tags: see
    `wav_info`. The file is written atomically. Raises MediaError if it cannot be written.
    """
    pieces = iter([samples] if isinstance(samples, np.ndarray) else samples)
    first = next(pieces, np.zeros(0, np.float32))
    with atomic_write(Path(path)) as partial:
        with wave.open(str(partial), "wb") as sound:
            sound.setnchannels(1 if first.ndim == 1 else first.shape[1])
            sound.setsampwidth(2)
            sound.setframerate(int(rate))
            for piece in chain([first], pieces):
                sound.writeframes(_pcm(piece).tobytes())
        if tags:
            append_info(partial, tags)


def _pcm(samples: np.ndarray) -> np.ndarray:
    """Return float samples as 16-bit ones, of the same shape; what is no number is silence."""
    scaled = np.nan_to_num(samples.astype(np.float32), nan=0.0, posinf=0.0, neginf=0.0) * 32767.0
    pcm: np.ndarray = np.clip(np.rint(scaled), -32768, 32767).astype("<i2")
    return pcm
