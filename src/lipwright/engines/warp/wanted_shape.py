"""The shape that a wanted mouth has: by rule, or as this person makes it."""

from __future__ import annotations

import numpy as np

from lipwright.engines.warp.face_frame import FaceFrame
from lipwright.engines.warp.lip_gaps import gaps_of, middle_of, unseen, with_gaps
from lipwright.engines.warp.mouth_warp import OPENED, DisplacementLayer, Mouth
from lipwright.engines.warp.own_shape import LIP_CURVES, PLACES, OwnShape, ShapeReader

WIDER = 1.6  # times an opening is stretched at most; the rest of it is made by rule
SHUT = 0.004  # mw: a smaller opening has no form of its own


class WantedShape:
    """Where a wanted mouth has its borders by rule."""

    def __init__(self, frame: FaceFrame, reader: ShapeReader) -> None:
        """Prepare for a face with a closed mouth; reader: of shapes against it."""
        rest = frame.points[PLACES[:-1]].reshape(len(LIP_CURVES), -1, 2).copy()
        # one line where the lips meet, so that shut ones are shut exactly
        rest[1:3, :, 0] = rest[1:3, :, 0].mean(axis=0)
        rest[1:3, :, 1] = frame.slit.at(rest[1, :, 0])
        self._rest, self._reader = rest, reader
        x, y = (rest[..., axis].astype(np.float32) for axis in (0, 1))
        one = np.ones_like(x[:2])
        self._upper = DisplacementLayer(frame, x[:2], y[:2], one, upper=True)
        self._lower = DisplacementLayer(frame, x[2:], y[2:], one, upper=False)

    def shape(self, mouth: Mouth) -> OwnShape:
        """Return the shape, so far open that a face tracker sees what is wanted."""
        curves = self._rest + np.concatenate([self._upper(mouth), self._lower(mouth)])
        curves = with_gaps(curves, unseen(gaps_of(curves) / OPENED))
        return self._reader.shape_of(curves, mouth.jaw)


def fitted(curves: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Return borders with the opening, the width and the corners' height of wanted ones.

    Both float64 (4, 11, 2), mw.
    """
    moved = curves.copy()
    corners, goal = curves[0, [0, -1]], wanted[0, [0, -1]]
    middle, wide = corners[:, 0].mean(), np.ptp(goal[:, 0]) / np.ptp(corners[:, 0])
    moved[..., 0] = goal[:, 0].mean() + wide * (curves[..., 0] - middle)
    side = np.clip(np.abs(curves[..., 0] - middle) / (np.ptp(corners[:, 0]) / 2), 0, 1)
    moved[..., 1] += (goal[:, 1] - corners[:, 1]).mean() * side**2
    asked, there = gaps_of(wanted), gaps_of(curves)
    goal_gap, gap = map(middle_of, (asked, there))
    share = min(goal_gap / max(gap, SHUT), WIDER)
    rest = (goal_gap - share * gap) / max(goal_gap, 1e-6)
    return with_gaps(moved, share * there + rest * asked)
