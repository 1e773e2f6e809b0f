"""What looks like a tooth between two lips: bright, and less red than they.

Everything is compared with the skin and with the very lips, so that it holds in any light.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

SKIN_SHARE, GREY_SKIN_SHARE = 0.58, 0.66  # teeth are at least so bright
LIP_LEAD, GREY_LIP_LEAD = 0.07, 0.20  # and brighter than the lips by this share of the skin's light
RED_LEAD = 0.45  # of the way from the skin's redness towards the lips' they may be red
OPEN_LIGHT, OPEN_LEAD, OPEN_RED = 0.42, 0.25, 0.12
"""Between lips that the landmarks, too, see parted less is asked: of the skin's light, ahead of the
lips' light, or less red than they."""
DARK = 0.38  # of the lips' light
GROW_LIGHT, GROW_RED = 0.55, 0.06  # what touches teeth is tooth too: of their light; less red
UPPER_RED, LOWER_RED = (0.08, 0.22), (0.75, 0.9)  # of the way down the lips: there they are red


class Looks(NamedTuple):
    """Light and redness of the picture of the lips, (h, w), of the lips themselves and the skin."""

    light: np.ndarray
    red: np.ndarray
    lip_light: float
    lip_red: float
    skin_light: float
    skin_red: float
    grey: bool

    @classmethod
    def of(cls, colour: np.ndarray, skin: np.ndarray, share: np.ndarray, grey: bool) -> Looks:
        """Measure a picture, float32 (h, w, 3); share: (h, 1), of the way down the lips."""
        middle = slice(colour.shape[1] // 4, -colour.shape[1] // 4)
        rows = _between(share, UPPER_RED) | _between(share, LOWER_RED)
        lips = np.median(colour[rows[:, 0], middle].reshape(-1, 3), 0)
        light = (float(c.mean()) for c in (lips, skin))
        red = (float(_redness(c)) for c in (lips, skin))
        (lip_light, skin_light), (lip_red, skin_red) = light, red
        return cls(
            colour.mean(-1), _redness(colour), lip_light, lip_red, skin_light, skin_red, grey
        )

    def teeth(self) -> np.ndarray:
        """Return bool (h, w): what is bright and not red, wherever it is."""
        if self.grey:
            lead, least = GREY_LIP_LEAD * self.skin_light, GREY_SKIN_SHARE * self.skin_light
            return self.light > max(least, self.lip_light + lead)
        lead = max(self.lip_red - self.skin_red, 0)
        pale = self.red < min(
            0.9 * self.skin_red, self.lip_red - RED_LEAD * lead, self.lip_red - 0.1
        )
        # clearly white teeth may be no brighter than pale lips
        white = self.red < min(self.skin_red, self.lip_red) - 0.2
        least = SKIN_SHARE * self.skin_light
        bright = self.light > max(least, self.lip_light + LIP_LEAD * self.skin_light)
        found: np.ndarray = pale & (bright | (white & (self.light > least)))
        return found

    def teeth_in_open_mouth(self) -> np.ndarray:
        """Return bool (h, w): what is not as dark as the throat and not as red as a tongue."""
        brighter = self.light > self.lip_light + OPEN_LEAD * self.skin_light
        paler = np.zeros_like(brighter) if self.grey else self.red < self.lip_red - OPEN_RED
        found: np.ndarray = (self.light > OPEN_LIGHT * self.skin_light) & (paler | brighter)
        return found

    def dark(self) -> np.ndarray:
        """Return bool (h, w): what is as dark as the inside of a mouth, against either lip."""
        upper, lower = (np.median(self.light[rows], 0) for rows in (slice(8, 24), slice(-24, -8)))
        found: np.ndarray = self.light < DARK * np.maximum(
            np.minimum(upper, lower), 0.35 * self.skin_light
        )
        return found

    def red_of(self, mask: np.ndarray) -> float:
        """Return the median redness of a part, bool (h, w)."""
        return float(np.median(self.red[mask]))

    def like(self, mask: np.ndarray) -> np.ndarray:
        """Return bool (h, w): what may belong to teeth that touch it."""
        own = float(np.median(self.light[mask]))
        if self.grey:
            return self.light > max(GROW_LIGHT * own, 0.58 * self.lip_light + 0.42 * own)
        found: np.ndarray = (self.light > GROW_LIGHT * own) & (self.red < self.lip_red - GROW_RED)
        return found & (self.red < (self.lip_red + self.red_of(mask)) / 2)


def _between(share: np.ndarray, ends: tuple[float, float]) -> np.ndarray:
    between: np.ndarray = (share > ends[0]) & (share < ends[1])
    return between


def _redness(colour: np.ndarray) -> np.ndarray:
    red: np.ndarray = np.log((colour[..., 2] + 8) / ((colour[..., 0] + colour[..., 1]) / 2 + 8))
    return red
