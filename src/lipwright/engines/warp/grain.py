"""Grain of a frame, made anew on what was resampled or lent.

Resampling smooths grain, a mixture of two pictures halves it, and a picture of another frame brings
grain along that stays while the picture does. So what is lent loses its own, and where pixels show
less grain than the smooth skin of their frame, the rest is added: of its strength in a fine and a
coarser band of frequencies, in its colours, and as much stronger or weaker in the dark and the
light. It is drawn from the content of the frame itself: the same frame always gets the same grain,
and a frame that stands still keeps it. What moves with the head is no grain but skin, or that of a
photograph that the film is made of.
"""

from __future__ import annotations

import functools
import zlib
from typing import NamedTuple

import cv2
import numpy as np

from lipwright.core.rect import Rect
from lipwright.engines.warp.face_frame import smoothstep
from lipwright.face.face import Face

SPREADS = 0.7, 1.4  # px: finer than the first is the fine band, up to the second the coarse one
COARSE_GRAIN = 1.2  # px: white noise smoothed so much stands for grain of larger size
SEEN = np.array([[0.518, 0.036], [0.078, 0.090]])
"""Power that the fine and the coarse band (rows) show of white and of coarse noise of power 1."""
CLEAN = 1.1, 1.6
"""Grey levels in the fine band: of less grain none is made, from the second on as much as there is
(white noise of 1.5 and 2.2 grey levels)."""
STAYS = 0.11, 0.18
"""Correlation of what two frames show of the fine band from which on it is not grain but skin, as
in a film made of one photograph (at least 0.19 there, up to 0.11 in grain of 8 grey levels)."""
COARSEST = 1.5  # of the fine band's power at most is grain in the coarse one: the rest is skin
BLOCK = 8  # px of the blocks of which the quarter with the least power is smooth skin
QUIET = 0.25
FOUND = 0.8, 0.8  # of a band's power is found in that quarter
LARGEST = 128  # px of the square in the middle of the face that is looked at
FEWEST = 16  # blocks that a face must have
GROUPS = 3  # of blocks, from dark to light
FEWEST_EACH = 8  # blocks of a group
UNEVEN = 0.4, 1.25  # times the usual power that a group can have
BLACK = 0.5  # of the power of the darkest group, where there is no light
AROUND = 13  # px of the square in which it is measured what grain there is
ROOM = 1.1  # times what the frame shows at the same place is the most that grain can be
RADIUS, CLOSE = 2, 2.5  # px, and times the grain: what is averaged where grain is taken away
TILE, FREE = 512, 64  # px of the noise that grain is cut from, and to which side it can lie
LUMA = np.array([0.114, 0.587, 0.299])


