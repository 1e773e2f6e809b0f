"""What happens to a sound on its way, and sounds in which nobody speaks: all the same each time."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator

import numpy as np
from wild_clips import RATE, WildClip

from lipwright.evaluation.audio import add_noise, add_sound, fit_length
from lipwright.media.audio.resample import resample

NOISE = 10.0  # dB of speech above noise or music
NARROW_RATE = 8_000
OPUS_BITS = 8_000  # per second
BEATS = 1.9  # per second
CHORDS = ((0, 4, 7), (7, 11, 14), (9, 12, 16), (5, 9, 12))  # semitones: I, V, vi, IV
CLAPS = 70.0  # per second


def spoiled_sounds(clip: WildClip) -> Iterator[tuple[str, np.ndarray]]:
    """The sound of a clip after what may happen to it, each with its name."""
    sound, span = clip.sound, clip.speech_seconds
    melody = music(len(sound) / RATE)
    yield f"speech-shaped noise at {NOISE:g} dB", add_noise(sound, NOISE, span)
    yield f"music at {NOISE:g} dB", add_sound(sound, melody, NOISE, span)
    yield "8 kHz", narrow(sound)
    yield "Opus at 8 kb/s", opus(sound)


def narrow(sound: np.ndarray) -> np.ndarray:
    """The sound as a telephone has it, float32 (n,): nothing above 4 kHz."""
    return fit_length(resample(resample(sound, RATE, NARROW_RATE), NARROW_RATE, RATE), len(sound))


def opus(sound: np.ndarray, bits: int = OPUS_BITS) -> np.ndarray:
    """The sound once encoded and decoded, float32 (n,); in step, as the decoder skips the delay."""
    import av

    buffer = io.BytesIO()
    with av.open(buffer, "w", format="ogg") as container:
        stream = container.add_stream("libopus", rate=RATE, layout="mono")
        stream.bit_rate = bits
        integers = np.round(np.clip(sound, -1, 1) * 32767).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(integers[None], format="s16", layout="mono")
        frame.sample_rate, frame.pts = RATE, 0
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
    buffer.seek(0)
    with av.open(buffer) as container:
        resampler = av.AudioResampler("flt", "mono", RATE)
        frames = [one for frame in container.decode(audio=0) for one in resampler.resample(frame)]
        frames += resampler.resample(None)
    return fit_length(np.concatenate([frame.to_ndarray()[0] for frame in frames]), len(sound))


def music(seconds: float, seed: int = 0) -> np.ndarray:
    """Chords, a bass, a drum and a hi-hat, float32 (n,): nobody sings."""
    generator = np.random.default_rng(seed)
    times = np.arange(round(seconds * RATE)) / RATE
    beats = times * BEATS
    root = 110 * 2 ** (generator.integers(0, 12) / 12)
    tune = np.zeros(len(times))
    for place, chord in enumerate(CHORDS):
        sounding = (beats // 4).astype(int) % len(CHORDS) == place
        struck = np.exp(-0.5 * (beats[sounding] % 4))
        for tone in chord:
            tune[sounding] += struck * _string(2 * root * 2 ** (tone / 12), times[sounding])
        tune[sounding] += 1.5 * np.sin(2 * np.pi * root * 2 ** (chord[0] / 12) * times[sounding])
    since = beats % 1 / BEATS
    drum = 4 * np.exp(-since / 0.08) * np.sin(2 * np.pi * 60 * since)
    hat = np.exp(-(beats % 0.5) / BEATS / 0.02) * generator.standard_normal(len(times))
    return _at_level(tune + drum + hat, 0.1)


def _string(hertz: float, times: np.ndarray) -> np.ndarray:
    return sum(np.sin(2 * np.pi * k * hertz * times) / k for k in range(1, 7))


def breath(seconds: float, seed: int = 0) -> np.ndarray:
    """Someone breathing in and out close to the microphone, float32 (n,)."""
    times = np.arange(round(seconds * RATE)) / RATE
    noise = _noise(len(times), seed, lambda hertz: np.exp(-0.5 * ((hertz - 1500) / 900) ** 2))
    flow = np.maximum(np.sin(2 * np.pi * times / 3.6), 0.6 * np.sin(2 * np.pi * times / 3.6 + 3.6))
    return _at_level(noise * np.clip(flow, 0, None) ** 1.5, 0.03)


def clicks(seconds: float, seed: int = 0) -> np.ndarray:
    """Keys and a mouse, about two a second, float32 (n,)."""
    return _bursts(seconds, seed, 2.0, 0.004, 0.3)


def applause(seconds: float, seed: int = 0) -> np.ndarray:
    """Many hands, float32 (n,)."""
    return _at_level(_bursts(seconds, seed, CLAPS, 0.012, 0.3), 0.1)


def pink(seconds: float, seed: int = 0) -> np.ndarray:
    """Noise whose power falls as the frequency rises, float32 (n,)."""
    count = round(seconds * RATE)
    return _at_level(_noise(count, seed, lambda hertz: np.maximum(hertz, 20) ** -0.5), 0.05)


UNSPOKEN: dict[str, Callable[[float], np.ndarray]] = {
    "breath": breath,
    "clicks": clicks,
    "applause": applause,
    "music": music,
    "pink noise": pink,
}
"""Sounds in which nobody speaks, each from its length in seconds."""


def _noise(count: int, seed: int, gain: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """White noise with the given gain at each frequency in Hz, float64 (count,)."""
    white = np.random.default_rng(seed).standard_normal(count)
    return np.fft.irfft(np.fft.rfft(white) * gain(np.fft.rfftfreq(count, 1 / RATE)), count)


def _bursts(seconds: float, seed: int, often: float, decay: float, peak: float) -> np.ndarray:
    """Short bursts of noise at random times. often: per second; decay: s."""
    generator = np.random.default_rng(seed)
    length, count = round(6 * decay * RATE), round(seconds * RATE)
    sound = np.zeros(count + length)
    fall = np.exp(-np.arange(length) / RATE / decay)
    for start in generator.integers(0, count, round(often * seconds)):
        loud = peak * generator.uniform(0.3, 1.0)
        sound[start : start + length] += loud * fall * generator.uniform(-1, 1, length)
    return sound[:count].astype(np.float32)


def _at_level(sound: np.ndarray, level: float) -> np.ndarray:
    """The sound with this root mean square, as far as it does not clip: float32 (n,)."""
    scaled = sound * (level / np.sqrt(np.mean(sound**2)))
    return np.clip(scaled, -1, 1).astype(np.float32)
