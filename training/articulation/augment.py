"""Batches of normalised log-mel windows, with voices, rooms, noises, levels and bands changed."""

from __future__ import annotations

import math

import numpy as np
import torch
import torch.nn.functional as functional
from corpus import REAL_COLUMNS, SPEAKING_COLUMN, Clip

from lipwright.articulation import log_mel as features

FILTERS = torch.tensor(features.mel_filters()).T
BINS = features.FFT_SIZE // 2 + 1
LEVEL_DECAY = 0.15 / features.FRAME_RATE
QUIET = -10.4
"""Log magnitude of what is not there."""


def uniform(count: int, low: float, high: float) -> torch.Tensor:
    return torch.rand(count) * (high - low) + low


def stretch_bins(spectra: torch.Tensor, positions: torch.Tensor) -> torch.Tensor:
    """Read spectra (B, T, F) at fractional bins (B, F)."""
    below = positions.floor().clamp(0, BINS - 2).long()
    share = (positions - below).clamp(0, 1)[:, None]
    index = below[:, None].expand(-1, spectra.shape[1], -1)
    return spectra.gather(2, index) * (1 - share) + spectra.gather(2, index + 1) * share


def read_rows(array: np.ndarray, positions: np.ndarray, outside: float) -> np.ndarray:
    """Linear interpolation of rows at fractional positions; `outside` beyond the ends."""
    last = len(array) - 1
    below = np.clip(np.floor(positions).astype(int), 0, max(0, last - 1))
    share = np.clip(positions - below, 0, 1)[:, None].astype(np.float32)
    rows = array[below].astype(np.float32) * (1 - share)
    rows += array[np.minimum(below + 1, last)].astype(np.float32) * share
    rows[(positions < 0) | (positions > last)] = outside
    return rows


def take_window(
    clip: Clip, context: tuple[int, int], frames: int, speed: float, begin: float
) -> tuple[np.ndarray, ...]:
    """Envelope, excitation, targets, weights, phones of a window of `frames` at 100 Hz."""
    left, right = context
    positions = begin + np.arange(-left, frames + right) * speed
    envelope = read_rows(clip.envelope, positions, QUIET)
    excitation = read_rows(clip.excitation, positions, 0.0)
    wanted = (begin + np.arange(0, frames, 2) * speed) / 2
    targets = read_rows(clip.targets, wanted, np.nan)
    nearest = np.clip(np.round(wanted).astype(int), 0, len(clip.phones) - 1)
    inside = (wanted >= 0) & (wanted < len(clip.phones))
    weights = np.where(inside, clip.weights[nearest], 0).astype(np.float32)
    phones = np.where(inside, clip.phones[nearest], -1)
    # Beyond the recording there is nothing to say.
    targets[~inside] = np.nan
    targets[~inside, SPEAKING_COLUMN] = 0
    return envelope, excitation, targets, weights, phones


def reverberate(power: torch.Tensor) -> torch.Tensor:
    """A room: every band's power leaks into later frames with an exponential decay."""
    batch = power.shape[0]
    decay_frames = uniform(batch, 4, 25)[:, None]
    taps = torch.arange(1, 41.0)[None]
    wet = 10 ** (-uniform(batch, 3, 14) / 10) * (torch.rand(batch) < 0.5)
    tail = torch.exp(-taps / decay_frames)
    tail = wet[:, None] * tail / tail.sum(1, keepdim=True)
    kernel = torch.cat([torch.ones(batch, 1), tail], 1).flip(1)
    bands = power.transpose(1, 2)
    padded = functional.pad(bands, (40, 0)).transpose(0, 1)
    return functional.conv1d(padded, kernel[:, None], groups=batch).transpose(0, 1).transpose(1, 2)


def random_band_gain(batch: int, knots: int, strength: float) -> torch.Tensor:
    """Smooth random log gains over the mel bands, (B, 1, MEL_BANDS)."""
    gains = torch.randn(batch, 1, knots) * strength
    return functional.interpolate(gains, size=features.MEL_BANDS, mode="linear", align_corners=True)


