"""Whisper tiny by rule, under the names of both kinds of file; needs torch."""

from __future__ import annotations

import torch
from tests.engines.recipe import make_weights, official_keys

from lipwright.engines.whisper.encoder import sinusoids

POSITIONS = ("encoder.positional_embedding", "encoder.embed_positions.weight")
"""Keys that keep their computed values."""


def hugging_face_weights() -> dict[str, torch.Tensor]:
    """As transformers names them."""
    return _filled("whisper_tiny_encoder_hf")


def openai_weights() -> dict[str, torch.Tensor]:
    """As OpenAI names them."""
    return _filled("whisper_tiny_openai")


def _filled(name: str) -> dict[str, torch.Tensor]:
    shapes = official_keys(name)
    shapes = {key: shape for key, shape in shapes.items() if key.startswith("encoder.")}
    weights = {key: torch.from_numpy(value) for key, value in make_weights(shapes).items()}
    for key in POSITIONS:
        if key in weights:
            weights[key] = sinusoids(1500, 384)
    return weights
