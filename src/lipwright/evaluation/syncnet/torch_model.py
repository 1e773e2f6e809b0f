"""SyncNet in torch: embeddings of sound and lips that match.

Chung and Zisserman (2016), "Out of time: automated lip sync in the wild". Pooling, strides and
paddings follow the authors' code (github.com/joonson/syncnet_python), and module names are theirs,
so that their weights fit key by key. Written anew.
"""

from __future__ import annotations

from collections.abc import Iterable

from torch import Tensor, nn

EMBEDDING = 1024
"""Length of the vectors. They are not normalised: distances are on the authors' scale."""


class SyncNet(nn.Module):
    """The network of both embeddings.

    mfcc: float32 (n, 1, 13, 20), see mfcc.py. lip: float32 (n, 3, 5, 224, 224), five BGR frames, 0
    to 255. The embeddings, (n, 1024) each, are near each other where sound and lips match.
    """

    def __init__(self) -> None:
        super().__init__()
        self.netcnnaud = nn.Sequential(
            *_convolution(nn.Conv2d(1, 64, 3, padding=1)),
            nn.MaxPool2d(1),
            *_convolution(nn.Conv2d(64, 192, 3, padding=1)),
            nn.MaxPool2d(3, stride=(1, 2)),
            *_convolution(nn.Conv2d(192, 384, 3, padding=1)),
            *_convolution(nn.Conv2d(384, 256, 3, padding=1)),
            *_convolution(nn.Conv2d(256, 256, 3, padding=1)),
            nn.MaxPool2d(3, stride=2),
            *_convolution(nn.Conv2d(256, 512, (5, 4))),
        )
        self.netfcaud = _projection()
        self.netfclip = _projection()
        flat, aside = (1, 3, 3), (0, 1, 1)  # one frame at a time; its border padded
        self.netcnnlip = nn.Sequential(
            *_convolution(nn.Conv3d(3, 96, (5, 7, 7), stride=(1, 2, 2))),
            nn.MaxPool3d(flat, stride=(1, 2, 2)),
            *_convolution(nn.Conv3d(96, 256, (1, 5, 5), stride=(1, 2, 2), padding=aside)),
            nn.MaxPool3d(flat, stride=(1, 2, 2), padding=aside),
            *_convolution(nn.Conv3d(256, 256, flat, padding=aside)),
            *_convolution(nn.Conv3d(256, 256, flat, padding=aside)),
            *_convolution(nn.Conv3d(256, 256, flat, padding=aside)),
            nn.MaxPool3d(flat, stride=(1, 2, 2)),
            *_convolution(nn.Conv3d(256, 512, (1, 6, 6))),
        )

    def hear(self, mfcc: Tensor) -> Tensor:
        """Embed the sound: (n, 1024)."""
        embedding: Tensor = self.netfcaud(self.netcnnaud(mfcc).flatten(1))
        return embedding

    def see(self, lip: Tensor) -> Tensor:
        """Embed the lips: (n, 1024)."""
        embedding: Tensor = self.netfclip(self.netcnnlip(lip).flatten(1))
        return embedding

    def forward(self, mfcc: Tensor, lip: Tensor) -> tuple[Tensor, Tensor]:
        """Embed both: (n, 1024) each."""
        return self.hear(mfcc), self.see(lip)


def _convolution(layer: nn.Conv2d | nn.Conv3d) -> Iterable[nn.Module]:
    """A convolution, batch norm and ReLU."""
    norm = nn.BatchNorm3d if isinstance(layer, nn.Conv3d) else nn.BatchNorm2d
    return layer, norm(layer.out_channels), nn.ReLU()


def _projection() -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(512, 512), nn.BatchNorm1d(512), nn.ReLU(), nn.Linear(512, EMBEDDING)
    )
