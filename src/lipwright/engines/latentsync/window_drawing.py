"""The frames of one window drawn together, each shot alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import torch

from lipwright.engines.base import SourceFrame, Window
from lipwright.engines.latentsync.diffusion import Conditions
from lipwright.engines.latentsync.faces import SeenFaces, clip_noise
from lipwright.engines.latentsync.networks import Networks
from lipwright.engines.latentsync.options import LatentSyncOptions
from lipwright.engines.latentsync.speed_estimate import SpeedEstimate

Look = Callable[[SourceFrame], "np.ndarray | None"]
"""Gives a frame's face, RGB uint8 (size, size, 3); None where it is not seen."""
Drawn = dict[int, torch.Tensor]
"""What was drawn, (3, size, size) in [-1, 1], by the frame's place in the window."""


@dataclass(frozen=True, eq=False)
class Asked:
    """One person's window that is to be drawn."""

    window: Window
    """Up to 16 frames."""
    look: Look
    """Gives the face of a frame."""
    known: SeenFaces | None = None
    """The face itself, where it is the same in all frames."""


@dataclass(frozen=True, eq=False)
class _Shot:
    person: int
    places: Sequence[int]
    frames: Sequence[SourceFrame]
    faces: SeenFaces
    seen: Sequence[int]


class WindowDrawer:
    """Draws windows."""

    def __init__(
        self,
        networks: Networks,
        options: LatentSyncOptions,
        estimate: SpeedEstimate | None = None,
        together: bool = False,
    ) -> None:
        """Take what draws.

        Args:
            networks: that draw.
            options: of the engine.
            estimate: tells how long it takes, with the first window; None does not.
            together: whether people go through the network at once, which takes memory.
        """
        self._networks, self._options, self._estimate = networks, options, estimate
        self._together = together

    def draw(self, asked: Sequence[Asked]) -> list[Drawn]:
        """Draw the windows of people who speak at the same time, each person's in its place.

        What repeats at a window's end is not drawn again. Frames in which the face is not seen are
        drawn with the nearest face, for those around them, and dropped.
        """
        drawn: list[Drawn] = [{} for _ in asked]
        shots = [shot for person, one in enumerate(asked) for shot in self._shots(person, one)]
        for batch in self._batches(shots):
            for shot, values in zip(batch, self._redraw(batch), strict=True):
                made = {shot.places[number]: values[number] for number in shot.seen}
                drawn[shot.person].update(made)
        return drawn

    def _batches(self, shots: Sequence[_Shot]) -> Iterator[Sequence[_Shot]]:
        """Shots of one length go together where that is wanted."""
        if not self._together:
            yield from ([shot] for shot in shots)
            return
        ordered = sorted(shots, key=lambda shot: len(shot.frames))
        for _, batch in groupby(ordered, lambda shot: len(shot.frames)):
            yield list(batch)

    def _shots(self, person: int, asked: Asked) -> Iterator[_Shot]:
        frames = list({frame.number: frame for frame in asked.window.frames}.values())
        for _, shot in groupby(enumerate(frames), lambda one: one[1].shot):
            places, own = zip(*shot, strict=True)
            if asked.known is not None:
                faces, seen = asked.known.pick([0] * len(own)), list(range(len(own)))
            else:
                crops = [asked.look(frame) for frame in own]
                seen = [number for number, crop in enumerate(crops) if crop is not None]
                if not seen:
                    continue
                found = np.stack([crop for crop in crops if crop is not None])
                nearest = [
                    min(range(len(seen)), key=lambda one: abs(seen[one] - number))
                    for number in range(len(own))
                ]
                faces = SeenFaces.see(self._networks, found).pick(nearest)
            if self._estimate is not None:
                self._estimate.begin(stills=asked.known is not None)
            yield _Shot(person, places, own, faces, seen)

    def _redraw(self, shots: Sequence[_Shot]) -> list[torch.Tensor]:
        """Faces with another mouth, (f, 3, size, size) for each shot."""
        options = self._options
        noise, given = [], []
        for shot in shots:
            audio = np.stack([frame.audio for frame in shot.frames])
            given.append(shot.faces.conditions(audio))
            seed = shot.frames[0].person_seed
            noise.append(clip_noise(seed, options.size, len(shot.frames)))
        latents = self._networks.draw(
            torch.cat(noise),
            Conditions.join(given),
            options.steps,
            options.guidance,
            options.deep_cache,
            None if self._estimate is None else self._estimate.told,
        )
        return [
            shot.faces.paste(self._networks.decode(one.transpose(0, 1)))
            for shot, one in zip(shots, latents, strict=True)
        ]
