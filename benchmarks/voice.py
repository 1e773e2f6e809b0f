"""How well the offline voice is understood, how clean its sound is and how fast it is made.

    python benchmarks/voice.py [--details] [--output FILE]

Reminders with names, amounts and dates are spoken, written down again by an offline recogniser and
compared word by word with how a person reads them. Beside the default voice stand, from the same
run and the same recogniser: another Indian voice, the same voice without the Indian accent, a
British voice, and people (a reader, and speakers of GRID where LIPWRIGHT_GRID names the corpus).
Half as many lines are held out: nothing in lipwright was changed because of them. Needs the extra
`proof`. Prints Markdown; writes a file only if told to.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from hearing import READER_WORDS, Recogniser, Score, score_line
from speed import describe_machine

LINES = Path(__file__).parent / "voice_lines"
SETS = {"reminders": "30 reminders", "held_out": "15 held out"}
VOICES = (
    ("anika, the default", "anika", None),
    ("arjun", "arjun", None),
    ("anika without the Indian accent", "anika", "en-GB"),
    ("bf_emma, a British voice", "bf_emma", None),
)
WANTED_ERROR = 0.08
WANTED_SPEED, WANTED_FIRST = 2.5, 1.5
QUIET = 10 ** (-50 / 20)
"""Of full scale: below it is silence."""
GRID_CLIPS = 40
DIGITS = "zero one two three four five six seven eight nine"
GRID_WORDS = (
    {"b": "bin", "l": "lay", "p": "place", "s": "set"},
    {"b": "blue", "g": "green", "r": "red", "w": "white"},
    {"a": "at", "b": "by", "i": "in", "w": "with"},
    {},
    dict(zip("z123456789", DIGITS.split(), strict=True)),
    {"a": "again", "n": "now", "p": "please", "s": "soon"},
)

FIRST_CHUNK = """
import sys, time
started = time.perf_counter()
from lipwright.speech import Synthesizer
from lipwright.speech.kokoro.chunking import shorten_first
voice = Synthesizer("anika")
loaded = time.perf_counter()
next(voice.stream(sys.argv[1], cut=shorten_first))
print(loaded - started, time.perf_counter() - loaded)
"""
OPENINGS = (
    "Namaste Priya! This is a reminder about your credit card bill.",
    "Your payment of five thousand rupees is due on the twenty fifth of March, so please pay it "
    "before then to keep your account in good standing and to avoid a late fee.",
    "Please remember that the office in Chennai which you visited last week with your documents "
    "will stay closed from Monday to Thursday because of the festival.",
)


class Sound(NamedTuple):
    """What is measured of one line's sound."""

    peak: float
    """dB of full scale."""
    clipped: int
    """Samples at full scale."""
    offset: float
    """Mean of the samples (DC), of full scale."""
    loudness: float
    """LUFS."""
    leading: float
    """Seconds of silence before the first sound."""
    trailing: float
    """Seconds of silence after the last."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--details", action="store_true", help="also every line, as it was heard")
    parser.add_argument("--output", type=Path, help="also write the report to this file")
    options = parser.parse_args()
    report = []
    for line in measure(options.details):
        print(line, flush=True)
        report.append(line)
    if options.output:
        options.output.write_text("\n".join(report) + "\n", encoding="utf-8")


def measure(details: bool) -> Iterator[str]:
    """The lines of the report."""
    yield f"Machine: {describe_machine()}; load before {os.getloadavg()[0]:.1f}."
    yield ""
    yield (
        "| word error | wanted | " + " | ".join(SETS.values()) + " | names wrong | without names |"
    )
    yield "|---|---|---|---|---|---|"
    recogniser = Recogniser()
    sounds: list[Sound] = []
    notes: list[str] = []
    for number, (label, voice, language) in enumerate(VOICES):
        scores, speed = {}, []
        for name in SETS:
            scores[name] = Score()
            for score, sound, seconds, note in speak_lines(recogniser, name, voice, language):
                scores[name].add(score)
                speed.append(seconds)
                if number == 0:
                    sounds.append(sound)
                    notes.append(note)
        yield error_row(label, WANTED_ERROR if number == 0 else None, list(scores.values()))
        if number == 0:
            spoken, taken, worked = (sum(column) for column in zip(*speed, strict=True))
            wrong = Counter(pair for score in scores.values() for pair in score.wrong)
    for label, score in people(recogniser):
        yield f"| {label} | | {score.rate:.3f} ({score.errors} of {score.words}) | | | |"
    yield ""
    yield from sound_table(sounds)
    yield ""
    yield from speed_table(spoken / taken, worked / spoken)
    yield ""
    yield "Heard otherwise, of the default voice: " + ", ".join(
        f"{said or '-'} as {heard or '-'}" + (f" ({times} times)" if times > 1 else "")
        for (said, heard), times in wrong.most_common()
    )
    if details:
        yield ""
        yield from notes


def error_row(label: str, wanted: float | None, scores: list[Score]) -> str:
    whole = Score()
    for score in scores:
        whole.add(score)
    cells = [f"{score.rate:.3f} ({score.errors} of {score.words})" for score in scores]
    asked = "" if wanted is None else f"at most {wanted}"
    names = f"{whole.name_errors} of {whole.names}"
    return f"| {label} | {asked} | {' | '.join(cells)} | {names} | {whole.rate_without_names:.3f} |"


def speak_lines(
    recogniser: Recogniser, name: str, voice: str, language: str | None
) -> Iterator[tuple[Score, Sound, tuple[float, float, float], str]]:
    """Each line's score, its sound, what it took and a note of it.

    What it took: seconds of speech, seconds by the clock, seconds of all cores.
    """
    from lipwright.speech import Synthesizer
    from lipwright.speech.g2p.pronouncer import Pronouncer

    speaker = Synthesizer(voice)
    if language is not None:  # a voice table with the pronunciation of another accent
        speaker._pronouncer = Pronouncer({}, accent=language)
    for line in (LINES / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        written, reading = line.split(" | ")
        started, worked = time.perf_counter(), time.process_time()
        speech = speaker.synthesize(written)
        taken = time.perf_counter() - started, time.process_time() - worked
        heard = recogniser.hear(speech.samples, speech.rate)
        score = score_line(reading, heard)
        note = f"- {score.errors} {written}\n  {heard}"
        sound = measure_sound(speech.samples, speech.rate)
        yield score, sound, (speech.duration, *taken), note


def people(recogniser: Recogniser) -> Iterator[tuple[str, Score]]:
    """What the same recogniser makes of people's speech."""
    from lipwright.speech import Speech

    def hear(path: Path) -> str:
        speech = Speech.from_file(path)
        return recogniser.hear(speech.samples, speech.rate)

    yield "a person who reads Dickens", score_line(READER_WORDS, hear(recogniser.reader))
    corpus = os.environ.get("LIPWRIGHT_GRID", Path(__file__).parents[2] / "shared/data/grid")
    clips = sorted(Path(corpus, "s1").glob("??????.mp4"))[:: 1000 // GRID_CLIPS]
    whole = Score()
    for clip in clips:
        words = [known.get(c, c) for known, c in zip(GRID_WORDS, clip.stem, strict=True)]
        whole.add(score_line(" ".join(words), hear(clip)))
    if clips:
        yield f"a speaker of GRID, {len(clips)} sentences without sense", whole


def measure_sound(samples: np.ndarray, rate: int) -> Sound:
    from lipwright.media.audio.loudness import measure_loudness

    size = np.abs(samples)
    loud = np.flatnonzero(size > QUIET)
    return Sound(
        peak=20 * float(np.log10(size.max())),
        clipped=int((size >= 0.999).sum()),
        offset=abs(float(samples.mean())),
        loudness=measure_loudness(samples, rate),
        leading=loud[0] / rate,
        trailing=(samples.size - 1 - loud[-1]) / rate,
    )


def sound_table(sounds: list[Sound]) -> Iterator[str]:
    """The worst of all lines beside what is wanted of each."""
    yield f"| sound, worst of {len(sounds)} lines | found | wanted |"
    yield "|---|---|---|"
    loudness = [sound.loudness for sound in sounds]
    yield f"| peak (dBFS) | {max(s.peak for s in sounds):.2f} | at most -1.0 |"
    yield f"| clipped samples | {sum(s.clipped for s in sounds)} | 0 |"
    yield f"| DC (of full scale) | {max(s.offset for s in sounds):.5f} | at most 0.001 |"
    yield f"| loudness (LUFS) | {min(loudness):.1f} to {max(loudness):.1f} | -17 to -15 |"
    yield f"| silence before (s) | {max(s.leading for s in sounds):.2f} | at most 0.2 |"
    yield f"| silence after (s) | {max(s.trailing for s in sounds):.2f} | at most 0.4 |"


def speed_table(times_real: float, work: float) -> Iterator[str]:
    loaded, first = [], []
    for opening in OPENINGS:
        for _ in range(3):
            command = [sys.executable, "-c", FIRST_CHUNK, opening]
            done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
            load, chunk = map(float, done.stdout.split())
            loaded.append(load)
            first.append(chunk)
    slowest = max(statistics.median(first[i : i + 3]) for i in range(0, len(first), 3))
    cold = slowest + statistics.median(loaded)
    yield "| speed | found | wanted |"
    yield "|---|---|---|"
    yield f"| times real time | {times_real:.2f} | at least {WANTED_SPEED} |"
    yield f"| seconds of a core for a second of speech | {work:.2f} | |"
    yield f"| first chunk (s), slowest of {len(OPENINGS)} texts | {slowest:.2f} | {WANTED_FIRST} |"
    yield f"| the same with the voice to be loaded first (s) | {cold:.2f} | |"


if __name__ == "__main__":
    main()
