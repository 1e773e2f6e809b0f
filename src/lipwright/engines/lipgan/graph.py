"""Networks as Keras counts them: layers with names, shapes and weights, in the order of its files.

A file of Keras lists the weights of its layers by their depth, that is the longest way from a layer
to the output; layers as deep as each other come in the order in which a walk back from the output
meets them. So the branches of a network interleave, and neither names nor the order in which the
layers were written say where a layer's weights are.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from math import ceil
from typing import Literal, get_args

Kind = Literal[
    "InputLayer",
    "Conv2D",
    "Conv2DTranspose",
    "BatchNormalization",
    "Activation",
    "Add",
    "Concatenate",
    "ZeroPadding2D",
]
Padding = Literal["same", "valid"]
Pair = tuple[int, int]
Shape = tuple[int, int, int]
"""Height, width and channels."""
KINDS: tuple[str, ...] = get_args(Kind)
NAMES = {
    "Conv2D": "conv2d",
    "Conv2DTranspose": "conv2d_transpose",
    "BatchNormalization": "batch_normalization",
    "Activation": "activation",
    "Add": "add",
    "Concatenate": "concatenate",
    "ZeroPadding2D": "zero_padding2d",
}
EPSILON = 1e-3
"""Of batch normalization, as Keras has it."""


@dataclass(frozen=True)
class Layer:
    """One layer of a network."""

    name: str
    kind: Kind
    inputs: tuple[str, ...]
    """Names of the layers it sees."""
    shape: Shape
    """What it gives."""
    kernel: Pair = (1, 1)
    """Height and width, of convolutions."""
    stride: Pair = (1, 1)
    padding: Padding = "same"
    activation: Literal["", "relu", "sigmoid"] = ""
    channels: int = 0
    """What a convolution sees."""

    @property
    def weights(self) -> dict[str, tuple[int, ...]]:
        """The shapes of its weights, in order, by their names in Keras's files."""
        out = self.shape[2]
        if self.kind == "Conv2D":
            return {"kernel:0": (*self.kernel, self.channels, out), "bias:0": (out,)}
        if self.kind == "Conv2DTranspose":
            return {"kernel:0": (*self.kernel, out, self.channels), "bias:0": (out,)}
        if self.kind == "BatchNormalization":
            names = ("gamma:0", "beta:0", "moving_mean:0", "moving_variance:0")
            return dict.fromkeys(names, (out,))
        return {}


@dataclass
class GraphBuilder:
    """Makes the layers of a network, with the names Keras 2.2.4 gives them.

    Each method returns the name of the layer whose output is meant. There is a layer for every
    call, also where nothing sees it: it counts in the names of those after it.
    """

    made: dict[str, Layer] = field(default_factory=dict)
    """All layers by name."""
    _counts: Counter[str] = field(default_factory=Counter)

    def input(self, name: str, shape: Shape) -> str:
        """Add an input of this name."""
        return self._add(Layer(name, "InputLayer", (), shape))

    def block(
        self, x: str, filters: int, kernel: int | Pair = 3, stride: int | Pair = 1,
        padding: Padding = "same",
    ) -> str:  # fmt: skip
        """Add a convolution, batch normalization and ReLU."""
        return self._normalized(self._convolution(x, filters, kernel, stride, padding))

    def growing_block(self, x: str, filters: int, kernel: int = 3, stride: int = 2) -> str:
        """Add the same with a transposed convolution, which makes the picture larger."""
        height, width, channels = self.made[x].shape
        name = self._add(
            Layer(
                self._name("Conv2DTranspose"), "Conv2DTranspose", (x,),
                (height * stride, width * stride, filters), _pair(kernel), _pair(stride),
                channels=channels,
            )
        )  # fmt: skip
        return self._normalized(name)

    def residual(self, x: str, kernel: int = 3) -> str:
        """Add two such blocks whose sum with their input goes through a ReLU."""
        filters = self.made[x].shape[2]
        y = self.block(self.block(x, filters, kernel), filters, kernel)
        summed = Layer(self._name("Add"), "Add", (y, x), self.made[x].shape)
        return self._activation(self._add(summed))

    def concatenation(self, x: str, y: str) -> str:
        """Add what has the channels of both."""
        height, width, channels = self.made[x].shape
        shape = height, width, channels + self.made[y].shape[2]
        return self._add(Layer(self._name("Concatenate"), "Concatenate", (x, y), shape))

    def zero_row_above(self, x: str) -> str:
        """Add a row of zeros on top."""
        height, width, channels = self.made[x].shape
        name = self._name("ZeroPadding2D")
        return self._add(Layer(name, "ZeroPadding2D", (x,), (height + 1, width, channels)))

    def prediction(self, x: str, filters: int = 3) -> str:
        """Add the last convolution and its sigmoid."""
        name = self._convolution(x, filters, 1, 1, "same")
        shape = self.made[name].shape
        return self._add(Layer("prediction", "Activation", (name,), shape, activation="sigmoid"))

    def _convolution(
        self, x: str, filters: int, kernel: int | Pair, stride: int | Pair, padding: Padding
    ) -> str:
        height, width, channels = self.made[x].shape
        sizes, steps = _pair(kernel), _pair(stride)
        gone = (0, 0) if padding == "same" else (sizes[0] - 1, sizes[1] - 1)
        shape = ceil((height - gone[0]) / steps[0]), ceil((width - gone[1]) / steps[1]), filters
        name = self._name("Conv2D")
        return self._add(
            Layer(name, "Conv2D", (x,), shape, sizes, steps, padding, channels=channels)
        )

    def _normalized(self, x: str) -> str:
        name = self._name("BatchNormalization")
        return self._activation(
            self._add(Layer(name, "BatchNormalization", (x,), self.made[x].shape))
        )

    def _activation(self, x: str) -> str:
        shape = self.made[x].shape
        name = self._name("Activation")
        return self._add(Layer(name, "Activation", (x,), shape, activation="relu"))

    def _name(self, kind: str) -> str:
        self._counts[kind] += 1
        return f"{NAMES[kind]}_{self._counts[kind]}"

    def _add(self, layer: Layer) -> str:
        self.made[layer.name] = layer
        return layer.name

    def layers(self, output: str) -> tuple[Layer, ...]:
        """Return the layers that this one depends on and itself, in the order of Keras's files."""
        met = _met(self.made, output)
        depths = dict.fromkeys(met, 0)
        for name in _latest_first(self.made, met):
            for seen in self.made[name].inputs:
                depths[seen] = max(depths[seen], depths[name] + 1)
        return tuple(self.made[name] for name in sorted(met, key=lambda name: -depths[name]))


def _met(made: dict[str, Layer], output: str) -> list[str]:
    """Names of layers, as a walk back from the output meets them: each before what it sees."""
    met: dict[str, None] = {}
    waiting = [output]
    while waiting:
        name = waiting.pop()
        if name not in met:
            met[name] = None
            waiting.extend(reversed(made[name].inputs))
    return list(met)


def _latest_first(made: dict[str, Layer], names: list[str]) -> list[str]:
    """Names of layers, those that were made last first: each before what it sees."""
    places = {name: place for place, name in enumerate(made)}
    return sorted(names, key=lambda name: -places[name])


def _pair(size: int | Pair) -> Pair:
    return size if isinstance(size, tuple) else (size, size)
