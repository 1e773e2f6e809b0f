"""The training material in memory: spectra, split into envelope and excitation, with targets.

Two sources: Kokoro speech (targets from its exact phones) and tracked GRID clips (targets from the
speaker's real lips). Every clip has the same fields, see `Clip`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from synthesize_speech import HELD_OUT_VOICES

from lipwright.articulation import from_phones, shaping
from lipwright.articulation.base import CHANNELS
from lipwright.articulation.features import FFT_SIZE, HOP, SAMPLE_RATE, WINDOW, spectrum
from lipwright.articulation.segments import build_segments
from lipwright.articulation.targets import TARGETS
from lipwright.speech.base import Phone

TARGET_RATE = 50.0
# Columns of Clip.targets: 9 channels, then what is seen in GRID, then the three decisions.
REAL_COLUMNS = slice(9, 12)
"""Opening, width change and chin drop of a real mouth, in mouth widths."""
CLOSED_COLUMN, SPEAKING_COLUMN, TUCK_COLUMN = 12, 13, 14
COLUMNS = 15

STABLE_POINTS = [33, 133, 362, 263, 168, 6, 197, 195, 5]
NOSE_POINTS = [6, 197, 195, 5]
SUSPECT_CLIPS = {"swwc5s", "brwt4n", "pgbk8p", "pwaj6n", "bgig6n", "srah5s", "bwbt8p"}


@dataclass
class Clip:
    """One utterance.

    envelope, excitation: float16 (T, 257), log magnitudes at 100 Hz, their sum is the spectrum.
    targets: float32 (T50, COLUMNS) at 50 Hz, NaN where unknown. weights: float32 (T50,).
    phones: int64 (T50,) class of the sound, -1 unknown.
    """

    name: str
    held_out: bool
    envelope: np.ndarray
    excitation: np.ndarray
    targets: np.ndarray
    weights: np.ndarray
    phones: np.ndarray
    samples: np.ndarray


def split_spectrum(samples: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Envelope (cepstrum below 2.5 ms) and excitation, so that each can be changed alone."""
    padded = np.pad(samples.astype(np.float32), (WINDOW // 2, WINDOW // 2 + HOP - 1))
    log_magnitude = np.log(spectrum(padded) + 3e-5)
    cepstrum = np.fft.irfft(log_magnitude, FFT_SIZE, axis=1)
    lifter = np.zeros(FFT_SIZE)
    keep = 40
    lifter[:keep] = 1
    fade = 0.5 + 0.5 * np.cos(np.pi * np.linspace(0, 1, 8))
    lifter[keep : keep + 8] = fade
    lifter[-keep - 7 :] = lifter[1 : keep + 8][::-1]
    envelope = np.fft.rfft(cepstrum * lifter, axis=1).real
    return envelope.astype(np.float16), (log_magnitude - envelope).astype(np.float16)


def load_synthesised(path: Path) -> Clip:
    archive = np.load(path)
    samples = archive["audio"].astype(np.float32) / 32767
    phones = [Phone(*entry) for entry in json.loads(str(archive["phones"]))]
    duration = len(samples) / SAMPLE_RATE
    curves = from_phones.articulate_phones(phones, duration)
    count = int(duration * TARGET_RATE)
    times = np.arange(count) / TARGET_RATE
    targets = np.full((count, COLUMNS), np.nan, np.float32)
    targets[:, : len(CHANNELS)] = curves.at(times)
    segments = build_segments(phones, duration)
    targets[:, CLOSED_COLUMN] = shaping.window_weights(
        count, TARGET_RATE, from_phones.closure_windows(segments)
    )
    targets[:, SPEAKING_COLUMN] = 1 - shaping.window_weights(
        count, TARGET_RATE, from_phones.silence_windows(segments)
    )
    targets[:, TUCK_COLUMN] = shaping.window_weights(
        count, TARGET_RATE, from_phones.tuck_windows(segments)[0]
    )
    labels = np.full(count, -1, np.int64)
    for segment in segments:
        first, last = (max(0, round(t * TARGET_RATE)) for t in (segment.start, segment.end))
        labels[first:last] = TARGETS.index[segment.symbol]
    envelope, excitation = split_spectrum(samples)
    voice = str(archive["voice"])
    return Clip(
        f"{voice}/{path.stem}", voice in HELD_OUT_VOICES, envelope, excitation, targets,
        np.ones(count, np.float32), labels, samples,
    )  # fmt: skip


def align_rigidly(landmarks: np.ndarray) -> np.ndarray:
    """Landmarks (T, 478, 3) without the head's motion and size (similarity to the median)."""
    landmarks = landmarks.astype(np.float64)
    template = np.median(landmarks[:, STABLE_POINTS], axis=0)
    trust = np.array([1, 1, 0.5])
    for _ in range(2):
        aligned = np.empty_like(landmarks)
        for index, points in enumerate(landmarks):
            stable = points[STABLE_POINTS]
            source, goal = stable - stable.mean(0), template - template.mean(0)
            u, singular, v = np.linalg.svd((source * trust).T @ (goal * trust))
            sign = np.array([1, 1, np.sign(np.linalg.det(u @ v))])
            scale = (singular * sign).sum() / ((source * trust) ** 2).sum()
            aligned[index] = (points - stable.mean(0)) @ (u @ np.diag(sign) @ v) * scale
            aligned[index] += template.mean(0)
        template = np.median(aligned[:, STABLE_POINTS], axis=0)
    eyes = template[3, :2] - template[0, :2]
    angle = np.arctan2(eyes[1], eyes[0])
    cosine, sine = np.cos(angle), np.sin(angle)
    aligned[..., :2] = aligned[..., :2] @ np.array([[cosine, -sine], [sine, cosine]])
    return aligned


def measure_mouth(landmarks: np.ndarray) -> np.ndarray:
    """Opening, width change, chin drop: float32 (T, 3), in widths of the resting mouth."""
    points = align_rigidly(landmarks)

    def distance(a: int, b: int) -> np.ndarray:
        return np.linalg.norm(points[:, a, :2] - points[:, b, :2], axis=1)

    opening = points[:, 14, 1] - points[:, 13, 1]
    width = distance(61, 291)
    chin = points[:, 152, 1] - points[:, NOSE_POINTS, 1].mean(axis=1)
    shut = opening <= max(0.03 * np.median(width), np.percentile(opening, 10))
    rest_width, rest_chin = np.median(width[shut]), np.median(chin[shut])
    measures = [np.maximum(opening, 0), width - rest_width, chin - rest_chin]
    return (np.stack(measures, axis=1) / rest_width).astype(np.float32)


def speech_span(samples: np.ndarray, count: int, fps: float = 25.0) -> tuple[int, int]:
    """First and last video frame with speech, by energy."""
    window = int(0.04 * SAMPLE_RATE)
    power = np.cumsum(np.r_[0, np.pad(samples, window).astype(np.float64) ** 2])
    starts = np.clip((np.arange(count) / fps * SAMPLE_RATE).astype(int) + window // 2, 0,
                     len(samples) + window)  # fmt: skip
    energy = 10 * np.log10((power[starts + window] - power[starts]) / window + 1e-9)
    low, high = np.percentile(energy, 10), np.percentile(energy, 95)
    loud = np.flatnonzero(energy > low + 0.35 * (high - low))
    return int(loud[0]), int(loud[-1])


def load_tracked(path: Path, held_out: bool) -> Clip | None:
    archive = np.load(path)
    landmarks = archive["lm"]
    if (archive["flag"] < 0.5).any() or len(landmarks) < 70:
        return None
    samples = archive["audio"].astype(np.float32) / 32767
    mouth = measure_mouth(landmarks)
    first, last = speech_span(samples, len(mouth))
    count = int(len(mouth) / 25 * TARGET_RATE) - 1
    times = np.arange(count) / TARGET_RATE
    targets = np.full((count, COLUMNS), np.nan, np.float32)
    video_times = np.arange(len(mouth)) / 25
    for column in range(3):
        targets[:, 9 + column] = np.interp(times, video_times, mouth[:, column])
    # Lips that happen to touch in a careless "d" are no closure of m, b, p: CLOSED stays unknown.
    inside = (times >= first / 25 - 0.08) & (times <= last / 25 + 0.12)
    # Real speakers rest with open mouths too: outside speech their lips teach nothing.
    weights = inside.astype(np.float32)
    targets[:, SPEAKING_COLUMN] = inside
    near = (np.abs(times - first / 25) < 0.25) | (np.abs(times - last / 25) < 0.3)
    targets[near & ~inside, SPEAKING_COLUMN] = np.nan
    envelope, excitation = split_spectrum(samples)
    return Clip(
        path.stem, held_out, envelope, excitation, targets, weights,
        np.full(count, -1, np.int64), samples,
    )  # fmt: skip


def load_corpus(tracks: Path, speech: Path) -> dict[str, list[Clip]]:
    """Clips under "grid" (speaker s1; every tenth held out), "others" (test only), "kokoro"."""
    grid = []
    for index, path in enumerate(sorted(tracks.glob("s1_*.npz"))):
        if path.stem[3:] in SUSPECT_CLIPS:
            continue
        clip = load_tracked(path, held_out=index % 10 == 0)
        if clip is not None:
            grid.append(clip)
    others = [load_tracked(path, held_out=True) for path in sorted(tracks.glob("o_*.npz"))]
    return {
        "grid": grid,
        "others": [clip for clip in others if clip is not None],
        "kokoro": [load_synthesised(path) for path in sorted(speech.glob("*.npz"))],
    }
