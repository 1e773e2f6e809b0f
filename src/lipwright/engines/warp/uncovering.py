"""From new mouths to the film's own, where something comes before the mouth, and back.

Two mouths of unlike shapes that are mixed show through each other. So the wanted one is first given
the shape that the frame's own has.
"""

from __future__ import annotations

from lipwright.engines.warp.face_frame import smoothstep
from lipwright.engines.warp.mouth_bank import Chosen, Entry
from lipwright.engines.warp.own_shape import ShapeReader

RESHAPED, UNLENT = (0.0, 2 / 3), (1 / 3, 1.0)
"""Between which shares of its coming the shape becomes the frame's own, and what is lent goes."""


def uncovered(chosen: Chosen, there: Entry, covered: float, shapes: ShapeReader) -> Chosen:
    """Return what is lent for a mouth on its way to the frame's own.

    The inside is that of the mouth that is more open, as a shut one has none to show.

    Args:
        chosen: what is lent where nothing comes.
        there: the frame's own mouth.
        covered: how near something is, [0, 1).
        shapes: reads shapes of this person.
    """
    share = float(smoothstep(*RESHAPED, covered))
    shape = shapes.between(chosen.shape, there.own, share)
    own = 1.0 if there.own.gap > chosen.shape.gap else float(smoothstep(*UNLENT, covered))
    lent = (1 - own) * (1 - chosen.foreign)
    weights = [lent * weight for weight in chosen.weights]
    total = own + sum(weights)
    if not total:
        return chosen._replace(shape=shape)
    return Chosen(
        entries=(*chosen.entries, there),
        weights=tuple(weight / total for weight in (*weights, own)),
        foreign=(1 - own) * chosen.foreign,
        shape=shape,
    )
