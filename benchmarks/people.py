"""People of films: how well looks tell them apart, and how often the one who is heard is named.

Real talkers come from GRID (LIPWRIGHT_GRID names its folder): one clip or more of each speaker in
`others`, and some of speaker s1's.
"""

from __future__ import annotations

import os
from itertools import permutations
from pathlib import Path
from typing import NamedTuple

import numpy as np

from lipwright.face import FaceFinder
from lipwright.face.embedding import SIMILARITY_THRESHOLD, embed_face
from lipwright.media.audio.decode import decode_blocks
from lipwright.media.video.source import open_video_source
from lipwright.pipeline.active_speaker import LEAST, SpeechSample, hear_lips, lip_gap, score_lips

RATE = 16_000  # Hz
LOOKS = 7  # frames of each clip whose looks are compared
OWN_CLIPS = 10  # of speaker s1, of whom there are many


class Clip(NamedTuple):
    """One recording of one speaker."""

    speaker: str
    looks: np.ndarray
    """float32 (LOOKS, 1024)."""
    stretch: SpeechSample
    """Lips and sound of the whole clip."""


def main() -> None:
    folder = Path(os.environ.get("LIPWRIGHT_GRID", "../shared/data/grid"))
    paths = sorted(folder.glob("others/*.mp4"))
    own = sorted(folder.glob("s1/*.mp4"))
    if len(paths) < 2:
        print("GRID is not here (LIPWRIGHT_GRID): nothing was measured.")
        return
    finder = FaceFinder()
    own = own[:: max(1, len(own) // OWN_CLIPS)][:OWN_CLIPS]
    clips = [watch(path, finder) for path in (*paths, *own)]
    print_looks(clips)
    print_hearing([clip for clip in clips if clip.speaker != "s1"])  # whom the network learnt from


def watch(path: Path, finder: FaceFinder) -> Clip:
    footage = open_video_source(path)
    shown = set(np.linspace(0, footage.count - 1, LOOKS).astype(int).tolist())
    face, looks, gaps = None, [], []
    for number, image in enumerate(footage.pictures(range(footage.count))):
        face = (face and finder.refine(image, face)) or finder.find(image)[0]
        gaps.append(lip_gap(face))
        if number in shown:
            looks.append(embed_face(image, face))
    times = np.arange(footage.count) / float(footage.fps)
    heard = hear_lips(np.concatenate(list(decode_blocks(path, RATE))), times)
    speaker = "s1" if path.parent.name == "s1" else path.stem.split("_")[0]
    return Clip(speaker, np.array(looks), SpeechSample(times, np.array([gaps]), heard))


def print_looks(clips: list[Clip]) -> None:
    """The threshold was chosen on every other speaker: the rates are those of the rest."""
    unseen = sorted({clip.speaker for clip in clips})[1::2]
    kinds: dict[str, list[np.ndarray]] = {
        "two frames of one recording": [],
        "two recordings of one speaker": [],
        "two speakers": [],
    }
    same, recordings, strangers = kinds.values()
    tested = [clip for clip in clips if clip.speaker in unseen]
    for place, clip in enumerate(tested):
        same.append((clip.looks @ clip.looks.T)[np.triu_indices(LOOKS, 1)])
        for other in tested[:place]:
            alike = (clip.looks @ other.looks.T).ravel()
            (recordings if clip.speaker == other.speaker else strangers).append(alike)
    print(f"| {len(unseen)} speakers, looks compared | pairs | median | taken for one person |")
    print("|---|---|---|---|")
    for name, found in kinds.items():
        alike = np.concatenate(found) if found else np.zeros(0)
        if len(alike):
            share = 100 * float((alike >= SIMILARITY_THRESHOLD).mean())
            print(f"| {name} | {len(alike)} | {np.median(alike):.2f} | {share:.1f} % |")
    print()


def print_hearing(clips: list[Clip]) -> None:
    scores = {
        (seen, heard): score_lips([both(clips[seen], clips[heard])], 0)
        for seen in range(len(clips))
        for heard in range(len(clips))
    }
    pairs = list(permutations(range(len(clips)), 2))
    right = np.mean([scores[heard, heard] > scores[other, heard] for heard, other in pairs])
    named = np.mean([scores[heard, heard] >= LEAST for heard, _ in pairs])
    print(f"| two of {len(clips)} clips side by side, 3 s, one of them heard | |")
    print("|---|---|")
    print(f"| the right one scores higher | {100 * right:.1f} % |")
    print(f"| surely enough to be named | {100 * named:.1f} % |")


def both(seen: Clip, heard: Clip) -> SpeechSample:
    """The lips of one clip, the sound of another."""
    count = min(len(seen.stretch.times), len(heard.stretch.times))
    return SpeechSample(
        seen.stretch.times[:count], seen.stretch.lips[:, :count], heard.stretch.heard[:, :count]
    )


if __name__ == "__main__":
    main()
