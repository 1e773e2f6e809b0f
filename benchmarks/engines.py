"""Processor seconds that a frame takes the networks of full size, with random weights, on the CPU.

    python benchmarks/engines.py [musetalk] [--frames N] [--threads N]

Speed does not depend on the weights. Beside each engine stand its networks alone, called as their
authors' program calls them, one batch after the other. Processor seconds are told because other
programs change them less than the clock. Prints Markdown. Needs the engine's extra and memory for
its networks (MuseTalk: 6 GB).
"""

from __future__ import annotations

import argparse
import resource
import time
import warnings
from collections.abc import Callable
from fractions import Fraction

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


ENGINES = {"musetalk": musetalk}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("engines", nargs="*", default=list(ENGINES), help=", ".join(ENGINES))
    parser.add_argument("--frames", type=int, default=2, help="drawn at once")
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    if unknown := [name for name in given.engines if name not in ENGINES]:
        parser.error(f"there is no engine {unknown[0]}: choose of {', '.join(ENGINES)}.")
    warnings.simplefilter("ignore")
    torch.set_num_threads(given.threads)
    torch.manual_seed(0)
    print("| networks | processor s a frame | memory so far (GB) |\n|---|---|---|")
    for name in given.engines:
        ENGINES[name](given.frames)


if __name__ == "__main__":
    main()
