"""The vendored networks, verified and opened at first use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lipwright.core import onnx
from lipwright.core.assets import read_asset
from lipwright.core.process_wide import ProcessWide

if TYPE_CHECKING:
    from lipwright.core.onnx import InferenceSession

# All converted by training/face/convert_tflite.py from the mediapipe 0.10.14 wheel (Apache-2.0).
SHA256 = {
    "face_detector.onnx": "6408be1427d491c196106aa94aea3a68c46db79a9753199b05ca5c45e2a8f94a",
    "face_landmarks.onnx": "ea095bee3af2838d852ce6a1af53076ac9356781bb9d2e73d67834e92395dda5",
    "person_segmentation.onnx": "04ea16c07a643fcd0921bdd83322859c294204830d04fb1a604b4b352c13e3a8",
}

_sessions = ProcessWide["InferenceSession"]()


def open_session(name: str, threads: int) -> InferenceSession:
    """Return the session of a vendored network, one for the whole process.

    Raises LipwrightError if it is missing or altered.
    """
    sha256 = SHA256[name]

    def opened() -> InferenceSession:
        return onnx.open_session(read_asset("lipwright.face", name, sha256), threads)

    return _sessions.get((name, sha256, threads), opened)
