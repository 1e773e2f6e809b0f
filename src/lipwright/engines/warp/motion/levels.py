"""How much a head moves at each of the levels a user can choose.

Fitted to people who talk to a camera: within 20 s of speech yaw, pitch, roll and the place of the
bridge of the nose have about the standard deviations of the 10th percentile of such people
("subtle"), of the 25th ("natural") and of the 50th ("lively"), as tracked. A tracker sees only part
of a turn of a picture, of which it knows by what stands beside the face too: about 0.8 of yaw and
0.55 of pitch. The angles here are larger by so much, as far as pictures bear it (8 degrees): the
yaw of "lively" stays below that of people.
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
    """How far the strongest stress raises the brows; what is beyond 1 raises them no further."""
    blinks: float
    """How often the lids close, relative to "natural"."""
    gaze: float
    """How far the eyes leave the camera, relative to "natural"."""
    limits: tuple[float, float, float]
    """Of yaw, pitch and roll."""


LEVELS = {
    "subtle": Level(1.55, 1.95, 0.95, 0.015, 0.005, 3.7, 0.1, 0.75, 0.7, (5.5, 5.5, 4.0)),
    "natural": Level(2.6, 2.35, 1.65, 0.016, 0.009, 4.5, 0.525, 1.0, 1.0, (7.5, 7.5, 5.0)),
    "lively": Level(6.2, 4.7, 3.5, 0.017, 0.009, 5.8, 1.0, 1.0, 1.3, (8.0, 8.0, 6.0)),
}
SHIFT_LIMIT = 0.06
"""Face widths that the head goes along x and y, besides what its turns shift."""
SHIFT_OF_ROLL, SHIFT_OF_YAW, SHIFT_OF_PITCH = -0.014, -0.003, -0.002
"""Face widths a degree. The renderer turns a head about the foot of its neck, which moves the
bridge of the nose by 0.021 a degree of roll, 0.012 of yaw and 0.008 of pitch; people's moves by
0.006 to 0.012 a degree of any, as they tilt their heads higher up."""
CARRIED_BY_ROLL = 0.022
"""Face widths a degree of roll that the head goes sideways as it is drawn."""
