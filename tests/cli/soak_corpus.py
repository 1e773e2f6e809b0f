"""Odd files of every kind that the command line takes, made on the spot."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import cv2
import numpy as np
from PIL import Image
from tests.helpers import hopper_path, read_picture, speech_like, write_wav
from tests.media.sounds import encode_sound, wav_bytes
from tests.videos import moved_portrait, write_film

FOLDER = "odd files नमस्ते"
SOUND = 0.3  # s
SIDE = 200  # px, the width of the good portrait

PICTURES = (
    "portrait.png", "my portrait.jpg", "चित्र.png", "alpha.png", "turned.jpg", "face-less.png",
)  # fmt: skip
FILMS = ("film.mp4", "film.mkv", "film.gif")
ODD_PICTURES = (
    "one.png", "wide.png", "empty.png", "cut.jpg", "sound.png", "huge.png", "text.jpg", "pipe.png",
    "folder.png", "loop.png", "away.png", "nowhere.png", "cut.mp4", "/dev/null", "/dev/zero",
)  # fmt: skip
SOUNDS = (
    "speech.wav", "8 kHz.wav", "six.wav", "speech.flac", "speech.opus", "film.mp4", "silent.wav",
)  # fmt: skip
ODD_SOUNDS = (
    "zero.wav", "one.wav", "text.wav", "empty.wav", "cut.wav", "cut.flac", "numbers.wav",
    "fast.wav", "pipe.wav", "folder.png", "away.wav", "portrait.png", "/dev/null", "/dev/zero",
)  # fmt: skip
SCRIPTS = ("hi.txt", "hi.md", "hi.ssml", "template.txt")
ODD_SCRIPTS = (
    "empty.txt", "spaces.txt", "binary.txt", "utf16.txt", "broken.ssml", "odd.txt", "pipe.txt",
    "folder.png", "away.txt", "speech.wav", "long.txt", "/dev/null",
)  # fmt: skip
LEXICONS = ("words.lex",)
ODD_LEXICONS = ("empty.txt", "binary.txt", "odd.txt", "away.txt", "folder.png", "pipe.txt")


def write_corpus(folder: Path) -> Path:
    """Make all these files in a folder of its own in `folder`, and return that."""
    corpus = folder / FOLDER
    corpus.mkdir()
    _write_pictures(corpus)
    _write_sounds(corpus)
    _write_texts(corpus)
    for name in ("pipe.png", "pipe.wav", "pipe.txt"):
        os.mkfifo(corpus / name)
    (corpus / "folder.png").mkdir()
    (corpus / "loop.png").symlink_to("loop.png")
    (corpus / "nowhere.png").symlink_to("gone.png")
    return corpus


def _write_pictures(corpus: Path) -> None:
    whole = read_picture(hopper_path())
    small = cv2.resize(whole, (SIDE, SIDE * whole.shape[0] // whole.shape[1]))
    rgb = np.ascontiguousarray(small[..., ::-1])
    for name in ("portrait.png", "my portrait.jpg", "चित्र.png"):
        Image.fromarray(rgb).save(corpus / name)
    clear = np.linspace(0, 255, rgb.shape[0]).astype(np.uint8)[:, None].repeat(SIDE, 1)
    Image.fromarray(np.dstack([rgb, clear])).save(corpus / "alpha.png")
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(np.rot90(rgb)).save(corpus / "turned.jpg", exif=exif)
    grey = np.full((90, 120, 3), 128, np.uint8)
    Image.fromarray(grey).save(corpus / "face-less.png")
    Image.fromarray(grey[:1, :1]).save(corpus / "one.png")
    Image.fromarray(np.full((2, 3000, 3), 90, np.uint8)).save(corpus / "wide.png")
    jpeg, png = (corpus / "my portrait.jpg").read_bytes(), (corpus / "one.png").read_bytes()
    (corpus / "cut.jpg").write_bytes(jpeg[: len(jpeg) // 3])
    (corpus / "huge.png").write_bytes(png[:16] + struct.pack(">II", 60_000, 60_000) + png[24:])
    (corpus / "text.jpg").write_text("no picture\n" * 50)
    (corpus / "empty.png").touch()


def _write_sounds(corpus: Path) -> None:
    speech = speech_like(SOUND)
    write_wav(corpus / "speech.wav", speech)
    write_wav(corpus / "8 kHz.wav", speech[::2], 8000)
    write_wav(corpus / "six.wav", np.tile(speech[:, None], 6))
    write_wav(corpus / "silent.wav", np.zeros(4000))
    write_wav(corpus / "zero.wav", np.zeros(0))
    write_wav(corpus / "one.wav", np.zeros(1))
    encode_sound(corpus / "speech.flac", speech[None], 16000, "flac")
    encode_sound(corpus / "speech.opus", speech[None], 16000, "libopus")
    for name in ("speech.wav", "speech.flac"):
        data = (corpus / name).read_bytes()
        (corpus / name.replace("speech", "cut")).write_bytes(data[: len(data) // 3])
    (corpus / "sound.png").write_bytes((corpus / "speech.wav").read_bytes())
    (corpus / "text.wav").write_text("no sound\n" * 50)
    (corpus / "empty.wav").touch()
    odd = np.array([np.nan, np.inf, -np.inf, 3e38, 0] * 400, "<f4").tobytes()
    (corpus / "numbers.wav").write_bytes(wav_bytes(odd, rate=16000, channels=1, bits=32, tag=3))
    fast = wav_bytes(odd, rate=2**31 - 1, channels=1, bits=16, tag=1)
    (corpus / "fast.wav").write_bytes(fast)
    pictures = [cv2.resize(moved_portrait(i), (240, 240)) for i in range(8)]
    film = write_film(corpus / "film.mp4", pictures, audio=corpus / "speech.wav")
    for name in ("film.mkv", "film.gif"):
        write_film(corpus / name, pictures)
    (corpus / "cut.mp4").write_bytes(film.read_bytes()[:3000])


def _write_texts(corpus: Path) -> None:
    texts = {
        "hi.txt": "Hi.",
        "hi.md": "# Hi\n\n- *one*\n",
        "hi.ssml": '<speak>Hi<break time="100ms"/></speak>',
        "template.txt": "Hi {name}.",
        "empty.txt": "",
        "spaces.txt": " \n\t ",
        "broken.ssml": '<speak>Hi <break time="1 s"</speak>',
        "odd.txt": "⁂ \u202e{ } <x>&y; \x07 {{name}}",
        "long.txt": "word " * 300_000,
        "words.lex": "hi h aɪ\n",
    }
    for name, text in texts.items():
        (corpus / name).write_text(text, encoding="utf-8")
    (corpus / "binary.txt").write_bytes(bytes(range(256)) * 4)
    (corpus / "utf16.txt").write_text("Hi.", encoding="utf-16")
