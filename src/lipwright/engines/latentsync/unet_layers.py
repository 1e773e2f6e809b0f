"""The layers of LatentSync's network: what sees one frame, and what looks across frames.

Frames stand in the batch: (b*f, c, h, w), those of one window after each other. Names of layers are
those of the published weights.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import nn

HEADS = 8
GROUPS = 32
LONGEST = 24
"""How many frames the motion modules can tell apart."""
AUDIO_WIDTH = 384


class WindowNorm(nn.GroupNorm):
    """Group normalisation over all frames of a window together."""

    def forward(self, x: torch.Tensor, frames: int = 1) -> torch.Tensor:
        """Normalise (b*f, c, h, w)."""
        if frames == 1:
            return super().forward(x)
        if x.dtype != torch.float32:  # torch's own keeps sums of halves in float32
            joined = x.reshape(-1, frames, *x.shape[1:]).transpose(1, 2)
            return super().forward(joined).transpose(1, 2).flatten(0, 1)
        count, channels, height, width = x.shape
        groups, each, x = self.num_groups, channels // self.num_groups, x.contiguous()
        # by way of each frame's own: torch is ten times as fast at those
        _, mean, scale = torch.native_group_norm(
            x, None, None, count, channels, height * width, groups, self.eps
        )
        means, scales = (part.view(-1, frames, groups) for part in (mean, scale))
        middle = means.mean(dim=1, keepdim=True)
        var = scales.pow(-2).mean(dim=1) + (means - middle).square().mean(dim=1)  # with eps
        factor = var.rsqrt().repeat_interleave(each, 1) * self.weight
        shift = self.bias - middle[:, 0].repeat_interleave(each, 1) * factor
        apart = (count // frames, frames, channels, height, width)
        spread = (count // frames, 1, channels, 1, 1)
        return torch.addcmul(shift.view(spread), x.view(apart), factor.view(spread)).view(x.shape)


class Attention(nn.Module):
    """Attention of 8 heads, to itself or to something else."""

    def __init__(self, width: int, context: int | None = None) -> None:
        super().__init__()
        self.to_q = nn.Linear(width, width, bias=False)
        self.to_k = nn.Linear(context or width, width, bias=False)
        self.to_v = nn.Linear(context or width, width, bias=False)
        self.to_out = nn.ModuleList([nn.Linear(width, width)])

    def forward(self, x: torch.Tensor, context: torch.Tensor | None = None) -> torch.Tensor:
        """Attend from (n, tokens, c) to (n, others, context width)."""
        seen = x if context is None else context
        q, k, v = (
            part.unflatten(2, (HEADS, -1)).transpose(1, 2)
            for part in (self.to_q(x), self.to_k(seen), self.to_v(seen))
        )
        found = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2)
        result: torch.Tensor = self.to_out[0](found)
        return result


class _Gate(nn.Module):
    """GEGLU: half of a linear layer, gated by the other half."""

    def __init__(self, width: int, inner: int) -> None:
        super().__init__()
        self.proj = nn.Linear(width, 2 * inner)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        value, gate = self.proj(x).chunk(2, dim=-1)
        gated: torch.Tensor = value * F.gelu(gate)
        return gated


class FeedForward(nn.Module):
    """Two linear layers, the first gated and four times as wide."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.net = nn.ModuleList([_Gate(width, 4 * width), nn.Identity(),
                                  nn.Linear(4 * width, width)])  # fmt: skip

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Work on each token of (..., c) alone."""
        result: torch.Tensor = self.net[2](self.net[0](x))
        return result


class ResnetBlock(nn.Module):
    """Two convolutions of each frame, moved by the step's embedding."""

    def __init__(self, width_in: int, width: int, time_width: int) -> None:
        super().__init__()
        self.norm1 = WindowNorm(GROUPS, width_in, eps=1e-5)
        self.conv1 = nn.Conv2d(width_in, width, 3, padding=1)
        self.time_emb_proj = nn.Linear(time_width, width)
        self.norm2 = WindowNorm(GROUPS, width, eps=1e-5)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1)
        if width_in != width:
            self.conv_shortcut = nn.Conv2d(width_in, width, 1)
        self._same = width_in == width

    def forward(self, x: torch.Tensor, step: torch.Tensor, frames: int) -> torch.Tensor:
        """Work on (b*f, c, h, w); step: (b, c) embedding."""
        hidden = self.conv1(F.silu(self.norm1(x, frames)))
        moved = self.time_emb_proj(F.silu(step)).repeat_interleave(frames, 0)
        hidden = hidden + moved[:, :, None, None]
        hidden = self.conv2(F.silu(self.norm2(hidden, frames)))
        result: torch.Tensor = hidden + (x if self._same else self.conv_shortcut(x))
        return result


