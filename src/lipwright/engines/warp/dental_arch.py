"""The teeth of one jaw seen from the front, painted once per portrait above the image's resolution.

A texture holds light, not colour: 1 is the brightest enamel. Lengths in mouth widths.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from lipwright.engines.warp.face_frame import smoothstep

TEXTURE_HALF = 0.56
TEXTURE_BELOW = 0.08
TEXTURE_ABOVE = 0.30
CANINE = 2


@dataclass(frozen=True)
class Arch:
    """One half of a dental arch seen from the front, from the middle outwards."""

    edges: np.ndarray  # where teeth begin and end: they narrow as the arch turns away
    light: np.ndarray  # of each tooth
    rise: np.ndarray  # how much higher its edge stands than that of the first
    corner: float  # how round the teeth's corners are
    gap: tuple[float, float]  # how dark it is between them, and how much more at their edges


UPPER = Arch(
    np.array([0, 0.150, 0.264, 0.360, 0.436, 0.493, 0.535], np.float32),
    np.array([1.0, 0.97, 0.92, 0.84, 0.74, 0.62], np.float32),
    np.array([0, 0.014, 0.004, 0.018, 0.026, 0.036], np.float32),
    0.012,
    (0.20, 0.30),
)
LOWER = Arch(
    np.array([0, 0.098, 0.202, 0.300, 0.375, 0.43, 0.47], np.float32),
    np.array([0.97, 0.96, 0.91, 0.80, 0.66, 0.52], np.float32),
    np.array([0, 0.0, -0.004, 0.01, 0.02, 0.03], np.float32),
    0.006,
    (0.12, 0.12),
)


class Teeth:
    """The texture of one arch."""

    def __init__(self, arch: Arch, unit: float) -> None:
        """Paint an arch for a mouth `unit` px wide."""
        self._scale = float(np.clip(unit * 1.6, 160, 900))
        shade, alpha, yellow = _paint(arch, unit, self._scale)
        # enamel is a little yellower at the neck and on the canines: B, G, R
        colour = shade[..., None] * (1 - yellow[..., None] * np.array([1.0, 0.35, 0.0], np.float32))
        self._texture = np.dstack([colour * alpha[..., None], alpha]).astype(np.float32)

    def desaturate(self, saturation: float) -> None:
        """Take away the enamel's own yellow, wholly at 0, for a grey photograph."""
        colour = self._texture[..., :3]
        grey = colour.mean(-1, keepdims=True)
        self._texture[..., :3] = grey + saturation * (colour - grey)

    def at(self, u: np.ndarray, height: np.ndarray) -> np.ndarray:
        """Return premultiplied BGRA float32 (h, w, 4): light and alpha.

        u: place along the mouth; height: above the line of the edges; float32 (h, w) both.
        """
        return cv2.remap(
            self._texture,
            ((u + TEXTURE_HALF) * self._scale).astype(np.float32),
            ((height + TEXTURE_BELOW) * self._scale).astype(np.float32),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )


def _paint(arch: Arch, unit: float, scale: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return shade, alpha, yellowness on the texture grid (rows go up from below the edge)."""
    px = 1 / unit
    u, y = np.meshgrid(
        np.arange(-TEXTURE_HALF, TEXTURE_HALF, 1 / scale, dtype=np.float32),
        np.arange(-TEXTURE_BELOW, TEXTURE_ABOVE, 1 / scale, dtype=np.float32),
    )
    edges = arch.edges
    side = np.abs(u + 0.006)  # nobody's midline is exactly in the middle
    tooth = np.clip(np.searchsorted(edges, side.ravel()).reshape(side.shape) - 1, 0, 5)
    width = edges[tooth + 1] - edges[tooth]
    within = (side - edges[tooth]) / width
    to_gap = np.minimum(within, 1 - within) * width
    uneven = np.where(u > 0, 0.004, -0.003) * (tooth % 2)
    above = y - arch.rise[tooth] - uneven
    rounded = arch.corner * np.exp(-to_gap / 0.016) * (1 + 0.6 * (within > 0.5))
    alpha = smoothstep(-0.5 * px - 0.003, 0.5 * px + 0.003, above - rounded)
    alpha = alpha * smoothstep(edges[-1], edges[-1] - 0.03, side)
    gap_width = max(0.010, 0.85 * px)
    gap = np.exp(-((to_gap / gap_width) ** 2)) * min(0.016 / gap_width, 1.0)
    parting = np.exp(-np.maximum(above, 0) / 0.02)
    # each tooth a little different, always the same way: a person, not a ruler
    own = 1 + 0.025 * np.sin(2.3 * tooth + np.where(u > 0, 0.9, 3.1))
    shade = _along(arch, side) * own * (1 - (arch.gap[0] + arch.gap[1] * parting) * gap)
    # each tooth is round: its far side turns from the light
    shade *= 1 - 0.10 * np.abs(2 * within - 1) ** 3 - 0.06 * within * smoothstep(0.2, 0.45, side)
    shade *= (0.91 + 0.11 * smoothstep(0, 0.06, above)) * (1 - 0.22 * smoothstep(0.08, 0.22, above))
    glint = np.exp(-(((within - 0.45) / 0.22) ** 2) - ((above - 0.06) / 0.035) ** 2)
    shade += 0.06 * glint * (tooth < 2)
    yellow = np.where(tooth == CANINE, 0.05, 0.0) + 0.05 * smoothstep(0.05, 0.18, above)
    return shade.astype(np.float32), alpha.astype(np.float32), yellow.astype(np.float32)


def _along(arch: Arch, side: np.ndarray) -> np.ndarray:
    """Return the light along an arch: it falls steadily, not from tooth to tooth."""
    middle = (arch.edges[1:] + arch.edges[:-1]) / 2
    light: np.ndarray = np.interp(side, middle, arch.light).astype(np.float32)
    return light
