"""Measure the shipped network through the program's own code, beside baselines.

    python evaluate.py --corpus work/corpus.pkl              # held-out s1 and Kokoro voices
    python evaluate.py --corpus work/corpus.pkl --test       # and the other GRID speakers

Correlations are taken at lag 0, at 25 frames a second, inside speech, per clip; the table gives
medians. Nothing is chosen by the numbers of the other speakers.
"""

from __future__ import annotations

import argparse
import pickle
from pathlib import Path

import numpy as np
from corpus import CLOSED_COLUMN, SPEAKING_COLUMN, Clip

from lipwright.articulation.base import CHANNELS, Articulation
from lipwright.articulation.features import SAMPLE_RATE, LogMelStream
from lipwright.articulation.from_audio import articulate_audio

JAW, GAP, SPREAD, ROUND, DROP = (
    CHANNELS.index(n) for n in ("jaw", "gap", "spread", "round", "drop")
)
FPS = 25.0
LONGEST_LAG = 5


def correlation(a: np.ndarray, b: np.ndarray) -> float:
    a, b = a - a.mean(), b - b.mean()
    return float((a * b).sum() / np.sqrt((a * a).sum() * (b * b).sum() + 1e-12))


def opening(curves: np.ndarray) -> np.ndarray:
    return curves[:, GAP] + curves[:, DROP]


def articulate_clip(clip: Clip) -> Articulation:
    duration = len(clip.samples) / SAMPLE_RATE
    return articulate_audio([clip.samples], duration)


def loudness(clip: Clip, times: np.ndarray) -> np.ndarray:
    stream = LogMelStream()
    level = np.concatenate([stream.push(clip.samples), stream.finish()]).mean(axis=1)
    smooth = np.convolve(level, np.ones(9) / 9, "same")
    return np.interp(times, np.arange(len(smooth)) / 100, smooth)


def lag_of(guess: Articulation, truth: np.ndarray, times: np.ndarray) -> tuple[float, int]:
    """Best correlation and its lag in frames; positive: the guess comes late."""
    scores = {
        lag: correlation(opening(guess.at(times + lag / FPS)), truth)
        for lag in range(-LONGEST_LAG, LONGEST_LAG + 1)
    }
    best = max(scores, key=lambda lag: scores[lag])
    return scores[best], best


def frame_truth(clip: Clip) -> tuple[np.ndarray, np.ndarray]:
    """Times (s) of the video frames inside speech, and the targets there."""
    targets, weights = clip.targets[::2], clip.weights[::2]
    times = np.arange(len(targets)) / FPS
    inside = weights > 0
    return times[inside], targets[inside]


def evaluate_real(clips: list[Clip]) -> dict[str, float]:
    guesses = [articulate_clip(clip) for clip in clips]
    rows = []
    for index, clip in enumerate(clips):
        times, truth = frame_truth(clip)
        curves = guesses[index].at(times)
        wrong = guesses[(index + 1) % len(clips)].at(times)
        best, lag = lag_of(guesses[index], truth[:, 9], times)
        width = curves[:, SPREAD] - curves[:, ROUND] - 0.1 * curves[:, JAW]
        silent = clip.targets[::2, SPEAKING_COLUMN] == 0
        quiet = guesses[index].at(np.flatnonzero(silent) / FPS)
        rows.append(
            {
                "lip gap": correlation(opening(curves), truth[:, 9]),
                "best over lags": best,
                "lag (frames)": lag,
                "width": correlation(width, truth[:, 10]),
                "chin": correlation(curves[:, JAW], truth[:, 11]),
                "loudness drives the mouth": correlation(loudness(clip, times), truth[:, 9]),
                "another clip's sound": correlation(opening(wrong), truth[:, 9]),
                "size (guess / real deviation)": opening(curves).std() / truth[:, 9].std(),
                "closed in silence": float((opening(quiet) < 0.01).mean())
                if len(quiet)
                else np.nan,
            }
        )
    return {name: float(np.nanmedian([row[name] for row in rows])) for name in rows[0]}


def evaluate_made(clips: list[Clip]) -> dict[str, float]:
    """Kokoro voices never trained on, against the curves of their phones."""
    found = wanted = claimed = right = 0
    scores, jaws, rounds, lags, sizes, pauses = [], [], [], [], [], []
    for clip in clips:
        guess = articulate_clip(clip)
        times = np.arange(len(clip.targets[::2])) / FPS
        truth, curves = clip.targets[::2], guess.at(times)
        scores.append(correlation(opening(curves), truth[:, GAP] + truth[:, DROP]))
        jaws.append(correlation(curves[:, JAW], truth[:, JAW]))
        rounds.append(correlation(curves[:, ROUND], truth[:, ROUND]))
        sizes.append(opening(curves).std() / (truth[:, GAP] + truth[:, DROP]).std())
        lags.append(lag_of(guess, truth[:, GAP] + truth[:, DROP], times)[1])
        pauses.append((opening(curves)[truth[:, SPEAKING_COLUMN] < 0.02] < 0.01).mean())
        fine = np.arange(len(clip.targets)) / 50
        shut = opening(guess.at(fine)) < 0.01
        speaking = clip.targets[:, SPEAKING_COLUMN] > 0.9
        target = clip.targets[:, CLOSED_COLUMN] > 0.99
        near_target = np.convolve(target, np.ones(7), "same") > 0
        for first, last in stretches(target):
            wanted += 1
            found += bool(shut[max(0, first - 2) : last + 3].any())
        for first, last in stretches(shut & speaking):
            claimed += 1
            right += bool(near_target[first : last + 1].any())
    return {
        "opening": float(np.median(scores)),
        "lag (frames)": float(np.median(lags)),
        "jaw": float(np.median(jaws)),
        "round": float(np.median(rounds)),
        "size (guess / phones' deviation)": float(np.median(sizes)),
        "m b p closed, recall": found / wanted,
        "m b p closed, precision": right / max(1, claimed),
        "closed in pauses": float(np.nanmean(pauses)),
    }


def stretches(mask: np.ndarray) -> np.ndarray:
    """First and last index of each run of true values, (N, 2)."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    runs = edges.reshape(-1, 2)
    return np.stack([runs[:, 0], runs[:, 1] - 1], axis=1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--test", action="store_true", help="also the other GRID speakers")
    arguments = parser.parse_args()
    # The pickle is this folder's own, made by prepare_corpus.py.
    clips = pickle.loads(arguments.corpus.read_bytes())
    parts = {
        "held-out sentences of s1": evaluate_real([c for c in clips["grid"] if c.held_out]),
        "held-out Kokoro voices": evaluate_made([c for c in clips["kokoro"] if c.held_out]),
    }
    if arguments.test:
        parts["other GRID speakers"] = evaluate_real(clips["others"])
    for title, numbers in parts.items():
        print(title)
        for name, value in numbers.items():
            print(f"  {name:36s} {value:.2f}")


if __name__ == "__main__":
    main()
