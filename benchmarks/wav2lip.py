"""How fast the engine `wav2lip` is beside its network in torch, and what fewer bits would cost.

    python benchmarks/wav2lip.py [--checkpoint FILE] [--rounds N] [--batch-size N] [--threads N]

Everything is measured in one process, round by round in turn; numbers are medians. On Linux each
measurement waits until other programs leave the machine alone, for --patience seconds in all, and
"cores" says how many of them a way then had: where they are fewer than there are, compare with
--threads 1. Without a checkpoint the weights are random: speed does not depend on them, but how
much a picture suffers from fewer bits does. Needs the extras `wav2lip` and `demo`. Prints Markdown.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

try:
    import torch
except ModuleNotFoundError:
    raise SystemExit('error: this benchmark needs torch: run pip install ".[wav2lip]".') from None
from speed import describe_machine

from lipwright.core.onnx import load_onnxruntime, open_session
from lipwright.engines.onnx_generator import OnnxNetworks
from lipwright.engines.wav2lip import Wav2LipEngine, Wav2LipOptions, engine, onnx_export
from lipwright.engines.wav2lip.row_cropping import cut_rows
from lipwright.engines.wav2lip.torch_model import Generator
from lipwright.face import choose_face
from lipwright.media.image.read import read_image, resize
from lipwright.pipeline.face_view import FaceView
from lipwright.pipeline.image_frames import ImageFrames, prepare_speaker
from lipwright.speech.speech import Speech

TARGET = 1.3
"""Times the frames/s of torch that the default settings shall have."""
OFFICIAL_BATCH = 128
"""What the authors' program takes; with --official-batch that is measured as well."""
FPS = Fraction(25)
HEIGHT = 1080
RATE = 16_000
PROCESSORS = Path("/proc/stat")
QUIET = 0.85
"""Share of idle processor time at which a machine counts as left alone."""


@dataclass
class Way:
    """One way to make frames."""

    name: str
    frames: int
    """Made by one call."""
    run: Callable[[], Any]
    difference: tuple[float, float] | None = None
    """Largest and mean, in grey levels of 255, from torch."""
    seconds: list[float] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)
    """Processor time of each round, of all threads."""

    def time(self) -> None:
        """One round."""
        started, worked = time.perf_counter(), time.process_time()
        self.run()
        self.busy.append(time.process_time() - worked)
        self.seconds.append(time.perf_counter() - started)

    @property
    def cores(self) -> float:
        """How many worked at once."""
        return statistics.median(b / s for b, s in zip(self.busy, self.seconds, strict=True))

    @property
    def rate(self) -> float:
        """Frames a second."""
        return self.frames / statistics.median(self.seconds)


class Patience:
    """Waits for other programs."""

    def __init__(self, seconds: float) -> None:
        """seconds: to be spent on waiting in all."""
        self.left = seconds

    def wait(self) -> None:
        """Until the processors have nothing to do."""
        while self.left > 0 and PROCESSORS.exists():
            idle, total = self._read()
            time.sleep(0.3)
            self.left -= 0.3
            later, later_total = self._read()
            if later - idle >= QUIET * (later_total - total):
                return

    def _read(self) -> tuple[int, int]:
        """Ticks without and with work, of all processors, since the start."""
        counts = [int(count) for count in PROCESSORS.read_text().split("\n", 1)[0].split()[1:9]]
        return counts[3] + counts[4], sum(counts)


def main() -> None:
    options = parse_options()
    torch.set_num_threads(options.threads or torch.get_num_threads())
    with tempfile.TemporaryDirectory(prefix="lipwright-bench-") as name:
        ways = make_ways(options, Path(name))
        patience = Patience(options.patience)
        for _ in range(options.rounds):
            for way in ways:
                patience.wait()
                way.run()  # the first time after a pause is slower
                way.time()
    print("\n".join(table(ways, options)))


