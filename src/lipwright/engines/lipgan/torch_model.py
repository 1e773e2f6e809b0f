"""LipGAN's generators in torch, batch normalization folded into the convolutions before it.

They compute what Keras does: "same" pads less on the left and above where it cannot pad evenly,
and a transposed convolution gives so many times the rows and columns as its stride says.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from lipwright.engines.lipgan.graph import EPSILON, Layer
from lipwright.engines.lipgan.keras_weights import Weights


class Network(nn.Module):
    """Layers of a network, from what some of them give to what others do.

    Pictures are (n, channels, height, width), unlike Keras's.
    """

    def __init__(
        self, layers: Sequence[Layer], inputs: Sequence[str], outputs: Sequence[str],
        weights: Weights,
    ) -> None:  # fmt: skip
        """Build it.

        layers: in an order in which each comes after those it sees. inputs, outputs: names of
        layers. weights: of these layers and others.
        """
        super().__init__()
        self.layers, self.inputs, self.outputs = list(layers), tuple(inputs), tuple(outputs)
        norms = {layer.inputs[0]: layer for layer in layers if layer.kind == "BatchNormalization"}
        self.convolutions = nn.ModuleDict(
            {
                layer.name: _convolution(layer, norms.get(layer.name), weights)
                for layer in layers
                if layer.kind in ("Conv2D", "Conv2DTranspose")
            }
        )
        self.eval().requires_grad_(False)

    def forward(self, *given: Tensor) -> tuple[Tensor, ...]:
        """Return what the outputs give for what the inputs are given, each (n, c, h, w)."""
        values = dict(zip(self.inputs, given, strict=True))
        for layer in self.layers:
            if layer.name not in values:
                values[layer.name] = self._applied(layer, [values[name] for name in layer.inputs])
        return tuple(values[name] for name in self.outputs)

    def _applied(self, layer: Layer, seen: list[Tensor]) -> Tensor:
        x = seen[0]
        if layer.kind == "Conv2D":
            return self._convolved(layer, x)
        if layer.kind == "Conv2DTranspose":
            return self._grown(layer, x)
        if layer.kind == "Activation":
            return torch.relu(x) if layer.activation == "relu" else torch.sigmoid(x)
        if layer.kind == "Add":
            return x + seen[1]
        if layer.kind == "Concatenate":  # what one face adds may serve many frames
            return torch.cat([x.expand(seen[1].shape[0], -1, -1, -1), seen[1]], dim=1)
        if layer.kind == "ZeroPadding2D":
            return functional.pad(x, (0, 0, 1, 0))
        assert layer.kind == "BatchNormalization"
        return x  # folded

    def _convolved(self, layer: Layer, x: Tensor) -> Tensor:
        if layer.padding == "same":
            rows, columns = (
                _around(int(size), *sizes)
                for size, *sizes in zip(x.shape[2:], layer.kernel, layer.stride, strict=True)
            )
            x = functional.pad(x, (*columns, *rows))
        result: Tensor = self.convolutions[layer.name](x)
        return result

    def _grown(self, layer: Layer, x: Tensor) -> Tensor:
        x = self.convolutions[layer.name](x)
        top, left = (
            max(size - step, 0) // 2 for size, step in zip(layer.kernel, layer.stride, strict=True)
        )
        return x[:, :, top : top + layer.shape[0], left : left + layer.shape[1]]


def _around(size: int, kernel: int, stride: int) -> tuple[int, int]:
    """How many zeros stand before and after a side of a picture for padding "same"."""
    missing = max((-(-size // stride) - 1) * stride + kernel - size, 0)
    return missing // 2, missing - missing // 2


def _convolution(layer: Layer, norm: Layer | None, weights: Weights) -> nn.Module:
    """A convolution without padding, and the batch normalization after it, if there is one."""
    kernel = weights[layer.name]["kernel:0"].astype(np.float64)
    bias = weights[layer.name]["bias:0"].astype(np.float64)
    transposed = layer.kind == "Conv2DTranspose"
    if norm is not None:
        own = {name: value.astype(np.float64) for name, value in weights[norm.name].items()}
        scale = own["gamma:0"] / np.sqrt(own["moving_variance:0"] + EPSILON)
        kernel = kernel * (scale[:, None] if transposed else scale)
        bias = (bias - own["moving_mean:0"]) * scale + own["beta:0"]
    kind = nn.ConvTranspose2d if transposed else nn.Conv2d
    made = kind(layer.channels, layer.shape[2], layer.kernel, layer.stride)
    weight = np.ascontiguousarray(kernel.transpose(3, 2, 0, 1), np.float32)
    made.weight = nn.Parameter(torch.from_numpy(weight))
    made.bias = nn.Parameter(torch.from_numpy(bias.astype(np.float32)))
    return made
