"""Pictures of every kind come out as plain BGR, or with one clear sentence."""

from __future__ import annotations

import io
import os
import warnings
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

from lipwright.core.errors import MediaError, UsageError
from lipwright.media.image.read import fit_size, read_image, resize

ORANGE = (230, 120, 40)  # RGB


def colourful(width: int = 120, height: int = 80) -> Image.Image:
    """A smooth picture whose corners all differ."""
    x = np.linspace(0, 255, width)[None, :].repeat(height, 0)
    y = np.linspace(0, 255, height)[:, None].repeat(width, 1)
    return Image.fromarray(np.stack([x, y, 255 - x / 2], axis=2).astype(np.uint8))


def rgb(path: Path) -> np.ndarray:
    """What read_image makes of a file, as RGB integers."""
    pixels = read_image(path)
    assert pixels.dtype == np.uint8 and pixels.flags.c_contiguous
    return pixels[:, :, ::-1].astype(int)


def message(path: Path) -> str:
    with pytest.raises(MediaError) as caught:
        read_image(path)
    text = str(caught.value)
    assert path.name in text and text.endswith(".") and "\n" not in text
    return text


@pytest.mark.parametrize("extension", ["png", "bmp", "tiff", "webp", "ppm", "tga"])
def test_lossless_formats_are_exact(tmp_path: Path, extension: str) -> None:
    picture = colourful()
    path = tmp_path / f"grün und blau.{extension}"
    options: dict[str, Any] = {"lossless": True} if extension == "webp" else {}
    picture.save(path, **options)
    assert np.array_equal(rgb(path), np.asarray(picture))


@pytest.mark.parametrize("extension", ["jpg", "avif", "jp2"])
def test_lossy_formats_are_close(tmp_path: Path, extension: str) -> None:
    path = tmp_path / f"a.{extension}"
    try:
        colourful().save(path, quality=95)
    except (KeyError, OSError, ValueError):
        pytest.skip(f"this Pillow cannot write {extension}")
    assert np.abs(rgb(path) - np.asarray(colourful())).mean() < 4


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_rotation(tmp_path: Path, orientation: int) -> None:
    from PIL import ImageOps

    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / "turned.png"
    colourful().save(path, exif=exif)
    with Image.open(path) as stored:
        expected = np.asarray(ImageOps.exif_transpose(stored).convert("RGB"))
    assert np.array_equal(rgb(path), expected)


def test_cmyk_jpeg(tmp_path: Path) -> None:
    path = tmp_path / "print.jpg"
    Image.new("RGB", (80, 80), ORANGE).convert("CMYK").save(path, quality=95)
    assert np.abs(rgb(path)[40, 40] - ORANGE).max() < 12


def test_sixteen_bit_grey(tmp_path: Path) -> None:
    path = tmp_path / "deep.png"
    ramp = np.linspace(0, 65535, 100).astype(np.uint16)[None].repeat(80, 0)
    Image.fromarray(ramp).save(path)
    got = rgb(path)
    assert np.abs(got[..., 0] - ramp / 257).max() <= 1
    assert np.array_equal(got[..., 0], got[..., 2])