def make_ways(options: argparse.Namespace, folder: Path) -> list[Way]:
    """All that are compared, on one portrait and one stretch of sound."""
    network, folded = make_networks(options.checkpoint)
    paths = [folder / "face.onnx", folder / "speech.onnx"]
    with torch.no_grad():
        onnx_export.write_generator(folded, paths)
    image, face = read_portrait()
    view = FaceView(image, face, engine.SOFT_CROP)
    view.check()
    assert view.crop is not None
    seen = engine.network_input(view.crop.pixels)[None]
    first_row = view.crop.rows
    mels = np.random.default_rng(0).uniform(-4, 4, (OFFICIAL_BATCH, 1, 80, 16)).astype(np.float32)
    batch = options.batch_size
    wanted = in_torch(network, mels[:batch], seen)
    whole = OnnxNetworks(paths, threads=options.threads)
    added = whole.see(seen)
    cut = cut_rows(added, first_row)

    def compared(networks: OnnxNetworks, rows: list[np.ndarray], first: int) -> tuple[float, float]:
        difference = 255 * np.abs(
            networks.draw(mels[:batch], rows)[:, :, first - 96 :] - wanted[:, :, first:]
        )
        return float(difference.max()), float(difference.mean())

    ways = [
        Way(
            f"torch eager, batches of {size}",
            size,
            lambda n=size: in_torch(network, mels[:n], seen),
        )
        for size in (batch, *([OFFICIAL_BATCH] if options.official_batch else []))
    ]
    ways.append(
        Way(
            "ONNX, whole face",
            batch,
            lambda: whole.draw(mels[:batch], added),
            compared(whole, added, 0),
        )
    )
    ways.append(
        Way(
            "ONNX, lower face (default)",
            batch,
            lambda: whole.draw(mels[:batch], cut),
            compared(whole, cut, first_row),
        )
    )
    ways.append(whole_engine(whole, batch, image, face))
    for name, make in (("8 bits", quantize), ("16 bits", halve)):
        path = folder / f"{name.replace(' ', '-')}.onnx"
        try:
            make(paths[1], path, mels[-16:], cut)
            fewer = OnnxNetworks([paths[0], path], threads=options.threads)
            ways.append(
                Way(
                    f"ONNX, lower face, {name}",
                    batch,
                    lambda networks=fewer: networks.draw(mels[:batch], cut),
                    compared(fewer, cut, first_row),
                )
            )
        except Exception as error:  # what a build of ONNX Runtime lacks is part of the answer
            print(f"{name}: not possible here ({str(error).splitlines()[0][:120]})\n")
    return ways


def make_networks(checkpoint: Path | None) -> tuple[Any, Any]:
    """The network as its authors run it, and the same folded."""
    network = Generator().eval().requires_grad_(False)
    if checkpoint is None:
        random = torch.Generator().manual_seed(0)
        for name, value in network.state_dict().items():
            if value.ndim > 1:
                scale = (1 / value[0].numel()) ** 0.5
                value.copy_(scale * torch.randn(value.shape, generator=random))
            elif name.endswith("running_var"):
                value.copy_(0.5 + torch.rand(value.shape, generator=random))
    else:
        state = onnx_export.read_checkpoint(checkpoint, shapes(network))
        network.load_state_dict({k: torch.from_numpy(v) for k, v in state.items()}, strict=False)
    folded = Generator().eval().requires_grad_(False)
    folded.load_state_dict(network.state_dict())
    return network, onnx_export.fold(folded)


def shapes(network: Any) -> dict[str, tuple[int, ...]]:
    return {key: tuple(value.shape) for key, value in network.state_dict().items()}


def read_portrait() -> tuple[np.ndarray, Any]:
    """matplotlib's sample portrait at 1080 px."""
    import matplotlib

    path = Path(matplotlib.get_data_path()) / "sample_data" / "grace_hopper.jpg"
    image = read_image(path)
    width = round(image.shape[1] * HEIGHT / image.shape[0] / 2) * 2
    image = resize(image, (width, HEIGHT))
    return image, choose_face(image, None, path.name)


