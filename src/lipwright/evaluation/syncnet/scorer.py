"""Score videos with SyncNet and Wav2Lip's expert, a few frames in memory at a time."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from lipwright.core.device import CPU, Device
from lipwright.core.errors import MediaError, MissingExtraError
from lipwright.engines.face_redrawing import SIZE as FACE_SIZE
from lipwright.engines.onnx_cache import converted
from lipwright.engines.onnx_generator import open_network
from lipwright.engines.wav2lip.mel_spectrogram import (
    COLUMNS,
    COLUMNS_PER_SECOND,
    RATE,
    mel_spectrogram,
)
from lipwright.evaluation.landmark_track import LandmarkTrack, read_frames
from lipwright.evaluation.syncnet import distances, face_crop
from lipwright.evaluation.syncnet.distances import LipSync
from lipwright.evaluation.syncnet.mfcc import mfcc
from lipwright.pipeline.face_crops import shrink
from lipwright.weights import find_model, remind

log = logging.getLogger("lipwright")

FRAMES = 5  # that are looked at together
SAMPLES = RATE // 25  # of one frame
CEPSTRA, CEPSTRA_PER_FRAME = 20, 4
BATCH = 8
FEWEST = 10
"""Moments that must be compared before anything is said."""


class Network(Protocol):
    """An ONNX Runtime session."""

    def run(self, outputs: None, inputs: dict[str, np.ndarray]) -> list[np.ndarray]:
        """Run the network on named inputs, float32 (n, ...), and return all outputs."""
        ...


class Scorer:
    """Both networks; they stay open between videos."""

    def __init__(self, device: Device = CPU) -> None:
        """Open the networks on a device.

        Raises ModelError if SyncNet's weights are missing; the expert's may be.
        """
        checkpoint = find_model("syncnet")
        remind("syncnet")
        paths = converted(checkpoint, ("hear", "see"), _convert_syncnet)
        self._hear, self._see = (open_network(path, device) for path in paths)
        self._expert = _open_expert(device)

    def score(
        self, images: Iterable[np.ndarray], boxes: np.ndarray, fps: Fraction, sound: np.ndarray
    ) -> tuple[LipSync, float]:
        """Return LSE of a video, and the expert's mean cosine: NaN without its weights.

        images: all frames, BGR uint8 (h, w, 3). boxes: float32 (T, 4) px, the face in each. sound:
        mono float32 (n,) at 16 kHz. Raises MediaError for a video that is too short.
        """
        chosen = face_crop.at_25(len(boxes), fps)
        moments = count_moments(len(chosen), len(sound))
        smooth = face_crop.smooth_boxes(boxes[chosen])
        faces: list[np.ndarray] = []

        def crops() -> Iterator[np.ndarray]:
            for image, number, place in zip(_pick(images, chosen), chosen, smooth, strict=False):
                if self._expert is not None:
                    faces.append(lower_half(image, boxes[number]))
                yield face_crop.crop_speaker(image, *place)

        found = score_crops(self._hear, self._see, crops(), sound, moments)
        if self._expert is None:
            return found, float("nan")
        return found, agreement(self._expert, faces, sound, moments)

    def measure(self, track: LandmarkTrack, sound: np.ndarray) -> dict[str, float]:
        """Return the measures of a tracked video, see docs/measures.md.

        sound: mono float32 (n,) at 16 kHz.
        """
        points = track.landmarks[:, :468, :2]
        boxes = np.concatenate([points.min(axis=1), points.max(axis=1)], axis=1)
        found, cosine = self.score(read_frames(track.path), boxes, track.fps, sound)
        measured = {
            "lse_d": found.distance,
            "lse_c": found.confidence,
            "lse_offset": float(found.offset),
        }
        return measured if self._expert is None else measured | {"expert": cosine}

    def score_cropped(self, images: Iterable[np.ndarray], count: int, sound: np.ndarray) -> LipSync:
        """Return LSE of a video at 25 frames/s that is cropped already, as the authors' example is.

        images: BGR uint8 (224, 224, 3). sound: mono float32 (n,) at 16 kHz.
        """
        moments = count_moments(count, len(sound))
        return score_crops(self._hear, self._see, images, sound, moments)


def count_moments(frames: int, samples: int) -> int:
    """Return how many moments of a video the authors compare. Raises MediaError for too few."""
    moments = min(frames, samples // SAMPLES) - FRAMES
    if moments < FEWEST:
        raise MediaError(
            f"{frames} frames with {samples / RATE:.2f} s of sound are too few for LSE: give a "
            f"video of at least {FEWEST + FRAMES} frames at 25 frames/s, with as much sound."
        )
    return moments


def score_crops(
    hear: Network, see: Network, crops: Iterable[np.ndarray], sound: np.ndarray, moments: int
) -> LipSync:
    """Return LSE of crops, BGR uint8 (224, 224, 3) at 25 frames/s.

    sound: mono float32 (n,) at 16 kHz.
    """
    cepstra = mfcc(sound).T
    heard = [
        hear.run(None, {"mfcc": batch})[0]
        for batch in _batches(
            cepstra[None, :, CEPSTRA_PER_FRAME * k : CEPSTRA_PER_FRAME * k + CEPSTRA]
            for k in range(moments)
        )
    ]
    windows = islice(_windows(face_crop.through_jpeg(crops)), moments)
    seen = [see.run(None, {"lips": batch})[0] for batch in _batches(windows)]
    return distances.compare(np.concatenate(seen), np.concatenate(heard))


def agreement(
    expert: Network, faces: Sequence[np.ndarray], sound: np.ndarray, moments: int
) -> float:
    """Return the mean cosine of the expert's embeddings of lower halves of faces and their sound.

    faces: of `lower_half`, float32 (3, 48, 96). sound: mono float32 (n,) at 16 kHz.
    """
    mel = mel_spectrogram(sound)
    cosines = []
    for first in range(0, moments, BATCH):
        starts = range(first, min(first + BATCH, moments))
        columns = [int(k * COLUMNS_PER_SECOND / face_crop.FPS) for k in starts]
        columns = [min(column, mel.shape[1] - COLUMNS) for column in columns]
        heard, seen = expert.run(
            None,
            {
                "mel": np.stack([mel[None, :, c : c + COLUMNS] for c in columns]),
                "face": np.stack([np.concatenate(faces[k : k + FRAMES]) for k in starts]),
            },
        )
        cosines.extend((heard * seen).sum(axis=1))
    return float(np.mean(cosines))


def lower_half(image: np.ndarray, box: np.ndarray) -> np.ndarray:
    """Return the expert's input of a frame: float32 (3, 48, 96) in [0, 1], BGR.

    image: BGR uint8 (h, w, 3). box: of the face, px.
    """
    height, width = image.shape[:2]
    x0, y0 = (max(0, int(edge)) for edge in box[:2])
    x1, y1 = min(width, max(x0 + 1, int(box[2]))), min(height, max(y0 + 1, int(box[3])))
    part = image[min(y0, y1 - 1) : y1, min(x0, x1 - 1) : x1]
    return shrink(part, FACE_SIZE)[FACE_SIZE // 2 :].transpose(2, 0, 1).astype(np.float32) / 255


def _windows(images: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
    """Yield every five successive frames as float32 (15, 224, 224): channels, then frames."""
    held: list[np.ndarray] = []
    for image in images:
        held = [*held[-(FRAMES - 1) :], image.transpose(2, 0, 1).astype(np.float32)]
        if len(held) == FRAMES:
            yield np.stack(held, axis=1).reshape(-1, *image.shape[:2])


def _batches(items: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
    source = iter(items)
    while batch := list(islice(source, BATCH)):
        yield np.stack(batch)


def _pick(images: Iterable[np.ndarray], chosen: Sequence[int]) -> Iterator[np.ndarray]:
    """Yield frames by their numbers, which never decrease."""
    source = enumerate(images)
    number, image = -1, None
    for wanted in chosen:
        while number < wanted:
            following = next(source, None)
            if following is None:  # fewer than were tracked: the last one stays
                break
            number, image = following
        if image is None:
            return
        yield image


def _open_expert(device: Device) -> Any:
    from lipwright.weights import Store, find_entry

    if not Store().installed(find_entry("lipsync-expert")):
        log.info("For the expert's score as well: run lipwright models download lipsync-expert.")
        return None
    checkpoint = find_model("lipsync-expert")
    remind("lipsync-expert")
    (path,) = converted(checkpoint, ("expert",), _convert_expert)
    return open_network(path, device)


def _convert_syncnet(checkpoint: Path, paths: Sequence[Path]) -> None:
    try:
        from lipwright.evaluation.syncnet.onnx_export import convert_syncnet
    except ImportError:
        raise MissingExtraError(f"Converting {checkpoint.name}, once,", "wav2lip") from None
    convert_syncnet(checkpoint, paths)


def _convert_expert(checkpoint: Path, paths: Sequence[Path]) -> None:
    try:
        from lipwright.engines.wav2lip.onnx_export import convert_expert
    except ImportError:
        raise MissingExtraError(f"Converting {checkpoint.name}, once,", "wav2lip") from None
    convert_expert(checkpoint, paths)
