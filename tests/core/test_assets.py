"""What ships inside the package is what was measured, or it is refused."""

from __future__ import annotations

import pytest

from lipwright.articulation import ear, heads
from lipwright.core.assets import read_asset
from lipwright.core.errors import LipwrightError
from lipwright.face.networks import SHA256
from lipwright.speech.kokoro import weights
from lipwright.speech.kokoro.voices import KOKORO_VOICES

SHIPPED = [
    ("lipwright.articulation", ear.MODEL_NAME, ear.MODEL_SHA256),
    ("lipwright.articulation", heads.MODEL_NAME, heads.MODEL_SHA256),
    ("lipwright.speech", weights.GRAPH_NAME, weights.GRAPH_SHA256),
    *(("lipwright.face", name, digest) for name, digest in SHA256.items()),
    *(
        ("lipwright.speech", f"{voice.table}.bin", voice.sha256)
        for voice in KOKORO_VOICES.values()
        if voice.sha256
    ),
]


@pytest.mark.parametrize("package, name, digest", SHIPPED)
def test_every_asset_has_the_sum_that_is_written_down(package, name, digest):
    assert len(read_asset(package, name, digest)) > 100_000


def test_a_changed_or_missing_asset_is_refused():
    with pytest.raises(LipwrightError, match="face_detector.onnx is damaged .* reinstall"):
        read_asset("lipwright.face", "face_detector.onnx", "0" * 64)
    with pytest.raises(LipwrightError, match="gone.onnx cannot be read .* reinstall"):
        read_asset("lipwright.face", "gone.onnx", "0" * 64)
