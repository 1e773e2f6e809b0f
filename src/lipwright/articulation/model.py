"""The shipped network: opened, checked, and fed in blocks with enough context around them."""

from __future__ import annotations

import hashlib
import json
from importlib import resources

import numpy as np

from lipwright.articulation.features import MEL_BANDS, SILENT_FEATURE
from lipwright.errors import LipwrightError

MODEL_NAME = "articulation.onnx"
# Made by training/articulation/export.py.
MODEL_SHA256 = "160c41bf5981cf4cefac06f60a37d5aca853b5600d27feab2b3ad224d44f94ed"
OUTPUT_RATE = 50.0
"""Rows per second that the network answers."""

# Columns after the nine of CHANNELS.
REAL_OPENING, REAL_WIDTH, REAL_CHIN, CLOSED, SPEAKING, TUCKED = range(9, 15)
COLUMNS = 15
_BLOCK_FRAMES = 1000
_DEEP_SILENCE = -3.0
"""Mean feature of a frame some 40 dB weaker than the speech: nobody speaks, whatever follows."""
_AROUND = 3


class ArticulationModel:
    """Normalised log-mel frames at 100 Hz in, rows of the network's COLUMNS at 50 Hz out."""

    def __init__(self) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            _read_model(), options, providers=["CPUExecutionProvider"]
        )
        metadata = self._session.get_modelmeta().custom_metadata_map
        self.prior = np.array(json.loads(metadata["prior"]), np.float32)
        self._left = int(metadata["left_context"])
        self._right = int(metadata["right_context"])
        self._pending = np.full((self._left, MEL_BANDS), SILENT_FEATURE, np.float32)

    def push(self, frames: np.ndarray) -> np.ndarray:
        """Rows float32 (N, COLUMNS) that can be answered now; keeps what it needs for the next."""
        self._pending = np.concatenate([self._pending, frames])
        answers = []
        while True:
            ready = len(self._pending) - self._left - self._right
            ready = min(ready - ready % 2, _BLOCK_FRAMES)
            if ready < 2:
                break
            window = self._pending[: self._left + ready + self._right - 1]
            rows = self._session.run(None, {"features": window[None]})[0][0]
            rows[self._deeply_silent(window, len(rows)), SPEAKING] = 0.0
            answers.append(rows)
            self._pending = self._pending[ready:].copy()
        return np.concatenate(answers) if answers else np.zeros((0, COLUMNS), np.float32)

    def _deeply_silent(self, window: np.ndarray, count: int) -> np.ndarray:
        """Rows all of whose frames within 30 ms are deep silence, bool (count,)."""
        loudness: np.ndarray = window[self._left - _AROUND :].mean(axis=1)
        silent = np.less(loudness, _DEEP_SILENCE)
        near = np.lib.stride_tricks.sliding_window_view(silent, 2 * _AROUND + 1)
        return np.all(near, axis=1)[::2][:count]

    def finish(self) -> np.ndarray:
        """The last rows, as if silence followed."""
        return self.push(np.full((self._right + 1, MEL_BANDS), SILENT_FEATURE, np.float32))


def _read_model() -> bytes:
    path = resources.files("lipwright.articulation").joinpath("assets", MODEL_NAME)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise LipwrightError(
            f"The articulation model {MODEL_NAME} cannot be read ({error}): reinstall lipwright."
        ) from error
    if hashlib.sha256(content).hexdigest() != MODEL_SHA256:
        raise LipwrightError(
            f"The articulation model {MODEL_NAME} is damaged: reinstall lipwright."
        )
    return content
