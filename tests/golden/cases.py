"""Short videos whose decoded frames and sound stay the same bytes while code is rearranged.

Only the public functions are used, so that the same cases run before and after a change.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Callable, Iterable
from fractions import Fraction
from importlib.metadata import version
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np

import lipwright
from lipwright.cli import run
from tests.helpers import hopper_path, read_picture, speech_like, write_wav
from tests.pairs import both
from tests.videos import moved_portrait, write_film

DIGESTS = Path(__file__).with_name("digests.json")
CLIPS = Path(__file__).parents[1] / "articulation" / "clips"
TEXT = "Namaste Mathangi, this is Anika. Your payment is due."
PACKAGES = ("numpy", "opencv-python-headless", "onnxruntime", "av", "soxr", "pillow")


def fingerprint() -> str:
    """What the bytes depend on besides the code: processor features and library versions."""
    parts = [platform.machine(), str(os.cpu_count()), cv2.getCPUFeaturesLine()]
    parts += [f"{name} {version(name)}" for name in PACKAGES]
    parts.append(os.environ.get("OPENBLAS_CORETYPE", ""))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def recorded() -> dict[str, str] | None:
    """The digests recorded on a machine like this one, or None."""
    return json.loads(DIGESTS.read_text(encoding="utf-8")).get(fingerprint())


def digest(arrays: Iterable[np.ndarray]) -> str:
    """sha256 over the shapes and bytes of arrays."""
    total = hashlib.sha256()
    for array in arrays:
        total.update(str((array.shape, array.dtype.str)).encode())
        total.update(np.ascontiguousarray(array).tobytes())
    return total.hexdigest()


def decoded(path: Path) -> dict[str, str]:
    """Digests of a file's decoded frames and sound."""
    frames: list[np.ndarray] = []
    sound: list[np.ndarray] = []
    with av.open(str(path)) as container:
        for frame in container.decode():
            into = frames if isinstance(frame, av.VideoFrame) else sound
            into.append(frame.to_ndarray())
    return {"frames": digest(frames), "sound": digest(sound)}


def spoken_portrait(folder: Path) -> dict[str, str]:
    """The demo's portrait with a speech whose phones are known."""
    wav = folder / "speech.wav"
    assert run(["say", "--text", TEXT, "--output", str(wav)]) == 0
    speech = lipwright.synthesize(TEXT)
    made = lipwright.sync(hopper_path(), speech, folder / "phones.mp4", quality="low")
    return {**decoded(made.output), "wav": hashlib.sha256(wav.read_bytes()).hexdigest()}


def heard_portrait(folder: Path) -> dict[str, str]:
    """The same portrait with recorded sound, at another frame rate, lively."""
    sound = CLIPS / "indian_woman.flac"
    made = lipwright.sync(
        hopper_path(), sound, folder / "heard.mp4", quality="low", fps="30000/1001", motion="lively"
    )
    middle = lipwright.render_frames(hopper_path(), sound, quality="low", seed=3)
    return {**decoded(made.output), "rendered": digest(frame for frame in middle)}


def dubbed_clip(folder: Path) -> dict[str, str]:
    """A film of a moving head given new words, longer than the film."""
    film = write_film(folder / "film.mp4", [moved_portrait(i) for i in range(30)], Fraction(25))
    made = lipwright.sync(film, CLIPS / "american_man.flac", folder / "dubbed.mp4")
    return decoded(made.output)


def two_people(folder: Path) -> dict[str, str]:
    """Two people of one picture who speak at once."""
    first = write_wav(folder / "first.wav", speech_like(1.2))
    second = write_wav(folder / "second.wav", speech_like(0.9, seed=1))
    made = lipwright.sync(both(), {0: first, 1: second}, folder / "two.mp4", quality="low")
    return decoded(made.output)


def transparent_picture(folder: Path) -> dict[str, str]:
    """A portrait that can be seen through, in a WebM that keeps its alpha.

    Its sound is left out: libopus rounds differently on processors that are alike otherwise.
    """
    image = read_picture(hopper_path())
    alpha = np.zeros(image.shape[:2], np.uint8)
    cv2.ellipse(alpha, (256, 300), (190, 280), 0, 0, 360, 255, -1, cv2.LINE_AA)
    voice = write_wav(folder / "voice.wav", speech_like(0.8))
    output = folder / "seen_through.webm"
    lipwright.sync(np.dstack([image, alpha]), voice, output, quality="low", motion="lively")
    return {"frames": decoded(output)["frames"]}


CASES: dict[str, Callable[[Path], dict[str, str]]] = {
    "spoken_portrait": spoken_portrait,
    "heard_portrait": heard_portrait,
    "dubbed_clip": dubbed_clip,
    "two_people": two_people,
    "transparent_picture": transparent_picture,
}


def wav2lip(folder: Path) -> dict[str, str]:
    """Wav2Lip at its full size, with weights drawn by rule: a picture and a film. Needs torch."""
    import torch

    from lipwright.engines.wav2lip.torch_model import Generator
    from tests.engines import recipe

    path = folder / "wav2lip.pth"
    weights = recipe.make_weights(recipe.shapes_of(Generator()))
    state = {key: torch.from_numpy(value) for key, value in weights.items()}
    torch.save({"state_dict": state}, path)
    voice = write_wav(folder / "voice.wav", speech_like(0.6))
    options: dict[str, Any] = {
        "engine": "wav2lip",
        "engine_options": {"checkpoint": path},
        "quality": "low",
    }
    picture = lipwright.sync(hopper_path(), voice, folder / "picture.mp4", **options)
    film = write_film(folder / "film.mp4", [moved_portrait(i) for i in range(15)], Fraction(25))
    dubbed = lipwright.sync(film, voice, folder / "dubbed.mp4", **options)
    return {
        "picture": decoded(picture.output)["frames"],
        "film": decoded(dubbed.output)["frames"],
    }
