"""The shapes of MuseTalk's networks: what the authors' configuration files say of them."""

from __future__ import annotations

from typing import Any

SIZE = 256
"""Height and width in px of the face that is seen and drawn."""
LATENT_SIZE = SIZE // 8
LATENT_SCALE = 0.18215
"""What the VAE's latents are multiplied by for the UNet."""
AUDIO_ROWS, AUDIO_WIDTH = 50, 384
"""What a frame hears: ten steps of five states of Whisper's encoder."""

UNET: dict[str, Any] = {
    "act_fn": "silu",
    "attention_head_dim": 8,  # the number of heads, in spite of its name
    "block_out_channels": (320, 640, 1280, 1280),
    "center_input_sample": False,
    "cross_attention_dim": AUDIO_WIDTH,
    "down_block_types": (
        "CrossAttnDownBlock2D",
        "CrossAttnDownBlock2D",
        "CrossAttnDownBlock2D",
        "DownBlock2D",
    ),
    "downsample_padding": 1,
    "flip_sin_to_cos": True,
    "freq_shift": 0,
    "in_channels": 8,
    "layers_per_block": 2,
    "mid_block_scale_factor": 1,
    "norm_eps": 1e-05,
    "norm_num_groups": 32,
    "out_channels": 4,
    "sample_size": 64,
    "up_block_types": (
        "UpBlock2D",
        "CrossAttnUpBlock2D",
        "CrossAttnUpBlock2D",
        "CrossAttnUpBlock2D",
    ),
}
"""musetalk.json, without the class and its version."""
