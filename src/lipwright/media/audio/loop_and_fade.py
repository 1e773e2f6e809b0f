"""Loop a sound without an audible seam, and fade it out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import numpy as np

CROSSING = 0.06
"""Seconds in which the end of a sound gives way to its beginning."""
FADING = 0.5
"""Seconds in which a sound fades out."""


def passes(
    sound: Callable[[], Iterator[np.ndarray]], period: int, rate: int
) -> Iterator[np.ndarray]:
    """Repeat a sound for ever, `period` samples each time.

    sound: yields float32 (channels, n) at `rate`; missing samples are silent. Each pass has to be
    exactly as long as the video's, so the seam takes nothing away: the end is continued by its own
    mirror image while the beginning fades in.
    """
    crossing = min(round(CROSSING * rate), period // 2)
    tail: np.ndarray | None = None
    while True:
        recent = np.zeros((1, 0), np.float32)
        place = 0
        for piece in _lasting(sound(), period):
            recent = _last(recent, piece, crossing)
            if tail is not None and place < crossing:
                piece = _crossed(piece, tail, place)
            place += piece.shape[1]
            yield piece
        tail = recent[:, ::-1]


def faded(pieces: Iterable[np.ndarray], end: int, rate: int) -> Iterator[np.ndarray]:
    """Yield pieces, float32 (channels, n), until sample `end`, fading out before it."""
    length = max(1, min(round(FADING * rate), end))
    place = 0
    for piece in pieces:
        piece = piece[:, : max(0, end - place)]
        if not piece.size:
            return
        left = end - (place + np.arange(piece.shape[1]))
        place += piece.shape[1]
        if left[-1] < length:
            piece = piece * np.minimum(left / length, 1).astype(np.float32)
        yield piece


def _lasting(pieces: Iterable[np.ndarray], count: int) -> Iterator[np.ndarray]:
    """Yield the first `count` samples, with silence where there are fewer."""
    channels = 1
    for piece in pieces:
        channels = len(piece)
        piece = piece[:, :count]
        if not piece.size:
            return
        count -= piece.shape[1]
        yield piece
    while count > 0:
        silent = np.zeros((channels, min(count, 4096)), np.float32)
        count -= silent.shape[1]
        yield silent


def _last(recent: np.ndarray, piece: np.ndarray, count: int) -> np.ndarray:
    """Return the last `count` samples of two pieces."""
    if piece.shape[1] >= count or not recent.size:
        return piece[:, piece.shape[1] - min(count, piece.shape[1]) :]
    return np.concatenate([recent, piece], axis=1)[:, -count:]


def _crossed(piece: np.ndarray, tail: np.ndarray, place: int) -> np.ndarray:
    """Crossfade `piece`, which begins at sample `place` of its pass, with the end of the last pass.

    The two are uncorrelated, so their powers add up to one.
    """
    length = tail.shape[1]
    count = min(piece.shape[1], length - place)
    angle = (place + np.arange(count) + 0.5) / length * (np.pi / 2)
    crossed = piece.copy()
    crossed[:, :count] *= np.sin(angle).astype(np.float32)
    crossed[:, :count] += tail[:, place : place + count] * np.cos(angle).astype(np.float32)
    return crossed