def sixteen_bit_rgb_png(pixels: np.ndarray) -> bytes:
    """A 16-bit RGB PNG, which Pillow cannot write: (h, w, 3) uint16."""
    height, width, _ = pixels.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)

    def block(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data).to_bytes(4, "big")
        return len(data).to_bytes(4, "big") + kind + data + check

    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([16, 2, 0, 0, 0])
    parts = block(b"IHDR", header) + block(b"IDAT", zlib.compress(rows)) + block(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def test_sixteen_bit_colour(tmp_path: Path) -> None:
    path = tmp_path / "deep colour.png"
    values = np.asarray(colourful()).astype(np.uint16) * 257
    path.write_bytes(sixteen_bit_rgb_png(values))
    assert np.abs(rgb(path) - values / 257).max() <= 1


def test_floating_point_tiff(tmp_path: Path) -> None:
    path = tmp_path / "float.tiff"
    ramp = np.linspace(0, 1, 100, dtype=np.float32)[None].repeat(80, 0)
    ramp[0, 0] = np.nan
    Image.fromarray(ramp).save(path)
    assert np.abs(rgb(path)[1:, :, 1] - ramp[1:] * 255).max() <= 1


def test_palette_and_one_bit(tmp_path: Path) -> None:
    flat = Image.new("RGB", (80, 80), ORANGE)
    flat.quantize(8).save(tmp_path / "palette.png")
    assert np.abs(rgb(tmp_path / "palette.png")[0, 0] - ORANGE).max() < 3
    Image.new("1", (80, 80), 1).save(tmp_path / "bit.png")
    assert (rgb(tmp_path / "bit.png") == 255).all()


def test_cut_out_is_put_on_white(tmp_path: Path) -> None:
    pixels = np.zeros((100, 100, 4), np.uint8)
    pixels[30:70, 30:70] = (*ORANGE, 255)
    pixels[10, 10] = (0, 0, 0, 128)
    Image.fromarray(pixels).save(tmp_path / "cut.png")
    got = rgb(tmp_path / "cut.png")
    assert (got[0, 0] == 255).all() and tuple(got[50, 50]) == ORANGE
    assert np.abs(got[10, 10] - 127).max() <= 1


def test_rounded_corners_take_the_colour_of_the_edge(tmp_path: Path) -> None:
    pixels = np.empty((100, 100, 4), np.uint8)
    pixels[:] = (*ORANGE, 255)
    pixels[:8, :8] = 0
    Image.fromarray(pixels).save(tmp_path / "rounded.png")
    assert tuple(rgb(tmp_path / "rounded.png")[2, 2]) == ORANGE


def test_transparent_colour_of_a_palette(tmp_path: Path) -> None:
    picture = Image.new("P", (80, 80), 0)
    picture.putpalette([0, 0, 0, *ORANGE])
    picture.paste(1, (20, 20, 60, 60))
    picture.save(tmp_path / "p.png", transparency=0)
    got = rgb(tmp_path / "p.png")
    assert (got[0, 0] == 255).all() and tuple(got[40, 40]) == ORANGE


def test_grey_with_alpha(tmp_path: Path) -> None:
    Image.new("LA", (80, 80), (100, 255)).save(tmp_path / "la.png")
    assert (rgb(tmp_path / "la.png") == 100).all()


@pytest.mark.parametrize("extension", ["gif", "webp", "png"])
def test_first_frame_of_an_animation(
    tmp_path: Path, extension: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / f"moving.{extension}"
    first, second = Image.new("RGB", (80, 80), ORANGE), Image.new("RGB", (80, 80), (0, 0, 255))
    first.save(path, save_all=True, append_images=[second], duration=100, lossless=True)
    assert np.abs(rgb(path)[40, 40] - ORANGE).max() < 4
    assert "2 frames or pages" in caplog.text


def test_colour_profile_is_converted(tmp_path: Path) -> None:
    lab = ImageCms.createProfile("LAB")
    swapped = np.asarray(Image.new("RGB", (80, 80), ORANGE))
    to_lab = ImageCms.buildTransform(ImageCms.createProfile("sRGB"), lab, "RGB", "LAB")
    picture = ImageCms.applyTransform(Image.fromarray(swapped), to_lab)
    assert picture is not None
    picture.save(tmp_path / "lab.tiff", icc_profile=ImageCms.ImageCmsProfile(lab).tobytes())
    assert np.abs(rgb(tmp_path / "lab.tiff")[40, 40] - ORANGE).max() < 6


def test_broken_colour_profile_is_ignored(tmp_path: Path) -> None:
    colourful().save(tmp_path / "odd.png", icc_profile=b"not a profile at all" * 20)
    assert np.array_equal(rgb(tmp_path / "odd.png"), np.asarray(colourful()))


def test_strips_join_without_a_seam(tmp_path: Path) -> None:
    tall = colourful(70, 900)
    tall.save(tmp_path / "tall.png")
    assert np.array_equal(rgb(tmp_path / "tall.png"), np.asarray(tall))


def test_missing_folder_empty_and_unreadable(tmp_path: Path) -> None:
    assert "check the path" in message(tmp_path / "no such é.png")
    (tmp_path / "folder.png").mkdir()
    assert "folder" in message(tmp_path / "folder.png")
    (tmp_path / "empty.png").touch()
    assert "empty" in message(tmp_path / "empty.png")
    locked = tmp_path / "locked.png"
    colourful().save(locked)
    locked.chmod(0)
    if not os.access(locked, os.R_OK):  # the superuser may read everything
        assert "permissions" in message(locked)


def test_not_pictures(tmp_path: Path) -> None:
    (tmp_path / "note.jpg").write_text("Dear all,\nthis is no picture.\n")
    assert "text file" in message(tmp_path / "note.jpg")
    (tmp_path / "film.png").write_bytes(b"\0\0\0\x20ftypisom" + bytes(100))
    assert "video" in message(tmp_path / "film.png")
    (tmp_path / "drawing.png").write_text("<svg xmlns='http://www.w3.org/2000/svg'></svg>")
    assert "drawing" in message(tmp_path / "drawing.png")
    (tmp_path / "phone.heic").write_bytes(b"\0\0\0\x18ftypheic" + bytes(100))
    text = message(tmp_path / "phone.heic")
    assert "HEIC" in text and "convert it to PNG or JPEG" in text


@pytest.mark.parametrize("extension", ["png", "jpg", "webp", "gif"])
def test_truncated(tmp_path: Path, extension: str) -> None:
    path = tmp_path / f"cut.{extension}"
    noise = np.random.default_rng(0).integers(0, 256, (200, 200, 3), np.uint8)
    Image.fromarray(noise).save(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert "damaged or cut short" in message(path)


def test_too_small(tmp_path: Path) -> None:
    Image.new("RGB", (1, 1)).save(tmp_path / "dot.png")
    assert "too small (1x1 px)" in message(tmp_path / "dot.png")


@pytest.mark.parametrize("side", [10_000, 60_000])
def test_huge_claims_are_refused_before_decoding(tmp_path: Path, side: int) -> None:
    path = tmp_path / "bomb.png"
    head = io.BytesIO()
    Image.new("1", (64, 64)).save(head, "png")
    data = bytearray(head.getvalue())
    data[16:24] = side.to_bytes(4, "big") * 2
    data[29:33] = zlib.crc32(bytes(data[12:29])).to_bytes(4, "big")
    path.write_bytes(data)
    limit = Image.MAX_IMAGE_PIXELS
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert "too large" in message(path)
    assert Image.MAX_IMAGE_PIXELS == limit


@pytest.mark.parametrize(
    ("size", "quality", "expected"),
    [
        ((1920, 1080), "high", (1920, 1080)),
        ((512, 600), "high", (922, 1080)),
        ((512, 600), "low", (410, 480)),
        ((4000, 3000), "medium", (960, 720)),
        ((4000, 1000), "high", (1920, 480)),
        ((100, 9000), "high", (16, 1080)),
    ],
)
def test_fit_size(size: tuple[int, int], quality: str, expected: tuple[int, int]) -> None:
    assert fit_size(*size, quality) == expected


def test_fit_size_of_unknown_quality() -> None:
    with pytest.raises(UsageError, match="high"):
        fit_size(100, 100, "ultra")


def test_resize() -> None:
    picture = np.asarray(colourful(400, 300))
    smaller = resize(picture, (100, 76))
    assert smaller.shape == (76, 100, 3) and smaller.dtype == np.uint8
    assert np.abs(smaller.mean((0, 1)) - picture.mean((0, 1))).max() < 1
    larger = resize(picture, (800, 600))
    assert np.abs(resize(larger, (400, 300)).astype(int) - picture).max() <= 3
    assert resize(picture, (400, 300)) is picture


def test_resize_does_not_alias() -> None:
    stripes = np.zeros((300, 300, 3), np.uint8)
    stripes[:, ::2] = 255
    assert np.abs(resize(stripes, (90, 90))[5:-5, 5:-5].astype(int) - 127).max() < 12