class _FrameBlock(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(width)
        self.attn1 = Attention(width)
        self.norm2 = nn.LayerNorm(width)
        self.attn2 = Attention(width, AUDIO_WIDTH)
        self.ff = FeedForward(width)
        self.norm3 = nn.LayerNorm(width)

    def forward(self, x: torch.Tensor, audio: torch.Tensor) -> torch.Tensor:
        x = x + self.attn1(self.norm1(x))
        x = x + self.attn2(self.norm2(x), audio)
        result: torch.Tensor = x + self.ff(self.norm3(x))
        return result


class FrameTransformer(nn.Module):
    """Attention within each frame, and to what the frame hears."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(GROUPS, width, eps=1e-6)
        self.proj_in = nn.Conv2d(width, width, 1)
        self.transformer_blocks = nn.ModuleList([_FrameBlock(width)])
        self.proj_out = nn.Conv2d(width, width, 1)

    def forward(self, x: torch.Tensor, audio: torch.Tensor) -> torch.Tensor:
        """Work on (b*f, c, h, w); audio: (b*f, 50, 384)."""
        tokens = self.proj_in(self.norm(x)).flatten(2).transpose(1, 2)
        tokens = self.transformer_blocks[0](tokens, audio)
        back = tokens.transpose(1, 2).reshape(x.shape)
        result: torch.Tensor = self.proj_out(back) + x
        return result


class _Sinusoids(nn.Module):
    """Says which frame is which."""

    pe: torch.Tensor

    def __init__(self, width: int) -> None:
        super().__init__()
        place = torch.arange(LONGEST, dtype=torch.float32)[:, None]
        rate = torch.exp(torch.arange(0, width, 2, dtype=torch.float32)
                         * (-math.log(10000.0) / width))  # fmt: skip
        waves = torch.stack([torch.sin(place * rate), torch.cos(place * rate)], dim=2)
        self.register_buffer("pe", waves.flatten(1)[None])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.pe[:, : x.shape[1]]


class _FrameAttention(Attention):
    """Attention of each place to the same place in the window's other frames."""

    def __init__(self, width: int) -> None:
        super().__init__(width)
        self.pos_encoder = _Sinusoids(width)

    def forward(self, x: torch.Tensor, context: torch.Tensor | None = None) -> torch.Tensor:
        return super().forward(self.pos_encoder(x))


class _MotionBlock(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.attention_blocks = nn.ModuleList([_FrameAttention(width) for _ in range(2)])
        self.norms = nn.ModuleList([nn.LayerNorm(width) for _ in range(2)])
        self.ff = FeedForward(width)
        self.ff_norm = nn.LayerNorm(width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for norm, attend in zip(self.norms, self.attention_blocks, strict=True):
            x = x + attend(norm(x))
        result: torch.Tensor = x + self.ff(self.ff_norm(x))
        return result


class _MotionTransformer(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(GROUPS, width, eps=1e-6)
        self.proj_in = nn.Linear(width, width)
        self.transformer_blocks = nn.ModuleList([_MotionBlock(width)])
        self.proj_out = nn.Linear(width, width)

    def forward(self, x: torch.Tensor, frames: int) -> torch.Tensor:
        count, width, high, wide = x.shape
        apart = (count // frames, frames, high * wide, width)
        # each place on its own: (b*h*w, f, c)
        tokens = self.norm(x).flatten(2).transpose(1, 2).reshape(apart)
        tokens = tokens.transpose(1, 2).reshape(-1, frames, width)
        tokens = self.proj_out(self.transformer_blocks[0](self.proj_in(tokens)))
        back = tokens.view(count // frames, high * wide, frames, width).permute(0, 2, 3, 1)
        moved: torch.Tensor = x + back.reshape(x.shape)  # in the layout of x
        return moved


class MotionModule(nn.Module):
    """Attention across the frames of a window."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.temporal_transformer = _MotionTransformer(width)

    def forward(self, x: torch.Tensor, frames: int) -> torch.Tensor:
        """Work on (b*f, c, h, w)."""
        result: torch.Tensor = self.temporal_transformer(x, frames)
        return result
