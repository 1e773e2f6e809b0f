"""Which files hold the weights of MuseTalk's networks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lipwright.core.errors import ModelError
from lipwright.weights import Store, find_entry, find_model, remind

FORMER_FILE = "pytorch_model.bin"
"""The UNet of MuseTalk 1.0, whose keys and shapes are the same."""
PARSER = "face-parser"
UNET_NAMES = (
    "musetalkV15/unet.safetensors",
    "musetalkV15/unet.pth",
    "unet.safetensors",
    "unet.pth",
)
VAE_FILES = ("diffusion_pytorch_model.safetensors", "diffusion_pytorch_model.bin")
VAE_NAMES = tuple(
    f"{folder}/{file}" for folder in ("sd-vae", "sd-vae-ft-mse") for file in VAE_FILES
)
ENCODER_NAMES = tuple(
    f"{folder}/{file}"
    for folder in ("whisper", "whisper-tiny")
    for file in ("model.safetensors", "pytorch_model.bin", "tiny.pt")
)
PARSER_NAMES = ("face-parse-bisent/79999_iter.pth", "face-parser/79999_iter.pth")


@dataclass(frozen=True)
class WeightFiles:
    """One file for each network."""

    unet: Path
    vae: Path
    encoder: Path
    parser: Path | None
    """None where it is not here: then landmarks say where the jaw is."""


def find_weights(checkpoint: str | Path | None = None) -> WeightFiles:
    """Return the files of weights, verified where they were downloaded.

    checkpoint: the file of the UNet, or a folder as the authors' program has it; what is not in it
    is taken from what was downloaded, as all is for None.

    Raises ModelError for files that are missing, and for the UNet of MuseTalk 1.0.
    """
    if checkpoint is None:
        unet = find_model("musetalk", "unet.pth")
        remind("musetalk")
        return WeightFiles(unet, *_others(None))
    path = Path(checkpoint)
    if not path.is_dir():
        if path.name == FORMER_FILE:
            raise _former(path)
        return WeightFiles(path, *_others(None))
    own = _first(path, UNET_NAMES)
    if own is None:
        former = _first(path, (f"musetalk/{FORMER_FILE}", FORMER_FILE))
        if former is not None:
            raise _former(former)
        raise ModelError(
            f"{path} holds no UNet of MuseTalk ({UNET_NAMES[1]} or {UNET_NAMES[3]}): give a folder "
            "that does, or run lipwright models download musetalk."
        )
    return WeightFiles(own, *_others(path))


def _others(folder: Path | None) -> tuple[Path, Path, Path | None]:
    vae, encoder, parser = (
        None if folder is None else _first(folder, names)
        for names in (VAE_NAMES, ENCODER_NAMES, PARSER_NAMES)
    )
    if parser is None and Store().installed(find_entry(PARSER)):
        parser = find_model(PARSER)
    return (
        vae or find_model("sd-vae-ft-mse", VAE_FILES[0]),
        encoder or find_model("whisper-tiny", "model.safetensors"),
        parser,
    )


def _first(folder: Path, names: tuple[str, ...]) -> Path | None:
    return next((folder / name for name in names if (folder / name).is_file()), None)


def _former(path: Path) -> ModelError:
    return ModelError(
        f"{path} is named like the UNet of MuseTalk 1.0, which this engine is not for: give "
        "unet.pth of musetalkV15, which lipwright models download musetalk brings."
    )
