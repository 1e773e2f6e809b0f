"""The sound of a video: when it speaks, how loud it is, and what noise does to it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

RATE = 16_000
WINDOW = 0.04  # s over which energy is taken
SPEECH_LEVEL = 0.35
"""Speech is what lies above this share of the way, in dB, from the quiet tenth to the loud end."""
APPROACH = 0.12
"""Seconds before the first sound in which the lips open for it, and after the last one in which
they close again: they belong to speech."""
MARGIN = 0.2
"""Seconds around speech that are neither speech nor silence: lips part before the first sound and
close after the last one."""
SHORTEST_PAUSE = 0.35  # s inside speech, before the margins are taken off
_FLOOR = 1e-9


def read_sound(path: str | Path, duration: float, fill: bool = True) -> np.ndarray:
    """Return the sound of a file, mono float32 (n,) at 16 kHz, cut to `duration` seconds.

    fill: lengthens it with silence to the last sample before them: no frame more is needed to show
    it.

    Raises MediaError where there is none.
    """
    from lipwright.media.audio.decode import decode_blocks

    count = int(duration * RATE + 1e-6)
    parts, held = [], 0
    for block in decode_blocks(path, RATE):
        parts.append(block)
        held += len(block)
        if held >= count:
            break
    samples = np.concatenate(parts)[:count]
    return fit_length(samples, count) if fill else samples


def fit_length(samples: np.ndarray, count: int) -> np.ndarray:
    """Return the first `count` samples, float32 (n,), with silence after the last of fewer."""
    return np.pad(samples[:count], (0, max(0, count - len(samples)))).astype(np.float32)


def energy(samples: np.ndarray, count: int, fps: float) -> np.ndarray:
    """Return the level in dB of the 40 ms around each of `count` frames of a video.

    samples: mono (n,) at 16 kHz. Returns float64 (frames,).
    """
    window = int(WINDOW * RATE)
    power = np.cumsum(np.r_[0, np.pad(samples, window).astype(np.float64) ** 2])
    starts = (np.arange(count) / fps * RATE).astype(int) + window // 2
    starts = np.clip(starts, 0, len(samples) + window)
    result: np.ndarray = 10 * np.log10((power[starts + window] - power[starts]) / window + _FLOOR)
    return result


def loud_frames(samples: np.ndarray, count: int, fps: float) -> np.ndarray:
    """Return which frames are loud enough to be speech, bool (frames,).

    samples: mono float32 (n,) at 16 kHz.
    """
    level = energy(samples, count, fps)
    low, high = np.percentile(level, 10), np.percentile(level, 95)
    result: np.ndarray = level > low + SPEECH_LEVEL * (high - low)
    return result


def speech_span(samples: np.ndarray, count: int, fps: float = 25.0) -> tuple[int, int]:
    """Return the first and last video frame with speech, by energy.

    samples: mono float32 (n,) at 16 kHz; count: frames of the video. All of it
    where the sound never changes.
    """
    loud = np.flatnonzero(loud_frames(samples, count, fps))
    return (int(loud[0]), int(loud[-1])) if len(loud) else (0, count - 1)


def articulation_span(samples: np.ndarray, count: int, fps: float = 25.0) -> tuple[int, int]:
    """Return the first and last video frame in which the lips move for speech.

    It is `speech_span`, widened by 0.12 s on either side. samples: float32 (n,) at 16 kHz.
    """
    first, last = speech_span(samples, count, fps)
    more = round(APPROACH * fps)
    return max(0, first - more), min(count - 1, last + more)


def silent_frames(samples: np.ndarray, count: int, fps: float) -> np.ndarray:
    """Return the frames in which nobody speaks, 0.2 s and more from any speech: bool (frames,).

    samples: mono float32 (n,) at 16 kHz.

    Before and after speech, and in pauses inside it of at least 0.35 s; none where the sound
    never changes, because then nothing tells speech from silence.
    """
    loud = np.flatnonzero(loud_frames(samples, count, fps))
    silent = np.zeros(count, bool)
    if not len(loud):
        return silent
    margin = MARGIN * fps
    ends = np.r_[-np.inf, loud, np.inf]
    frames = np.arange(count)
    for before, after in zip(ends[:-1], ends[1:], strict=True):
        if after - before - 1 >= SHORTEST_PAUSE * fps:
            silent |= (frames > before + margin) & (frames < after - margin)
    return silent


def speech_shaped_noise(samples: np.ndarray, seed: int = 0) -> np.ndarray:
    """Return noise with the long-term spectrum of `samples` and random phase: float32 (n,).

    What is heard of many people at once; the usual masker of speech tests, see e.g. Festen and
    Plomp (1990).
    """
    spectrum = np.abs(np.fft.rfft(samples.astype(np.float64)))
    width = max(1, round(50 * len(samples) / RATE))  # 50 Hz: formants stay, harmonics do not
    smooth = np.sqrt(np.convolve(spectrum**2, np.ones(width) / width, "same"))
    phase = np.random.default_rng(seed).uniform(0, 2 * np.pi, len(smooth))
    return np.fft.irfft(smooth * np.exp(1j * phase), len(samples)).astype(np.float32)


def add_noise(
    samples: np.ndarray, decibels: float, span: tuple[float, float], seed: int = 0
) -> np.ndarray:
    """Add speech-shaped noise at a signal-to-noise ratio: float32 (n,) in [-1, 1].

    The ratio is taken over the speech itself, `span` in seconds; the level is lowered where the
    sum would clip.
    """
    return add_sound(samples, speech_shaped_noise(samples, seed), decibels, span)


def add_sound(
    samples: np.ndarray, other: np.ndarray, decibels: float, span: tuple[float, float]
) -> np.ndarray:
    """Add another sound, float32 (n,), as `add_noise` adds noise: float32 (n,) in [-1, 1]."""
    first, last = (int(time * RATE) for time in span)
    speech = samples[first : last + 1]
    power = float(np.mean(speech.astype(np.float64) ** 2)) if len(speech) else 0.0
    wanted = np.sqrt(power / 10 ** (decibels / 10))
    present = float(np.sqrt(np.mean(other.astype(np.float64) ** 2)))
    mixed = samples + other * (wanted / max(present, 1e-12))
    result: np.ndarray = (mixed / max(1.0, float(np.abs(mixed).max(initial=0)))).astype(np.float32)
    return result