def mains_hum(batch: int) -> torch.Tensor:
    """Mel spectra of harmonic hums between 45 and 130 Hz, steep to flat, (B, 1, MEL_BANDS)."""
    hertz = torch.arange(BINS)[None] * features.SAMPLE_RATE / features.FFT_SIZE
    pitch = uniform(batch, 45, 130)[:, None]
    number = (hertz / pitch).round().clamp(min=1)
    width = features.SAMPLE_RATE / features.WINDOW
    lines = torch.exp(-(((hertz - number * pitch) / width) ** 2)) * (hertz > 30)
    heard = (torch.rand(batch, 300).gather(1, number.long().clamp(max=299)) < 0.7).float()
    power = lines * (heard + 1e-3) * number ** -uniform(batch, 0.5, 4)[:, None]
    power = power * (number <= torch.randint(2, 60, (batch, 1)))
    return (power @ FILTERS)[:, None] + 1e-9


def add_noise(power: torch.Tensor, ratio_db: torch.Tensor) -> torch.Tensor:
    """Coloured, slowly varying noise, and now and then a hum, at a signal-to-noise ratio.

    A quarter of it has the spectrum of the speech itself.
    """
    batch, frames, bands = power.shape
    colour = torch.exp(
        random_band_gain(batch, 6, 1.5)
        - torch.linspace(0, 4, bands) * torch.rand(batch)[:, None, None]
    )
    like_speech = (torch.rand(batch) < 0.25)[:, None, None]
    colour = torch.where(like_speech, power.mean(1, keepdim=True) + 1e-9, colour)
    humming = torch.rand(batch) < 0.2
    humming[-2:] = torch.rand(2) < 0.6
    combs = (torch.rand(batch, 1, bands) < 0.08).float() * 10
    combs = combs * torch.exp(-torch.linspace(0, 6, bands) * torch.rand(batch)[:, None, None])
    combs = torch.where((torch.rand(batch) < 0.7)[:, None, None], mains_hum(batch), combs)
    colour = torch.where(humming[:, None, None], combs + 1e-9, colour)
    colour = colour / colour.mean(2, keepdim=True)
    drift = torch.exp(torch.randn(batch, frames, 1).cumsum(1) * 0.02)
    grain = torch.empty(batch, frames, bands).exponential_().clamp(max=6)
    steady = torch.rand(batch)[:, None, None] * 0.4
    grain = torch.where(humming[:, None, None], 1 - steady + steady * grain, grain)
    still = humming[:, None, None] & (torch.rand(batch) < 0.5)[:, None, None]
    drift = torch.where(still, torch.ones_like(drift), drift)
    reference = power.mean(2).amax(1).clamp(min=1e-8)[:, None, None]
    return power + reference * 10 ** (-ratio_db / 10)[:, None, None] * colour * drift * grain


def follow_level(loudness: torch.Tensor, start: torch.Tensor) -> torch.Tensor:
    """Peaks that sink slowly, (B, T): what features.RunningNormaliser calls level.

    One rate of sinking, between its two, makes this a running maximum of a tilted line.
    """
    frames = loudness.shape[1]
    tilt = LEVEL_DECAY * torch.arange(1, frames + 1.0)
    tilted = torch.cat([start[:, None], loudness + tilt], 1).cummax(1).values[:, 1:]
    return (tilted - tilt).clamp(min=features.LEVEL_FLOOR)


def run_normaliser(
    log_mel: torch.Tensor, level: torch.Tensor, mean: torch.Tensor, weight: torch.Tensor
) -> tuple[torch.Tensor, ...]:
    """Frames without level and running mean, (B, T, MEL_BANDS); and the three states at the end."""
    loudness = log_mel.mean(2)
    levels = follow_level(loudness, level)
    share = ((loudness - levels + features.SPEECH_RANGE) / 0.5).clamp(0, 1)
    frames = log_mel - levels[..., None]
    total = weight[:, None] + share.cumsum(1)
    means = weight[:, None, None] * mean[:, None] + (frames * share[..., None]).cumsum(1)
    means = means / total[..., None]
    return frames - means, levels[:, -1], means[:, -1], total[:, -1]


