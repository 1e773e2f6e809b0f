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
    "face_detector.onnx": "3035c670fd179ebb4dd221c844a1167121e7d51aecf7e1cce41ab649da12eee4",
    "face_landmarks.onnx": "384fcdc35b18dd0f4447002b242dd7b9fe356803502a286cc466cc978fabf74e",
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
