"""Windows of some 10 s of sound, put together from utterances, pauses and noises, with targets.

    python windows.py --corpus work/corpus.pkl --output work/windows --hours 5

The ear (a speech recogniser's encoder) hears a whole window at once, as in use, so a window has to
sound like a recording: several utterances, pauses of any length, one room, one microphone. Every
file is one window; see `Window`.
"""

from __future__ import annotations

import argparse
import pickle
import time
from dataclasses import dataclass
from pathlib import Path

import augment
import nonspeech
import numpy as np
import soxr
from corpus import COLUMNS, REAL_COLUMNS, TARGET_RATE, Clip

from lipwright.articulation.ear import SAMPLE_RATE

SECONDS = 9.6
ROWS = int(SECONDS * TARGET_RATE)
SAMPLES = int(SECONDS * SAMPLE_RATE)
SHARES = {"grid": 0.36, "parallel": 0.22, "kokoro": 0.34, "nobody": 0.08}
"""Of the windows; nobody: one without a voice."""
PER_ROW = int(SAMPLE_RATE / TARGET_RATE)


@dataclass
class Window:
    """clean, heard: float32 (SAMPLES,), before and after what the environment did to it.

    targets: float32 (ROWS, COLUMNS), NaN where unknown. weights: float32 (ROWS,). phones: int64
    (ROWS,), -1 unknown.
    """

    source: str
    clean: np.ndarray
    heard: np.ndarray
    targets: np.ndarray
    weights: np.ndarray
    phones: np.ndarray


def empty_window(source: str) -> Window:
    """Nobody speaks, nothing is heard."""
    targets = np.zeros((ROWS, COLUMNS), np.float32)
    targets[:, REAL_COLUMNS] = np.nan
    silent = np.zeros(SAMPLES, np.float32)
    return Window(
        source, silent, silent.copy(), targets, np.ones(ROWS, np.float32),
        np.full(ROWS, -1, np.int64),
    )  # fmt: skip


def read_rows(rows: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Linear interpolation of rows (T, n) at fractional places, all inside."""
    below = np.clip(places.astype(int), 0, max(0, len(rows) - 2))
    share = np.clip(places - below, 0, 1)[:, None].astype(np.float32)
    return rows[below] * (1 - share) + rows[np.minimum(below + 1, len(rows) - 1)] * share


def change_voice(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Another throat half of the time; whispered or sung now and then."""
    if rng.random() < 0.5:
        samples = augment.another_throat(samples, rng)
    kind = rng.random()
    if kind < 0.05:
        samples = augment.whisper(samples, rng)
    elif kind < 0.12:
        samples = augment.sing(samples, rng)
    return samples


def lay_down(window: Window, clip: Clip, first: int, rng: np.random.Generator, plain: bool) -> int:
    """Put an utterance at row `first`, as fast and as loud as chance wants; return its rows."""
    speed = 1.0 if plain else float(np.exp(rng.uniform(np.log(0.84), np.log(1.2))))
    samples = clip.samples
    if not plain:
        samples = soxr.resample(samples, SAMPLE_RATE * speed, SAMPLE_RATE)
        samples = change_voice(samples, rng)
    samples = samples / augment.level_of(samples) * 0.1
    samples = samples * 10 ** (rng.normal(0, 0 if plain else 2.5) / 20)
    count = min(int(len(clip.targets) / speed), len(samples) // PER_ROW, ROWS - first)
    places = np.arange(count) * speed
    here = slice(first, first + count)
    window.targets[here] = read_rows(clip.targets, places)
    nearest = np.minimum(np.round(places).astype(int), len(clip.phones) - 1)
    window.weights[here] = clip.weights[nearest]
    window.phones[here] = clip.phones[nearest]
    window.clean[first * PER_ROW : (first + count) * PER_ROW] = samples[: count * PER_ROW]
    return count


def put_in_pause(window: Window, first: int, count: int, rng: np.random.Generator) -> None:
    """A breath, a click, a piece of music or the like in a pause, nobody speaking."""
    if count < 12 or rng.random() < 0.4:
        return
    event = nonspeech.EVENTS[rng.integers(len(nonspeech.EVENTS))](count * PER_ROW, rng)
    event = event / max(1e-6, float(np.abs(event).max())) * 10 ** (rng.uniform(-30, -4) / 20)
    window.clean[first * PER_ROW : (first + count) * PER_ROW] += event.astype(np.float32)


def compose(source: str, clips: list[Clip], rng: np.random.Generator, plain: bool) -> Window:
    """One window before the environment; `plain`: utterances as they are."""
    window = empty_window(source)
    if source == "nobody":
        put_in_pause(window, 0, ROWS, rng)
        return window
    row = int(rng.integers(0, 40))
    put_in_pause(window, 0, row, rng)
    while row < ROWS - 25:
        row += lay_down(window, clips[rng.integers(len(clips))], row, rng, plain)
        pause = min(ROWS - row, int(rng.exponential(20)))
        put_in_pause(window, row, pause, rng)
        row += pause
    return window


def finish(window: Window, others: list[np.ndarray], rng: np.random.Generator) -> None:
    """Let the environment in."""
    if window.source == "nobody":
        kinds = (*nonspeech.BACKGROUNDS, nonspeech.music, nonspeech.music, nonspeech.applause)
        background = kinds[rng.integers(len(kinds))](SAMPLES, rng)
        level = 10 ** (rng.uniform(-45, 0) / 20) * 0.2
        heard = window.clean + background / augment.level_of(background) * level
        window.clean = heard.astype(np.float32)
        window.heard = augment.microphone(heard, rng).astype(np.float32)
        return
    heard = window.clean if rng.random() < 0.12 else augment.environment(window.clean, others, rng)
    gain = 10 ** (rng.uniform(-30, 12) / 20)
    window.heard = np.clip(heard * gain, -1, 1).astype(np.float32)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--hours", type=float, default=5)
    parser.add_argument("--part", type=int, default=0, help="of how many that run side by side")
    parser.add_argument("--parts", type=int, default=1)
    arguments = parser.parse_args()
    # The pickle is this folder's own, made by prepare_corpus.py.
    clips = pickle.loads(arguments.corpus.read_bytes())
    arguments.output.mkdir(parents=True, exist_ok=True)
    others = [c.samples for c in clips["kokoro"] if not c.held_out]
    begun = time.time()
    for split, hours in (("train", arguments.hours), ("check", 0.35)):
        chosen = {
            name: [clip for clip in some if clip.held_out == (split == "check")]
            for name, some in clips.items()
        }
        total = int(hours * 3600 / SECONDS)
        for number in range(arguments.part, total, arguments.parts):
            rng = np.random.default_rng([number, split == "check"])
            source = str(rng.choice(list(SHARES), p=list(SHARES.values())))
            plain = split == "check" or rng.random() < 0.1
            window = compose(source, chosen.get(source, []), rng, plain)
            if split == "train" or source == "nobody":
                finish(window, others, rng)
            else:
                window.heard = window.clean
            path = arguments.output / f"{split}_{number:05d}.pkl"
            path.write_bytes(pickle.dumps(window))
            if number % 200 == 0:
                print(f"{split} {number} of {total}, {time.time() - begun:.0f} s", flush=True)


if __name__ == "__main__":
    main()
