"""Pictures with a person's matte as their fourth channel."""

from __future__ import annotations

import cv2
import numpy as np

ATLAS = 2  # enlargement of the picture that frames are sampled from
TILE = 8  # px: pictures are mixed in squares of this size


def in_tiles(picture: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return a copy of BGRA, uint8 (h, w, 4), that can be read and written in tiles.

    The first array has the rows of `TILE` px of all tiles, from the left to the right and down; the
    second one is the picture, over the same memory.
    """
    height, width = picture.shape[:2]
    rows, columns = -(-height // TILE), -(-width // TILE)
    memory = np.zeros((rows * TILE, columns * TILE, 4), np.uint8)
    layer = memory[:height, :width]
    layer[...] = picture
    return memory.reshape(-1, 4 * TILE).view(f"V{4 * TILE}")[:, 0], layer


def tile_by_tile(picture: np.ndarray) -> np.ndarray:
    """Return a copy of BGRA, uint8 (h, w, 4), uint8 (rows, columns, TILE, TILE, 4)."""
    tiles, _ = in_tiles(picture)
    rows, columns = (-(-side // TILE) for side in picture.shape[:2])
    apart = tiles.view(np.uint8).reshape(rows, TILE, columns, TILE, 4)
    return np.ascontiguousarray(apart.swapaxes(1, 2))


def mix_tiles(tiles: np.ndarray, behind: np.ndarray, chosen: np.ndarray) -> None:
    """Lay some tiles of a picture over another one, in place; the fourth channel stays.

    tiles: (n,), as of `in_tiles`. behind: uint8 (rows, columns, TILE, TILE, 4), as of
    `tile_by_tile`. chosen: which tiles, bool (rows, columns).
    """
    lines = _lines_of(chosen)
    if len(lines):
        seen = tiles.take(lines).view(np.uint8).reshape(len(lines), TILE * TILE, 4)
        mix(seen, behind[chosen].reshape(seen.shape))
        tiles[lines] = seen.reshape(-1).view(tiles.dtype).reshape(lines.shape)


def replace_tiles(tiles: np.ndarray, behind: np.ndarray, chosen: np.ndarray) -> None:
    """Replace some tiles of a picture, (n,), by another one's, in place.

    behind: uint8 (rows, columns, TILE, TILE, 4); all as of `mix_tiles`.
    """
    lines = _lines_of(chosen)
    if len(lines):
        tiles[lines] = behind[chosen].reshape(-1).view(tiles.dtype).reshape(lines.shape)


def _lines_of(chosen: np.ndarray) -> np.ndarray:
    """Return where the rows of px of tiles are, intp (n, TILE), as of `in_tiles`."""
    rows, columns = chosen.nonzero()
    lines: np.ndarray = (TILE * rows)[:, None] + np.arange(TILE)
    lines *= chosen.shape[1]
    lines += columns[:, None]
    return lines


def mix(seen: np.ndarray, behind: np.ndarray) -> None:
    """Lay BGRA, uint8 (h, w, 4), over what is behind, in place; its fourth channel stays.

    behind: the same.
    """
    share = cv2.cvtColor(cv2.extractChannel(seen, 3), cv2.COLOR_GRAY2BGRA)
    # OpenCV is slow where the kinds of numbers differ: a third of the time of cv2.blendLinear
    front, back, weight = (part.astype(np.int16) for part in (seen, behind, share))
    cv2.subtract(front, back, dst=front)
    cv2.multiply(front, weight, dst=front, scale=1 / 255)
    cv2.add(front, back, dst=front)
    alpha = seen[..., 3].copy()
    np.copyto(seen, front, casting="unsafe")
    seen[..., 3] = alpha


def enlarged(picture: np.ndarray) -> np.ndarray:
    """Return a picture, uint8 (h, w) or (h, w, channels), at `ATLAS` times its size."""
    size = (picture.shape[1] * ATLAS, picture.shape[0] * ATLAS)
    if picture.ndim == 2 or picture.shape[2] == 3:
        return cv2.resize(picture, size, interpolation=cv2.INTER_CUBIC)
    colour = cv2.resize(picture[..., :3], size, interpolation=cv2.INTER_CUBIC)
    alpha = cv2.resize(picture[..., 3], size, interpolation=cv2.INTER_LINEAR)
    return with_alpha(colour, alpha)


def with_alpha(picture: np.ndarray, alpha: np.ndarray | int) -> np.ndarray:
    """Return BGRA of a BGR picture, uint8 (h, w, 3); alpha: uint8 (h, w), or one for all."""
    joined = np.empty((*picture.shape[:2], 4), np.uint8)
    if isinstance(alpha, int):
        joined[..., 3] = alpha
        cv2.mixChannels([picture], [joined], [0, 0, 1, 1, 2, 2])
    else:
        cv2.mixChannels([picture, alpha], [joined], [0, 0, 1, 1, 2, 2, 3, 3])
    return joined


def packed(picture: np.ndarray) -> np.ndarray:
    """Return BGRA, uint8 (h, w, 4), as int32 (h, w) over the same memory."""
    one: np.ndarray = picture.view(np.int32)[..., 0]
    return one
