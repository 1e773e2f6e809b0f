"""How long drawing will take on a CPU, said before it has taken it."""

from __future__ import annotations

import logging
from math import ceil
from time import perf_counter

import torch

from lipwright.engines.latentsync.diffusion import CACHE_INTERVAL
from lipwright.engines.latentsync.networks import Networks
from lipwright.engines.latentsync.options import LatentSyncOptions

log = logging.getLogger("lipwright")

WINDOW = 16  # frames
FPS = 25
PATIENCE = 5.0
"""Seconds for a second of video above which it is a warning."""


class SpeedEstimate:
    """Measures the first steps of a run and tells once what a second of video takes."""

    def __init__(self, networks: Networks, options: LatentSyncOptions) -> None:
        self._networks, self._options = networks, options
        self._pictures: float | None = None
        self._steps: list[float] = []
        self._wanted = 2 if options.deep_cache and options.steps > 1 else 1

    def begin(self, stills: bool) -> None:
        """Measure what one picture takes to encode and decode, before the first window.

        stills: whether the person is a picture, which is encoded only once.
        """
        if self._pictures is not None:
            return
        side = self._options.size // 8
        before = perf_counter()
        picture = self._networks.decode(torch.zeros(1, 4, side, side))
        decoding = perf_counter() - before
        before = perf_counter()
        if not stills:
            self._networks.encode(picture)
        self._pictures = decoding + 2 * (perf_counter() - before)

    def told(self, seconds: float) -> None:
        """Take what a step took; after the first, or two with the cache, the estimate is logged."""
        if self._pictures is None or len(self._steps) == self._wanted:
            return
        self._steps.append(seconds)
        if len(self._steps) == self._wanted:
            _tell(self.seconds, self._options)

    @property
    def seconds(self) -> float:
        """What one second of video takes for one person, in s."""
        steps, full = self._options.steps, self._steps[0]
        deep = ceil(steps / CACHE_INTERVAL) if self._options.deep_cache else steps
        window = deep * full + (steps - deep) * self._steps[-1]
        return FPS * ((self._pictures or 0.0) + window / WINDOW)


def _tell(seconds: float, options: LatentSyncOptions) -> None:
    told = f"{seconds / 60:.0f} minutes" if seconds >= 120 else f"{seconds:.0f} s"
    log.log(
        logging.WARNING if seconds > PATIENCE else logging.INFO,
        "On this CPU LatentSync takes about %s for each second of video and person, at %d px and "
        "%d steps, measured on its first: a GPU, 256 px, fewer steps or the cache are faster.",
        told,
        options.size,
        options.steps,
    )
