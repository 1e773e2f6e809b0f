"""Pictures that cannot be read, each told in one sentence, and odd ranges and profiles."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from lipwright.core.errors import MediaError
from lipwright.media.image import read
from lipwright.media.image.read import fit_size, read_image


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "picture.png"
    Image.new("RGB", (80, 80), (230, 120, 40)).save(path)
    return path


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (IsADirectoryError(21, "Is a directory"), "is a folder: give the picture file inside it."),
        (PermissionError(13, "Permission denied"), "may not be read: change its permissions"),
        (MemoryError(), "does not fit into memory: give a smaller picture."),
        (EOFError("no more"), r"is damaged or cut short \(no more\)"),
        (NotImplementedError(), r"is damaged or cut short \(NotImplementedError\)"),
        (ZeroDivisionError("by zero"), r"is damaged or cut short \(by zero\)"),
    ],
)
def test_whatever_is_raised_is_told_in_a_sentence(
    picture: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException, said: str
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(read, "to_bgr", fail)
    with pytest.raises(MediaError, match=rf"picture\.png {said}"):
        read_image(picture)


def test_a_document_is_no_picture(tmp_path: Path) -> None:
    path = tmp_path / "letter.jpg"
    path.write_bytes(b"%PDF-1.7\n\xe2\xe3\xcf\xd3 and more of it")
    with pytest.raises(MediaError, match="is a PDF document, not a picture"):
        read_image(path)


@pytest.mark.parametrize("peak", [100_000.0, 65_535.0])
def test_the_white_of_floating_point_is_told_by_its_peak(tmp_path: Path, peak: float) -> None:
    path = tmp_path / "grey.tiff"
    values = np.full((80, 80), peak / 2, np.float32)
    values[:10] = peak
    Image.fromarray(values).save(path)
    pixels = read_image(path)
    assert pixels[0, 0, 0] == 255 and abs(int(pixels[40, 40, 0]) - 128) <= 1


def test_a_profile_of_a_palette_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "palette.png"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    picture = Image.new("P", (80, 80), 1)
    picture.putpalette([0, 0, 0, 230, 120, 40])
    picture.save(path, icc_profile=profile)
    assert read_image(path)[40, 40].tolist() == [40, 120, 230]


def test_nothing_has_no_size() -> None:
    with pytest.raises(ValueError, match="0x5 has no size"):
        fit_size(0, 5, "low")
