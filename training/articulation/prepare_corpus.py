"""Turn tracked clips and synthesised speech into one file of spectra and targets.

python prepare_corpus.py --tracks work/tracks --speech work/speech \
    --parallel work/parallel --words s1_words.json --output work/corpus.pkl
"""

from __future__ import annotations

import argparse
import pickle
from pathlib import Path

from corpus import load_corpus
from real_motion import lend_real_motion


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tracks", type=Path, required=True)
    parser.add_argument("--speech", type=Path, required=True)
    parser.add_argument("--parallel", type=Path, required=True)
    parser.add_argument("--words", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args()
    clips = load_corpus(arguments.tracks, arguments.speech, arguments.parallel, arguments.words)
    lend_real_motion(clips)
    print({name: len(some) for name, some in clips.items()})
    arguments.output.write_bytes(pickle.dumps(clips, protocol=4))


if __name__ == "__main__":
    main()
