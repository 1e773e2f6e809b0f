"""BiSeNet in torch, which says of each pixel of a face what it is: skin, nose, lips and so on.

Yu et al. (2018), "BiSeNet: Bilateral Segmentation Network for Real-time Semantic Segmentation", on
ResNet-18, trained on CelebAMask-HQ with 19 classes. Module names are those of the published file
79999_iter.pth, so that it fits key by key. Written anew.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from lipwright.core.device import CPU, Device
from lipwright.engines.torch_weights import load_weights, read_weights

CLASSES = 19
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of RGB in [0, 1]


class ConvBlock(nn.Module):
    """A convolution, batch norm and ReLU."""

    def __init__(self, inputs: int, outputs: int, kernel: int = 3) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, bias=False)
        self.bn = nn.BatchNorm2d(outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Return (n, outputs, h, w)."""
        return functional.relu(self.bn(self.conv(x)))


class Residual(nn.Module):
    """Two convolutions of 3 x 3 beside a shortcut."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.downsample: nn.Sequential | None = None
        if inputs != outputs or stride != 1:
            self.downsample = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
            )

    def forward(self, x: Tensor) -> Tensor:
        """Return (n, outputs, h / stride, w / stride)."""
        added = self.bn2(self.conv2(functional.relu(self.bn1(self.conv1(x)))))
        shortcut = x if self.downsample is None else self.downsample(x)
        return functional.relu(shortcut + added)


def _stage(inputs: int, outputs: int, stride: int) -> nn.Sequential:
    return nn.Sequential(Residual(inputs, outputs, stride), Residual(outputs, outputs, 1))


class ResNet18(nn.Module):
    """The trunk."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.layer1, self.layer2 = _stage(64, 64, 1), _stage(64, 128, 2)
        self.layer3, self.layer4 = _stage(128, 256, 2), _stage(256, 512, 2)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return what is seen at an 8th, a 16th and a 32nd of the size."""
        x = functional.max_pool2d(functional.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        eighth = self.layer2(self.layer1(x))
        sixteenth = self.layer3(eighth)
        return eighth, sixteenth, self.layer4(sixteenth)


class AttentionRefinement(nn.Module):
    """Channels weighed by what the whole picture shows."""

    def __init__(self, inputs: int) -> None:
        super().__init__()
        self.conv = ConvBlock(inputs, 128)
        self.conv_atten = nn.Conv2d(128, 128, 1, bias=False)
        self.bn_atten = nn.BatchNorm2d(128)

    def forward(self, x: Tensor) -> Tensor:
        """Return (n, 128, h, w)."""
        seen = self.conv(x)
        weight = self.bn_atten(self.conv_atten(_mean(seen)))
        result: Tensor = seen * weight.sigmoid()
        return result


class ContextPath(nn.Module):
    """The trunk, and what it sees of the whole brought back to an 8th of the size."""

    def __init__(self) -> None:
        super().__init__()
        self.resnet = ResNet18()
        self.arm16, self.arm32 = AttentionRefinement(256), AttentionRefinement(512)
        self.conv_head32, self.conv_head16 = ConvBlock(128, 128), ConvBlock(128, 128)
        self.conv_avg = ConvBlock(512, 128, kernel=1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return details and context, (n, 128, h / 8, w / 8) each."""
        eighth, sixteenth, last = self.resnet(x)
        deep = self.arm32(last) + self.conv_avg(_mean(last))
        deep = self.conv_head32(functional.interpolate(deep, sixteenth.shape[2:]))
        context = self.arm16(sixteenth) + deep
        return eighth, self.conv_head16(functional.interpolate(context, eighth.shape[2:]))


class Fusion(nn.Module):
    """Details and context together."""

    def __init__(self) -> None:
        super().__init__()
        self.convblk = ConvBlock(256, 256, kernel=1)
        self.conv1 = nn.Conv2d(256, 64, 1, bias=False)
        self.conv2 = nn.Conv2d(64, 256, 1, bias=False)

    def forward(self, details: Tensor, context: Tensor) -> Tensor:
        """Return (n, 256, h, w)."""
        x = self.convblk(torch.cat([details, context], dim=1))
        weight = self.conv2(functional.relu(self.conv1(_mean(x)))).sigmoid()
        result: Tensor = x * weight + x
        return result


class Output(nn.Module):
    """From what is seen to classes."""

    def __init__(self, inputs: int, width: int) -> None:
        super().__init__()
        self.conv = ConvBlock(inputs, width)
        self.conv_out = nn.Conv2d(width, CLASSES, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Return (n, 19, h, w)."""
        result: Tensor = self.conv_out(self.conv(x))
        return result


class BiSeNet(nn.Module):
    """The whole network; `conv_out16` and `conv_out32` served its training alone."""

    def __init__(self) -> None:
        super().__init__()
        self.cp, self.ffm = ContextPath(), Fusion()
        self.conv_out = Output(256, 256)
        self.conv_out16, self.conv_out32 = Output(128, 64), Output(128, 64)

    def forward(self, x: Tensor) -> Tensor:
        """Return how likely each class is, logits (n, 19, h, w), for normed RGB (n, 3, h, w)."""
        small = self.conv_out(self.ffm(*self.cp(x)))
        return functional.interpolate(small, x.shape[2:], mode="bilinear", align_corners=True)


class FaceParser:
    """The network with its weights, on the CPU or on a GPU."""

    def __init__(self, network: BiSeNet, device: Device = CPU) -> None:
        """Take a network with its weights."""
        self._device = torch.device(str(device))
        self._network = network.eval().requires_grad_(False).to(self._device)

    @classmethod
    def load(cls, path: Path, device: Device = CPU) -> FaceParser:
        """Read the network's weights. Raises ModelError for other files."""
        with torch.device("meta"):
            network = BiSeNet()
        load_weights(network, read_weights(path, "musetalk"), path)
        return cls(network, device)

    def labels(self, picture: np.ndarray) -> np.ndarray:
        """Return the class of each pixel, uint8 (h, w), of a face, BGR uint8 (h, w, 3)."""
        with torch.inference_mode():
            logits = self._network(torch.from_numpy(normed(picture))[None].to(self._device))
            result: np.ndarray = logits[0].argmax(0).to(torch.uint8).cpu().numpy()
        return result


def normed(picture: np.ndarray) -> np.ndarray:
    """Return a picture, BGR uint8 (h, w, 3), as the network wants it: float32 (3, h, w)."""
    seen = cv2.cvtColor(picture, cv2.COLOR_BGR2RGB).astype(np.float32) / 255
    seen = (seen - np.array(MEAN, np.float32)) / np.array(DEVIATION, np.float32)
    return np.ascontiguousarray(seen.transpose(2, 0, 1))


def _mean(x: Tensor) -> Tensor:
    return x.mean(dim=(2, 3), keepdim=True)
