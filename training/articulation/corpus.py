"""The training material in memory: utterances with what the lips do at 50 Hz.

Three sources: Kokoro speech (targets from its exact phones), tracked GRID clips (the speaker's
real lips), and Kokoro saying the GRID sentences. The last two are aligned, so that the real speaker
has phones as well and the synthesised voices have real lips. Each clip has the fields of `Clip`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import align
import held_out
import numpy as np
from log_mel import SAMPLE_RATE, LogMelStream, RunningNormaliser

from lipwright.articulation import constraints, from_phones
from lipwright.articulation.curves import CHANNELS
from lipwright.articulation.phone_segments import build_segments
from lipwright.articulation.viseme_targets import TARGETS
from lipwright.evaluation.audio import speech_span
from lipwright.evaluation.mouth_metrics import measure_mouth
from lipwright.speech.speech import Phone

TARGET_RATE = 50.0
# Columns of Clip.targets: 9 channels, then what is seen in GRID, then the four decisions.
REAL_COLUMNS = slice(9, 12)
"""Opening, width change and chin drop of a real mouth, in mouth widths."""
CLOSED_COLUMN, SPEAKING_COLUMN, TUCK_COLUMN, CONTACT_COLUMN = 12, 13, 14, 15
COLUMNS = 16
CONTACT_BELOW, APART_ABOVE = 0.03, 0.045
"""Real lips touch below, and certainly do not above (mouth widths); between nobody can tell."""
APPROACH = 0.3
"""So long (s) before and after speech a real mouth still moves because of it."""
CLOSURE_MARGIN = 0.1
"""Real lips that touch so near (s) to a bilabial touch because of it."""

SUSPECT_CLIPS = {"swwc5s", "brwt4n", "pgbk8p", "pwaj6n", "bgig6n", "srah5s", "bwbt8p"}


@dataclass
class Clip:
    """One utterance.

    targets: float32 (T50, COLUMNS) at 50 Hz, NaN where unknown. weights: float32 (T50,).
    phones: int64 (T50,) class of the sound, -1 unknown. samples: float32 (n,) at 16 kHz.
    """

    name: str
    held_out: bool
    targets: np.ndarray
    weights: np.ndarray
    phones: np.ndarray
    samples: np.ndarray


def phone_targets(
    phones: list[Phone], duration: float, count: int
) -> tuple[np.ndarray, np.ndarray]:
    """Targets (count, COLUMNS) that follow from exact phones, and the phones' classes (count,)."""
    times = np.arange(count) / TARGET_RATE
    targets = np.full((count, COLUMNS), np.nan, np.float32)
    targets[:, : len(CHANNELS)] = from_phones.articulate_phones(phones, duration).at(times)
    segments = build_segments(phones, duration)

    def weights(windows: list[tuple[float, float, float, float, float]]) -> np.ndarray:
        return constraints.window_weights(count, TARGET_RATE, windows)

    targets[:, CLOSED_COLUMN] = weights(from_phones.closure_windows(segments))
    targets[:, SPEAKING_COLUMN] = 1 - weights(from_phones.silence_windows(segments))
    targets[:, TUCK_COLUMN] = weights(from_phones.tuck_windows(segments))
    labels = np.full(count, -1, np.int64)
    for segment in segments:
        first, last = (max(0, round(t * TARGET_RATE)) for t in (segment.start, segment.end))
        labels[first:last] = TARGETS.index[segment.symbol]
    return targets, labels


@dataclass
class Spoken:
    """A synthesised utterance as it was stored."""

    voice: str
    samples: np.ndarray
    phones: list[Phone]

    @classmethod
    def load(cls, path: Path) -> Spoken:
        archive = np.load(path)
        samples = archive["audio"].astype(np.float32) / 32767
        phones = [Phone(*entry) for entry in json.loads(str(archive["phones"]))]
        return cls(str(archive["voice"]), samples, phones)

    @property
    def duration(self) -> float:
        return len(self.samples) / SAMPLE_RATE


def load_synthesised(path: Path) -> Clip:
    spoken = Spoken.load(path)
    count = int(spoken.duration * TARGET_RATE)
    targets, labels = phone_targets(spoken.phones, spoken.duration, count)
    return Clip(
        f"{spoken.voice}/{path.stem}", spoken.voice in held_out.VOICES, targets,
        np.ones(count, np.float32), labels, spoken.samples,
    )  # fmt: skip


def plain_features(samples: np.ndarray) -> np.ndarray:
    """Log-mel (T, MEL_BANDS) without level and colour, which the clip itself tells."""
    stream = LogMelStream()
    log_mel = np.concatenate([stream.push(samples), stream.finish()])
    normaliser = RunningNormaliser()
    normaliser.warm_up(log_mel)
    return normaliser.push(log_mel)


def real_lips(archive: np.lib.npyio.NpzFile) -> tuple[np.ndarray, np.ndarray] | None:
    """Samples, and opening, width and chin (T, 3) at 25 Hz; None where the face was lost."""
    landmarks = archive["lm"]
    if (archive["flag"] < 0.5).any() or len(landmarks) < 70:
        return None
    return archive["audio"].astype(np.float32) / 32767, measure_mouth(landmarks)


def contact_of(opening: np.ndarray) -> np.ndarray:
    """1 where real lips touch, 0 where they are apart, NaN where one cannot tell."""
    contact = np.full(len(opening), np.nan, np.float32)
    contact[opening < CONTACT_BELOW] = 1
    contact[opening > APART_ABOVE] = 0
    return contact


