"""Deform a frame's lower face from the shape its mouth has to the one that is wanted.

The frame's own skin and lips are the source: each place of the wanted face is followed back to the
person's closed mouth by `MouthField`, and from there to where the frame has it, by the movement of
its own mouth. What that analytic movement leaves between it and the lips' measured borders is made
up for near the lips, so that these end exactly on the wanted lines.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lipwright.engines.warp.face_frame import (
    LOWER_OUTER,
    UPPER_OUTER,
    FaceFrame,
    smooth_curve,
    smoothstep,
)
from lipwright.engines.warp.lip_contour import Lips
from lipwright.engines.warp.mouth_warp import DisplacementLayer, MouthField
from lipwright.engines.warp.own_shape import OwnShape

if TYPE_CHECKING:
    from lipwright.engines.warp.mouth_bank import Entry

ONE_LINE = 0.0, 0.03  # mw: of so little between the inner borders nothing is an opening, or all
INSIDE_RED = 0.03  # mw: the rim of parted lips is mixed with what is between them
SOFT = 1.0  # px: so much more of it in a picture whose edges are soft
OF_LIP = 0.35  # of a lip's height at most is left out as its rim
CLOSING = 0.02, 0.08  # mw that lips are brought together between which it comes to that
CONTACT = 0.012  # mw: of touching lips that part, the line between them is left out
PARTING = 0.02, 0.10  # mw of own and of wanted opening between which lips part
SKIN_FADE = (0.16, 0.30), (0.22, 0.60)
"""Mw beyond the red of the upper and the lower lip in which the correction fades, at least and at
most: a large one fades over more skin, which would fold otherwise."""
GENTLE = 1.6  # mw of fading per mw of correction
SLACK_END = 0.95  # of the way to the chin: from there on skin moves with it
CORNER_FADE = 0.10  # the same, beside the corners
SHIFT_FADE = 0.55  # mw above and below the lips
CLEAR = 0.05
"""Mw beyond the red of lips that were far open where the skin around the wanted ones begins: their
soft edge would be spread over it."""
CLEARED = (0.05, 0.20), (0.20, 0.45)
"""Mw that lips are brought together between which it comes to that, and to as much again: of lips
that are wide open the lower edge is found too high."""
TABLE = 768  # places at which an inner border is looked up
NOWHERE = 9.0  # mw
LENT_KEPT = 8  # mouths that are lent, each in many frames, whose movement is kept
CURVE = 23  # samples over which the measured borders are smoothed


class Target(NamedTuple):
    """A wanted face, on the grid of `MouthField`."""

    shape: OwnShape
    backward: tuple[np.ndarray, np.ndarray]
    """Displacement of upper and lower layer, float32 (ROWS, COLUMNS, 2), mw: what is wanted at a
    place is at place + displacement where the mouth is closed."""
    lips: Lips
    """Its lip lines."""


class Reshaped(NamedTuple):
    """How a wanted face is taken from a frame, on the grid of `MouthField`."""

    layers: tuple[np.ndarray, np.ndarray]
    """Displacement of upper and lower layer, float32 (ROWS, COLUMNS, 2), mw: the material at a
    place is that of place + displacement in the frame."""
    lips: Lips
    """The wanted lip lines."""
    borders: tuple[InnerBorder, InnerBorder]
    """Of the upper and the lower lip in the frame: beyond them there is no lip."""


class InnerBorder:
    """Where a lip ends in a frame, between its inner corners."""

    def __init__(self, x: np.ndarray, y: np.ndarray, beyond: float) -> None:
        """x, y: float64 (n,) each, mw; beyond: y beside the corners, where nothing ends."""
        self._left, self._right = float(x[0]), float(x[-1])
        self._y = np.full(TABLE + 2, beyond, np.float32)
        self._y[1:-1] = np.interp(np.linspace(self._left, self._right, TABLE), x, y)

    def at(self, x: np.ndarray) -> np.ndarray:
        """Return y, float32 in mw, at positions x, float32 of any shape such as (h, w)."""
        scale = np.float32((TABLE - 1) / max(self._right - self._left, 1e-6))
        index = ((x - np.float32(self._left)) * scale + np.float32(1.5)).clip(0, TABLE + 1)
        values: np.ndarray = self._y[index.astype(np.int32)]
        return values


class Reshaping:
    """The deformations of one person's lower face."""

    def __init__(self, frame: FaceFrame, field: MouthField) -> None:
        """Prepare for a face with a closed mouth, and the field that moves it."""
        self.frame, self.field = frame, field
        points, slit = frame.points, frame.slit
        self._lips = []
        for upper, outer in ((True, UPPER_OUTER), (False, LOWER_OUTER)):
            x = np.linspace(points[outer[0], 0], points[outer[-1], 0], len(slit.x))
            y = smooth_curve(np.interp(x, points[outer, 0], points[outer, 1]), CURVE)
            self._lips.append(_Lip(frame, field, upper, x, y))
        self._of_lent = lru_cache(LENT_KEPT)(self._whole)

    def target(self, want: OwnShape) -> Target:
        """Return how the face with a wanted mouth is followed back to the closed mouth."""
        x, (top, upper, lower, bottom) = self._borders(want.curves)
        lower = np.maximum(upper, lower)
        sides = (upper, want.curves[0]), (lower, want.curves[3])
        backward = [
            self.field.inverted(lip.forward(want, x, line, border))
            for lip, (line, border) in zip(self._lips, sides, strict=True)
        ]
        lips = Lips(np.stack([x, upper], -1), np.stack([x, lower], -1))
        return Target(want, (backward[0], backward[1]), lips)

    def between(self, own: OwnShape, target: Target) -> Reshaped:
        """Return how a mouth that is wanted is taken from the one a frame has."""
        opening = target.shape.gap
        x, (top, up, low, bottom), gap = self._opened(own)
        closing = gap * (1 - opening / max(float(gap.max()), opening, 1e-6))
        rim = (INSIDE_RED + SOFT / self.frame.unit) * smoothstep(*CLOSING, closing)
        touching = smoothstep(*PARTING[::-1], gap)
        rim = np.maximum(rim, CONTACT * touching * float(smoothstep(*PARTING, opening)))
        rim = rim * (1 - np.linspace(-1, 1, len(x)) ** 4)
        up, low = _narrowed(up, low, gap)
        up = up - np.minimum(rim, OF_LIP * np.maximum(up - top, 0))
        low = low + np.minimum(rim, OF_LIP * np.maximum(bottom - low, 0))
        forward = self._forward(own, x, (up, low), _clear(own, opening))
        borders = InnerBorder(x, up, NOWHERE), InnerBorder(x, low, -NOWHERE)
        return Reshaped(self._through(target, forward), target.lips, borders)

    def lent(self, entry: Entry, target: Target) -> tuple[np.ndarray, np.ndarray]:
        """Return how a wanted mouth is taken from another frame: `Reshaped.layers`, float32.

        (ROWS, COLUMNS, 2) each, mw; with what is between the lips, up to their very edges.
        """
        return self._through(target, self._of_lent(entry, _clear(entry.own, target.shape.gap)))

    def _whole(self, entry: Entry, clear: float) -> tuple[np.ndarray, np.ndarray]:
        x, (_, up, low, _), gap = self._opened(entry.own)
        return self._forward(entry.own, x, _narrowed(up, low, gap), clear)

    def _opened(self, own: OwnShape) -> tuple[np.ndarray, list[np.ndarray], np.ndarray]:
        """Return x, the y of all four borders there, and the opening, float64 (n,) each, mw."""
        x, borders = self._borders(own.curves)
        gap = np.maximum(borders[2] - borders[1], 0)
        return x, borders, gap * smoothstep(*ONE_LINE, gap)

    def _forward(
        self, own: OwnShape, x: np.ndarray, inner: tuple[np.ndarray, np.ndarray], clear: float
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return where either layer goes from rest to a frame's own shape.

        x, inner: the inner borders in the frame, float64 (n,) each; clear: as of `_clear`. Returns
        float32 (ROWS, COLUMNS, 2) each, mw.
        """
        outer = own.curves[0] - [0, clear], own.curves[3] + [0, clear]
        upper, lower = (
            lip.forward(own, x, line, border)
            for lip, line, border in zip(self._lips, inner, outer, strict=True)
        )
        return upper, lower

    def _through(
        self, target: Target, forward: tuple[np.ndarray, np.ndarray]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the way back from what is wanted, and on to a frame.

        forward, and what is returned: of both layers, float32 (ROWS, COLUMNS, 2) each, mw.
        """
        upper, lower = (
            back + self.field.sampled(on, back)
            for back, on in zip(target.backward, forward, strict=True)
        )
        return upper, lower

    def _borders(self, curves: np.ndarray) -> tuple[np.ndarray, list[np.ndarray]]:
        """Return x between the inner corners, float64 (n,), and y of all four borders there."""
        inner = curves[1, :, 0]
        x = np.linspace(inner[0], inner[-1], len(self.frame.slit.x))
        return x, [_over(x, curve) for curve in curves]


class _Lip:
    """One lip and the skin on its side: where it goes from rest to a frame's own shape."""

    def __init__(
        self, frame: FaceFrame, field: MouthField, upper: bool, x: np.ndarray, outer: np.ndarray
    ) -> None:
        """x, outer: the border of the red at rest, float64 (n,) each."""
        self._layer = field.upper if upper else field.lower
        slit = frame.slit
        self._borders = _Borders(frame, (slit.x, slit.y), (x, outer), upper)
        grid_x, grid_y = field.places
        self._columns = grid_x[0]
        border = np.interp(grid_x, x, outer)
        out = (slit.at(grid_x) - grid_y) * (1 if upper else -1)
        height = np.maximum(np.abs(slit.at(grid_x) - border), 0.02)
        over = np.maximum(np.maximum(slit.x[0] - grid_x, grid_x - slit.x[-1]), 0)
        near = np.exp(-((over / CORNER_FADE) ** 2))
        share = np.clip(out / height, 0, 1)
        self._of_inner = (near * (1 - share)).astype(np.float32)
        self._of_outer = (near * share).astype(np.float32)
        self._beyond = (np.maximum(out - height, 0) ** 2).astype(np.float32)
        self._fade = SKIN_FADE[0 if upper else 1]
        self._slack = None if upper else _slack(frame, grid_x, grid_y)
        side = np.maximum(np.abs(frame.u(grid_x)) - 0.5, 0)
        moved = np.exp(-((out / SHIFT_FADE) ** 2) - (side / 0.3) ** 2)
        self._shift = moved.astype(np.float32)

    def forward(
        self, own: OwnShape, x: np.ndarray, inner: np.ndarray, outer: np.ndarray
    ) -> np.ndarray:
        """Return float32 (ROWS, COLUMNS, 2), mw: where what is at rest there is in the frame.

        x, inner: the inner border in the frame, float64 (n,); outer: (11, 2), the outer one.
        """
        moved = self._layer(own.mouth)
        moved[..., 0] += np.float32(own.shift) * self._shift
        if self._slack is not None:
            moved[..., 1] -= np.float32(own.mouth.jaw - own.mouth.opening) * self._slack
        (inner_x, outer_x), borders = self._borders.x, self._borders.moved(own)
        (inner_at, inner_y), (outer_at, outer_y) = borders
        of_inner = np.interp(self._columns, inner_x, np.interp(inner_at, x, inner) - inner_y)
        of_outer = np.interp(self._columns, outer_x, _over(outer_at, outer) - outer_y)
        moved[..., 1] += of_inner.astype(np.float32) * self._of_inner
        fade = np.clip(GENTLE * np.abs(of_outer).max(), *self._fade)
        skin = np.exp(self._beyond * np.float32(-1 / fade**2))
        moved[..., 1] += of_outer.astype(np.float32) * self._of_outer * skin
        return moved


def _slack(frame: FaceFrame, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return how skin below a lower lip follows it more where the chin moves and the lip does not.

    Of the way from the one to the other, float32 (h, w) at places x and y, mw. `DisplacementLayer`
    has that way within a little skin next to the lip, which a shadow there would be drawn out by.
    """
    below = y - frame.slit.at(x)
    near, far = 0.9 * frame.lower_lip, SLACK_END * frame.chin
    straight = np.clip((far - below) / max(far - near, 1e-3), 0, 1)
    kept = np.exp(-((np.maximum(below - near, 0) / 0.20) ** 2))
    along = 1 - np.clip(np.abs(frame.u(x)) / (0.48 + 0.25 * np.abs(below)), 0, 1) ** 2.3
    slack: np.ndarray = (straight - kept) * along
    return slack.astype(np.float32)


class _Borders:
    """The inner and the outer border of a lip at rest, x and y float64 (n,) each, mw."""

    def __init__(
        self,
        frame: FaceFrame,
        inner: tuple[np.ndarray, np.ndarray],
        outer: tuple[np.ndarray, np.ndarray],
        upper: bool,
    ) -> None:
        self.x = inner[0], outer[0]
        self._first = len(inner[0])
        self._at = np.stack([np.concatenate(both) for both in zip(inner, outer, strict=True)], -1)
        x, y = self._at.astype(np.float32).T.copy()
        self._layer = DisplacementLayer(frame, x, y, np.ones(len(x), np.float32), upper=upper)

    def moved(self, own: OwnShape) -> list[np.ndarray]:
        """Return x and y, float64 (2, n), where the analytic movement takes either."""
        moved = (self._at + self._layer(own.mouth)).T
        moved[0] += own.shift
        return [moved[:, : self._first], moved[:, self._first :]]


def _narrowed(up: np.ndarray, low: np.ndarray, gap: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    middle = (up + low) / 2
    return middle - gap / 2, middle + gap / 2


def _clear(own: OwnShape, opening: float) -> float:
    """Return how far beyond the red of a mouth skin begins that is brought to an opening, mw."""
    return CLEAR * sum(float(smoothstep(*ends, own.gap - opening)) for ends in CLEARED)


def _over(x: np.ndarray, curve: np.ndarray) -> np.ndarray:
    """Return the y of a border's landmarks, (11, 2), smoothly over x, float64 (n,)."""
    return smooth_curve(np.interp(x, curve[:, 0], curve[:, 1]), CURVE)
