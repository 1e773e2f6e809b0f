"""From the phones' curves to what real lips make of them, learned from GRID.

The dominance model of `lipwright.articulation.from_phones` knows every phone but no speaker; GRID
shows a speaker but few words. A regression on the nine channels around each moment carries what the
speaker does (how far he opens, how early, how he reduces) over to sounds that he never said.
"""

from __future__ import annotations

import numpy as np
from corpus import APART_ABOVE, CLOSED_COLUMN, CONTACT_COLUMN, REAL_COLUMNS, Clip

from lipwright.articulation.curves import CHANNELS

GAP, DROP = CHANNELS.index("gap"), CHANNELS.index("drop")
OFFSETS = np.arange(-10, 11, 2)
"""Rows at 50 Hz around the moment."""
FEATURES = 500
RIDGE = 300.0


class RealMotion:
    """Ridge regression on random rectified features of the channels' surroundings."""

    def __init__(self, clips: list[Clip], seed: int = 0) -> None:
        """`clips` have both phones and real lips."""
        rng = np.random.default_rng(seed)
        count = len(OFFSETS) * len(CHANNELS)
        self._scale = np.concatenate([c.targets[:, : len(CHANNELS)] for c in clips]).std(0) + 1e-3
        self._weights = rng.normal(0, 1 / np.sqrt(count), (count, FEATURES))
        self._bias = rng.uniform(-1, 1, FEATURES)
        rows, goals = [], []
        for clip in clips:
            goal = clip.targets[:, REAL_COLUMNS]
            seen = (clip.weights > 0) & np.isfinite(goal).all(1)
            rows.append(self._features(clip.targets[:, : len(CHANNELS)])[seen])
            goals.append(goal[seen])
        x, y = np.concatenate(rows), np.concatenate(goals).astype(np.float64)
        ridge = RIDGE * np.eye(x.shape[1])
        ridge[-1, -1] = 0
        self._answer = np.linalg.solve(x.T @ x + ridge, x.T @ y)

    def _features(self, curves: np.ndarray) -> np.ndarray:
        padded = np.pad(curves / self._scale, ((-OFFSETS[0], OFFSETS[-1]), (0, 0)), mode="edge")
        around = np.concatenate(
            [padded[o - OFFSETS[0] : o - OFFSETS[0] + len(curves)] for o in OFFSETS], axis=1
        )
        bent = np.maximum(around @ self._weights + self._bias, 0)
        return np.concatenate([around, bent, np.ones((len(curves), 1))], axis=1)

    def predict(self, curves: np.ndarray) -> np.ndarray:
        """Opening, width change and chin (T, 3) for channels (T, 9) at 50 Hz."""
        return (self._features(curves.astype(np.float64)) @ self._answer).astype(np.float32)


def lend_real_motion(clips: dict[str, list[Clip]]) -> None:
    """Give the Kokoro clips the real lips that their phones would have, in place.

    Half of the opening is the phones' own, because GRID's few words do not show every sound; the
    lips touch at bilabials and nowhere else.
    """
    known = [c for c in clips["grid"] if not c.held_out and (c.phones >= 0).any()]
    motion = RealMotion(known)
    for clip in clips["kokoro"]:
        curves = clip.targets[:, : len(CHANNELS)]
        lips = motion.predict(curves)
        lips[:, 0] = 0.5 * np.maximum(lips[:, 0], 0) + 0.5 * (curves[:, GAP] + curves[:, DROP])
        closed = clip.targets[:, CLOSED_COLUMN]
        lips[:, 0] *= 1 - closed
        clip.targets[:, REAL_COLUMNS] = lips
        clip.targets[:, CONTACT_COLUMN] = np.where(
            closed > 0.95, 1, np.where((closed < 0.05) & (lips[:, 0] > APART_ABOVE), 0, np.nan)
        )