def refine_closures(targets: np.ndarray) -> None:
    """Closures of bilabials as the real lips made them, in place.

    The phones say that there is one; when exactly, the lips know. Lips that happen to touch in a
    careless "d" are no closure, and teach neither.
    """
    contact = targets[:, CONTACT_COLUMN]
    margin = int(CLOSURE_MARGIN * TARGET_RATE)
    reach = np.ones(2 * margin + 1)
    near = np.convolve(targets[:, CLOSED_COLUMN] > 0.5, reach, "same") > 0
    closed = np.where(near, contact, np.where(contact == 1, np.nan, 0.0))
    targets[:, CLOSED_COLUMN] = np.where(np.isfinite(contact), closed, np.nan)


def load_tracked(
    path: Path,
    held_out: bool,
    phones: list[Phone] | None = None,
    span: tuple[float, float] | None = None,
) -> Clip | None:
    """A clip of real lips; with its phones and where it speaks (s), if they are known."""
    lips = real_lips(np.load(path))
    if lips is None:
        return None
    samples, mouth = lips
    count = int(len(mouth) / 25 * TARGET_RATE) - 1
    times = np.arange(count) / TARGET_RATE
    targets = np.full((count, COLUMNS), np.nan, np.float32)
    labels = np.full(count, -1, np.int64)
    if phones is not None:
        targets, labels = phone_targets(phones, len(samples) / SAMPLE_RATE, count)
    video_times = np.arange(len(mouth)) / 25
    for column in range(3):
        targets[:, 9 + column] = np.interp(times, video_times, mouth[:, column])
    targets[:, CONTACT_COLUMN] = contact_of(targets[:, 9])
    if phones is not None:
        refine_closures(targets)
    if span is None:
        edges = speech_span(samples, len(mouth))
        span = edges[0] / 25, edges[1] / 25
    first, last = span
    inside = (times >= first - 0.08) & (times <= last + 0.12)
    targets[:, SPEAKING_COLUMN] = inside
    near = (np.abs(times - first) < 0.25) | (np.abs(times - last) < 0.3)
    targets[near & ~inside, SPEAKING_COLUMN] = np.nan
    # Real speakers rest with open mouths too: far from speech their lips teach nothing.
    around = (times >= first - APPROACH) & (times <= last + APPROACH)
    return Clip(
        path.stem, held_out, targets, around.astype(np.float32), labels, samples,
    )  # fmt: skip


def load_parallel(
    track: Path, speech: Path, words: list[tuple[float, float]]
) -> tuple[list[Phone], Clip] | None:
    """The phones of a GRID clip, and the same sentence in another voice with the clip's lips."""
    lips = real_lips(np.load(track))
    spoken = Spoken.load(speech)
    if lips is None or len(words) != len(align.word_spans(spoken.phones)):
        return None
    samples, mouth = lips
    path = align.align_words(
        plain_features(samples), plain_features(spoken.samples),
        words, align.word_spans(spoken.phones),
    )  # fmt: skip
    count = int(spoken.duration * TARGET_RATE)
    targets, labels = phone_targets(spoken.phones, spoken.duration, count)
    there = np.interp(np.arange(count) / TARGET_RATE, np.arange(len(path)) / 100, path) / 100
    for column in range(3):
        targets[:, 9 + column] = np.interp(there, np.arange(len(mouth)) / 25, mouth[:, column])
    targets[:, CONTACT_COLUMN] = contact_of(targets[:, 9])
    clip = Clip(
        f"{spoken.voice}/{speech.stem}", spoken.voice in held_out.VOICES,
        targets, np.ones(count, np.float32), labels, spoken.samples,
    )  # fmt: skip
    first, last = align.word_spans(spoken.phones)[0][0], align.word_spans(spoken.phones)[-1][1]
    times = np.arange(count) / TARGET_RATE
    outside = (times < first - APPROACH) | (times > last + APPROACH)
    targets[outside, REAL_COLUMNS] = np.nan
    targets[outside, CONTACT_COLUMN] = np.nan
    return align.move_phones(spoken.phones, path), clip


def load_corpus(tracks: Path, speech: Path, parallel: Path, words: Path) -> dict[str, list[Clip]]:
    """Clips under "grid" (s1), "parallel" (s1's sentences in other voices), "kokoro" and "others".

    Every tenth sentence of s1 is held out, in every voice; "others" are for the test alone.
    """
    spans = json.loads(words.read_text())
    grid, voices = [], []
    for index, path in enumerate(sorted(tracks.glob("s1_*.npz"))):
        name = path.stem[3:]
        if name in SUSPECT_CLIPS:
            continue
        is_held_out = index % held_out.EVERY == 0
        said = [
            (start + align.GRID_LABEL_LAG, end + align.GRID_LABEL_LAG)
            for start, end, word in spans[name]
            if word not in ("sil", "sp")
        ]
        phones = None
        for other in sorted(parallel.glob(f"{name}*.npz")):
            pair = load_parallel(path, other, said)
            if pair is not None:
                phones = pair[0]
                pair[1].held_out |= is_held_out
                voices.append(pair[1])
        clip = load_tracked(path, is_held_out, phones, (said[0][0], said[-1][1]))
        if clip is not None:
            grid.append(clip)
    others = [load_tracked(path, held_out=True) for path in sorted(tracks.glob("o_*.npz"))]
    return {
        "grid": grid,
        "parallel": voices,
        "others": [clip for clip in others if clip is not None],
        "kokoro": [load_synthesised(path) for path in sorted(speech.glob("*.npz"))],
    }
