"""The frames of one window drawn together, each shot alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby

import numpy as np
import torch

from lipwright.engines.base import SourceFrame, Window
from lipwright.engines.latentsync.faces import SeenFaces, clip_noise
from lipwright.engines.latentsync.networks import Networks
from lipwright.engines.latentsync.options import LatentSyncOptions
from lipwright.engines.latentsync.speed_estimate import SpeedEstimate

Look = Callable[[SourceFrame], "np.ndarray | None"]
"""Gives a frame's face, RGB uint8 (size, size, 3); None where it is not seen."""
Drawn = dict[int, torch.Tensor]
"""What was drawn, (3, size, size) in [-1, 1], by the frame's place in the window."""


class WindowDrawer:
    """Draws windows."""

    def __init__(
        self,
        networks: Networks,
        options: LatentSyncOptions,
        estimate: SpeedEstimate | None = None,
    ) -> None:
        """estimate: tells how long it takes, with the first window; None does not."""
        self._networks, self._options, self._estimate = networks, options, estimate

    def draw(self, window: Window, look: Look, known: SeenFaces | None = None) -> Drawn:
        """Draw a window.

        What repeats at its end is not drawn again. Frames in which the face is not seen are drawn
        with the nearest face, for those around them, and dropped.

        Args:
            window: up to 16 frames.
            look: gives the face of a frame.
            known: the face itself, where it is the same in all frames.
        """
        frames = list({frame.number: frame for frame in window.frames}.values())
        drawn: Drawn = {}
        for _, shot in groupby(enumerate(frames), lambda one: one[1].shot):
            places, own = zip(*shot, strict=True)
            drawn |= self._draw_shot(places, own, look, known)
        return drawn

    def _draw_shot(
        self,
        places: Sequence[int],
        frames: Sequence[SourceFrame],
        look: Look,
        known: SeenFaces | None,
    ) -> Drawn:
        if known is not None:
            faces, seen = known.pick([0] * len(frames)), list(range(len(frames)))
        else:
            crops = [look(frame) for frame in frames]
            seen = [number for number, crop in enumerate(crops) if crop is not None]
            if not seen:
                return {}
            found = np.stack([crop for crop in crops if crop is not None])
            nearest = [
                min(range(len(seen)), key=lambda one: abs(seen[one] - number))
                for number in range(len(frames))
            ]
            faces = SeenFaces.see(self._networks, found).pick(nearest)
        if self._estimate is not None:
            self._estimate.begin(stills=known is not None)
        values = self._redraw(faces, frames)
        return {places[number]: values[number] for number in seen}

    def _redraw(self, faces: SeenFaces, frames: Sequence[SourceFrame]) -> torch.Tensor:
        """(f, 3, size, size): faces with another mouth."""
        options = self._options
        audio = np.stack([frame.audio for frame in frames])
        latents = self._networks.draw(
            clip_noise(frames[0].person_seed, options.size, len(frames)),
            faces.conditions(audio),
            options.steps,
            options.guidance,
            options.deep_cache,
            None if self._estimate is None else self._estimate.told,
        )
        return faces.paste(self._networks.decode(latents[0].transpose(0, 1)))
