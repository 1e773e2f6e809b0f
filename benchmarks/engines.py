"""Processor seconds that a frame takes the networks of full size, with random weights, on the CPU.

    python benchmarks/engines.py [musetalk] [latentsync] [--frames N] [--threads N]
                                 [--official FOLDER]

Speed does not depend on the weights. Beside each engine stand its networks alone, called as their
authors' program calls them, one batch after the other. Processor seconds are told because other
programs change them less than the clock. Prints Markdown. Needs the engine's extra and memory for
its networks (6 GB). LatentSync is asked for one step of 16 frames at 256 px; --official names a
checkout of its authors' repository (and needs einops), whose network then runs beside ours.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
import warnings
from collections.abc import Callable
from fractions import Fraction
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

try:
    import torch
except ModuleNotFoundError:
    raise SystemExit('error: this benchmark needs torch: run pip install ".[musetalk]".') from None

from lipwright.engines.base import FaceCrop, SourceFrame, Window

FPS = Fraction(25)


def processor_seconds(work: Callable[[], object]) -> float:
    """What a piece of work takes of all cores together."""
    start = time.process_time()
    work()
    return time.process_time() - start


def row(name: str, seconds: float, frames: int) -> None:
    """One line of the table."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"| {name} | {seconds / frames:.2f} | {peak:.1f} |", flush=True)


def musetalk(frames: int) -> None:
    """The engine on a film and on a portrait, and its networks alone."""
    from lipwright.engines.musetalk import MuseTalkEngine, MuseTalkOptions
    from lipwright.engines.musetalk.configs import LATENT_SCALE
    from lipwright.engines.musetalk.engine import MuseTalkAvatar
    from lipwright.engines.musetalk.networks import TorchNetworks, make_unet
    from lipwright.engines.vae import make_vae
    from lipwright.engines.whisper.encoder import WhisperEncoder

    unet, vae, encoder = make_unet(), make_vae(), WhisperEncoder(norm_last=True)
    networks = TorchNetworks(unet, vae, encoder)
    engine = MuseTalkEngine(MuseTalkOptions(networks=networks, batch_size=frames))
    random = np.random.default_rng(0)
    crops = random.integers(0, 256, (frames, 256, 256, 3), np.uint8)
    audio = random.standard_normal((frames, 50, 384)).astype(np.float32)
    seen = networks.see(crops[:1])

    def windows(avatar: MuseTalkAvatar | None) -> list[tuple[Window, ...]]:
        shown = [
            SourceFrame(i, crop, None, FaceCrop(crop), 0, 0, heard)
            for i, (crop, heard) in enumerate(zip(crops, audio, strict=True))
        ]
        return [(Window(avatar, (frame,), FPS),) for frame in shown]

    def alone() -> None:
        with torch.inference_mode():
            given = torch.from_numpy(seen).repeat(frames, 1, 1, 1)
            drawn = unet(given, 0, encoder_hidden_states=torch.from_numpy(audio)).sample
            vae.decode(drawn / LATENT_SCALE)

    alone()
    row("MuseTalk: UNet and decoder alone", processor_seconds(alone), frames)
    for name, avatar in (("a portrait", MuseTalkAvatar(seen[0])), ("a film", None)):
        spent = processor_seconds(lambda given=avatar: list(engine.render(windows(given))))
        row(f"MuseTalk: {name}", spent, frames)
    piece = np.zeros((80, 3000), np.float32)
    row("Whisper's encoder, 30 s of sound", processor_seconds(lambda: networks.hear(piece)), 1)


def latentsync(official: Path | None) -> None:
    """A step of 16 frames, without guidance, whole and with the deep layers kept."""
    from lipwright.engines.latentsync.unet import Deep, UNet3D

    sample, audio = torch.randn(1, 13, 16, 32, 32), torch.randn(16, 50, 384)
    network, deep = UNet3D().eval(), Deep()
    with torch.inference_mode():
        network(sample, 501, audio, deep)
        whole = processor_seconds(lambda: network(sample, 501, audio))
        row("LatentSync: a step of 16 frames", whole, 1)
        kept = processor_seconds(lambda: network(sample, 501, audio, deep))
        row("LatentSync: the same with the deep layers kept", kept, 1)
        if official is not None:
            del network
            theirs = official_latentsync(official)
            theirs(sample, 501, encoder_hidden_states=audio)
            spent = processor_seconds(lambda: theirs(sample, 501, encoder_hidden_states=audio))
            row("LatentSync: a step by its authors' network", spent, 1)


def official_latentsync(folder: Path) -> Any:
    """The authors' network out of their repository."""
    import yaml

    sys.path.insert(0, str(folder))
    module = import_module("latentsync.models.unet")
    text = (folder / "configs" / "unet" / "stage2_512.yaml").read_text(encoding="utf-8")
    settings = yaml.safe_load(text)["model"]
    settings["norm_eps"] = float(settings["norm_eps"])  # YAML takes 1e-5 for text
    return module.UNet3DConditionModel(**settings).eval()


ENGINES = ("musetalk", "latentsync")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("engines", nargs="*", default=list(ENGINES), help=", ".join(ENGINES))
    parser.add_argument("--frames", type=int, default=2, help="drawn at once")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--official", type=Path, help="a checkout of LatentSync's repository")
    given = parser.parse_args()
    if unknown := [name for name in given.engines if name not in ENGINES]:
        parser.error(f"there is no engine {unknown[0]}: choose of {', '.join(ENGINES)}.")
    warnings.simplefilter("ignore")
    torch.set_num_threads(given.threads)
    torch.manual_seed(0)
    print("| networks | processor s a frame | memory so far (GB) |\n|---|---|---|")
    for name in given.engines:
        if name == "musetalk":
            musetalk(given.frames)
        else:
            latentsync(given.official)


if __name__ == "__main__":
    main()
