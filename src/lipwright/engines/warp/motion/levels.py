"""How much a head moves at each of the levels a user can choose.

Fitted to people who talk to a camera: within 20 s of speech yaw, pitch, roll and the place of the
bridge of the nose have about the standard deviations of the 10th percentile of such people
("subtle"), of the 25th ("natural") and of the 50th ("lively").
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Level:
    """Angles in degrees, shifts in face widths."""

    yaw: float
    """Standard deviation of what a phrase's posture draws, before it is limited."""
    pitch: float
    roll: float
    x: float
    """Standard deviation of the shift that neither yaw nor roll explains."""
    y: float
    nod: float
    """Depth of a nod on the strongest stress."""
    brow: float
    """How far the strongest stress raises the brows, [0, 1]."""
    gaze: float
    """How far the eyes leave the camera, relative to "natural"."""
    limits: tuple[float, float, float]
    """Of yaw, pitch and roll."""


LEVELS = {
    "subtle": Level(1.4, 1.45, 1.1, 0.018, 0.005, 2.9, 0.55, 0.7, (4.5, 4.5, 4.0)),
    "natural": Level(2.25, 1.75, 1.85, 0.018, 0.008, 3.4, 0.8, 1.0, (6.5, 6.5, 5.0)),
    "lively": Level(4.2, 3.1, 3.4, 0.018, 0.009, 4.5, 1.0, 1.3, (8.0, 8.0, 6.0)),
}
SHIFT_LIMIT = 0.06
"""Face widths that the head goes along x and y, besides what its turns shift."""
SHIFT_OF_ROLL, SHIFT_OF_YAW = -0.014, 0.002
"""Face widths a degree. The renderer turns a head about the foot of its neck, which moves the
bridge of the nose by 0.022 a degree of roll and 0.008 of yaw; people's moves by 0.006 to 0.012 a
degree of either, as they tilt their heads higher up."""
CARRIED_BY_ROLL = 0.022
"""Face widths a degree of roll that the head goes sideways as it is drawn."""
