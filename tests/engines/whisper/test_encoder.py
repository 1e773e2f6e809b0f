"""Whisper's encoder against the official numbers, and the files it can be loaded from."""

from __future__ import annotations

import re

import numpy as np
import pytest
from tests.engines import recipe
from tests.engines.whisper.sounds import voice

torch = pytest.importorskip("torch", reason="torch is not installed: pip install .[musetalk]")

from tests.engines.whisper.weights import hugging_face_weights, openai_weights  # noqa: E402

from lipwright.engines.whisper import piece_log_mel  # noqa: E402
from lipwright.engines.whisper.encoder import (  # noqa: E402
    WhisperEncoder,
    encoder_weights,
    sinusoids,
)

CLOSE = 1e-4


@pytest.fixture(autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def loaded(weights: dict, norm_last: bool) -> WhisperEncoder:
    encoder = WhisperEncoder(norm_last)
    encoder.load_state_dict(encoder_weights(weights))
    return encoder.eval().requires_grad_(False)


def test_states_are_the_official_ones_with_hugging_faces_names():
    official = recipe.parity("musetalk_audio")
    mel = torch.from_numpy(piece_log_mel(voice()))[None]
    states = loaded(hugging_face_weights(), norm_last=True)(mel)[0]
    assert states.shape == (1500, 5, 384)
    difference = np.abs(states[official["state_times"]].numpy() - official["states"]).max()
    assert difference < CLOSE


def test_states_are_the_official_ones_with_openais_names():
    from lipwright.engines.whisper import log_mel

    official = recipe.parity("latentsync_audio")
    mel = np.zeros((1, 80, 3000), np.float32)
    mel[0, :, :257] = log_mel(voice())
    states = loaded(openai_weights(), norm_last=False)(torch.from_numpy(mel))[0]
    assert len(official["features"]) == len(official["feature_ids"])
    difference = np.abs(states[official["feature_ids"]].numpy() - official["features"]).max()
    assert difference < CLOSE


def test_every_weight_of_the_encoder_is_found_in_both_kinds_of_file():
    with torch.device("meta"):
        wanted = recipe.shapes_of(WhisperEncoder(norm_last=True))
    for name in ("whisper_tiny_encoder_hf", "whisper_tiny_openai"):
        keys = recipe.official_keys(name)
        tensors = {key: torch.empty(shape, device="meta") for key, shape in keys.items()}
        found = {key: tuple(value.shape) for key, value in encoder_weights(tensors).items()}
        assert found == wanted
        if name == "whisper_tiny_encoder_hf":
            prefixed = {f"model.{key}": value for key, value in tensors.items()}
            assert encoder_weights(prefixed).keys() == wanted.keys()


def test_the_sinusoids_are_computed_as_they_are_stored():
    rates = np.exp(-np.log(10_000) / 191 * np.arange(192))
    angles = np.arange(1500)[:, None] * rates
    wanted = np.concatenate([np.sin(angles), np.cos(angles)], axis=1)
    assert np.abs(sinusoids(1500, 384).numpy() - wanted).max() < 2e-4


def test_half_precision_weights_become_whole_ones():
    halved = {key: value.half() for key, value in openai_weights().items()}
    assert {value.dtype for value in encoder_weights(halved).values()} == {torch.float32}
    assert not any(re.match("encoder|decoder", key) for key in encoder_weights(halved))
