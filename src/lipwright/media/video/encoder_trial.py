"""Video encoders tried on this machine: whether one works, and which is the fastest."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from functools import cache
from math import inf
from threading import Lock
from typing import Any

import numpy as np

from lipwright.core.cores import encoder_threads
from lipwright.media.video.encoder_presets import Encoder
from lipwright.media.video.scheduling import unchanged_scheduling

log = logging.getLogger("lipwright")

PROBE_SIZE = (320, 240)
"""px: smaller pictures are refused by some graphics cards."""
TRIAL_SIZE, TRIAL_FRAMES, ROUNDS = (1280, 720), 24, 2
MOVED = 2  # px from each frame of a trial to the next

Measure = Callable[[Sequence[Encoder]], Sequence[float]]
"""How long encoders take for the same frames, s, as `measure` tells."""

_measuring = Lock()


def fastest(software: Encoder, cards: Iterable[Encoder], timed: Measure | None = None) -> Encoder:
    """Return the fastest of some encoders of graphics cards, or `software` where none is faster.

    Each encodes the same 24 frames of 1280x720 twice. What was found out holds for the process.

    timed: measures them; None for `measure`.
    """
    tried = (software, *cards)
    if len(tried) == 1:
        return software
    seconds = (timed or measure)(tried)
    place = int(np.argmin(seconds))  # the first of equals: software
    log.info(
        "%s encodes the video: of %d frames tried it takes %s.",
        tried[place].name,
        TRIAL_FRAMES,
        ", ".join(
            f"{took:.2f} s ({encoder.name})" if took < inf else f"none at all ({encoder.name})"
            for encoder, took in zip(tried, seconds, strict=True)
        ),
    )
    return tried[place]


def measure(encoders: Sequence[Encoder]) -> tuple[float, ...]:
    """Return how long encoders take for the same frames, s, at best of two times, by turns.

    Infinity for one that fails. They are measured once in a process.
    """
    with _measuring:
        return _measured(tuple(encoders))


@cache
def _measured(encoders: tuple[Encoder, ...]) -> tuple[float, ...]:
    best, pictures = [inf] * len(encoders), _moving_pictures()
    for _ in range(ROUNDS):
        for place, encoder in enumerate(encoders):
            best[place] = min(best[place], _seconds(encoder, pictures))
    return tuple(best)


def _seconds(encoder: Encoder, pictures: Sequence[np.ndarray]) -> float:
    """Return how long an encoder takes for BGR uint8 (h, w, 3) once it is open, s."""
    import av

    try:
        with unchanged_scheduling():
            context = _opened(encoder, TRIAL_SIZE)
            frames = [_frame(picture, encoder, number) for number, picture in enumerate(pictures)]
            started = time.perf_counter()
            packets = [packet for frame in frames for packet in context.encode(frame)]
            packets += context.encode(None)
            took = time.perf_counter() - started
    except (av.FFmpegError, ValueError, OSError):
        return inf
    return took if len(packets) == len(pictures) else inf


def encode_one(encoder: Encoder) -> None:
    """Encode one small picture; raises what FFmpeg raises, ValueError where nothing came of it."""
    grey = np.full((PROBE_SIZE[1], PROBE_SIZE[0], 3), 128, np.uint8)
    with unchanged_scheduling():
        context = _opened(encoder, PROBE_SIZE)
        packets = context.encode(_frame(grey, encoder, 0)) + context.encode(None)
    if not packets:
        raise ValueError("nothing came out of it")


def open_quietly(encoder: Encoder) -> None:
    """To be called before SVT-AV1 is opened: only a variable keeps it from using the terminal."""
    if encoder.codec == "AV1":
        os.environ.setdefault("SVT_LOG", "1")


def _opened(encoder: Encoder, size: tuple[int, int]) -> Any:
    """Return an open av.CodecContext, with the threads that a film gets."""
    import av

    open_quietly(encoder)
    context: Any = av.CodecContext.create(encoder.name, "w")
    context.width, context.height = size
    context.pix_fmt = encoder.pixels
    context.time_base, context.framerate = Fraction(1, 25), Fraction(25)
    context.options = encoder.settings("medium")
    context.thread_count, context.thread_type = encoder_threads(), "FRAME"
    context.open()
    return context


def _frame(picture: np.ndarray, encoder: Encoder, number: int) -> Any:
    """Return an av.VideoFrame of a BGR uint8 (h, w, 3) picture, as an encoder takes it."""
    import av

    frame = av.VideoFrame.from_ndarray(picture, "bgr24").reformat(format=encoder.pixels)
    frame.pts, frame.time_base = number, Fraction(1, 25)
    return frame


def _moving_pictures() -> list[np.ndarray]:
    """Return BGR uint8 (h, w, 3): soft shapes with grain, which move to the side."""
    import cv2

    width, height = TRIAL_SIZE
    random = np.random.default_rng(0)
    coarse = random.uniform(40, 215, (12, 20, 3)).astype(np.float32)
    wide = cv2.resize(coarse, (width + MOVED * TRIAL_FRAMES, height), interpolation=cv2.INTER_CUBIC)
    grainy = (wide + random.normal(0, 2, wide.shape)).clip(0, 255).astype(np.uint8)
    starts = range(0, MOVED * TRIAL_FRAMES, MOVED)
    return [np.ascontiguousarray(grainy[:, start : start + width]) for start in starts]
