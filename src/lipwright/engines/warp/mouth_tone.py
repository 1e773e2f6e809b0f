"""The contrast inside the mouth in a video, and painting that matches it.

A camera, its lens and its coder leave less contrast between the lips than painted black and white
have. Over open mouths of 13 speakers of GRID the darkest has a fifth (blue) to two fifths (red) of
the skin's light and the brightest nine tenths of it; each video is measured for itself, where the
person in it opens the mouth.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np

from lipwright.engines.warp.face_frame import LOWER_INNER, OVAL, UPPER_INNER, FaceFrame
from lipwright.engines.warp.mouth_interior import skin_colour
from lipwright.face.face import Face

OPEN_GAP = 0.08  # mw: from here the inside of a mouth is seen well enough to measure it
MIN_PIXELS = 40
MIN_MOUTHS = 3
RIM = 0.2  # of the opening, next to the lips, is left out: there their red is seen
EXTREME = 0.06  # of the pixels between the lips: the darkest and the brightest that are averaged
QUARTILES = 0.25, 0.75  # teeth are not seen in each open mouth, nor is the dark behind them
MIDDLE = 0.85  # exponent: what lies between black and white is painted too dark
INNER_FACE = 0.85  # of the face's outline: without hair and what is behind
DARKEST = 0.005  # of a face's pixels
PARTS = 4  # bits of a pixel's fraction in which outlines are filled


class Tone(NamedTuple):
    """Colours between the lips as shares of the skin's, float32 (3,) BGR."""

    black: np.ndarray
    white: np.ndarray

    def faded(self, saturation: float) -> Tone:
        """Return the same light with less colour: none at 0, all of it at 1."""
        return Tone(*(part.mean() + saturation * (part - part.mean()) for part in self))


USUAL = Tone(np.array([0.18, 0.23, 0.41], np.float32), np.array([0.98, 0.84, 0.84], np.float32))
"""Medians over 13 speakers of GRID."""
USUAL_SHADOW = 0.37
"""The median of their `face_shadow`."""
SHADOWS = 0.2, 1.5  # times the usual one: what lies beyond says little about mouths
LIGHTER = 1.4
"""A mouth's black is so much lighter than expected at most: in a smile teeth alone are seen."""
MIN_WHITE = np.array([0.55, 0.5, 0.55], np.float32)


def face_shadow(image: np.ndarray, face: Face) -> float:
    """Return the darkest of a face (nostrils, pupils, lashes) as a share of the skin's light.

    image: BGR uint8 (h, w, 3); face: its landmarks in px.
    """
    outline = face.landmarks[OVAL, :2] - 0.5
    middle = outline.mean(axis=0)
    pixels = image[_filled(middle + (outline - middle) * INNER_FACE, image)]
    skin = float(skin_colour(FaceFrame.of(face.landmarks), image).mean())
    if not len(pixels):
        return USUAL_SHADOW
    return float(np.quantile(pixels.mean(axis=1), DARKEST)) / max(skin, 1)


def expected_tone(shadow: float) -> Tone:
    """Return the expected tone of a mouth in an image with this `face_shadow`."""
    return Tone(USUAL.black * np.float32(np.clip(shadow / USUAL_SHADOW, *SHADOWS)), USUAL.white)


def mouth_tone(image: np.ndarray, face: Face) -> Tone | None:
    """Return the tone of one frame; None where the mouth is not open wide enough.

    image: BGR uint8 (h, w, 3); face: its landmarks in px.
    """
    frame = FaceFrame.of(face.landmarks)
    if frame.gap < OPEN_GAP:
        return None
    outline = face.landmarks[[*UPPER_INNER, *LOWER_INNER[-2:0:-1]], :2] - 0.5
    middle = outline.mean(axis=0)
    pixels = image[_filled(middle + (outline - middle) * (1 - RIM), image)].astype(np.float32)
    if len(pixels) < MIN_PIXELS:
        return None
    ordered = pixels[np.argsort(pixels.mean(axis=1))]
    few = max(1, round(EXTREME * len(ordered)))
    skin = np.maximum(skin_colour(frame, image), 1)
    return Tone(ordered[:few].mean(axis=0) / skin, ordered[-few:].mean(axis=0) / skin)


def typical_tone(tones: Sequence[Tone], shadow: float) -> Tone:
    """Return the typical tone of a person, of the tones measured in several frames.

    shadow: of the face; with too few tones it alone determines the result.
    """
    expected = expected_tone(shadow)
    if len(tones) < MIN_MOUTHS:
        return expected
    black, white = (
        np.quantile(seen, share, axis=0).astype(np.float32)
        for seen, share in zip(zip(*tones, strict=True), QUARTILES, strict=True)
    )
    return Tone(np.minimum(black, LIGHTER * expected.black), np.maximum(white, MIN_WHITE))


def toned(painted: np.ndarray, white: np.ndarray, skin: np.ndarray, tone: Tone) -> np.ndarray:
    """Recolour a painting, float32 (h, w, 3), whose black is 0 and whose brightest is `white`.

    white, skin: BGR, float32 (3,).
    """
    share = np.maximum(painted / white, 0) ** np.float32(MIDDLE)
    painting: np.ndarray = (skin * (tone.black + share * (tone.white - tone.black))).astype(
        np.float32
    )
    return painting


def _filled(outline: np.ndarray, image: np.ndarray) -> np.ndarray:
    """Return bool (h, w): the px of an image within an outline."""
    inside: np.ndarray = np.zeros(image.shape[:2], np.uint8)
    cv2.fillPoly(inside, [np.round(outline * 2**PARTS).astype(np.int32)], 1, shift=PARTS)
    return inside > 0
