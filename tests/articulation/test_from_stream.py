"""Sound that is still arriving moves the lips: soon, for good, and wherever it is cut."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from tests.helpers import speech_like

from lipwright.articulation import CHANNELS, articulate, columns, streaming
from lipwright.articulation.ear import LIVE
from lipwright.articulation.from_audio import AudioArticulator, fit_rows
from lipwright.articulation.from_stream import REACH_ROWS, StreamArticulator
from lipwright.articulation.row_window import CONTEXT_ROWS
from lipwright.articulation.shaping import shape_rows
from lipwright.articulation.streaming import PartialCurves, articulate_prefixes
from lipwright.media.audio.decode import decode_blocks
from lipwright.media.audio.resample import resample
from lipwright.speech import Speech, StreamingSpeech
from lipwright.speech.streaming import SpeechChunk

RATE = 16_000
CLIP = Path(__file__).parent / "clips" / "british_woman.flac"


@pytest.fixture(scope="module")
def clip() -> np.ndarray:
    return np.concatenate(list(decode_blocks(CLIP, RATE)))


def cut(samples: np.ndarray, size: int) -> list[np.ndarray]:
    return [samples[start : start + size] for start in range(0, len(samples), size)]


def followed(samples: np.ndarray, size: int = 400, rate: int = RATE) -> list[PartialCurves]:
    return list(articulate_prefixes(StreamingSpeech.from_pieces(cut(samples, size), rate)))


def rows_of(stages: list[PartialCurves]) -> np.ndarray:
    """Every row, as it was when it was new."""
    rows: list[np.ndarray] = []
    count = 0
    for stage in stages:
        lips = stage.articulation
        rows.append(lips.curves[count - lips.first :])
        count += len(rows[-1])
    return np.concatenate(rows)


def raw_rows(samples: np.ndarray) -> np.ndarray:
    """What the heads answer to all of a sound, in short windows."""
    articulator = AudioArticulator(LIVE)
    rows = np.concatenate([articulator.push(samples), articulator.finish()])
    return fit_rows(rows, len(samples) / RATE)


def test_speech_moves_the_lips(clip: np.ndarray) -> None:
    gap = CHANNELS.index("gap")
    assert rows_of(followed(clip))[:, gap].max() > 0.15
    assert rows_of(followed(speech_like(3.0)))[:, gap].max() > 0.15


def test_silence_keeps_them_exactly_closed() -> None:
    assert not rows_of(followed(np.zeros(3 * RATE, np.float32))).any()


def test_the_rows_are_those_of_the_whole_sound(clip: np.ndarray) -> None:
    expected = shape_rows(raw_rows(clip))
    np.testing.assert_allclose(rows_of(followed(clip)), expected, rtol=0, atol=2e-6)


def test_they_are_much_like_those_of_a_recording(clip: np.ndarray) -> None:
    """What comes later, and what was more than 2 s ago, is missing."""
    recorded = articulate(Speech.from_samples(clip, RATE)).curves[:, [1, 5]].sum(axis=1)
    live = rows_of(followed(clip))[:, [1, 5]].sum(axis=1)
    assert len(live) == len(recorded)
    assert np.corrcoef(live, recorded)[0, 1] > 0.95


@pytest.mark.parametrize("rate", [RATE, 44_100])
def test_where_the_sound_is_cut_changes_no_bit(clip: np.ndarray, rate: int) -> None:
    samples = resample(clip[: 3 * RATE], RATE, rate)
    (first, *others) = [rows_of(followed(samples, size, rate)) for size in (len(samples), 37, 9000)]
    for other in others:
        np.testing.assert_array_equal(other, first)


def test_chunks_without_phones_are_cut_as_they_please_too(clip: np.ndarray) -> None:
    found = []
    for size in (len(clip), 5000):
        chunks = [SpeechChunk(piece, RATE, 0.0, None, 0.0) for piece in cut(clip, size)]
        found.append(rows_of(list(articulate_prefixes(StreamingSpeech(chunks, RATE)))))
    np.testing.assert_array_equal(found[0], found[1])
    assert found[0][:, 1].max() > 0.15


def test_it_is_hardly_more_than_a_second_behind(clip: np.ndarray) -> None:
    stages = followed(clip)
    assert stages[-1].stable_until == float("inf")
    late = [stage.duration - stage.stable_until for stage in stages[:-1]]
    assert max(late) < 1.3
    assert stages[0].duration == pytest.approx(0.1)


def test_what_is_stable_never_changes(clip: np.ndarray) -> None:
    for before, after in pairwise(followed(clip)):
        times = np.arange(0, min(before.stable_until, before.duration), 0.013)
        np.testing.assert_array_equal(before.articulation.at(times), after.articulation.at(times))


def test_only_the_last_rows_are_kept(clip: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = followed(clip)[-1].articulation
    monkeypatch.setattr(streaming, "KEPT", 1.0)
    stages = followed(clip)
    assert max(len(stage.articulation.curves) for stage in stages) <= 50 + REACH_ROWS + 30
    last = stages[-1].articulation
    assert last.first > 100
    times = np.arange((last.first + 1) / 50, len(clip) / RATE, 0.01)
    np.testing.assert_allclose(last.at(times), whole.at(times), atol=1e-6)


def test_the_work_for_a_chunk_does_not_grow(
    clip: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    shaped = []

    def counted(rows: np.ndarray, first: int) -> np.ndarray:
        shaped.append(len(rows))
        return shape_rows(rows, first)

    monkeypatch.setattr("lipwright.articulation.row_window.shape_rows", counted)
    articulator = StreamArticulator()
    for block in cut(np.tile(clip, 3), 1600):
        articulator.push(block)
    assert len(shaped) > 50
    assert max(shaped) <= CONTEXT_ROWS + REACH_ROWS + LIVE.core + 8


@pytest.mark.parametrize("seed", range(8))
def test_rows_are_shaped_alike_from_wherever_one_begins_and_ends(seed: int) -> None:
    """Of any rows, with pauses, closures and tucked lips of every length."""
    rows = random_rows(seed)
    whole = shape_rows(rows)
    for first in range(0, 240, 23):
        stop = first + 150
        part = shape_rows(rows[first:stop], first)
        begin, end = (CONTEXT_ROWS if first else 0), 150 - REACH_ROWS
        np.testing.assert_allclose(
            part[begin:end], whole[first + begin : first + end], rtol=0, atol=1e-9
        )


def random_rows(seed: int, count: int = 400) -> np.ndarray:
    random = np.random.default_rng(seed)
    width = 1 + 2 * seed
    noise = random.standard_normal((count + width - 1, columns.COLUMNS))
    kernel = np.ones(width) / width**0.5
    smooth = np.stack([np.convolve(column, kernel, "valid") for column in noise.T], axis=1)
    rows = np.abs(smooth) * 0.15
    decisions = [columns.CLOSED, columns.SPEAKING, columns.TUCKED, columns.CONTACT]
    rows[:, decisions] = 1 / (1 + np.exp(-4 * smooth[:, decisions] - [-5, 3, -5, -5]))
    return rows.astype(np.float32)


def test_a_recording_is_heard_window_by_window_with_the_rows_of_the_whole(
    clip: np.ndarray,
) -> None:
    recording = Speech.from_samples(np.resize(clip, 47 * RATE), RATE)
    stages = list(articulate_prefixes(recording))
    expected = articulate(recording).curves
    found = rows_of(stages)
    assert len(found) == len(expected)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6)
    assert stages[-1].stable_until == float("inf")
    until = [stage.stable_until for stage in stages]
    assert 7.0 < next(filter(None, until)) < 8.0, "nothing waits for the end of the sound"


def test_no_more_of_a_recording_is_decoded_than_the_first_window_needs(clip: np.ndarray) -> None:
    recording = Speech.from_samples(np.resize(clip, 100 * RATE), RATE)
    asked = []

    class Counted(Speech):
        def blocks(self, rate: int, seconds: float = 10.0) -> Iterator[np.ndarray]:
            for block in recording.blocks(rate, seconds):
                asked.append(len(block) / rate)
                yield block

    stages = articulate_prefixes(Counted(RATE, recording.duration))
    next(stage for stage in stages if stage.stable_until > 0)
    assert sum(asked) <= 10.0
