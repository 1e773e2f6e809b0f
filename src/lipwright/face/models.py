"""The two vendored networks, checked before use and opened when first needed."""

from __future__ import annotations

import hashlib
from importlib import resources
from typing import TYPE_CHECKING

from lipwright.errors import FaceError

if TYPE_CHECKING:
    import onnxruntime

# Both converted by training/face/convert_tflite.py from the mediapipe 0.10.14 wheel (Apache-2.0).
SHA256 = {
    "face_detector.onnx": "6408be1427d491c196106aa94aea3a68c46db79a9753199b05ca5c45e2a8f94a",
    "face_landmarks.onnx": "67b2ddb7f687a16059a630b2576969946e0fd7b706ae9048d3c8760a1ba81e5e",
}


def read_model(name: str) -> bytes:
    """The bytes of a vendored model. Raises FaceError when they are missing or not ours."""
    path = resources.files("lipwright.face").joinpath("assets", name)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise FaceError(
            f"The face model {name} cannot be read ({error}): reinstall lipwright."
        ) from error
    if hashlib.sha256(content).hexdigest() != SHA256[name]:
        raise FaceError(f"The face model {name} is damaged: reinstall lipwright.")
    return content


def open_session(name: str, threads: int) -> onnxruntime.InferenceSession:
    """An ONNX Runtime session on the processor for a vendored model."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # threads that spin between two runs would take the processor from the encoder
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(
        read_model(name), options, providers=["CPUExecutionProvider"]
    )
