"""LatentSync's network: what noise there is in the latents of 16 frames (arXiv 2412.09262).

It is Stable Diffusion's U-Net with cross attention to a window of sound and with AnimateDiff's
motion modules, key by key as the published weights name it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from lipwright.engines.latentsync.unet_layers import (
    GROUPS,
    FrameTransformer,
    MotionModule,
    ResnetBlock,
    WindowNorm,
)

WIDTHS = (320, 640, 1280, 1280)
CHANNELS_IN = 13
"""Latents 4, mask 1, what is kept of the frame 4, the whole frame 4."""
CHANNELS = 4


@dataclass
class Deep:
    """What the deep layers made of an earlier step."""

    hidden: torch.Tensor | None = None
    """(b*f, c, h, w): what the last layer of the last block joins with its own; None: nothing."""


class _Resampler(nn.Module):
    def __init__(self, width: int, stride: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(width, width, 3, stride=stride, padding=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        result: torch.Tensor = self.conv(x)
        return result


@dataclass(frozen=True, eq=False)
class _Given:
    """What all layers are given."""

    step: torch.Tensor
    audio: torch.Tensor
    frames: int


class _Block(nn.Module):
    """Layers of one resolution, each a residual block, attention where there is, and motion."""

    def __init__(self, widths_in: list[int], width: int, time_width: int, attends: bool) -> None:
        super().__init__()
        if attends:
            self.attentions = nn.ModuleList([FrameTransformer(width) for _ in widths_in])
        self.resnets = nn.ModuleList(
            [ResnetBlock(width_in, width, time_width) for width_in in widths_in]
        )
        self.motion_modules = nn.ModuleList([MotionModule(width) for _ in widths_in])
        self._attends = attends

    def layer(self, number: int, x: torch.Tensor, given: _Given) -> torch.Tensor:
        """Run one layer."""
        x = self.resnets[number](x, given.step, given.frames)
        if self._attends:
            x = self.attentions[number](x, given.audio)
        result: torch.Tensor = self.motion_modules[number](x, given.frames)
        return result


class _DownBlock(_Block):
    def __init__(
        self, width_in: int, width: int, time_width: int, attends: bool, last: bool
    ) -> None:
        super().__init__([width_in, width], width, time_width, attends)
        if not last:
            self.downsamplers = nn.ModuleList([_Resampler(width, 2)])
        self._last = last

    def forward(self, x: torch.Tensor, given: _Given) -> list[torch.Tensor]:
        """Return what each layer makes of (b*f, c, h, w), the last one first halved."""
        made = []
        for number in range(2):
            x = self.layer(number, x, given)
            made.append(x)
        if not self._last:
            made.append(self.downsamplers[0](x))
        return made


class _UpBlock(_Block):
    def __init__(
        self, widths_in: list[int], width: int, time_width: int, attends: bool, last: bool
    ) -> None:
        super().__init__(widths_in, width, time_width, attends)
        if not last:
            self.upsamplers = nn.ModuleList([_Resampler(width, 1)])
        self._last = last

    def forward(
        self, x: torch.Tensor, skips: list[torch.Tensor], given: _Given, first: int = 0
    ) -> torch.Tensor:
        """Run the layers from number `first` on, each joined with the last of `skips`."""
        for number in range(first, 2 if self._last else 3):
            x = self.layer(number, torch.cat([x, skips.pop()], dim=1), given)
        if self._last:
            return x
        x = F.interpolate(x, size=skips[-1].shape[2:], mode="nearest")
        result: torch.Tensor = self.upsamplers[0](x)
        return result

    def finish(self, x: torch.Tensor, skip: torch.Tensor, given: _Given) -> torch.Tensor:
        """Run the last layer of the last block."""
        return self.layer(2, torch.cat([x, skip], dim=1), given)


class _MidBlock(nn.Module):
    def __init__(self, width: int, time_width: int) -> None:
        super().__init__()
        self.attentions = nn.ModuleList([FrameTransformer(width)])
        self.resnets = nn.ModuleList([ResnetBlock(width, width, time_width) for _ in range(2)])

    def forward(self, x: torch.Tensor, given: _Given) -> torch.Tensor:
        x = self.resnets[0](x, given.step, given.frames)
        x = self.attentions[0](x, given.audio)
        result: torch.Tensor = self.resnets[1](x, given.step, given.frames)
        return result


class _TimeEmbedding(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.linear_1 = nn.Linear(width, 4 * width)
        self.linear_2 = nn.Linear(4 * width, 4 * width)
        self._half = width // 2

    def forward(self, step: torch.Tensor) -> torch.Tensor:
        """Embed numbers of steps, (b,), as (b, c)."""
        places = torch.arange(self._half, dtype=torch.float32, device=step.device)
        angles = step.float()[:, None] * torch.exp(places * (-math.log(10000.0) / self._half))
        waves = torch.cat([torch.cos(angles), torch.sin(angles)], dim=1)
        waves = waves.to(self.linear_1.weight.dtype)
        result: torch.Tensor = self.linear_2(F.silu(self.linear_1(waves)))
        return result


class UNet3D(nn.Module):
    """Says what noise there is in latents."""

    def __init__(self, widths: tuple[int, int, int, int] = WIDTHS) -> None:
        """widths: channels at the four resolutions."""
        super().__init__()
        first, time_width, last = widths[0], 4 * widths[0], len(widths) - 1
        self.conv_in = nn.Conv2d(CHANNELS_IN, first, 3, padding=1)
        self.time_embedding = _TimeEmbedding(first)
        before = (first, *widths[:-1])
        self.down_blocks = nn.ModuleList(
            [
                _DownBlock(width_in, width, time_width, number < last, number == last)
                for number, (width_in, width) in enumerate(zip(before, widths, strict=True))
            ]
        )
        self.up_blocks = nn.ModuleList(
            [self._up_block(number, widths, time_width) for number in reversed(range(last + 1))]
        )
        self.mid_block = _MidBlock(widths[last], time_width)
        self.conv_norm_out = WindowNorm(GROUPS, first, eps=1e-5)
        self.conv_out = nn.Conv2d(first, CHANNELS, 3, padding=1)

    @staticmethod
    def _up_block(number: int, widths: tuple[int, ...], time_width: int) -> _UpBlock:
        """The block that mirrors down block `number`."""
        last = len(widths) - 1
        width, above = widths[number], widths[min(number + 1, last)]
        outer = widths[max(number - 1, 0)]
        widths_in = [above + width, width + width, width + outer]
        return _UpBlock(widths_in, width, time_width, number < last, number == 0)

    def forward(
        self, sample: torch.Tensor, step: int, audio: torch.Tensor, deep: Deep | None = None
    ) -> torch.Tensor:
        """Return the noise in latents, (b, 4, f, h, w).

        Args:
            sample: (b, 13, f, h, w).
            step: the timestep, from 0 to 999.
            audio: (b*f, 50, 384): what each frame hears.
            deep: where the deep layers' work is kept for steps to come; where it holds some, only
                the outermost layers run.
        """
        batch, _, frames = sample.shape[:3]
        x = self.conv_in(sample.transpose(1, 2).flatten(0, 1))
        steps = torch.full((batch,), step, device=sample.device)
        given = _Given(self.time_embedding(steps), audio, frames)
        if deep is None or deep.hidden is None:
            hidden = self._deep(x, given)
            if deep is not None:
                deep.hidden = hidden
        else:
            hidden = deep.hidden
        last: Any = self.up_blocks[-1]
        x = last.finish(hidden, x, given)
        x = self.conv_out(F.silu(self.conv_norm_out(x, frames)))
        result: torch.Tensor = x.reshape(batch, frames, *x.shape[1:]).transpose(1, 2)
        return result

    def _deep(self, x: torch.Tensor, given: _Given) -> torch.Tensor:
        """All but the first convolution and the last layer."""
        skips = [x]
        for block in self.down_blocks:
            skips += block(skips[-1], given)
        x = self.mid_block(skips[-1], given)
        for block in self.up_blocks:
            x = block(x, skips, given)
        return x
