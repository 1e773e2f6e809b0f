"""Let Kokoro say the sentences of GRID's speaker s1, each in some other voice.

    python synthesize_parallel.py --voices package/voices --words s1_words.json --output parallel

Aligned with the recordings (align.py) they lend s1 exact phones and lend his lips to other voices.
Every tenth sentence is said once more by a voice that is held out, for validation: NAME-held.npz.
Files are like those of synthesize_speech.py, and take about half as long to make as to hear.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import held_out
import numpy as np
from synthesize_speech import (
    LETTER_NAMES,
    Speaker,
    load_dictionary,
    to_indian_english,
)


def phonemes_of(sentence: list[str], dictionary: dict[str, str]) -> str:
    return " ".join(LETTER_NAMES.get(word) or dictionary[word] for word in sentence) + "."


def say(
    speaker: Speaker, phonemes: str, voices: list[str], rng: np.random.Generator, path: Path
) -> None:
    voice = str(rng.choice(voices))
    spoken = to_indian_english(phonemes) if voice.startswith("h") else phonemes
    audio, phones = speaker.speak(spoken, voice, float(rng.uniform(0.85, 1.35)))
    np.savez(path, audio=audio, phones=json.dumps(phones, ensure_ascii=False), voice=voice)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--voices", type=Path, required=True)
    parser.add_argument("--words", type=Path, required=True, help="GRID's word times of s1")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--limit", type=int, default=None, help="only so many sentences")
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    speaker, dictionary = Speaker(arguments.voices), load_dictionary()
    trained = [voice for voice in sorted(speaker.voices) if voice not in held_out.VOICES]
    times = json.loads(arguments.words.read_text())
    for index, name in enumerate(sorted(times)[: arguments.limit]):
        rng = np.random.default_rng(index)
        sentence = [word for _, _, word in times[name] if word not in ("sil", "sp")]
        phonemes = phonemes_of(sentence, dictionary)
        say(speaker, phonemes, trained, rng, arguments.output / f"{name}.npz")
        if index % held_out.EVERY == 0:
            path = arguments.output / f"{name}-held.npz"
            say(speaker, phonemes, list(held_out.VOICES), rng, path)
        if index % 50 == 0:
            print(f"{index + 1} of {len(times)} sentences", flush=True)


if __name__ == "__main__":
    main()
