"""Read portraits of any common format as BGR arrays, and fit them to the size of the video.

Every limit is checked on the file's header, before a single pixel is decoded, so a small file that
claims a huge image costs nothing.
"""

from __future__ import annotations

import io
import logging
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

import numpy as np
from PIL import Image, ImageCms, UnidentifiedImageError

from lipwright.core.atomic_file import check_rereadable
from lipwright.core.errors import MediaError, UsageError
from lipwright.media.image.header import CURE, cure_for, describe_header
from lipwright.media.limits import MAX_PIXELS, MIN_SIDE

log = logging.getLogger("lipwright")

GIVEN = "The picture"
"""What messages call one that is no file."""
MAX_WIDTH = 1920
HEIGHTS = {"low": 480, "medium": 720, "high": 1080}

# Formats whose decoders are safe on files from strangers: no EPS (runs Ghostscript), no stubs.
# HEIF is there for those who have registered the pillow-heif plug-in.
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "JPEG2000", "PPM", "TGA", "HEIF")

STRIP_ROWS = 256  # rows converted at a time, so that a large picture is not held three times
ORIENTATION_TAG = 0x0112


def read_image(source: str | Path | bytes) -> np.ndarray:
    """Read a picture, a file or its bytes, as a BGR uint8 array of shape (height, width, 3).

    The EXIF rotation is applied, an embedded colour profile is converted to sRGB, and CMYK, grey,
    16-bit, palette and 1-bit pictures become 8-bit colour. Of an animation the first frame is read.
    Transparency is composited on the mean colour of the picture's opaque edge pixels where at least
    half of its edge is opaque (rounded corners, feathered frames), else on white (cut-outs).

    Raises MediaError, naming the file and the cure, for anything that is not a usable picture.
    """
    path = Path(source) if isinstance(source, str) else source
    with opened(path) as picture:
        frames = getattr(picture, "n_frames", 1)
        if frames > 1 and picture.format != "MPO":
            shown = path if isinstance(path, Path) else GIVEN
            log.warning("%s has %d frames or pages: only the first is used.", shown, frames)
        orientation = orientation_of(picture)
        picture.load()
        pixels = to_bgr(picture)
        picture.close()  # its pixels, before they are turned into another copy
    return turn(pixels, orientation)


def fit_size(width: int, height: int, quality: str) -> tuple[int, int]:
    """Return the (width, height) of the video for an image: even, and in its proportions.

    `quality` sets the height ("low" 480, "medium" 720, "high" 1080); the width follows the image up
    to 1920, beyond which the height is reduced instead.
    """
    if quality not in HEIGHTS:
        raise UsageError(
            f"There is no quality {quality!r}: choose one of {', '.join(sorted(HEIGHTS))}."
        )
    if width < 1 or height < 1:
        raise ValueError(f"a picture of {width}x{height} has no size")
    scale = min(HEIGHTS[quality] / height, MAX_WIDTH / width)
    return _even(width * scale), _even(height * scale)


