"""Sound as services send it, as samples; and what is no sound, as an error."""

from __future__ import annotations

import io

import numpy as np

from lipwright.core.errors import VoiceError
from lipwright.media.safe_open import open_media

LOWEST_RATE = 8000
"""Samples per second: a lower rate is a broken header, not speech."""


def read_pcm16(data: bytes, provider: str) -> np.ndarray:
    """Read little-endian 16-bit mono PCM as float32 (n,) in [-1, 1). Raises VoiceError for none."""
    samples = np.frombuffer(data[: len(data) // 2 * 2], "<i2").astype(np.float32) / 32768.0
    return _check_sound(samples, provider)


def read_sound(data: bytes, provider: str) -> tuple[np.ndarray, int]:
    """Return a whole sound file (WAV, MP3, Ogg ...) as mono float32 (n,) and its own rate.

    Raises VoiceError where it is empty or no sound.
    """
    import av

    if not data:
        raise _no_sound(provider)
    blocks = []
    try:
        with open_media(io.BytesIO(data)) as container:
            rate = container.streams.audio[0].rate
            resampler = av.AudioResampler(format="fltp", layout="mono", rate=rate)
            for frame in container.decode(audio=0):
                blocks += [piece.to_ndarray()[0] for piece in resampler.resample(frame)]
            blocks += [piece.to_ndarray()[0] for piece in resampler.resample(None)]
    except (av.FFmpegError, IndexError, ValueError) as error:
        raise VoiceError(
            f"{provider} sent something that is no sound ({error}): try again later."
        ) from error
    if rate < LOWEST_RATE:
        raise VoiceError(f"{provider} sent sound of {rate} samples a second: try again later.")
    samples = np.concatenate(blocks) if blocks else np.zeros(0, np.float32)
    return _check_sound(samples, provider), rate


def check_rate(found: int, wanted: int, provider: str) -> None:
    """Raise VoiceError where a service announces another sample rate than was asked for."""
    if found != wanted:
        raise VoiceError(
            f"{provider} sent sound of {found} samples a second instead of {wanted}: "
            "try again, or choose another voice."
        )


def _check_sound(samples: np.ndarray, provider: str) -> np.ndarray:
    if samples.size == 0 or not np.any(samples):
        raise _no_sound(provider)
    return samples.astype(np.float32, copy=False)


def _no_sound(provider: str) -> VoiceError:
    return VoiceError(f"{provider} sent no sound: check the text and the voice, and try again.")
