"""The engine `latentsync`: the mouth of 16 frames at a time drawn out of noise by LatentSync."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from lipwright.core.device import CPU, Device
from lipwright.core.errors import FaceError, MissingExtraError
from lipwright.core.rect import Box
from lipwright.engines.base import (
    Drawn,
    EngineSpec,
    Patch,
    PersonInImage,
    PersonInVideo,
    Window,
    WindowSpec,
)
from lipwright.engines.latentsync.alignment import align, soft_crop, three_points
from lipwright.engines.latentsync.audio_features import WhisperWindows
from lipwright.engines.latentsync.options import MODELS, LatentSyncOptions
from lipwright.engines.requirements import Requirements

if TYPE_CHECKING:
    from lipwright.engines.latentsync.faces import SeenFaces
    from lipwright.engines.latentsync.networks import Networks
    from lipwright.engines.latentsync.pasting import Paster

FPS = Fraction(25)
FRAMES = 16
DEFAULTS = LatentSyncOptions()


@dataclass(frozen=True, eq=False)
class LatentSyncAvatar:
    """A prepared picture, which drawing does not change."""

    faces: SeenFaces
    """The one face and its latents."""
    matrix: np.ndarray | None = None
    """How the authors' paste lays it out; None for the pipeline's."""
    dirty_box: Box | None = None
    """(x0, y0, x1, y1) in px: outside it all frames are the same."""


class LatentSyncEngine:
    """LatentSync 1.5 at 256 px and 1.6 at 512 (Li et al. 2024)."""

    spec = EngineSpec(
        name="latentsync",
        summary="The mouth of 16 frames at a time drawn out of noise by LatentSync 1.6, at 512 px.",
        audio=WhisperWindows(),
        licence="Apache-2.0; weights OpenRAIL++, as others state",
        needs="lipwright models download latentsync; the extra [latentsync]; a GPU, or patience",
        requires=Requirements(
            "latentsync", ("torch", "diffusers", "safetensors"), (MODELS[DEFAULTS.size],)
        ),
        speed="minutes for each second of video on a CPU",
        fps=FPS,
        crop=soft_crop(DEFAULTS.size),
        window=WindowSpec(FRAMES),
        runtime="torch",
        options=LatentSyncOptions,
    )

    def __init__(self, options: LatentSyncOptions = DEFAULTS, device: Device = CPU) -> None:
        """Open the networks on a device.

        Raises:
            ModelError: weights are missing, damaged, or of another version.
            MissingExtraError: torch, diffusers or safetensors is not installed.
            EngineError: the GPU has too little memory.
        """
        networks = options.networks or _open(options, device)
        self._options, self._networks = options, networks
        from lipwright.engines.latentsync.speed_estimate import SpeedEstimate
        from lipwright.engines.latentsync.window_drawing import WindowDrawer

        estimate = SpeedEstimate(networks, options) if device.kind == "cpu" else None
        together = device.kind != "cpu" and not options.low_memory
        self._drawer = WindowDrawer(networks, options, estimate, together)
        self.spec = replace(
            self.spec,
            audio=WhisperWindows(networks.hear, options.timing),
            crop=soft_crop(options.size) if options.paste == "soft" else None,
        )

    def prepare(self, source: PersonInImage | PersonInVideo) -> LatentSyncAvatar | None:
        """Look at the face of a picture; those of a video are looked at one by one.

        Raises FaceError where the face lies outside the picture.
        """
        if isinstance(source, PersonInVideo):
            return None
        from lipwright.engines.latentsync.faces import SeenFaces

        if source.crop is not None:
            face = np.ascontiguousarray(source.crop.pixels[..., ::-1])
            return LatentSyncAvatar(SeenFaces.see(self._networks, face[None]))
        from lipwright.engines.latentsync.official_image import cut_face, face_box

        size = self._options.size
        matrix = align(three_points(source.face.landmarks), size).matrix
        box = face_box(matrix, size, source.image.shape[:2])
        if box is None:
            raise FaceError("The face lies outside the picture: use one in which it is seen whole.")
        face = cut_face(source.image[..., ::-1], matrix, size)
        return LatentSyncAvatar(SeenFaces.see(self._networks, face[None]), matrix, box.box)

    def render(self, windows: Iterable[tuple[Window, ...]]) -> Iterator[Drawn]:
        """Draw window by window, the people of one at once where there is memory for it."""
        from lipwright.engines.latentsync.window_drawing import Asked

        pasters: dict[int, Paster] = {}
        for together in windows:
            own = [
                pasters.setdefault(person, self._paster(window.avatar))
                for person, window in enumerate(together)
            ]
            asked = [
                Asked(window, paster.look, window.avatar.faces if window.avatar else None)
                for window, paster in zip(together, own, strict=True)
            ]
            drawn = self._drawer.draw(asked)
            yield tuple(
                _patches(window, paster, values)
                for window, paster, values in zip(together, own, drawn, strict=True)
            )

    def close(self) -> None:
        """Let go of the networks."""
        del self._networks, self._drawer

    def _paster(self, avatar: LatentSyncAvatar | None) -> Paster:
        from lipwright.engines.latentsync import pasting

        if self._options.paste == "soft":
            return pasting.SoftPaster()
        if avatar is None or avatar.matrix is None:
            return pasting.OfficialPaster(self._options.size)
        return pasting.StillOfficialPaster(self._options.size, avatar.matrix)


def _patches(window: Window, paster: Paster, drawn: Mapping[int, Any]) -> list[Patch | None]:
    patches: list[Patch | None] = [None] * len(window.frames)
    for place, values in drawn.items():
        patches[place] = paster.patch(window.frames[place], values)
    return patches


def _open(options: LatentSyncOptions, device: Device) -> Networks:
    try:
        from lipwright.engines.latentsync.loading import load_networks
    except ImportError:
        raise MissingExtraError("LatentSync", "latentsync") from None
    return load_networks(options, device)