def in_torch(network: Any, mels: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """As the authors' program does: the face is part of the batch, once for each frame."""
    faces = torch.from_numpy(np.repeat(seen, len(mels), axis=0))
    with torch.no_grad():
        return network(torch.from_numpy(mels), faces).numpy()


def whole_engine(networks: OnnxNetworks, batch: int, image: np.ndarray, face: Any) -> Way:
    """Sound to pasted frames."""
    made = Wav2LipEngine(Wav2LipOptions(networks=networks, batch_size=batch))
    speaker = prepare_speaker(made, image, face)
    noise = np.random.default_rng(1).standard_normal(2 * batch * RATE // 25)
    speech = Speech.from_samples((0.1 * noise).astype(np.float32), RATE)
    return Way(
        f"the engine, mel to {image.shape[1]}x{image.shape[0]} frames",
        2 * batch,
        lambda: sum(1 for _ in ImageFrames(made, image, [speaker], [speech], FPS)),
    )


def quantize(source: Path, target: Path, mels: np.ndarray, cut: list[np.ndarray]) -> None:
    """8-bit weights and activations, calibrated on these inputs."""
    from onnxruntime import quantization

    names = [entry.name for entry in open_session(str(source)).get_inputs()]

    class Reader(quantization.CalibrationDataReader):
        def __init__(self) -> None:
            self.left = iter(mels)

        def get_next(self) -> dict[str, np.ndarray] | None:
            mel = next(self.left, None)
            return None if mel is None else dict(zip(names, [mel[None], *cut], strict=True))

    quantization.quantize_static(
        source,
        target,
        Reader(),
        quant_format=quantization.QuantFormat.QDQ,
        per_channel=True,
        op_types_to_quantize=["Conv"],
        extra_options={"ActivationSymmetric": False, "WeightSymmetric": True},
    )


def halve(source: Path, target: Path, mels: np.ndarray, cut: list[np.ndarray]) -> None:
    """16-bit weights and activations, 32 at both ends."""
    import onnx
    from onnxruntime.transformers.float16 import convert_float_to_float16

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # numbers too small for 16 bits
        onnx.save(convert_float_to_float16(onnx.load(source), keep_io_types=True), target)


def table(ways: list[Way], options: argparse.Namespace) -> list[str]:
    baseline = max(way.rate for way in ways if way.name.startswith("torch"))
    weights = "random weights" if options.checkpoint is None else options.checkpoint.name
    lines = [
        f"{describe_machine()}, torch {torch.__version__}, ONNX Runtime "
        f"{load_onnxruntime().__version__}, batches of {options.batch_size}, {weights}, "
        f"medians of {options.rounds} rounds.",
        "",
        "| | frames/s | cores | times torch | pixels differ by at most | on average |",
        "|---|---|---|---|---|---|",
    ]
    for way in ways:
        differs = "| | " if way.difference is None else "| {:.2g} | {:.2g} ".format(*way.difference)
        lines.append(
            f"| {way.name} | {way.rate:.1f} | {way.cores:.1f} "
            f"| {way.rate / baseline:.2f} {differs}|"
        )
    default = next(way for way in ways if "default" in way.name)
    reached = default.rate / baseline
    lines += ["", f"Target {TARGET}: {'met' if reached >= TARGET else 'missed'} ({reached:.2f})."]
    return lines


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--checkpoint", type=Path, help="a Wav2Lip checkpoint (random weights)")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--batch-size", type=int, default=Wav2LipOptions().batch_size)
    parser.add_argument("--threads", type=int, default=0, help="of both (their own choice)")
    parser.add_argument("--patience", type=float, default=120, help="seconds to wait for others")
    parser.add_argument("--official-batch", action="store_true", help="measure batches of 128 too")
    return parser.parse_args()


if __name__ == "__main__":
    main()
