"""Encoders and colours: what each software encoder makes of a face, and what films of HDR cost."""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

from lipwright.cli.demo import find_sample_portrait
from lipwright.core.validation import QUALITIES
from lipwright.media.image.read import read_image
from lipwright.media.video import tone_mapping
from lipwright.media.video.color import Colour
from lipwright.media.video.encoder_presets import ENCODERS
from lipwright.media.video.encoder_selection import choose_encoder
from lipwright.media.video.output_spec import OutputSpec
from lipwright.media.video.source import open_video_source
from lipwright.media.video.writer import VideoWriter
from lipwright.media.video.yuv_frame import YuvFrame

SIZE, FPS = (1920, 1080), Fraction(25)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frames", type=int, default=50, help="that are encoded")
    options = parser.parse_args()
    frames = swaying_portrait(options.frames)
    with tempfile.TemporaryDirectory() as folder:
        print_encoders(frames, Path(folder))
        print_reading(frames, Path(folder))


def swaying_portrait(count: int) -> list[np.ndarray]:
    portrait = read_image(find_sample_portrait())
    frames = []
    for number in range(count):
        moment = number / 25
        angle, scale = np.radians(6 * np.sin(2.5 * moment)), 2 + 0.1 * np.sin(1.4 * moment)
        turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        middle = np.array([960 + 40 * np.sin(2 * moment), 540.0])
        place = np.c_[turn, middle - turn @ [256, 270]]
        frames.append(cv2.warpAffine(portrait, place, SIZE, borderMode=cv2.BORDER_REPLICATE))
    return frames


def print_encoders(frames: list[np.ndarray], folder: Path) -> None:
    print(
        "| a swaying portrait at 1920x1080 | quality | luma PSNR (dB) | Mb/s | CPU (ms a frame) |"
    )
    print("|---|---|---|---|---|")
    for encoder in ENCODERS.values():
        if encoder.hardware:
            continue
        for quality in QUALITIES:
            path = folder / f"encoded{encoder.files[0]}"
            chosen = choose_encoder(encoder.name, path)
            started = time.process_time()
            with VideoWriter(path, OutputSpec(SIZE, FPS, quality=quality, encoder=chosen)) as video:
                for frame in frames:
                    video.write(frame)
            cost = 1000 * (time.process_time() - started) / len(frames)
            rate = path.stat().st_size * 8 * 25 / len(frames) / 1e6
            print(
                f"| {encoder.name} | {quality} | {luma_psnr(path, frames):.1f} | {rate:.1f} "
                f"| {cost:.0f} |"
            )
    print()


def luma_psnr(path: Path, frames: list[np.ndarray]) -> float:
    errors = []
    for seen, frame in zip(open_video_source(path).frames(range(len(frames))), frames, strict=True):
        errors.append(np.mean((seen.luma - YuvFrame.of(frame).luma.astype(np.float32)) ** 2))
    return float(10 * np.log10(255**2 / np.mean(errors)))


def print_reading(frames: list[np.ndarray], folder: Path) -> None:
    print("| a film of HEVC at 1920x1080 is read | CPU (ms a frame) |")
    print("|---|---|")
    kinds = {
        "SDR, 8 bits": (Colour(), "yuv420p"),
        "SDR, 10 bits": (Colour(), "yuv420p10le"),
        "HLG, 10 bits": (Colour(9, 9, tone_mapping.HLG), "yuv420p10le"),
        "PQ, 10 bits": (Colour(9, 9, tone_mapping.PQ), "yuv420p10le"),
    }
    for name, (colour, pixels) in kinds.items():
        path = write_film(folder / "film.mp4", frames, colour, pixels)
        print(f"| {name} | {statistics.median(reading_costs(path)):.0f} |")
    print()


def write_film(path: Path, frames: list[np.ndarray], colour: Colour, pixels: str) -> Path:
    with av.open(str(path), "w") as container:
        options = {"crf": "22", "preset": "ultrafast", "x265-params": "log-level=none"}
        stream = container.add_stream("libx265", rate=25, options=options)
        stream.width, stream.height, stream.pix_fmt = *SIZE, pixels
        context = stream.codec_context
        context.colorspace, context.color_primaries = colour.matrix, colour.primaries
        context.color_trc, context.color_range = colour.transfer, 1
        for number, frame in enumerate(frames):
            picture = YuvFrame.of(frame, colour).frame.reformat(format=pixels)
            picture.pts, picture.time_base = number, 1 / FPS
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    return path


def reading_costs(path: Path) -> Iterator[float]:
    footage = open_video_source(path)
    for _ in range(3):
        started = time.process_time()
        count = sum(1 for _ in footage.frames(range(footage.count)))
        yield 1000 * (time.process_time() - started) / count


if __name__ == "__main__":
    main()
