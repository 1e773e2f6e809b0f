"""How well the lips follow real speech, beside baselines, and whether that is what was wanted.

    python benchmarks/quality.py [--grid FOLDER] [--noise DB] [--limit N] [--output FILE]

Measured on the speakers of the GRID corpus that no network was trained on, through the finished
video: rendered, encoded, decoded and tracked again. The folder is that of --grid, of LIPWRIGHT_GRID
in the environment, or ../shared/data/grid beside the repository; its subfolder `others` holds the
clips. Without it only what needs no recordings of people is measured. Needs the `demo` extra.
Every measure is defined in docs/measures.md. Prints Markdown; writes a file only if told to.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

import lipwright
from lipwright.articulation import CHANNELS, Articulation, articulate
from lipwright.evaluation import Evaluation, evaluate
from lipwright.evaluation.audio import RATE
from lipwright.evaluation.landmark_track import track_video
from lipwright.evaluation.metrics import bilabials_closed, correlation, vowels_open
from lipwright.evaluation.mouth_metrics import measure_mouth
from lipwright.evaluation.render import PortraitRenderer
from lipwright.evaluation.report import markdown
from lipwright.evaluation.results import OURS, REAL
from lipwright.face import FaceFinder, choose_face
from lipwright.media.image.read import read_image, resize
from lipwright.pipeline.options import Progress
from lipwright.speech.speech import Phone, Speech

ROOT = Path(__file__).resolve().parents[1]
FPS = 25
JOINED_SECONDS = 600
MINUTE = 60
LAG_STEP, LONGEST_LAG = 0.1, 5.0  # frames
OPENING = [CHANNELS.index(name) for name in ("gap", "drop")]
OWN_VOICES = ("anika", "arjun")
OWN_SIZE = (384, 450)
OWN_TEXT = (
    "Please bring the blue paper and my umbrella. Maybe Bob, Pam and Mike will come by train in "
    "May. Remember, the payment of five hundred and twelve rupees is overdue by a month."
)
CREDIT = (
    "Clips: GRID audiovisual sentence corpus, Cooke, Barker, Cunningham and Shao (2006), CC BY 4.0."
)


@dataclass(frozen=True)
class Wanted:
    """One figure that was asked for."""

    label: str
    measure: str
    kind: str
    """What of it: "median", "mean", or "within" for the share of clips within a frame."""
    low: float = -math.inf
    high: float = math.inf

    def of(self, evaluation: Evaluation) -> float:
        if self.kind == "within":
            return evaluation.within(OURS)
        return getattr(evaluation, self.kind)(OURS, self.measure)


WANTED = (
    Wanted("lip gap in speech, median", "gap_correlation", "median", low=0.82),
    Wanted("lip gap in speech, mean", "gap_correlation", "mean", low=0.80),
    Wanted("lip gap in the whole clip, median", "gap_correlation_clip", "median", low=0.80),
    Wanted("lip width in speech, median", "width_correlation", "median", low=0.65),
    Wanted("closures hit, all clips together", "closures_hit", "mean", low=0.85),
    Wanted("closures, precision", "closures_precision", "mean", low=0.6),
    Wanted("clips within a frame of their sound", "offset", "within", low=0.95),
    Wanted("mouth moving in silence, mean", "silence_movement", "mean", high=0.02),
    Wanted("articulation ratio, median", "articulation_ratio", "median", 0.9, 1.1),
)


def main() -> None:
    options = parse_options()
    lines = []
    with tempfile.TemporaryDirectory(prefix="lipwright-quality-") as name:
        for line in measure(options, Path(name)):
            print(line, flush=True)
            lines.append(line)
    if options.output:
        options.output.write_text("\n".join(lines) + "\n", encoding="utf-8")


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--grid", type=Path, default=find_grid(), help="folder of the corpus")
    parser.add_argument("--noise", type=float, default=10.0, help="dB of the noisy run")
    parser.add_argument("--limit", type=int, help="only so many clips")
    parser.add_argument("--output", type=Path, help="also write the report to this file")
    return parser.parse_args()


def find_grid() -> Path:
    """Where the corpus is, or would be."""
    named = os.environ.get("LIPWRIGHT_GRID")
    return Path(named) if named else ROOT.parent / "shared" / "data" / "grid"


def measure(options: argparse.Namespace, folder: Path) -> Iterator[str]:
    """The lines of the report."""
    clips = options.grid / "others"
    if clips.is_dir():
        if options.limit:
            clips = some_clips(clips, folder / "clips", options.limit)
        yield from on_real_speech(clips, options.noise)
    else:
        yield (
            f"There is no folder {clips}: lips are not measured against real ones; "
            "set LIPWRIGHT_GRID to where the GRID clips are."
        )
    yield ""
    yield from on_our_own_speech(folder)


def some_clips(clips: Path, folder: Path, limit: int) -> Path:
    """A folder with only the first clips, by links."""
    folder.mkdir()
    for path in sorted(clips.glob("*.mp4"))[:limit]:
        (folder / path.name).symlink_to(path.resolve())
    return folder


def on_real_speech(clips: Path, noise: float) -> Iterator[str]:
    clean = evaluate(clips, ceiling=True, progress=show_progress("clean"))
    yield from markdown(clean)
    yield ""
    noisy = evaluate(clips, noise=noise, progress=show_progress(f"{noise:g} dB"))
    yield f"With speech-shaped noise at {noise:g} dB, heard by the network alone:"
    yield ""
    yield from markdown(noisy)
    yield ""
    yield f"| the warp engine | wanted | clean | noise at {noise:g} dB |"
    yield "|---|---|---|---|"
    for wanted in WANTED:
        yield (
            f"| {wanted.label} | {show_wanted(wanted)} | {mark(wanted, clean)} "
            f"| {mark(wanted, noisy)} |"
        )
    yield ""
    joined, truth, spoken = join_clips(clean, JOINED_SECONDS)
    curves, cost = articulate_timed(joined)
    offsets = minute_offsets(curves, truth, spoken)
    yield (
        f"Network: {100 * cost:.2f} % of real time on one core (wanted under 6 %), whole recordings"
        f" of {JOINED_SECONDS // 60} minutes."
    )
    yield (
        f"Drift over {len(offsets)} minutes of joined clips: offset by minute "
        f"{', '.join(f'{offset:+.1f}' for offset in offsets)} frames (wanted within 1, the last as "
        "the first)."
    )
    yield CREDIT


def show_wanted(wanted: Wanted) -> str:
    if math.isinf(wanted.low):
        return f"at most {wanted.high:g}"
    if math.isinf(wanted.high):
        return f"at least {wanted.low:g}"
    return f"{wanted.low:g} to {wanted.high:g}"


def mark(wanted: Wanted, evaluation: Evaluation) -> str:
    """The figure, bold where it is what was wanted."""
    value = wanted.of(evaluation)
    text = f"{value:.3f}" if wanted.high < 0.1 else f"{value:.2f}"
    return f"**{text}**" if wanted.low <= value <= wanted.high else text


def show_progress(label: str) -> Progress | None:
    """Says on a terminal how far an evaluation is."""
    if not sys.stderr.isatty():
        return None

    def progress(stage: str, done: int, total: int) -> None:
        print(f"\r{stage}, {label}: {done} of {total}", end="", file=sys.stderr, flush=True)
        if done == total:
            print("\r\033[K", end="", file=sys.stderr)

    return progress


def join_clips(evaluation: Evaluation, seconds: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """All clips one after the other, again and again, for so long.

    Returns the samples at 16 kHz, the real lip gap of every frame, and whether it is in speech.
    Clips whose rate is not 25 frames/s are left out.
    """
    sounds, gaps, spoken = [], [], []
    for clip in evaluation.clips:
        if clip.fps != FPS:
            continue
        inside = np.zeros(clip.frames, bool)
        inside[clip.speech[0] : clip.speech[1] + 1] = True
        sounds.append(clip.sound)
        gaps.append(clip.gaps[REAL])
        spoken.append(inside)
    frames = int(seconds * FPS)
    sound, gap, inside = (np.concatenate(parts) for parts in (sounds, gaps, spoken))
    return (
        np.resize(sound, int(seconds * RATE)),
        np.resize(gap, frames),
        np.resize(inside, frames),
    )


def articulate_timed(samples: np.ndarray) -> tuple[Articulation, float]:
    """The network's articulation, and its processor time as a share of the sound's length."""
    speech = Speech.from_samples(samples, RATE)
    started = time.process_time()
    articulation = articulate(speech)
    return articulation, (time.process_time() - started) / speech.duration


def minute_offsets(
    articulation: Articulation, truth: np.ndarray, spoken: np.ndarray
) -> list[float]:
    """By how many frames the curves come late in each minute, in tenths of a frame."""
    lags = np.arange(-LONGEST_LAG, LONGEST_LAG + LAG_STEP / 2, LAG_STEP)
    found = []
    for first in range(0, len(truth), MINUTE * FPS):
        frames = np.arange(first, min(first + MINUTE * FPS, len(truth)))
        frames = frames[spoken[frames]]
        scores = []
        for lag in lags:
            curves = articulation.at((frames + lag) / FPS)
            opening = curves[:, OPENING].sum(axis=1)
            scores.append(correlation(truth[frames], opening))
        found.append(float(lags[int(np.argmax(scores))]))
    return found


def on_our_own_speech(folder: Path) -> Iterator[str]:
    """Bilabials of the offline voice, whose phones are known: are the lips closed?"""
    from lipwright.cli.demo import find_sample_portrait

    picture = resize(read_image(find_sample_portrait()), OWN_SIZE)
    finder = FaceFinder()
    face = choose_face(picture, None, "the sample portrait", finder)
    renderer = PortraitRenderer(picture, face, Fraction(FPS))
    counts: dict[str, np.ndarray] = {}
    seconds = 0.0
    for voice in OWN_VOICES:
        speech = lipwright.synthesize(OWN_TEXT, voice=voice)
        assert speech.phones is not None
        seconds += speech.duration
        samples = np.concatenate(list(speech.blocks(RATE)))
        for method, articulation in (
            ("from sound", None),
            ("from its phones", articulate(speech)),
        ):
            video = folder / "own.mp4"
            renderer.render(video, samples, samples, articulation)
            gap = measure_mouth(track_video(video, finder).landmarks)[:, 0]
            counts[method] = counts.get(method, 0) + phone_counts(gap, speech.phones)
    yield (
        f"Our own speech with known phones, {seconds:.0f} s in {len(OWN_VOICES)} voices, on the "
        "sample portrait, rendered and tracked again:"
    )
    yield ""
    yield "| lips moved | bilabials closed (wanted 0.98) | open vowels open |"
    yield "|---|---|---|"
    for method, (closed, bilabials, opened, vowels) in counts.items():
        yield (
            f"| {method} | {closed / bilabials:.3f} ({closed} of {bilabials}) "
            f"| {opened / vowels:.3f} ({opened} of {vowels}) |"
        )


def phone_counts(gap: np.ndarray, phones: Sequence[Phone]) -> np.ndarray:
    """Bilabials closed, bilabials, open vowels open, open vowels."""
    return np.array([*bilabials_closed(gap, FPS, phones), *vowels_open(gap, FPS, phones)])


if __name__ == "__main__":
    main()
