"""Tell whether a picture's mouth is fit to be animated: neither wide open nor covered.

Covered means that nothing sets lips apart from what is around them, while both have another colour
than the skin of the upper face: a mask, a scarf, a microphone. Lips in a beard have a colour of
their own. A hand has the colour of skin and is not noticed, nor is grey cloth in a grey picture.
"""

from __future__ import annotations

import logging

import cv2
import numpy as np

from lipwright.face.face import Face
from lipwright.face.image_pyramid import ImagePyramid, transform_points
from lipwright.face.landmarks import view_of_landmarks
from lipwright.media.image.lab import lab_of

WIDE_OPEN = 0.4
"""Gap between the lips, in widths of the mouth: smiles have up to 0.31, shouts 0.5 to 0.9."""
NO_LIPS, NO_SKIN = 6.0, 10.0
"""CIE Lab: less between lips and their surroundings is no lip, and more in chroma between both and
the upper face is no skin. Of 664 pictures of uncovered mouths 8 seemed covered, most of them with
altered colours; of 166 pictures of people with a mask on 122 did."""
SIZE = 160  # px: side of the view that is looked at
AROUND = (1.25, 1.9)
"""From where to where the surroundings of the lips reach, in sizes of the lips."""
SKIN_PLACES = (117, 346, 50, 280, 6, 197, 151, 108, 337)  # cheeks, bridge of the nose, forehead
SKIN_RADIUS = 0.07  # of the distance of the outer eye corners
OUTER_LIPS = (
    61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185,
)  # fmt: skip
INNER_LIPS = (
    78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308, 415, 310, 311, 312, 13, 82, 81, 80, 191,
)  # fmt: skip

log = logging.getLogger("lipwright")


def warn_of_mouth(image: np.ndarray, face: Face, name: str) -> None:
    """Warn in the log of a mouth that will not look right when it moves.

    image: BGR uint8 (h, w, 3); face: in px of it; name: of the image, for the message.
    """
    if mouth_gap(face) > WIDE_OPEN:
        log.warning(
            "the mouth in %s is wide open: a picture in which it is closed or slightly open looks "
            "better",
            name,
        )
    elif is_mouth_covered(image, face):
        log.warning(
            "the mouth in %s seems to be covered: a picture in which all of it is seen looks "
            "better",
            name,
        )


def mouth_gap(face: Face) -> float:
    """Return the height of the gap between the lips in widths of the mouth."""
    upper, lower, left, right = face.landmarks[[13, 14, 61, 291]]
    width = max(float(np.linalg.norm(right - left)), 1e-6)
    return float(np.linalg.norm(lower - upper)) / width


def is_mouth_covered(image: np.ndarray, face: Face) -> bool:
    """Return whether something that is not skin is before the mouth.

    image: BGR uint8 (h, w, 3); face: in px of it.
    """
    view = view_of_landmarks(face.landmarks)
    crop = ImagePyramid(image).crop(view, SIZE, cv2.BORDER_REPLICATE)
    from_image = cv2.invertAffineTransform(view.to_image(SIZE))
    points = transform_points(from_image, face.landmarks[:, :2].astype(np.float64))
    lips = _filled(points, OUTER_LIPS) & ~_filled(points, INNER_LIPS)
    around = _filled(points, OUTER_LIPS, AROUND[1]) & ~_filled(points, OUTER_LIPS, AROUND[0])
    skin = np.zeros((SIZE, SIZE), np.uint8)
    radius = SKIN_RADIUS * float(np.linalg.norm(points[263] - points[33]))
    for x, y in points[list(SKIN_PLACES)]:
        cv2.circle(skin, (round(x), round(y)), max(1, round(radius)), 1, cv2.FILLED)
    lab = lab_of(crop)
    if not (lips.any() and around.any() and skin.any()):
        return False
    of_lips, of_around, of_skin = (np.median(lab[m], axis=0) for m in (lips, around, skin > 0))
    if float(np.linalg.norm(of_lips - of_around)) >= NO_LIPS:
        return False
    return all(float(np.linalg.norm((c - of_skin)[1:])) > NO_SKIN for c in (of_lips, of_around))


def _filled(points: np.ndarray, outline: tuple[int, ...], size: float = 1.0) -> np.ndarray:
    """Return bool (SIZE, SIZE): the area within an outline of landmarks, resized about its middle.

    points: float64 (478, 2) in px of the view.
    """
    shape = points[list(outline)]
    middle = shape.mean(axis=0)
    corners = np.round((middle + (shape - middle) * size) * 8).astype(np.int32)
    area = np.zeros((SIZE, SIZE), np.uint8)
    cv2.fillPoly(area, [corners], 1, shift=3)
    filled: np.ndarray = area > 0
    return filled
