"""The engine against the authors' whole program on small networks."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from tests.engines.recipe import parity

torch = pytest.importorskip("torch", reason="torch is not installed: pip install .[musetalk]")
pytest.importorskip("diffusers", reason="diffusers is not installed: pip install .[musetalk]")

from tests.engines.musetalk import small  # noqa: E402

from lipwright.core.rect import Rect  # noqa: E402
from lipwright.engines.base import SourceFrame, Window  # noqa: E402
from lipwright.engines.musetalk import MuseTalkEngine, MuseTalkOptions  # noqa: E402
from lipwright.engines.musetalk import engine as engine_module  # noqa: E402
from lipwright.engines.musetalk.face_box import marked_box  # noqa: E402
from lipwright.engines.musetalk.networks import TorchNetworks  # noqa: E402
from lipwright.speech.speech import Speech  # noqa: E402

ORDER = (0, 1, 2, 2, 1, 0)
"""Which picture each frame shows."""


class Recording(TorchNetworks):
    """Keeps the latents it predicted; parses every face as the official numbers had it."""

    def predict(self, seen, audio):
        """Predict and keep."""
        self.predicted = [*getattr(self, "predicted", []), super().predict(seen, audio)]
        return self.predicted[-1]

    def parse(self, square: np.ndarray) -> np.ndarray:
        """The official stand-in."""
        return parity("musetalk_image")["parsing_map"]


@pytest.fixture(autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def test_latents_and_pictures_are_the_official_ones(monkeypatch):
    official = parity("musetalk_e2e")
    frames = official["frames_bgr"]
    boxes = [marked_box(points[23:91], frames.shape[1]) for points in official["keypoints"]]
    for box, (x0, y0, x1, y1) in zip(boxes, official["boxes"], strict=True):
        assert box == Rect(int(x0), int(y0), int(x1), min(int(y1) + 10, frames.shape[1]))
    # the official landmarks stand in for ours: the picture's number is handed on as the face
    monkeypatch.setattr(engine_module, "face_box", lambda number: boxes[number])
    networks = Recording(small.unet(), small.vae(), small.encoder())
    options = MuseTalkOptions(batch_size=4, paste="official", timing="official", networks=networks)
    engine = MuseTalkEngine(options)
    sound = official["audio_int16"].astype(np.float32) / 32768
    heard = engine.spec.audio.read(Speech.from_samples(sound, 16_000), Fraction(25), 0, 0)
    count = int(official["result_count"])
    windows = []
    for number in range(count):
        shown = ORDER[number % len(ORDER)]
        face: Any = shown
        frame = SourceFrame(number, frames[shown], face, None, 0, 0, heard.at(number))
        windows.append((Window(None, (frame,), Fraction(25)),))
    results = []
    for together, drawn in zip(windows, engine.render(windows), strict=True):
        patch = drawn[0][0]
        assert patch is not None and patch.box is not None
        picture = together[0].frames[0].image.copy()
        picture[Rect(*patch.box).slices] = patch.pixels
        results.append(picture)
    latents = torch.cat(networks.predicted).numpy()
    assert np.abs(latents - official["predicted_latents"]).max() < 1e-3
    for number, wanted in zip(official["result_ids"], official["results_bgr"], strict=True):
        assert np.abs(results[number].astype(int) - wanted).max() <= 2
    means = [picture.mean() for picture in results]
    np.testing.assert_allclose(means, official["result_means"], atol=0.05)
