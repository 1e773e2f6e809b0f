"""Log-mel frames, without the level and the colour of a recording: to align two of them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from lipwright.media.audio import mel

SAMPLE_RATE = 16_000
HOP = 160
WINDOW = 400
FFT_SIZE = 512
MEL_BANDS = 80
LOWEST_HZ, HIGHEST_HZ = 55.0, 7600.0
FRAME_RATE = SAMPLE_RATE / HOP
POWER_FLOOR = 1e-9
# Levels are natural logarithms of amplitude.
LEVEL_FLOOR = -4.5
"""A sound weaker than this (some -60 dB of full scale) is never taken for speech."""
SPEECH_RANGE = 2.5
"""Frames this far below the loudest do not count as speech."""
LEVEL_DECAY_SPEECH, LEVEL_DECAY_PAUSE = 0.3 / FRAME_RATE, 0.03 / FRAME_RATE
PRIOR_FRAMES, LONGEST_MEMORY = 50.0, 400.0
WARM_FRAMES = 200.0
FEATURE_SCALE = 1.5
FEATURE_LIMIT = 4.0


def mel_filters() -> np.ndarray:
    """Return triangular filters, each summing to one: float32 (MEL_BANDS, FFT_SIZE // 2 + 1)."""
    low, centre, high = mel.corners(mel.SLANEY.edges(LOWEST_HZ, HIGHEST_HZ, MEL_BANDS))
    # No flank steeper than one bin, or the lowest bands would be empty.
    width = SAMPLE_RATE / FFT_SIZE
    low, high = np.minimum(low, centre - width), np.maximum(high, centre + width)
    bins = mel.bin_frequencies(FFT_SIZE, SAMPLE_RATE)
    filters = mel.triangular_filters(bins, low, centre, high)
    result: np.ndarray = (filters / filters.sum(axis=1, keepdims=True)).astype(np.float32)
    return result


def _magnitudes(frames: np.ndarray) -> np.ndarray:
    return mel.magnitudes(frames * mel.hann_window(WINDOW), FFT_SIZE).astype(np.float32)


class LogMelStream:
    """Feed samples at 16 kHz in blocks of any size; frame k is centred at k * 10 ms."""

    def __init__(self) -> None:
        self._filters = mel_filters().T.copy()
        self._frames = mel.FrameStream(WINDOW, HOP, WINDOW // 2)

    def push(self, samples: np.ndarray) -> np.ndarray:
        """Return log-mel amplitudes of the frames now complete: float32 (T, MEL_BANDS)."""
        frames = self._frames.push(samples)
        if not len(frames):
            return np.zeros((0, MEL_BANDS), np.float32)
        result: np.ndarray = 0.5 * np.log(_magnitudes(frames) ** 2 @ self._filters + POWER_FLOOR)
        return result

    def finish(self) -> np.ndarray:
        """Return the frames whose windows reach past the end, float32 (T, bands)."""
        return self.push(np.zeros(WINDOW // 2 + HOP - 1, np.float32))


@dataclass
class RunningNormaliser:
    """Level and mean spectrum of the speech so far, taken off every frame (causal).

    What the microphone, the room and the loudness add is the same in every frame; what is left is
    what the mouth does.
    """

    level: float = LEVEL_FLOOR
    weight: float = PRIOR_FRAMES
    mean: np.ndarray = field(default_factory=lambda: np.zeros(MEL_BANDS))

    def push(self, log_mel: np.ndarray) -> np.ndarray:
        """Return normalised frames, float32 (T, MEL_BANDS), within +-FEATURE_LIMIT."""
        result = np.empty_like(log_mel, dtype=np.float32)
        loudness = log_mel.mean(axis=1, dtype=np.float64)
        for index, energy in enumerate(loudness.tolist()):
            share = min(max((energy - self.level + SPEECH_RANGE) / 0.5, 0.0), 1.0)
            decay = LEVEL_DECAY_PAUSE + share * (LEVEL_DECAY_SPEECH - LEVEL_DECAY_PAUSE)
            self.level = max(energy, self.level - decay, LEVEL_FLOOR)
            share = min(max((energy - self.level + SPEECH_RANGE) / 0.5, 0.0), 1.0)
            frame = log_mel[index] - self.level
            if share > 0.0:
                self.weight = min(self.weight + share, LONGEST_MEMORY)
                self.mean += (share / self.weight) * (frame - self.mean)
            result[index] = frame - self.mean
        np.divide(result, FEATURE_SCALE, out=result)
        return np.clip(result, -FEATURE_LIMIT, FEATURE_LIMIT, out=result)

    def warm_up(self, log_mel: np.ndarray) -> None:
        """Learn level and mean from the beginning of a recording, float32 (T, bands)."""
        if not len(log_mel):
            return
        self.push(log_mel)
        self.weight = min(self.weight, WARM_FRAMES)