def resize(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Scale a (h, w, 3) uint8 image to `size` = (width, height) by antialiased Lanczos."""
    if image.shape[1::-1] == tuple(size):
        return image
    picture = Image.fromarray(np.ascontiguousarray(image))
    return np.array(picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0))


def _even(length: float) -> int:
    return max(16, 2 * round(length / 2))


@contextmanager
def _plain_errors(path: Path | str) -> Iterator[None]:
    """Turn what the operating system and Pillow raise into one-sentence MediaErrors."""
    try:
        yield
    except FileNotFoundError:
        raise MediaError(f"There is no picture at {path}: check the path.") from None
    except IsADirectoryError:
        raise MediaError(f"{path} is a folder: give the picture file inside it.") from None
    except PermissionError:
        raise MediaError(
            f"{path} may not be read: change its permissions, or copy it to a folder of yours."
        ) from None
    except MemoryError:
        raise MediaError(f"{path} does not fit into memory: give a smaller picture.") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_large(path) from None
    # Pillow's decoders raise nearly every builtin on damaged files; all mean the same to a user.
    except (OSError, ValueError, SyntaxError, TypeError, LookupError, ArithmeticError) as error:
        raise _damaged(path, error) from error
    except (EOFError, AttributeError, NotImplementedError, AssertionError) as error:
        raise _damaged(path, error) from error


@contextmanager
def opened(source: Path | bytes) -> Iterator[Image.Image]:
    """Open the header of an image, within limits; errors are those of `read_image`."""
    shown = source if isinstance(source, Path) else GIVEN
    if isinstance(source, Path):
        check_rereadable(source)
    with ExitStack() as stack:
        stack.enter_context(_plain_errors(shown))
        stack.enter_context(_no_warnings())
        opening = source.open("rb") if isinstance(source, Path) else io.BytesIO(source)
        picture = stack.enter_context(_open(shown, stack.enter_context(opening)))
        check_size(shown, picture.size)
        yield picture


def is_image(path: Path) -> bool:
    """Return whether a file looks like a picture of a kind that is read, by its header alone."""
    try:
        with _no_warnings(), _identified(path):
            return True
    except Exception:  # whatever is wrong with it as a picture is told by those who read it as one
        return False


def _identified(file: Path | IO[bytes]) -> Image.Image:
    """Open a picture of one of `FORMATS` by its header.

    What reads rarer kinds takes 30 ms to load: it is loaded for what none of the others reads.
    """
    Image.preinit()
    try:
        return Image.open(file, formats=_known_formats())
    except UnidentifiedImageError:
        Image.init()
    return Image.open(file, formats=_known_formats())


def _known_formats() -> list[str]:
    """Those of `FORMATS` that are loaded."""
    return [name for name in FORMATS if name in Image.OPEN]


@contextmanager
def _no_warnings() -> Iterator[None]:
    """Silence Pillow's Python warnings (odd tags, its own looser limit on size)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _damaged(path: Path | str, error: BaseException) -> MediaError:
    detail = " ".join(str(error).split()).rstrip(".")[:100] or type(error).__name__
    return MediaError(
        f"{path} is damaged or cut short ({detail}): export or download it again, or {CURE}."
    )


def _too_large(path: Path | str, size: tuple[int, int] | None = None) -> MediaError:
    dimensions = f"{size[0]}x{size[1]} px, " if size else ""
    return MediaError(
        f"{path} is too large ({dimensions}the limit is {MAX_PIXELS // 1_000_000} megapixels): "
        "scale it down first."
    )


def _open(path: Path | str, file: IO[bytes]) -> Image.Image:
    """Read the header only."""
    head = file.read(32)
    file.seek(0)
    if not head:
        raise MediaError(f"{path} is empty: {CURE}.")
    try:
        return _identified(file)
    except UnidentifiedImageError:
        raise MediaError(f"{path} {describe_header(head)}: {cure_for(head)}.") from None


def check_size(path: Path | str, size: tuple[int, int]) -> None:
    """Raise MediaError for a picture, (width, height) px, that is too large or too small."""
    width, height = size
    if width * height > MAX_PIXELS:
        raise _too_large(path, size)
    if min(size) < MIN_SIDE:
        raise MediaError(
            f"{path} is too small ({width}x{height} px): give a picture of at least "
            f"{MIN_SIDE}x{MIN_SIDE} px, and better 512 or more."
        )


def orientation_of(picture: Image.Image) -> int:
    """Return the EXIF orientation, 1 to 8, of an image; 1 where it has none."""
    try:
        return int(picture.getexif().get(ORIENTATION_TAG, 1))
    except Exception as error:  # a broken EXIF block is no reason to refuse the picture
        log.debug("EXIF of the picture not readable: %s", error)
        return 1


def turn(pixels: np.ndarray, orientation: int) -> np.ndarray:
    """Apply an EXIF orientation (1 to 8, Exif 2.3 section 4.6.4) to an array, uint8 (h, w, ...)."""
    if orientation in (5, 6, 7, 8):
        pixels = pixels.swapaxes(0, 1)
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return np.ascontiguousarray(pixels)


def to_bgr(picture: Image.Image) -> np.ndarray:
    """Convert a loaded image to BGR uint8 (h, w, 3), strip by strip."""
    width, height = picture.size
    if picture.mode.startswith(("I", "F")):
        grey = _grey_to_uint8(np.asarray(picture))
        return np.repeat(grey[..., None], 3, axis=2)
    transparent = is_transparent(picture)
    backdrop = backdrop_of(picture) if transparent else None
    to_srgb = None if transparent and picture.mode != "RGBA" else _srgb_transform(picture)
    pixels = np.empty((height, width, 3), np.uint8)
    for top in range(0, height, STRIP_ROWS):
        strip = picture.crop((0, top, width, min(height, top + STRIP_ROWS)))
        if backdrop is not None:
            strip = strip.convert("RGBA")
            below = Image.new("RGBA", strip.size, (*backdrop, 255))
            strip = Image.alpha_composite(below, strip).convert("RGB")
        if to_srgb is not None:
            strip = ImageCms.applyTransform(strip, to_srgb) or strip
        pixels[top : top + STRIP_ROWS] = np.asarray(strip.convert("RGB"))[:, :, ::-1]
    return pixels


def _grey_to_uint8(grey: np.ndarray) -> np.ndarray:
    """Convert grey of 16 or 32 bits or floating point to uint8; the values tell the range."""
    values = np.nan_to_num(grey.astype(np.float32), nan=0.0, posinf=0.0, neginf=0.0)
    peak = float(values.max(initial=0.0))
    if np.issubdtype(grey.dtype, np.floating):
        white = 1.0 if peak <= 1.0 else 255.0 if peak <= 255.0 else 65535.0
    else:
        white = 65535.0 if grey.dtype.itemsize == 2 or peak > 255 else 255.0
    if peak > 65535.0:
        white = peak
    levels: np.ndarray = np.clip(values * np.float32(255.0 / white) + 0.5, 0, 255).astype(np.uint8)
    return levels


def is_transparent(picture: Image.Image) -> bool:
    """Return whether the image may have transparent pixels."""
    kinds = ("RGBA", "LA", "PA", "RGBa", "La")
    return picture.mode in kinds or "transparency" in picture.info


def backdrop_of(picture: Image.Image) -> tuple[int, int, int]:
    """Return the RGB colour to put behind a transparent image (see read_image)."""
    width, height = picture.size
    boxes = [
        (0, 0, width, 1),
        (0, height - 1, width, height),
        (0, 0, 1, height),
        (width - 1, 0, width, height),
    ]
    strips = [np.asarray(picture.crop(box).convert("RGBA")).reshape(-1, 4) for box in boxes]
    edge = np.concatenate(strips)
    opaque = edge[edge[:, 3] > 250]
    if 2 * len(opaque) < len(edge):
        return 255, 255, 255
    red, green, blue = opaque[:, :3].mean(axis=0).round().astype(int).tolist()
    return red, green, blue


def _srgb_transform(picture: Image.Image) -> ImageCms.ImageCmsTransform | None:
    """Return the transform of the embedded colour profile to sRGB; None if it needs none."""
    profile_bytes = picture.info.get("icc_profile")
    if not profile_bytes:
        return None
    mode = "RGB" if picture.mode == "RGBA" else picture.mode
    if mode not in ("RGB", "CMYK", "L", "LAB"):
        return None
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(profile_bytes))
        if "srgb" in ImageCms.getProfileDescription(profile).lower():
            return None
        return ImageCms.buildTransform(profile, ImageCms.createProfile("sRGB"), mode, "RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError) as error:
        log.warning("The picture's colour profile is not usable and is ignored: %s", error)
        return None
