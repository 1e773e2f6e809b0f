"""What stands beside real lips: the product's curves from sound, and mouths that know less."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from wild_clips import RATE, WildClip

from lipwright.articulation import Articulation, articulate
from lipwright.articulation.columns import RATE as ROW_RATE
from lipwright.articulation.ear import Ear, WindowStream
from lipwright.articulation.mouth_width import mouth_width
from lipwright.articulation.streaming import articulate_prefixes
from lipwright.evaluation.audio import articulation_span
from lipwright.evaluation.baselines import loudness_articulation, repeated_sound
from lipwright.speech.speech import Speech
from lipwright.speech.streaming import StreamingSpeech

RIDGE_FILE = Path(__file__).parent / "ridge.npz"
RIDGE_ROWS = range(-10, 11, 2)
"""Rows of the ear's features (50 a second) around each row that the linear map reads."""
BLOCK = 1600  # samples that arrive at a time


class Mouth(NamedTuple):
    """A mouth at the frames of a clip."""

    gap: np.ndarray
    """float64 (T,)."""
    width: np.ndarray
    """float64 (T,)."""


Method = Callable[[np.ndarray, WildClip], Mouth]
"""Makes a mouth for a clip from a sound, mono float32 (n,) at 16 kHz."""


def from_curves(articulation: Articulation, times: np.ndarray) -> Mouth:
    sampled = Articulation(articulation.rate, articulation.at(times), articulation.first)
    gap, drop = (sampled.channel(name).astype(np.float64) for name in ("gap", "drop"))
    return Mouth(gap + drop, mouth_width(sampled.curves))


def ours(sound: np.ndarray, clip: WildClip) -> Mouth:
    return from_curves(articulate(Speech.from_samples(sound, RATE)), clip.times)


def streamed(sound: np.ndarray, clip: WildClip) -> Mouth:
    return from_curves(stream_curves(sound), clip.times)


def stream_curves(sound: np.ndarray) -> Articulation:
    """The curves of a sound that arrives in pieces and is followed as it comes."""
    pieces = (sound[start : start + BLOCK] for start in range(0, len(sound), BLOCK))
    *_, last = articulate_prefixes(StreamingSpeech.from_pieces(pieces, RATE))
    return last.articulation


def loudness(sound: np.ndarray, clip: WildClip) -> Mouth:
    count = len(clip.times)
    span = articulation_span(sound, count, clip.fps)
    return from_curves(loudness_articulation(sound, count, clip.fps, span), clip.times)


class Ridge:
    """A linear map from the ear's features to real lips: what needs no network of ours."""

    def __init__(self, path: Path = RIDGE_FILE) -> None:
        with np.load(path) as held:
            self._weights, self._mean = held["weights"], held["mean"]
            self._scale, self._bias = held["scale"], held["bias"]
        self._ear = Ear()

    def __call__(self, sound: np.ndarray, clip: WildClip) -> Mouth:
        rows = self.rows(sound).astype(np.float64)
        gap, width, _ = (np.interp(clip.times * ROW_RATE, np.arange(len(rows)), c) for c in rows.T)
        return Mouth(gap, width)

    def rows(self, sound: np.ndarray) -> np.ndarray:
        """Opening, width and chin at 50 Hz, float32 (T, 3)."""
        inputs = ridge_inputs(self._ear, sound)
        answer: np.ndarray = ((inputs - self._mean) * self._scale) @ self._weights + self._bias
        return answer


def ridge_inputs(ear: Ear, sound: np.ndarray) -> np.ndarray:
    """What the linear map reads at 50 Hz, float32 (T, n), of a sound, mono float32 at 16 kHz."""
    stream = WindowStream()
    windows = [*stream.push(sound), *stream.finish()]
    rows = [stacked(ear.hear(w.samples, w.level).features)[w.first : w.after] for w in windows]
    return np.concatenate(rows)


def stacked(features: np.ndarray) -> np.ndarray:
    """Each row, (T, n), with those around it: (T, 11 n); the ends are repeated."""
    rows = np.arange(len(features))[:, None] + np.array(RIDGE_ROWS)
    return features[np.clip(rows, 0, len(features) - 1)].reshape(len(features), -1)


def mouths(clips: Sequence[WildClip], methods: dict[str, Method]) -> dict[str, list[Mouth]]:
    """The mouth of each method for each clip, and ours with the sound of the next speaker."""
    found = {name: [make(clip.sound, clip) for clip in clips] for name, make in methods.items()}
    following = [*clips[1:], *clips[:1]]
    found["other sound"] = [
        ours(repeated_sound(other.sound, len(clip.sound)), clip)
        for clip, other in zip(clips, following, strict=True)
    ]
    return found


def choose_methods() -> dict[str, Method]:
    """All methods, the linear one only where its file is there."""
    methods: dict[str, Method] = {"ours": ours, "streaming": streamed, "loudness": loudness}
    if RIDGE_FILE.exists():
        methods["ridge"] = Ridge()
    return methods
