"""The face parser against the official numbers."""

from __future__ import annotations

import numpy as np
import pytest
from tests.engines import recipe

torch = pytest.importorskip("torch", reason="torch is not installed: pip install .[musetalk]")

from lipwright.engines.musetalk.face_parser import BiSeNet, FaceParser, normed  # noqa: E402
from lipwright.engines.musetalk.jaw_mask import to_parsed_size  # noqa: E402


def test_keys_and_shapes_are_the_official_ones():
    with torch.device("meta"):
        found = recipe.shapes_of(BiSeNet())
    assert found == recipe.official_keys("musetalk_face_parser")


def test_a_face_is_parsed_as_officially():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    official = recipe.parity("musetalk_face_parser")
    picture = to_parsed_size(official["image_rgb"][..., ::-1].copy())
    seen = normed(picture)
    assert np.abs(seen[:, ::32, ::32] - official["input_probe"]).max() < 1e-5
    network = recipe.fill(BiSeNet())
    with torch.inference_mode():
        logits = network(torch.from_numpy(seen)[None])[0].numpy()
    assert np.abs(logits[:, ::16, ::16] - official["logits_probe"]).max() < 1e-4
    labels = FaceParser(network).labels(picture)
    np.testing.assert_array_equal(labels[::4, ::4], official["labels"])
    torch.set_num_threads(before)
