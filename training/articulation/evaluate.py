"""Measure the shipped network on curves, through the program's own code, without rendering.

    python evaluate.py --corpus work/corpus.pkl              # what was held out of the training
    python evaluate.py --corpus work/corpus.pkl --noise 10   # with speech-shaped noise

Nothing here uses the other GRID speakers: they are measured by `lipwright evaluate`, through the
rendered and tracked video, and nothing is chosen by them. Measures: docs/measures.md.
"""

from __future__ import annotations

import argparse
import pickle
from pathlib import Path

import held_out
import numpy as np
from corpus import CLOSED_COLUMN, SPEAKING_COLUMN, Clip

from lipwright.articulation.constraints import runs
from lipwright.articulation.curves import CHANNELS, Articulation
from lipwright.articulation.ear import SAMPLE_RATE
from lipwright.articulation.from_audio import articulate_audio
from lipwright.evaluation import metrics
from lipwright.evaluation.audio import add_noise

JAW, GAP, SPREAD, ROUND, DROP = (
    CHANNELS.index(n) for n in ("jaw", "gap", "spread", "round", "drop")
)
REAL_OPENING, REAL_WIDTH = 9, 10
FPS = 25.0
MARGIN = 3
"""Frames before and after speech that belong to it."""


def opening(curves: np.ndarray) -> np.ndarray:
    return curves[:, GAP] + curves[:, DROP]


def width(curves: np.ndarray) -> np.ndarray:
    return curves[:, SPREAD] - curves[:, ROUND] - 0.1 * curves[:, JAW]


def speaking_span(clip: Clip) -> tuple[int, int]:
    """First and last video frame of the clip's speech with the margin."""
    loud = np.flatnonzero(clip.targets[::2, SPEAKING_COLUMN] > 0.9)
    count = len(clip.targets[::2])
    return max(0, int(loud[0]) - MARGIN), min(count - 1, int(loud[-1]) + MARGIN)


def articulate_clip(clip: Clip, noise: float | None) -> Articulation:
    samples = clip.samples
    if noise is not None:
        span = speaking_span(clip)
        samples = add_noise(samples, noise, (span[0] / FPS, span[1] / FPS))
    return articulate_audio([samples], len(samples) / SAMPLE_RATE)


def evaluate_real(clips: list[Clip], noise: float | None) -> dict[str, float]:
    """Against real lips: medians over clips, closures pooled."""
    rows, closures = [], np.zeros(4)
    for clip in clips:
        truth = np.nan_to_num(clip.targets[::2])
        curves = articulate_clip(clip, noise).at(np.arange(len(truth)) / FPS)
        span = speaking_span(clip)
        inside = slice(span[0], span[1] + 1)
        gap, real = opening(curves), truth[:, REAL_OPENING]
        silent = clip.targets[::2, SPEAKING_COLUMN] == 0
        closures += np.array(metrics.match_closures(real, gap, span))
        rows.append(
            {
                "lip gap, in speech": metrics.correlation(real[inside], gap[inside]),
                "lip gap, whole clip": metrics.correlation(real, gap),
                "lip width, in speech": metrics.correlation(
                    truth[inside, REAL_WIDTH], width(curves)[inside]
                ),
                "articulation ratio": metrics.articulation_ratio(real, gap, span),
                "offset (frames)": metrics.find_offset(real, gap, span),
                "moving in silence": metrics.silence_movement(gap, silent, FPS),
            }
        )
    result = {name: float(np.nanmedian([row[name] for row in rows])) for name in rows[0]}
    result["moving in silence"] = float(np.nanmean([row["moving in silence"] for row in rows]))
    result["closures hit"] = closures[1] / max(1.0, closures[0])
    result["closures, precision"] = closures[3] / max(1.0, closures[2])
    return result


def evaluate_made(clips: list[Clip], noise: float | None) -> dict[str, float]:
    """Kokoro voices never trained on, against the curves of their phones."""
    found = wanted = claimed = right = 0
    scores, jaws, rounds, pauses = [], [], [], []
    for clip in clips:
        guess = articulate_clip(clip, noise)
        truth = clip.targets[::2]
        curves = guess.at(np.arange(len(truth)) / FPS)
        known = truth[:, GAP] + truth[:, DROP]
        scores.append(metrics.correlation(known, opening(curves)))
        jaws.append(metrics.correlation(truth[:, JAW], curves[:, JAW]))
        rounds.append(metrics.correlation(truth[:, ROUND], curves[:, ROUND]))
        pauses.append((opening(curves)[truth[:, SPEAKING_COLUMN] < 0.02] < 0.01).mean())
        shut = opening(guess.at(np.arange(len(clip.targets)) / 50)) < 0.01
        target = clip.targets[:, CLOSED_COLUMN] > 0.99
        near_target = np.convolve(target, np.ones(7), "same") > 0
        for first, last in runs(target):
            wanted += 1
            found += bool(shut[max(0, first - 2) : last + 3].any())
        for first, last in runs(shut & (clip.targets[:, SPEAKING_COLUMN] > 0.9)):
            claimed += 1
            right += bool(near_target[first : last + 1].any())
    return {
        "opening": float(np.median(scores)),
        "jaw": float(np.median(jaws)),
        "round": float(np.median(rounds)),
        "m b p closed, recall": found / wanted,
        "m b p closed, precision": right / max(1, claimed),
        "closed in pauses": float(np.nanmean(pauses)),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--noise", type=float, default=None, help="signal-to-noise ratio in dB")
    arguments = parser.parse_args()
    # The pickle is this folder's own, made by prepare_corpus.py.
    clips = pickle.loads(arguments.corpus.read_bytes())
    held = {name: [c for c in some if c.held_out] for name, some in clips.items()}
    held["parallel"] = [c for c in held["parallel"] if c.name.split("/")[0] in held_out.VOICES]
    parts = {
        "held-out sentences of s1": evaluate_real(held["grid"], arguments.noise),
        "the same, in voices held out": evaluate_real(held["parallel"], arguments.noise),
        "other speech in voices held out": evaluate_made(held["kokoro"], arguments.noise),
    }
    for title, numbers in parts.items():
        print(title)
        for name, value in numbers.items():
            print(f"  {name:28s} {value:.2f}")


if __name__ == "__main__":
    main()
