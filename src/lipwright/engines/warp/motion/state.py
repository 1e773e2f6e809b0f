"""Where head, shoulders, eyes and brows are at one moment."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class MotionState:
    """One moment. Angles in degrees, signs as in `Face.pose` but relative to the picture.

    Shifts are to the picture's right and down, in face widths (of the face oval) or eye widths.
    """

    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    x: float = 0.0
    """Shift of the whole head, face widths."""
    y: float = 0.0
    blink: float = 0.0
    """How far the lids are closed, [0, 1]."""
    gaze_x: float = 0.0
    """Shift of the irises, eye widths."""
    gaze_y: float = 0.0
    brow: float = 0.0
    """How far the brows are raised, [0, 1]."""
    shoulder_x: float = 0.0
    """Shift of the shoulders, face widths."""
    shoulder_y: float = 0.0
    breath: float = 0.0
    """How full the chest is, [0, 1]."""
