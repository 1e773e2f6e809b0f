"""Downmixing of many channels to one or two.

A sum of channels loses what they have in antiphase, such as a microphone with crossed wires in one
of them. Where channels cancel each other for a second, those that move against the loudest are
turned round before they are summed; ordinary sound is the plain weighted sum.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from lipwright.media.audio.clock import Piece

LOOK_AHEAD = 1.0
"""Seconds over which channels are compared."""
CANCELLED, ADDED = 0.05, 0.5
"""Power of the sum, as a part of what channels that have nothing in common would give: below the
first they cancel each other; above the second they do so no longer."""
AUDIBLE, QUIETER = 1e-6, 10**-2.5
"""Mean power, and power against the loudest second so far, below which nothing is concluded."""

MONO_WEIGHTS = {  # films have their dialogue in the centre; the low-frequency channel has none
    "FC": 1.0, "FL": 0.5, "FR": 0.5, "BL": 0.25, "BR": 0.25, "BC": 0.25, "SL": 0.25, "SR": 0.25,
    "LFE": 0.0, "LFE2": 0.0,
}  # fmt: skip
STEREO_WEIGHTS = {  # ITU-R BS.775: (left, right)
    "FL": (1.0, 0.0), "FR": (0.0, 1.0), "FC": (0.7071, 0.7071), "BC": (0.5, 0.5),
    "BL": (0.7071, 0.0), "SL": (0.7071, 0.0), "BR": (0.0, 0.7071), "SR": (0.0, 0.7071),
    "LFE": (0.0, 0.0), "LFE2": (0.0, 0.0),
}  # fmt: skip

MOST_LAYOUTS = 100
_WEIGHTS: dict[str, np.ndarray] = {}
"""Of layouts by name: to ask for their channels takes longer than to mix a small piece."""


def mix_to_mono(samples: np.ndarray, layout: Any) -> np.ndarray:
    """Mix float32 (channels, n) in av's `layout` to (1, n), with weights whose sum is one."""
    if len(samples) == 1:
        return samples
    mono: np.ndarray = _mono_weights(len(samples), layout)[None] @ samples
    return mono


def downmix_pieces(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Mix pieces to mono (see `mix_to_mono`), about a second behind what has been read.

    Channels that cancel each other are turned round first.
    """
    polarity, held, ahead = _Polarity(), _Held(), 0.0
    for piece in pieces:
        if held.pieces and len(held.pieces[-1].samples) != len(piece.samples):
            while held.pieces:  # there is nothing to compare them with
                yield polarity.mix(held)
            polarity, held, ahead = _Polarity(), _Held(), 0.0
        if len(piece.samples) == 1:
            yield piece
            continue
        held.append(piece)
        ahead += piece.seconds
        while ahead >= LOOK_AHEAD and len(held.pieces) > 1:
            ahead -= held.pieces[0].seconds
            yield polarity.mix(held)
    while held.pieces:
        yield polarity.mix(held)


class _Held:
    """Pieces that are compared, and the sums over all of them."""

    def __init__(self) -> None:
        self.pieces = deque[Piece]()
        self.length = 0
        """Samples in all."""
        self.products: Any = 0.0
        """The sums of products of channels, float64 (channels, channels)."""
        self._products = deque[np.ndarray]()

    def append(self, piece: Piece) -> None:
        """Take one more."""
        products = _products(piece)
        self.pieces.append(piece)
        self._products.append(products)
        self.length += piece.length
        self.products = self.products + products

    def popleft(self) -> Piece:
        """Give the first one away."""
        piece = self.pieces.popleft()
        self.length -= piece.length
        self.products = self.products - self._products.popleft()
        return piece


class _Polarity:
    """Which channels are turned round, as time goes on."""

    def __init__(self) -> None:
        self._turned: np.ndarray | None = None  # float32 (channels, 1) of 1 and -1
        self._loudest = 0.0
        self._begun = False

    def mix(self, held: _Held) -> Piece:
        """Take the first piece away and mix it, in the light of all."""
        before = self._turned
        self._compare(held.products, held.length)
        piece = held.popleft()
        mixed = _turn_and_mix(piece, self._turned)
        if self._begun and before is not self._turned:  # from the one to the other without a click
            share = np.linspace(0, 1, piece.length, dtype=np.float32)
            mixed = mixed * share + _turn_and_mix(piece, before) * (1 - share)
        self._begun = True
        return piece._replace(samples=mixed)

    def _compare(self, products: Any, count: int) -> None:
        """Look at the sums of products of channels, float64 (channels, channels)."""
        alone = float(np.trace(products))
        self._loudest = max(self._loudest, alone / count)
        if alone / count < max(AUDIBLE, QUIETER * self._loudest):
            return
        summed = float(products.sum()) / alone
        if self._turned is None and summed < CANCELLED:
            loudest = int(np.argmax(np.diag(products)))
            self._turned = np.where(products[loudest] < 0, -1, 1)[:, None].astype(np.float32)
        elif self._turned is not None and summed > ADDED:
            self._turned = None


def _products(piece: Piece) -> np.ndarray:
    """The sums of products of a piece's weighted channels, float64 (channels, channels)."""
    weighted = piece.samples * _mono_weights(len(piece.samples), piece.layout)[:, None]
    products: np.ndarray = (weighted @ weighted.T).astype(np.float64)
    return products


def _turn_and_mix(piece: Piece, turned: np.ndarray | None) -> np.ndarray:
    return mix_to_mono(piece.samples if turned is None else piece.samples * turned, piece.layout)


def _mono_weights(channels: int, layout: Any) -> np.ndarray:
    """Weights of channels, float32 (channels,), whose sum is one."""
    if layout.name not in _WEIGHTS:
        if len(_WEIGHTS) >= MOST_LAYOUTS:
            _WEIGHTS.clear()
        names = (channel.name for channel in layout.channels)
        _WEIGHTS[layout.name] = np.array([MONO_WEIGHTS.get(n, 0.5) for n in names], np.float32)
    weights = _WEIGHTS[layout.name]
    if len(weights) != channels or not weights.any():
        weights = np.ones(channels, np.float32)
    shares: np.ndarray = weights / weights.sum()
    return shares


def mix_to_stereo(samples: np.ndarray, layout: Any) -> np.ndarray:
    """Mix float32 (channels, n) in av's `layout` to (2, n); several loud channels may exceed 1."""
    if len(samples) == 2:
        return samples
    names = [channel.name for channel in layout.channels]
    if len(samples) == 1 or len(names) != len(samples):
        return np.repeat(samples.mean(axis=0, keepdims=True), 2, axis=0)
    weights = np.array([STEREO_WEIGHTS.get(name, (0.5, 0.5)) for name in names], np.float32)
    stereo: np.ndarray = weights.T @ samples
    return stereo
