"""Which kinds of picture are looked at, and what others are called."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PIL import Image, ImageFile

from lipwright.core.errors import MediaError
from lipwright.media.image.header import cure_for, describe_header
from lipwright.media.image.read import is_image, read_image
from lipwright.media.video.source import is_video


class Strange(ImageFile.ImageFile):
    """A decoder that nobody asked for."""

    format = "STRANGE"
    asked = 0

    def _open(self) -> None:
        Strange.asked += 1
        self._size, self._mode = (8, 8), "RGB"


@pytest.fixture
def strange(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A file that a plug-in of Pillow would read."""
    Image.init()
    monkeypatch.setitem(Image.OPEN, "STRANGE", (Strange, lambda head: head[:4] == b"ODD!"))
    monkeypatch.setattr(Image, "ID", [*Image.ID, "STRANGE"])
    monkeypatch.setattr(Strange, "asked", 0)
    path = tmp_path / "a.odd"
    path.write_bytes(b"ODD!" + bytes(range(128, 192)))
    return path


def test_other_plug_ins_are_never_asked(strange: Path) -> None:
    assert not is_image(strange)
    assert not is_video(strange)
    with pytest.raises(MediaError, match="not a picture of a known format"):
        read_image(strange)
    assert Strange.asked == 0
    with Image.open(strange):  # without the list of formats it is read
        assert Strange.asked == 1


def test_a_picture_is_told_by_its_header(tmp_path: Path) -> None:
    picture, text = tmp_path / "a.txt", tmp_path / "b.png"
    Image.new("RGB", (8, 8)).save(picture, format="PNG")
    text.write_text("no picture")
    assert is_image(picture) and not is_image(text) and not is_image(tmp_path / "none.png")


@pytest.mark.parametrize(
    ("head", "said"),
    [
        (b"\0\0\0\x18ftypheic\0\0\0\0", "HEIC or AVIF .* convert it to PNG or JPEG first"),
        (b"\0\0\0\x18ftypisom\0\0\0\0", "is a video or sound file"),
        (b"RIFF\0\0\0\0WAVEfmt ", "is a video or sound file"),
        (b"%PDF-1.7", "is a PDF document"),
        (b"  <svg xmlns=", "is a web page or vector drawing"),
        (b"Dear Sir", "is a text file"),
        (bytes(range(200, 232)), "is not a picture of a known format: give a PNG or JPEG"),
    ],
)
def test_other_files_are_called_by_their_kind(head: bytes, said: str) -> None:
    assert re.search(said, f"{describe_header(head)}: {cure_for(head)}")
