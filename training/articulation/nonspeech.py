"""Sounds during which nobody speaks: noise, hum, music, breaths, clicks, applause; as 16 kHz mono.

All are made from random numbers, so that no recording's licence matters. Levels are arbitrary.
"""

from __future__ import annotations

import numpy as np

from lipwright.articulation.ear import SAMPLE_RATE

MAJOR, MINOR, PENTATONIC = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10), (0, 3, 5, 7, 10)
CHORDS = ((0, 4, 7), (0, 3, 7), (0, 4, 7, 11), (0, 5, 7), (0, 3, 7, 10))


def shape_spectrum(noise: np.ndarray, rng: np.random.Generator, strength: float) -> np.ndarray:
    """Filter by a smooth random spectrum, tilted towards the lows by up to 12 dB an octave."""
    spectrum = np.fft.rfft(noise)
    hertz = np.fft.rfftfreq(len(noise), 1 / SAMPLE_RATE)
    octaves = np.log2(np.maximum(hertz, 40) / 40)
    knots = rng.normal(0, strength, 10)
    gain = np.interp(octaves, np.linspace(0, 7.7, 10), knots) - octaves * rng.uniform(0, 1.4)
    shaped: np.ndarray = np.fft.irfft(spectrum * np.exp(gain), len(noise))
    return shaped


def slow_curve(count: int, rng: np.random.Generator, hertz: float) -> np.ndarray:
    """A random curve of unit size that wanders no faster than `hertz`, (count,)."""
    knots = max(4, int(count / SAMPLE_RATE * hertz) + 4)
    return np.interp(np.linspace(0, knots - 1, count), np.arange(knots), rng.normal(0, 1, knots))


def noise(count: int, rng: np.random.Generator) -> np.ndarray:
    """Coloured noise whose level wanders: wind, traffic, a fan, tape."""
    coloured = shape_spectrum(rng.normal(0, 1, count), rng, 1.2)
    return coloured * np.exp(rng.uniform(0, 0.8) * slow_curve(count, rng, rng.uniform(0.3, 4)))


def hum(count: int, rng: np.random.Generator) -> np.ndarray:
    """A hum of mains or of an engine, with its harmonics."""
    pitch = rng.uniform(45, 130)
    harmonics = np.arange(1, rng.integers(2, 50))
    gains = harmonics ** -rng.uniform(0.5, 3.0) * (rng.random(len(harmonics)) < 0.7)
    times = np.arange(count) / SAMPLE_RATE
    total = np.zeros(count)
    for number, gain in zip(harmonics, gains, strict=True):
        if number * pitch < SAMPLE_RATE / 2 and gain > 0:
            total += gain * np.sin(2 * np.pi * number * pitch * times + rng.uniform(0, 6.3))
    return total + rng.uniform(0, 0.1) * rng.normal(0, 1, count)


def tone(
    hertz: float, count: int, rng: np.random.Generator, bright: float, decay: float
) -> np.ndarray:
    """A note: harmonics that fade, with vibrato."""
    times = np.arange(count) / SAMPLE_RATE
    vibrato = rng.uniform(0, 0.006) * np.sin(2 * np.pi * rng.uniform(4, 7) * times)
    phase = 2 * np.pi * hertz * np.cumsum(1 + vibrato) / SAMPLE_RATE
    total = np.zeros(count)
    for number in range(1, 13):
        if number * hertz > 7500:
            break
        total += number**-bright * np.sin(number * phase + rng.uniform(0, 6.3))
    attack = np.minimum(1, times / rng.uniform(0.004, 0.06))
    return total * attack * np.exp(-times * decay)


def music(count: int, rng: np.random.Generator) -> np.ndarray:
    """Chords, a tune and a beat in one key and tempo."""
    beat = int(60 / rng.uniform(60, 170) * SAMPLE_RATE)
    root, scale = rng.uniform(70, 160), (MAJOR, MINOR, PENTATONIC)[rng.integers(3)]
    bright, decay = rng.uniform(0.7, 2.2), rng.uniform(0.3, 6)
    parts = rng.random(3) < (0.8, 0.7, 0.6)
    parts[rng.integers(3)] = True
    total = np.zeros(count + 8 * beat)
    for start in range(0, count, 4 * beat):
        chord = CHORDS[rng.integers(len(CHORDS))]
        base = root * 2 ** (scale[rng.integers(len(scale))] / 12)
        for step in chord if parts[0] else ():
            note = tone(2 * base * 2 ** (step / 12), 4 * beat, rng, bright, decay)
            total[start : start + 4 * beat] += 0.5 * note
    for start in range(0, count, beat // 2):
        if parts[1] and rng.random() < 0.6:
            pitch = root * 4 * 2 ** (scale[rng.integers(len(scale))] / 12)
            total[start : start + beat] += 0.7 * tone(pitch, beat, rng, bright, decay + 1)
        if parts[2]:
            total[start : start + beat // 2] += drum(beat // 2, rng, bool(start // beat % 2))
    return total[:count]


def drum(count: int, rng: np.random.Generator, snare: bool) -> np.ndarray:
    """One beat: a snare or a bass drum."""
    times = np.arange(count) / SAMPLE_RATE
    if snare:
        return 0.8 * rng.normal(0, 1, count) * np.exp(-times * rng.uniform(15, 50))
    sweep = np.cumsum(50 + 100 * np.exp(-times * 30)) / SAMPLE_RATE
    return 2.0 * np.sin(2 * np.pi * sweep) * np.exp(-times * 12)


def breath(count: int, rng: np.random.Generator) -> np.ndarray:
    """Air through an open mouth or nose, of at most half a second, somewhere in `count` samples."""
    length = min(count, int(rng.uniform(0.12, 0.6) * SAMPLE_RATE))
    air = shape_spectrum(rng.normal(0, 1, length), rng, 0.8)
    air = np.diff(air, prepend=0.0) if rng.random() < 0.5 else air
    rise = np.linspace(0, 1, length) ** rng.uniform(0.5, 2)
    return place(air * np.sin(np.pi * rise) ** rng.uniform(0.7, 2), count, rng)


def clicks(count: int, rng: np.random.Generator) -> np.ndarray:
    """Keys, mouse buttons, smacks of the lips, knocks."""
    total = np.zeros(count)
    for _ in range(rng.integers(1, 6)):
        length = min(count, int(rng.uniform(0.004, 0.08) * SAMPLE_RATE))
        burst = shape_spectrum(rng.normal(0, 1, length), rng, 1.0)
        total += place(burst * np.exp(-np.linspace(0, 6, length)), count, rng)
    return total


def applause(count: int, rng: np.random.Generator) -> np.ndarray:
    """Many hands, or few."""
    rate = np.exp(rng.uniform(np.log(8), np.log(600)))
    total = np.zeros(count + 2000)
    for start in rng.integers(0, count, max(1, int(count / SAMPLE_RATE * rate))):
        length = int(rng.integers(100, 500))
        clap = rng.normal(0, 1, length) * np.exp(-np.linspace(0, 5, length))
        total[start : start + length] += rng.uniform(0.2, 1) * clap
    return shape_spectrum(total, rng, 0.4)[:count]


def place(sound: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """`sound` somewhere in `count` samples."""
    total = np.zeros(count)
    first = int(rng.integers(0, count - len(sound) + 1))
    total[first : first + len(sound)] = sound
    return total


EVENTS = (breath, breath, breath, clicks, applause, noise, music)
"""What may be heard in a pause."""
BACKGROUNDS = (noise, noise, hum, applause)
"""What may be heard all the time, besides music."""
