"""What Wav2Lip's pipeline costs beside its network: processor time of sound, crops and pasting.

    python benchmarks/wav2lip_profile.py [--seconds N] [--rounds N] [--height PX]

The network has its real size and random weights from a seed: its time does not depend on them. A
portrait and a film, in which the network looks at each frame anew, are made without an encoder,
frame by frame, with one thread of the network. Processor time of the whole process is compared with
that spent in the network; medians of rounds. Needs the extras `wav2lip` and `demo`. Prints
Markdown.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from speed import describe_machine
from wav2lip import make_networks, read_portrait

from lipwright.engines.onnx_generator import OnnxNetworks
from lipwright.engines.wav2lip import Wav2LipEngine, Wav2LipOptions, onnx_export
from lipwright.face.tracker import TrackedFrame
from lipwright.media.image.read import resize
from lipwright.media.video.yuv_frame import YuvFrame
from lipwright.pipeline.dubbing import VideoSpeaker, dub
from lipwright.pipeline.image_frames import ImageFrames, prepare_speaker
from lipwright.speech.speech import Speech

WANTED = 0.10
"""Of the network's time the pipeline around it may take."""
FPS, RATE = Fraction(25), 16_000


class TimedNetworks:
    """Networks whose processor time is added up; the rest of it is the pipeline's."""

    def __init__(self, networks: OnnxNetworks) -> None:
        self._networks = networks
        self.seconds = 0.0
        """Of all threads of the process, since it was last set to 0."""

    def see(self, *given: Any) -> Any:
        return self._timed(self._networks.see, given)

    def draw(self, *given: Any) -> Any:
        return self._timed(self._networks.draw, given)

    def _timed(self, call: Callable[..., Any], given: Sequence[Any]) -> Any:
        started = time.process_time()
        try:
            return call(*given)
        finally:
            self.seconds += time.process_time() - started


class Share(NamedTuple):
    """Processor time of one run, s."""

    frames: int
    network: float
    around: float

    @property
    def share(self) -> float:
        """The pipeline's time as a share of the network's."""
        return self.around / self.network


def main() -> None:
    options = parse_options()
    with tempfile.TemporaryDirectory(prefix="lipwright-bench-") as folder:
        networks = TimedNetworks(write_networks(Path(folder)))
        image, face = read_portrait()
        if options.height != len(image):
            scale = options.height / len(image)
            size = round(image.shape[1] * scale / 2) * 2, options.height
            image, face = resize(image, size), face.scaled(scale, scale)
        runs = {"portrait": portrait, "film": film}
        found: dict[str, list[Share]] = {name: [] for name in runs}
        for _ in range(options.rounds):
            for name, make in runs.items():
                found[name].append(measure(networks, make, image, face, options.seconds))
    print("\n".join(table(found, image.shape[1::-1], options.rounds)))


def write_networks(folder: Path) -> OnnxNetworks:
    """The network at its real size, as the engine runs it, with one thread."""
    paths = [folder / "face.onnx", folder / "speech.onnx"]
    _, folded = make_networks(None)
    onnx_export.write_generator(folded, paths)
    return OnnxNetworks(paths, threads=1)


def measure(
    networks: TimedNetworks,
    make: Callable[[Wav2LipEngine, np.ndarray, Any, Speech], Iterator[Any]],
    image: np.ndarray,
    face: Any,
    seconds: float,
) -> Share:
    """One run, from the first frame on: the person is prepared before."""
    engine = Wav2LipEngine(Wav2LipOptions(networks=networks))  # type: ignore[arg-type]
    noise = np.random.default_rng(1).standard_normal(round(seconds * RATE))
    speech = Speech.from_samples((0.1 * noise).astype(np.float32), RATE)
    frames = make(engine, image, face, speech)
    networks.seconds, started = 0.0, time.process_time()
    count = sum(1 for _ in frames)
    whole = time.process_time() - started
    return Share(count, networks.seconds, whole - networks.seconds)


def portrait(
    engine: Wav2LipEngine, image: np.ndarray, face: Any, speech: Speech
) -> Iterator[np.ndarray]:
    """Frames of a picture, sound to pasted frames."""
    return iter(ImageFrames(engine, image, [prepare_speaker(engine, image, face)], [speech], FPS))


def film(engine: Wav2LipEngine, image: np.ndarray, face: Any, speech: Speech) -> Iterator[YuvFrame]:
    """Frames of a film that was decoded and followed, sound to planes for the encoder."""
    even = np.ascontiguousarray(image[: len(image) & ~1])
    whole = YuvFrame.of(even)
    count = round(speech.duration * FPS)
    frames = [(TrackedFrame.of(whole.copy(), face),) for _ in range(count)]
    return dub(engine, [VideoSpeaker(0, None, speech)], frames, FPS)


def table(found: dict[str, list[Share]], size: Sequence[int], rounds: int) -> list[str]:
    """Lines of Markdown."""
    lines = [
        f"{describe_machine()}, {size[0]}x{size[1]}, one thread, random weights, medians of "
        f"{rounds} rounds.",
        "",
        "| processor time, ms a frame | network | around it | share |",
        "|---|---|---|---|",
    ]
    for name, shares in found.items():
        network, around = (
            1000 * statistics.median(getattr(one, part) / one.frames for one in shares)
            for part in ("network", "around")
        )
        share = statistics.median(one.share for one in shares)
        lines.append(f"| {name} | {network:.1f} | {around:.2f} | {100 * share:.1f} % |")
    worst = max(statistics.median(one.share for one in shares) for shares in found.values())
    met = "met" if worst < WANTED else "missed"
    return [*lines, "", f"Wanted: under {100 * WANTED:.0f} % ({met}: {100 * worst:.1f} %)."]


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=4, help="of speech in each run")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--height", type=int, default=1080, help="of the picture, px")
    return parser.parse_args()


if __name__ == "__main__":
    main()
