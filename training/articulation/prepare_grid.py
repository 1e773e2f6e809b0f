"""Track the faces of the GRID clips and keep landmarks and sound.

    python prepare_grid.py --grid ../../../shared/data/grid --output work/tracks

Needs lipwright itself, for its face tracker and its audio reader. GRID: Cooke, Barker, Cunningham
and Shao, "An audio-visual corpus for speech perception and automatic speech recognition" (2006),
CC BY 4.0. Files of speaker s1 become s1_*.npz, the other speakers' o_*.npz: `lm` float32
(T, 478, 3), `flag` float32 (T,) presence of a face, `audio` int16 at 16 kHz.
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path

import av
import numpy as np

from lipwright.face.face import Face
from lipwright.face.finder import FaceFinder
from lipwright.media.audio.decode import decode_blocks


def track_clip(path: Path, finder: FaceFinder) -> tuple[np.ndarray, np.ndarray]:
    """Landmarks (T, 478, 3) and presence (T,) of the largest face of every frame."""
    landmarks, presence = [], []
    face: Face | None = None
    with av.open(str(path)) as container:
        container.streams.video[0].codec_context.thread_count = 1
        for frame in container.decode(video=0):
            image = frame.to_ndarray(format="bgr24")
            face = finder.refine(image, face) if face is not None else None
            if face is None:
                face = next(iter(finder.find(image)), None)
            landmarks.append(face.landmarks if face else np.full((478, 3), np.nan, np.float32))
            presence.append(face.score if face else 0.0)
    return np.array(landmarks, np.float32), np.array(presence, np.float32)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--grid", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--limit", type=int, default=None, help="only so many clips")
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    finder = FaceFinder(threads=1)
    paths = sorted(arguments.grid.glob("s1/*.mp4"))
    random.Random(3).shuffle(paths)
    paths = sorted(arguments.grid.glob("others/*.mp4")) + paths
    for number, path in enumerate(paths[: arguments.limit]):
        prefix = "o" if path.parent.name == "others" else "s1"
        target = arguments.output / f"{prefix}_{path.stem}.npz"
        if target.exists():
            continue
        landmarks, presence = track_clip(path, finder)
        samples = np.concatenate(list(decode_blocks(path, 16_000)))
        audio = np.int16(np.clip(samples, -1, 1) * 32767)
        np.savez(target, lm=landmarks, flag=presence, audio=audio)
        if number % 50 == 0:
            print(f"{number + 1} of {len(paths)} clips", flush=True)


if __name__ == "__main__":
    main()