class Grain(NamedTuple):
    """The grain of one frame."""

    power: tuple[float, float]
    """Of the fine and the coarse band, grey levels squared."""
    tones: np.ndarray
    """float32 (256,): times that power at each grey level."""
    colours: np.ndarray
    """float32 (3, 3): BGR of grain whose brightness has a standard deviation of 1, of three
    independent ones."""
    seed: int

    @classmethod
    def of(cls, image: np.ndarray, face: Face) -> Grain | None:
        """Return the grain that the skin of a face shows; None where there is hardly any.

        image: BGR uint8 (h, w, 3); face: its landmarks in px.
        """
        skin = middle_of(face, image)
        if (skin.width // BLOCK) * (skin.height // BLOCK) < FEWEST or skin.empty:
            return None
        part = image[skin.slices]
        grey = cv2.cvtColor(part, cv2.COLOR_BGR2GRAY)
        fine, coarse = (_of_blocks(cv2.multiply(band, band)) for band in _bands(grey))
        power = _quiet(fine) / FOUND[0]
        share = float(smoothstep(*CLEAN, np.sqrt(power)))
        if share == 0:
            return None
        rest = min(_quiet(coarse) / FOUND[1], COARSEST * power)
        both = share**2 * power, share**2 * rest
        smooth = fine <= np.quantile(fine, QUIET)
        tones = _tones(fine, _of_blocks(grey.astype(np.float32)))
        return cls(both, tones, _colours(part, smooth), zlib.crc32(grey.tobytes()))

    def besides(self, texture: float) -> Grain | None:
        """Return the grain where some of it is texture of the skin. texture: as of `texture_of`."""
        share = 1.0 - float(smoothstep(*STAYS, texture))
        power = share * self.power[0], share * self.power[1]
        return self._replace(power=power) if share > 0 else None

    def removed(self, picture: np.ndarray) -> np.ndarray:
        """Return a picture, BGR uint8 (h, w, 3), without grain of this strength."""
        near = CLOSE * float(np.sqrt(sum(self.power) / SEEN[0, 0]))
        return cv2.bilateralFilter(picture, 2 * RADIUS + 1, near, RADIUS)

    def complete(self, pixels: np.ndarray, before: np.ndarray, foreign: np.ndarray) -> None:
        """Add, in place, what pixels lack of the grain.

        Args:
            pixels: BGR uint8 (h, w, 3), of which those that differ from `before` get grain.
            before: the same place of the frame, BGR uint8 (h, w, 3), beyond whose own contrast
                there is no grain.
            foreign: float32 (h, w), [0, 1], how much of them is without any grain of this frame.
        """
        grey = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)
        changed = cv2.cvtColor(cv2.absdiff(pixels, before), cv2.COLOR_BGR2GRAY) > 0
        tones = cv2.LUT(cv2.blur(grey, (5, 5)), self.tones)
        own = np.square(1 - foreign)
        missing = []
        was = _bands(cv2.cvtColor(before, cv2.COLOR_BGR2GRAY))
        for band, old, power in zip(_bands(grey), was, self.power, strict=True):
            kept, most = (
                cv2.blur(cv2.multiply(values, values), (AROUND, AROUND)) for values in (band, old)
            )
            wanted = np.minimum(np.float32(power) * tones, np.float32(ROOM) * most)
            missing.append((wanted - np.minimum(kept, wanted * own)) * changed)
        amounts = _amounts(*missing)
        white, coarse = (
            cv2.multiply(tile, cv2.merge([amount] * 3))
            for tile, amount in zip(self._tiles(grey.shape), amounts, strict=True)
        )
        added = cv2.transform(cv2.add(white, coarse), self.colours)
        cv2.add(pixels, added, dst=pixels, dtype=cv2.CV_8U)

    def _tiles(self, size: tuple[int, ...]) -> list[np.ndarray]:
        """Return white and coarse noise, float32 (h, w, 3), another one for each seed."""
        rng = np.random.default_rng(self.seed)
        lack = [max(length + FREE - TILE, 0) for length in size]
        tiles = []
        for tile in _noise():
            wide = tile
            if any(lack):
                wide = cv2.copyMakeBorder(tile, 0, lack[0], 0, lack[1], cv2.BORDER_WRAP)
            y, x = (int(rng.integers(0, wide.shape[axis] - size[axis] + 1)) for axis in (0, 1))
            tiles.append(wide[y : y + size[0], x : x + size[1]])
        return tiles


def middle_of(face: Face, image: np.ndarray) -> Rect:
    """Return the middle of a face as far as it is in the image, px.

    face: its landmarks in px; image: uint8 (h, w, 3).
    """
    whole = Rect.around(face.landmarks[:, :2])
    half = LARGEST // 2
    x, y = (whole.x0 + whole.x1) // 2, (whole.y0 + whole.y1) // 2
    middle = Rect(x - half, y - half, x + half, y + half)
    return whole.clipped(middle).clipped(Rect.whole(image))


def texture_of(part: np.ndarray, other: np.ndarray) -> float:
    """Return how alike two frames of a face are in the fine band, correlation.

    part, other: of one place in both, BGR uint8 (h, w, 3) each, some px beside each other at most.
    """
    here, there = (cv2.cvtColor(each, cv2.COLOR_BGR2GRAY) for each in (part, other))
    window = cv2.createHanningWindow(here.shape[::-1], cv2.CV_32F)
    before, after = (
        cv2.GaussianBlur(each.astype(np.float32), (0, 0), SPREADS[0]) for each in (there, here)
    )
    (right, down), _ = cv2.phaseCorrelate(before, after, window)
    way = np.array([[1, 0, right], [0, 1, down]], np.float32)
    moved = cv2.warpAffine(there, way, here.shape[::-1], flags=cv2.INTER_CUBIC)
    bands = [_bands(each)[0] for each in (here, moved)]
    power = _of_blocks(np.square(bands[0]))
    weight = np.kron(power <= np.median(power), np.ones((BLOCK, BLOCK), bool))
    inner = window[: weight.shape[0], : weight.shape[1]] * weight
    one, other = (band[: weight.shape[0], : weight.shape[1]] for band in bands)
    scale = np.sqrt(float((inner * one * one).sum()) * float((inner * other * other).sum()))
    return float((inner * one * other).sum()) / max(float(scale), 1e-6)