def normalise(log_mel: torch.Tensor, prior: torch.Tensor, warm: torch.Tensor) -> torch.Tensor:
    """The batch form of features.RunningNormaliser; clips marked `warm` run through it twice."""
    batch = len(log_mel)
    level = torch.full((batch,), features.LEVEL_FLOOR)
    weight = torch.full((batch,), features.PRIOR_FRAMES)
    mean = prior[None].expand(batch, -1)
    _, known_level, known_mean, known_weight = run_normaliser(log_mel, level, mean, weight)
    known_weight = known_weight.clamp(max=features.WARM_FRAMES)
    result = run_normaliser(
        log_mel,
        torch.where(warm, known_level, level),
        torch.where(warm[:, None], known_mean, mean),
        torch.where(warm, known_weight, weight),
    )[0]
    limit = features.FEATURE_LIMIT
    return (result / features.FEATURE_SCALE).clamp(-limit, limit)


class BatchMaker:
    """Random windows of clips, changed at random."""

    def __init__(
        self, prior: torch.Tensor, context: tuple[int, int], frames: int, seed: int
    ) -> None:
        self.prior, self.context, self.frames = prior, context, frames
        self.rng = np.random.default_rng(seed)

    def make(self, clips: list[Clip]) -> tuple[torch.Tensor, ...]:
        """Features (B, T, 80), targets (B, T50, COLUMNS), weights, phones.

        The last two are noise without any voice: nothing moves.
        """
        batch = len(clips)
        windows = []
        for clip in clips:
            speed = math.exp(self.rng.uniform(math.log(0.78), math.log(1.3)))
            length = len(clip.envelope)
            span = self.frames * speed
            begin = self.rng.uniform(-60, max(1.0, length - span + 60))
            windows.append(take_window(clip, self.context, self.frames, speed, begin))
        stacked = [torch.tensor(np.stack(parts)) for parts in zip(*windows, strict=True)]
        envelope, excitation, targets, weights, phones = stacked
        silent = torch.zeros(batch, dtype=torch.bool)
        silent[-2:] = True
        targets[silent] = 0.0
        targets[silent, :, REAL_COLUMNS] = torch.nan
        weights[silent] = 1.0
        phones[silent] = -1
        return self._change(envelope, excitation, silent), targets, weights, phones

    def _change(
        self, envelope: torch.Tensor, excitation: torch.Tensor, silent: torch.Tensor
    ) -> torch.Tensor:
        batch = len(envelope)
        bins = torch.arange(float(BINS))[None]
        formants = torch.exp(uniform(batch, math.log(0.84), math.log(1.28)))[:, None]
        envelope = stretch_bins(envelope, (bins / formants).clamp(max=BINS - 1))
        pitch = torch.exp(uniform(batch, math.log(0.75), math.log(1.9)))[:, None]
        excitation = stretch_bins(excitation, (bins / pitch) % (BINS - 1))
        excitation = excitation * uniform(batch, 0.3, 1.2)[:, None, None]
        power = torch.exp(2 * (envelope + excitation)) @ FILTERS
        power = power * torch.exp(2 * random_band_gain(batch, 6, 0.6))
        power = reverberate(power)
        cut = torch.randint(45, features.MEL_BANDS, (batch,))
        narrow = (torch.rand(batch) < 0.15)[:, None]
        band = torch.arange(features.MEL_BANDS)[None]
        power = torch.where((narrow & (band >= cut[:, None]))[:, None], power * 1e-4, power)
        ratio = uniform(batch, 5, 55)
        ratio[silent] = uniform(int(silent.sum()), -20, 10)
        power = add_noise(power, ratio) - power * silent[:, None, None]
        level = torch.exp(uniform(batch, -4.5, 1.2))[:, None, None]
        log_mel = 0.5 * torch.log(power.clamp(min=0) * level + features.POWER_FLOOR)
        return normalise(log_mel, self.prior, torch.rand(batch) < 0.75)
