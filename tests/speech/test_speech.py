"""Speech: from memory or from a file, the same interface."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lipwright.core.errors import MediaError
from lipwright.speech import Phone, Speech


def tone(seconds: float, rate: int) -> np.ndarray:
    return (0.5 * np.sin(2 * np.pi * 440 * np.arange(int(seconds * rate)) / rate)).astype(
        np.float32
    )


def test_from_samples() -> None:
    speech = Speech.from_samples(tone(2.5, 8000), 8000, [Phone(0.0, 0.1, "a")], "ah")
    assert speech.duration == 2.5 and speech.rate == 8000 and speech.path is None
    assert speech.phones == (Phone(0.0, 0.1, "a"),) and speech.transcript == "ah"
    assert speech.samples.dtype == np.float32 and not speech.samples.flags.writeable


def test_the_caller_keeps_his_array() -> None:
    samples = tone(0.1, 8000)
    Speech.from_samples(samples, 8000)
    samples[0] = 1.0


@pytest.mark.parametrize("rate", [8000, 16000, 44100])
def test_blocks_join_to_the_whole(rate: int) -> None:
    speech = Speech.from_samples(tone(2.5, 44100), 44100)
    blocks = list(speech.blocks(rate, seconds=0.7))
    assert len(blocks) > 2 and all(block.dtype == np.float32 for block in blocks)
    joined = np.concatenate(blocks)
    assert abs(joined.size - 2.5 * rate) <= 2
    middle = slice(rate // 10, joined.size - rate // 10)
    np.testing.assert_allclose(joined[middle], tone(2.5, rate)[: joined.size][middle], atol=0.01)


def test_from_file_is_decoded_on_demand(tmp_path: Path) -> None:
    from lipwright.media.audio.wav_writer import write_wav

    path = tmp_path / "tone.wav"
    write_wav(path, tone(1.5, 16000), 16000)
    speech = Speech.from_file(path)
    assert speech.path == path and speech.rate == 16000 and speech.phones is None
    assert speech.duration == pytest.approx(1.5, abs=0.01)
    np.testing.assert_allclose(speech.samples, tone(1.5, 16000), atol=1e-3)
    assert sum(block.size for block in speech.blocks(8000)) == pytest.approx(12000, abs=20)


@pytest.mark.parametrize(
    ("samples", "rate", "said"),
    [
        (np.zeros((5, 2)), 8000, "mono"),
        (np.zeros(0), 8000, "empty"),
        (np.zeros(5), 0, "rate"),
        (np.array([0.0, np.nan]), 8000, "NaN"),
    ],
)
def test_impossible_samples(samples: np.ndarray, rate: int, said: str) -> None:
    with pytest.raises(MediaError, match=said):
        Speech.from_samples(samples, rate)
