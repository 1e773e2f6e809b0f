"""The darkest and the brightest inside a mouth, in a picture and in a video.

A camera, its lens and its coder leave less contrast between the lips than painted black and white
have. Over open mouths of 13 speakers of GRID the darkest has a fifth (blue) to two fifths (red) of
the skin's light and the brightest nine tenths of it; each video is measured for itself, where the
person in it opens the mouth. In a photograph the face's own shadows and lights stand for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from lipwright.engines.warp.face_frame import LOWER_INNER, UPPER_INNER, FaceFrame
from lipwright.engines.warp.face_look import (
    USUAL_SHADOW,
    colourfulness,
    face_light,
    filled,
    lip_colour,
    skin_colour,
)
from lipwright.face.face import Face

OPEN_GAP = 0.08  # mw: from here the inside of a mouth is seen well enough to measure it
MIN_PIXELS = 40
MIN_MOUTHS = 3
RIM = 0.2  # of the opening, next to the lips, is left out: there their red is seen
EXTREME = 0.06  # of the pixels between the lips: the darkest and the brightest that are averaged
QUARTILES = 0.25, 0.75  # teeth are not seen in each open mouth, nor is the dark behind them
PHOTO_BLACK = np.array([0.17, 0.18, 0.34], np.float32)
"""As `USUAL`: a photograph is sharper than those videos, and its light less yellow."""
PHOTO_SHADOWS = 0.45, 1.05  # times the usual black: less is a hole, more is fog
ENAMEL = np.array([0.90, 0.97, 1.0], np.float32)  # white of a face's lights, BGR
ENAMEL_LIGHT, ENAMEL_SKIN = 0.95, 1.5  # of a face's brightest, and of its skin at most
CAST = 0.4  # exponent: how much of the colour of the light is seen on teeth and tongue
MAX_CAST = 0.82, 1.15
FLESH_RED = 1.03  # of red, what flesh may gain of the other colours
USUAL_SKIN = np.array([0.80, 0.93, 1.27], np.float32)  # over its mean
USUAL_LIPS = np.array([0.84, 0.82, 1.34], np.float32)


class Tone(NamedTuple):
    """Colours between the lips as shares of the skin's, float32 (3,) BGR."""

    black: np.ndarray
    white: np.ndarray

    def faded(self, saturation: float) -> Tone:
        """Return the same light with less colour: none at 0, all of it at 1."""
        return Tone(*(_faded(part, saturation) for part in self))


USUAL = Tone(np.array([0.18, 0.23, 0.41], np.float32), np.array([0.98, 0.84, 0.84], np.float32))
"""Medians over 13 speakers of GRID."""
SHADOWS = 0.2, 1.5  # times the usual one: what lies beyond says little about mouths
LIGHTER = 1.4
"""A mouth's black is so much lighter than expected at most: in a smile teeth alone are seen."""
MIN_WHITE = np.array([0.55, 0.5, 0.55], np.float32)


class Inks(NamedTuple):
    """What a mouth is painted with, float32 (3,) BGR each."""

    black: np.ndarray  # the darkest
    white: np.ndarray  # the brightest
    cast: np.ndarray  # by which flesh differs from usual


def video_inks(frame: FaceFrame, image: np.ndarray, tone: Tone) -> Inks:
    """Return what a mouth in a video is painted with.

    image: the frame that lends it, BGR uint8 (h, w, 3).
    """
    skin = np.maximum(skin_colour(frame, image), 1)
    tone = tone.faded(colourfulness(frame, image))
    return Inks(skin * tone.black, skin * tone.white, np.ones(3, np.float32))


def photo_inks(frame: FaceFrame, image: np.ndarray, enamel: np.ndarray | None = None) -> Inks:
    """Return what a mouth in a photograph is painted with.

    Teeth are as bright as the face's lights, whatever the colour of the skin, and the darkest is
    as dark as its shadows suggest. image: BGR uint8 (h, w, 3); enamel: BGR of the person's own
    teeth where they are seen.
    """
    skin = np.maximum(skin_colour(frame, image), 1)
    saturation = colourfulness(frame, image)
    darkest, brightest = face_light(frame, image)
    shadow = darkest / skin.mean() / USUAL_SHADOW
    black = PHOTO_BLACK * np.float32(np.clip(np.sqrt(shadow), *PHOTO_SHADOWS))
    if enamel is None:
        light = min(ENAMEL_LIGHT * brightest, ENAMEL_SKIN * float(skin.mean()))
        enamel = ENAMEL * _cast(skin, USUAL_SKIN)
        # no light makes teeth green
        enamel[1] = min(enamel[1], max(0.985 * enamel[2], (enamel[0] + enamel[2]) / 2))
        enamel = light * _faded(enamel, saturation)
    white = np.minimum(enamel, 250).astype(np.float32)
    black = (skin * _faded(black, saturation)).astype(np.float32)
    cast = _cast(lip_colour(frame, image), USUAL_LIPS)
    # lips that the light has bleached are no reason for a grey tongue
    flesh = _faded(np.minimum(cast, FLESH_RED * cast[2]), saturation)
    return Inks(black, white, flesh.astype(np.float32))


def _cast(seen: np.ndarray, usual: np.ndarray) -> np.ndarray:
    """Return the colour of the light, BGR float32 (3,), by a colour that is usually another."""
    cast: np.ndarray = (np.maximum(seen, 1) / max(seen.mean(), 1) / usual) ** CAST
    return cast.clip(*MAX_CAST)


def _faded(colour: np.ndarray, saturation: float) -> np.ndarray:
    faded: np.ndarray = colour.mean() + np.float32(saturation) * (colour - colour.mean())
    return faded


def face_shadow(image: np.ndarray, face: Face) -> float:
    """Return the darkest of a face (nostrils, pupils, lashes) as a share of the skin's light.

    image: BGR uint8 (h, w, 3); face: its landmarks in px.
    """
    landmarks = face.landmarks.copy()
    landmarks[:, :2] -= 0.5
    frame = FaceFrame.of(landmarks)
    return face_light(frame, image)[0] / max(float(skin_colour(frame, image).mean()), 1)


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
    pixels = image[filled(middle + (outline - middle) * (1 - RIM), image)].astype(np.float32)
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