def _bands(grey: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the fine and the coarse band of a grey image, uint8 (h, w), as float32 (h, w)."""
    values = grey.astype(np.float32)
    near, far = (cv2.GaussianBlur(values, (0, 0), spread) for spread in SPREADS)
    return cv2.subtract(values, near), cv2.subtract(near, far)


def _of_blocks(values: np.ndarray) -> np.ndarray:
    """Return the means of square blocks, float32 (rows, columns), of float32 (h, w)."""
    rows, columns = (length // BLOCK for length in values.shape)
    used = values[: rows * BLOCK, : columns * BLOCK]
    return cv2.resize(used, (columns, rows), interpolation=cv2.INTER_AREA)


def _quiet(powers: np.ndarray) -> float:
    """Return the mean power of the quarter of blocks that has the least."""
    few = max(round(QUIET * powers.size), 1)
    return float(np.partition(powers, few - 1, axis=None)[:few].mean())


def _tones(powers: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """Return float32 (256,): times the usual power at each grey level.

    powers, levels: of blocks, float32 (rows, columns).
    """
    usual = _quiet(powers)
    order = np.argsort(levels, axis=None)
    groups = np.array_split(order, GROUPS)
    if len(groups[-1]) < FEWEST_EACH or usual <= 0:
        return np.ones(256, np.float32)
    at = [float(levels.flat[group].mean()) for group in groups]
    times = [np.clip(_quiet(powers.flat[group]) / usual, *UNEVEN) for group in groups]
    tones: np.ndarray = np.interp(np.arange(256), [0.0, *at], [BLACK * times[0], *times])
    return tones.astype(np.float32)


def _colours(part: np.ndarray, smooth: np.ndarray) -> np.ndarray:
    """Return `Grain.colours`. part: BGR uint8 (h, w, 3); smooth: bool, which blocks are."""
    rows, columns = (length * BLOCK for length in smooth.shape)
    values = part[:rows, :columns].astype(np.float32)
    fine = values - cv2.GaussianBlur(values, (0, 0), SPREADS[0])
    there = np.repeat(np.repeat(smooth, BLOCK, axis=0), BLOCK, axis=1)
    together = np.cov(fine[there].T.astype(np.float64))
    together /= max(float(LUMA @ together @ LUMA), 1e-6)
    lower: np.ndarray = np.linalg.cholesky(together + 1e-4 * np.eye(3))
    return lower.astype(np.float32)


def _amounts(fine: np.ndarray, coarse: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return how much of white and of coarse noise shows powers in both bands, float32 (h, w)."""
    inverse = np.linalg.inv(SEEN).astype(np.float32)
    white, rough = (np.maximum(row[0] * fine + row[1] * coarse, 0) for row in inverse)
    # where only one of them fits, it alone gives the fine band its power
    white = np.minimum(white, fine / np.float32(SEEN[0, 0]))
    rough = np.minimum(rough, fine / np.float32(SEEN[0, 1]))
    return np.sqrt(white), np.sqrt(rough)


@functools.cache
def _noise() -> tuple[np.ndarray, np.ndarray]:
    """Return white and coarse noise of power 1, float32 (TILE, TILE, 3) each, that repeat."""
    rng = np.random.default_rng(0)
    white = rng.standard_normal((TILE, TILE, 3), np.float32)
    room = 8
    rows = np.arange(-room, TILE + room) % TILE
    wide = cv2.GaussianBlur(white[::-1][rows][:, rows], (0, 0), COARSE_GRAIN)
    coarse = np.ascontiguousarray(wide[room:-room, room:-room])
    return white, coarse / coarse.std()
